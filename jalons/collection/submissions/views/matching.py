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
from jalons.collection.submissions.rules.headers import KEY
from jalons.collection.submissions.rules.heads import fingerprint
from jalons.collection.submissions.rules.likeness import likely_choice, likely_question
from jalons.collection.submissions.rules.plan import Part
from jalons.collection.submissions.rules.schema import Item, Schema, Table, fold
from jalons.collection.submissions.rules.unseen import MOST_TOLD
from jalons.collection.submissions.views import display
from jalons.foundation.accounts.models import User

MOST_COLUMNS, MOST_WORDS, MOST_CHOICES, NEAREST = 200, 60, 300, 40
FORESEEN = 1_000  # rows that the preview reads; a larger file becomes background work


def foresee(batch: Batch, source: Any, by: User) -> tuple[Intake, list[Draft]]:
    """What the first rows would do, read with what people told and, where they told nothing, with what is proposed."""
    if isinstance(source, TableFile) and not source.filled:
        source.tell(mapping=_proposed_columns(source))
        if not source.plan.form.columns.answered:
            return _foresee(batch, [], source, by)
    intake, drafts = _foresee(batch, source, source, by)
    if isinstance(source, TableFile) and not source.filled and (words := _proposed_words(source, drafts)):
        source.tell(meanings=words)
        return _foresee(batch, source, source, by)
    return intake, drafts


def _foresee(batch: Batch, records: Any, source: Any, by: User) -> tuple[Intake, list[Draft]]:
    intake = Intake(batch, source.versions, Scope(batch.form, by))
    return intake, list(intake.foresee(islice(iter(records), FORESEEN)))


def form_of(source: Any, drafts: Iterable[Draft], posted: QueryDict | None = None) -> MatchForm:
    """What is asked: every column without a question or tied by a person, every word that its list does not have."""
    if not isinstance(source, TableFile) or source.filled:
        return MatchForm(posted)
    sheets = [_sheet(source, part) for part in source.plan.parts]
    words = islice(_words(source, drafts), MOST_WORDS)
    return MatchForm(posted, columns=islice(_columns(source), MOST_COLUMNS), words=words, sheets=sheets)


def _sheet(source: TableFile, part: Part) -> tuple[Any, ...]:
    """What is asked of a sheet as a whole: where its headings are, which one names rows, which is wrongly tied."""
    said = source.told.mapping.get(part.sheet.name, {})
    can_name = not part.columns.table and "uuid" not in part.columns.marks
    recognised = {
        column.header: (column.item.path, display.name_of(column.item))
        for column in part.columns.columns if column.item and not column.choice and column.header not in said
    }  # fmt: skip
    return (
        part.sheet.name, part.sheet.first - 1, part.sheet.header if can_name else (), said.get(KEY, ""), recognised,
        display.choices_of(_items(source, part)),
    )  # fmt: skip


def told(batch: Batch, source: TableFile, drafts: list[Draft]) -> dict[str, Any]:
    """What the page says of a file: where its headings were found, what is remembered of it, which copy it is."""
    wrong = [(sheet.name, ", ".join(sheet.errors)) for sheet in source.sheets if sheet.errors]
    blank = [(sheet.name, ", ".join(sheet.uncomputed)) for sheet in source.sheets if sheet.uncomputed]
    always = {"has_macros": source.has_macros, "formulas": wrong, "uncomputed": blank}
    if source.filled:
        return {"copy": _copy(batch, source, drafts), **always}
    prints = {fingerprint(part.sheet.header) for part in source.plan.parts}
    known = Correspondence.objects.filter(form=batch.form, fingerprint__in=prints).select_related("by")
    moved = [(part.sheet.name, part.sheet.first - 1) for part in source.plan.parts if part.sheet.first > 2]
    hidden = [(sheet.name, sheet.hidden) for sheet in source.sheets if sheet.hidden]
    return {"remembered": list(known), "moved": moved, "hidden": hidden, "merged": list(_merged(source)), **always}


def _merged(source: TableFile) -> Iterator[tuple[str, str]]:
    """Cells merged over several rows of data, by sheet."""
    for part in source.plan.parts:
        below = [where for row, where in part.sheet.merged if row >= part.sheet.first]
        if below:
            yield part.sheet.name, ", ".join(below[:MOST_TOLD]) + ("…" if len(below) > MOST_TOLD else "")


def _copy(batch: Batch, source: TableFile, drafts: list[Draft]) -> dict[str, Any] | None:
    """Whether many rows would change what another copy of this workbook brought in: two teams may have filled it."""
    changed = sum(1 for draft in drafts if draft.before and not draft.before.is_gone)
    return {"changed": changed, "name": batch.copy} if changed or batch.copy else None


def _proposed_columns(source: TableFile) -> dict[str, dict[str, str]]:
    """The mapping of a file, completed by the question that each untold column probably answers."""
    mapping = {sheet: dict(columns) for sheet, columns in source.told.mapping.items()}
    for part in source.plan.parts:
        tied = mapping.setdefault(part.sheet.name, {})
        answered = {column.item.path for column in part.columns.columns if column.item}
        for header in [header for header in part.columns.unknown if header not in tied][:MOST_COLUMNS]:
            free = [i for i in _items(source, part) if i.path not in answered and not display.is_silent(i)]
            if path := likely_question(header, free):
                tied[header] = path
                answered.add(path)
    return mapping


def _proposed_words(source: TableFile, drafts: Iterable[Draft]) -> dict[str, dict[str, str]]:
    """What unknown words probably mean, with what was told; nothing when there is nothing to add."""
    meanings = {path: dict(words) for path, words in source.told.meanings.items()}
    schema, is_new = source.versions.default.schema, False
    items = {item.path: item for item in schema.items()}
    for path, word in islice(dict.fromkeys(_strangers(schema, drafts)), MOST_WORDS):
        said = meanings.setdefault(path, {})
        if word not in said and (code := likely_choice(word, items[path].choices)):
            said[word], is_new = code, True
    return meanings if is_new else {}


def _items(source: TableFile, part: Part) -> tuple[Item, ...]:
    return source.versions.default.schema.tables[part.columns.table].items


def _columns(source: TableFile) -> Iterator[tuple[str, str, list[tuple[str, str]], str]]:
    for part in source.plan.parts:
        tied = source.told.mapping.get(part.sheet.name, {})
        answered = {c.item.path for c in part.columns.columns if c.item and c.header not in tied}
        free = [item for item in _items(source, part) if item.path not in answered]
        asked = {*tied, *part.columns.unknown}
        for header in part.sheet.header:
            if header in asked:
                chosen = tied.get(header, "")
                yield part.sheet.name, header, display.choices_of(free, chosen), chosen


def _words(source: TableFile, drafts: Iterable[Draft]) -> Iterator[tuple[str, str, str, list, str]]:
    """Words that no choice of their question says, and those that are explained."""
    ready, meanings = source.versions.default, source.told.meanings
    schema, words = ready.schema, display.Words(ready.version)
    items = {item.path: item for item in schema.items()}
    explained = [(path, word) for path, said in meanings.items() for word in said]
    for path, word in dict.fromkeys((*explained, *_strangers(schema, drafts))):
        if path in items and items[path].choices is not None:
            chosen = meanings.get(path, {}).get(word, "")
            yield path, display.name_of(items[path]), word, _choices(words.choices(path), word, chosen), chosen


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
        "key": one.columns.get(KEY, ""),
        "columns": [(header, asked.get(path, "")) for header, path in one.columns.items() if header != KEY],
        "words": [(asked.get(path, path), word, words.choices(path).get(code, code))
                  for path, said in one.meanings.items() for word, code in said.items()],
    }  # fmt: skip
