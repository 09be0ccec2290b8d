"""What a person is asked of a file made by someone else, and what was told of its like before."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Any

from django.http import QueryDict

from jalons.collection.forms.models import FormVersion
from jalons.collection.submissions.forms import MatchForm
from jalons.collection.submissions.intake import Draft, Intake
from jalons.collection.submissions.known import Scope
from jalons.collection.submissions.models import Batch, Correspondence
from jalons.collection.submissions.reading import TableFile
from jalons.collection.submissions.rules.asked import lines
from jalons.collection.submissions.rules.heads import fingerprint
from jalons.collection.submissions.rules.likeness import likely_choice, likely_question
from jalons.collection.submissions.rules.schema import Schema, Table, fold
from jalons.collection.submissions.views import display
from jalons.foundation.accounts.models import User

MOST_COLUMNS, MOST_WORDS, MOST_CHOICES, NEAREST = 200, 60, 300, 40
LOOKED_AT = 1_000  # rows in which unknown words are looked for


def form_of(
    batch: Batch, source: TableFile, user: User | None = None, posted: QueryDict | None = None,
    drafts: Iterable[Draft] | None = None,
) -> MatchForm:  # fmt: skip
    """What is asked: every column without a question or tied by a person, every word that its list does not have."""
    if not isinstance(source, TableFile):
        return MatchForm(posted)
    if drafts is None and user and source.plan.form.columns.answered:
        intake = Intake(batch, source.versions, Scope(batch.form, user))
        drafts = intake.foresee(islice(iter(source), LOOKED_AT))
    is_ours = source.filled is not None
    sheets = [] if is_ours else [(part.sheet.name, part.sheet.first - 1) for part in source.plan.parts]
    words = [] if is_ours else list(islice(_words(batch, source, drafts or ()), MOST_WORDS))
    return MatchForm(posted, columns=islice(_columns(batch, source), MOST_COLUMNS), words=words, sheets=sheets)


def told(batch: Batch, source: TableFile, drafts: list[Draft]) -> dict[str, Any]:
    """What the page says of a file: where its headings were found, what is remembered of it, which copy it is."""
    wrong = [(sheet.name, ", ".join(sheet.errors)) for sheet in source.sheets if sheet.errors]
    always = {"has_macros": source.has_macros, "formulas": wrong}
    if source.filled:
        return {"copy": _copy(batch, source, drafts), **always}
    prints = {fingerprint(part.sheet.header) for part in source.plan.parts}
    known = Correspondence.objects.filter(form=batch.form, fingerprint__in=prints).select_related("by")
    moved = [(part.sheet.name, part.sheet.first - 1) for part in source.plan.parts if part.sheet.first > 2]
    return {"remembered": list(known), "moved": moved, **always}


def _copy(batch: Batch, source: TableFile, drafts: list[Draft]) -> dict[str, Any] | None:
    """Whether many rows would change what another copy of this workbook brought in: two teams may have filled it."""
    changed = sum(1 for draft in drafts if draft.before and not draft.before.is_gone)
    return {"changed": changed, "name": batch.copy} if changed or batch.copy else None


def _columns(batch: Batch, source: TableFile) -> Iterator[tuple[str, str, list[tuple[str, str]], str]]:
    for part in source.plan.parts:
        table = source.versions.default.schema.tables[part.columns.table]
        tied = batch.mapping.get(part.sheet.name, {})
        answered = {c.item.path for c in part.columns.columns if c.item and c.header not in tied}
        free = [item for item in table.items if item.path not in answered]
        offered = display.choices_of(iter(free))
        taken = set(tied.values())
        for header in [*tied, *part.columns.unknown]:
            if header in part.sheet.header:
                proposed = likely_question(header, [item for item in free if item.path not in taken])
                chosen = tied.get(header, proposed)
                taken.add(chosen)
                yield part.sheet.name, header, offered, chosen


def _words(batch: Batch, source: TableFile, drafts: Iterable[Draft]) -> Iterator[tuple[str, str, str, list, str]]:
    """Words that no choice of their question says, and those that a person explained."""
    ready = source.versions.default
    schema, words = ready.schema, display.Words(ready.version)
    items = {item.path: item for item in schema.items()}
    seen: set[tuple[str, str]] = set()
    explained = [(path, word) for path, said in batch.meanings.items() for word in said]
    for path, word in (*explained, *_strangers(schema, drafts)):
        item = items.get(path)
        if item is None or item.choices is None or (path, fold(word)) in seen:
            continue
        seen.add((path, fold(word)))
        chosen = batch.meanings.get(path, {}).get(word) or likely_choice(word, item.choices)
        yield path, display.name_of(item), word, _choices(words.choices(path), word, chosen), chosen


def _strangers(schema: Schema, drafts: Iterable[Draft]) -> Iterator[tuple[str, str]]:
    """The words of each draft that no list has, by the path of their question."""
    for draft in drafts:
        if any(flag.check == "choice" for flag in draft.flags):
            for table in schema.tables.values():
                for line in lines(draft.record.reading.answers, schema, table):
                    yield from _strange(table, line.rows[0])


def _strange(table: Table, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for item in table.items:
        given = answers.get(item.key) if item.choices else None
        for word in given if isinstance(given, list) else [given]:
            if word is not None and word not in item.choices.codes:
                yield item.path, str(word)


def _choices(labels: Mapping[str, str], word: str, chosen: str) -> list[tuple[str, str]]:
    """All choices of a list, those nearest to a word when it is long."""
    if len(labels) <= MOST_CHOICES:
        return list(labels.items())
    folded = {code: fold(label) for code, label in labels.items()}
    near = set(get_close_matches(fold(word), folded.values(), NEAREST, 0.4))
    return [(code, labels[code]) for code in labels if folded[code] in near or code == chosen]


def described(one: Correspondence, version: FormVersion) -> dict[str, Any]:
    """What is remembered of a file, in the words of the form."""
    words = display.Words(version)
    asked = {path: str(question) for path, question in words.questions.items()}
    return {
        "columns": [(header, asked.get(path, path)) for header, path in one.columns.items()],
        "words": [(asked.get(path, path), word, words.choices(path).get(code, code))
                  for path, said in one.meanings.items() for word, code in said.items()],
    }  # fmt: skip
