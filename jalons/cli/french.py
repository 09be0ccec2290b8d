"""The command in French: the words that Typer lets translate, from locale/fr, and the help of `--help`."""

import gettext
import os
from pathlib import Path
from typing import Any

WORDS = "typer"
os.environ["LANGUAGE"] = "fr"  # before Typer is imported: it reads its words then
gettext.bindtextdomain(WORDS, Path(__file__).parents[2] / "locale")
gettext.textdomain(WORDS)

import typer  # noqa: E402
from typer.core import TyperCommand, TyperGroup  # noqa: E402

HELP = "Montre cette aide et s’arrête."


class Command(TyperCommand):
    def get_help_option(self, ctx: typer.Context) -> Any:
        return _french(super().get_help_option(ctx))


class Group(TyperGroup):
    def get_help_option(self, ctx: typer.Context) -> Any:
        return _french(super().get_help_option(ctx))


class App(typer.Typer):
    """Commands and groups whose help is in French."""

    def __init__(self, **options: Any) -> None:
        super().__init__(cls=Group, no_args_is_help=True, **options)

    def command(self, name: str | None = None, **options: Any) -> Any:
        return super().command(name, cls=Command, **options)


def _french(option: Any) -> Any:
    if option is not None:
        option.help = HELP
    return option
