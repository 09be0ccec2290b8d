"""The command in French: the words that Typer lets translate, from locale/fr, and those that it does not."""

import gettext
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WORDS = "typer"
os.environ["LANGUAGE"] = "fr"  # before Typer is imported: it reads its words then
gettext.bindtextdomain(WORDS, Path(__file__).parents[2] / "locale")
gettext.textdomain(WORDS)

import typer  # noqa: E402
from typer._click.exceptions import UsageError  # noqa: E402 — the pinned Typer offers it nowhere else
from typer.core import TyperCommand, TyperGroup  # noqa: E402

HELP = "Montre cette aide et s’arrête."
FAULTS = {
    r"Missing (?:argument|option) '(\S+)'(?: \(env var: '(.+)'\))?\.": r"Il manque \1.",
    r"No such option: (\S+) \(Possible options: (.+)\)": r"Aucune option \1. Peut-être : \2.",
    r"No such option: (\S+)": r"Aucune option \1.",
    r"(Aucune commande .+)\. Did you mean (.+)\?": r"\1. Peut-être : \2.",
    r"Option '(\S+)' requires an argument\.": r"L’option \1 attend une valeur.",
    r"Option '(\S+)' does not take a value\.": r"L’option \1 n’attend pas de valeur.",
    r"Invalid value for '(\S+)': .*valid integer.*": r"\1 attend un nombre entier.",
    r"Got unexpected extra argument\(s\) \((.+)\)": r"De trop : \1.",
}


class Said:
    """What commands and groups say in the same words."""

    def get_help_option(self, ctx: typer.Context) -> Any:
        return _french(super().get_help_option(ctx))

    def format_usage(self, ctx: typer.Context, formatter: Any) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), "Emploi : ")

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:
        with _faults_in_french(ctx):
            return super().parse_args(ctx, args)


class Command(Said, TyperCommand):
    pass


class Group(Said, TyperGroup):
    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:
        with _faults_in_french(ctx):
            return super().resolve_command(ctx, args)


class App(typer.Typer):
    """Commands and groups whose help and refusals are in French."""

    def __init__(self, **options: Any) -> None:
        super().__init__(cls=Group, no_args_is_help=True, subcommand_metavar="COMMANDE [ARGUMENTS]…", **options)

    def command(self, name: str | None = None, **options: Any) -> Any:
        return super().command(name, cls=Command, **options)


def _french(option: Any) -> Any:
    if option is not None:
        option.help = HELP
    return option


@contextmanager
def _faults_in_french(ctx: typer.Context) -> Iterator[None]:
    try:
        yield
    except UsageError as fault:
        told = fault.format_message()
        for english, french in FAULTS.items():
            if re.fullmatch(english, told):
                raise UsageError(re.sub(english, french, told), fault.ctx or ctx) from None
        raise
