"""One version of a submission in the reader's words: questions, answers, what draws attention, what is not known."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from jalons.collection.forms.models import FormVersion, Question
from jalons.collection.submissions.models import Attachment, Flag, SubmissionVersion
from jalons.collection.submissions.reading import ROW_TYPE, Ready
from jalons.collection.submissions.rules.answers import day_of
from jalons.collection.submissions.rules.asked import Line, lines
from jalons.collection.submissions.rules.checks import UNASKED, Asked, examine
from jalons.collection.submissions.rules.filters import FILES
from jalons.collection.submissions.rules.schema import Item, Table
from jalons.core.cells import listed, number_text
from jalons.core.fields import translated

MOST_ROWS = 200  # rows of one repeat shown on the page
YEARS = 10_000  # whole numbers below it are written without separator: 2022 is a year
DAYS = ("date", "today")
MOMENTS = ("dateTime", "start", "end")


class Words:
    """Answers in the words of one version of a form: labels of choices, numbers and days as the reader writes them."""

    def __init__(self, version: FormVersion) -> None:
        self.version = version

    @cached_property
    def questions(self) -> dict[str, Question]:
        return {question.path: question for question in self.version.questions.all()}

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        return {
            name: {str(c["name"]): translated(c.get("labels")) or str(c["name"]) for c in choices}
            for name, choices in self.version.choices.items()
        }

    def choices(self, path: str) -> dict[str, str]:
        """The label of each choice of a question."""
        return self.labels.get(self.questions[path].list_name, {}) if path in self.questions else {}

    def say(self, item: Item, answer: Any) -> str:
        """An answer to a question; an empty text when there is none."""
        if answer is None:
            return ""
        if isinstance(answer, int | float):
            return str(answer) if isinstance(answer, int) and abs(answer) < YEARS else number_text(answer)
        if item.kind in DAYS and (day := day_of(answer)):
            return date_format(day, "SHORT_DATE_FORMAT")
        if item.kind in MOMENTS and (moment := _moment(answer)):
            return date_format(moment, "SHORT_DATETIME_FORMAT")
        words = self.labels.get(self.questions[item.path].list_name, {})
        if isinstance(answer, list):
            return listed(words.get(choice, choice) for choice in answer)
        return words.get(answer, answer) if item.kind == "select_one" else str(answer)


def _moment(answer: str) -> datetime | None:
    """The hour of a day as the phone told it, where it was."""
    try:
        return datetime.fromisoformat(answer)
    except ValueError:
        return None


class Telling:
    """What the page of a submission tells of one version. `masked`: what identifies a person is not shown.

    files: those that came with the submission, by the name that an answer gives them.
    """

    def __init__(
        self, version: SubmissionVersion, flags: list[Flag], *, masked: bool, files: Mapping[str, Attachment]
    ) -> None:
        self.version, self.masked, self.files = version, masked, files
        self.ready, self.words = Ready(version.form_version), Words(version.form_version)
        self.flags: dict[tuple[str, tuple[int, ...]], list[str]] = defaultdict(list)
        for flag in flags:
            self.flags[flag.question, tuple(flag.rows)].append(flag.get_check_code_display())

    @cached_property
    def asked(self) -> Mapping[str, list[Asked]]:
        flat, now = self.version.media_type == ROW_TYPE, self.ready.moment_of(self.version.answers)
        return examine(self.ready.rulebook, self.version.answers, flat=flat, now=now).asked

    def context(self) -> dict[str, Any]:
        """What the template shows."""
        root, *repeats = self.ready.schema.tables.values()
        line = Line((self.version.answers,))
        cells = [self.cell(item, line, self.asked[""][0]) for item in root.items]
        return {
            "answers": [cell for cell in cells if cell["is_answered"] or cell["flags"]],
            "blanks": [cell for cell in cells if not (cell["is_answered"] or cell["flags"])],
            "repeats": [shown for table in repeats if (shown := self.repeat(table))],
            "other_flags": [
                label for (question, _rows), labels in self.flags.items() if not question for label in labels
            ],
            "unread": [self.unread(entry) for entry in self.version.unread],
            "computed": {name.rpartition("/")[2] for name in self.version.computed},
            "beyond": self.ready.rulebook.beyond,
            "masked": self.masked,
        }

    def repeat(self, table: Table) -> dict[str, Any] | None:
        """The rows of a repeat, with the columns that any of them answers."""
        rows = list(zip(lines(self.version.answers, self.ready.schema, table), self.asked[table.name], strict=True))
        if not rows:
            return None
        used = [i for i in table.items if any(line.rows[0].get(i.key) is not None for line, _told in rows)]
        flagged = {question for question, place in self.flags if place}
        used = [item for item in table.items if item in used or item.key in flagged]
        return {
            "name": table.name,
            "columns": [name_of(item) for item in used],
            "rows": [
                {
                    "number": " · ".join(str(place + 1) for place in line.index),
                    "cells": [self.cell(item, line, told) for item in used],
                }
                for line, told in rows[:MOST_ROWS]
            ],
            "count": len(rows),
            "more": max(0, len(rows) - MOST_ROWS),
        }

    def cell(self, item: Item, line: Line, told: Asked) -> dict[str, Any]:
        answer = line.rows[0].get(item.key)
        hidden = self.masked and self.words.questions[item.path].is_personal
        return {
            "label": name_of(item),
            "name": item.name,
            "is_answered": answer is not None,
            "is_hidden": hidden and answer is not None,
            "is_file": item.kind in FILES,
            "is_photo": item.kind == "image",
            "file": self.files.get(answer) if item.kind in FILES and not hidden else None,
            "is_number": isinstance(answer, int | float),
            "value": "" if hidden else self.words.say(item, answer),
            "blank": self.blank(item, line.rows[0], told),
            "flags": self.flags.get((item.key, line.index), []),
        }

    def blank(self, item: Item, row: Mapping[str, Any], told: Asked) -> str:
        """Why there is no answer."""
        if item.key in row:
            return _("illisible")
        if item.column in told.not_asked:
            return _("non posée")
        return _("posée ou non, on ne le sait pas") if item.column in told.maybe_asked else _("sans réponse")

    def unread(self, entry: Mapping[str, str]) -> dict[str, str]:
        value = _("masqué") if self.masked else entry["value"]
        return {"path": entry["path"], "value": value, "reason": _(entry["reason"])}


def choices_of(items: Iterable[Item], chosen: str = "") -> list[tuple[str, str]]:
    """Questions to choose among, by their path: those that people answer, and the one that was chosen."""
    offered = (item for item in items if item.path == chosen or not is_silent(item))
    return [(item.path, f"{name_of(item)} ({item.name})") for item in offered]


def is_silent(item: Item) -> bool:
    """Whether the form fills a question by itself and words it for nobody."""
    return item.kind in UNASKED and not item.labels


def name_of(item: Item) -> str:
    """The question in the reader's words, else its name."""
    return translated(item.labels) or item.name
