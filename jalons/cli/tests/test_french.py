"""What the command says of its own line: every command, every way to mistype it, in French."""

import re

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from jalons.cli.commands import app

ENGLISH = re.compile(r"\b(usage|missing|argument |option |no such|invalid|requires|unexpected|error|command|should|try|"
                     r"value|possible|did you mean|default|show this|given)\b", re.IGNORECASE)  # fmt: skip
FRENCH = re.compile(r"l’option |[Aa]ucune option |attend une valeur", re.IGNORECASE)


def every(command, path=()):
    """Every group and every command, with the words that call it."""
    yield path, command
    if isinstance(command, TyperGroup):
        for name, one in command.commands.items():
            yield from every(one, (*path, name))


COMMANDS = dict(every(get_command(app)))


def mistypings(path, command):
    yield [*path, "--inconnue"]
    if isinstance(command, TyperGroup):
        yield [*path, "inconnue"]
        yield [*path, next(iter(command.commands))[:-1]]
        return
    needed = [param for param in command.params if param.required or param.name == "password"]
    if needed:
        yield [*path]
    filled = [word for param in needed for word in ([param.opts[0], "x"] if param.opts[0][:2] == "--" else ["x"])]
    if not any(param.name in ("file", "path") for param in needed):  # refused before, in our own words
        yield [*path, *filled, "x", "x"]
    for param in command.params:
        name = param.opts[0]
        if name[:2] == "--" and name != "--help":
            yield [*path, name] if not param.is_flag else [*path, f"{name}=1"]
            yield [*path, name[:-1] + "zz"]
        if name == "--port":
            yield [*path, name, "abc"]


WAYS = [words for path, command in COMMANDS.items() for words in mistypings(path, command)]


@pytest.mark.parametrize("words", WAYS, ids=" ".join)
def test_a_line_that_is_mistyped_is_refused_in_french_with_the_way_to_help(words):
    answer = CliRunner().invoke(app, words)

    assert answer.exit_code == 2, answer.output
    said = FRENCH.sub("", answer.output)
    assert not ENGLISH.search(said), answer.output
    assert "Emploi : " in said and "Pour de l’aide : " in said and "Refusé" in said


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_is_in_french(path):
    answer = CliRunner().invoke(app, [*path, "--help"])

    assert answer.exit_code == 0 and "Emploi : " in answer.output
    assert not re.search(r"\b(usage|commands|required|default|show this message)\b", answer.output, re.IGNORECASE)
