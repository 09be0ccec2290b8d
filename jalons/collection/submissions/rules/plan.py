"""How the sheets of a file become submissions: which holds the form, which hold its repeats, how rows are tied."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from jalons.collection.submissions.rules.headers import Column, Columns, match
from jalons.collection.submissions.rules.schema import Schema, fold
from jalons.collection.submissions.rules.tables import Sheet
from jalons.core.errors import Refused, _

EXCEL_NAME = 31  # letters that Excel keeps of a sheet's name
# (identifier in the repeat's sheet, identifier in its parent's): the first pair that both sheets have ties the rows
LINKS_TO_FORM = (
    ("submission_uuid", "uuid"),
    ("parent_key", "uuid"),
    ("uuid", "uuid"),
    ("submission_id", "id"),
    ("parent_index", "index"),
    ("parent_instance_name", "instance_name"),
)
LINKS_TO_REPEAT = (("parent_key", "uuid"), ("parent_index", "index"))
NO_QUESTION = _(
    "Aucune colonne de « %(name)s » ne correspond à une question du formulaire « %(form)s ». Vérifiez que le fichier "
    "et le formulaire vont ensemble ; une colonne se nomme comme sa question."
)
NO_LINK = _(
    "La feuille « %(name)s » n’a aucune colonne qui la relie à « %(parent)s » (_submission__uuid, PARENT_KEY "
    "ou _parent_index). Refaites l’export avec ces colonnes."
)


@dataclass(frozen=True)
class Part:
    """One sheet and the table of the form that it holds; `link` are the places of the two columns that tie its rows
    to those of the sheet of `parent`."""

    sheet: Sheet
    columns: Columns
    parent: str | None = None
    link: tuple[int, int] | None = None


@dataclass(frozen=True)
class Plan:
    """A file understood: the sheet of the form, one sheet per repeat, and the sheets left aside."""

    form: Part
    repeats: tuple[Part, ...]
    ignored: tuple[str, ...]
    code: str

    def check(self) -> None:
        """Refuse a file of which no column answers the form: nothing of it would be read."""
        if not self.form.columns.answered:
            raise Refused(NO_QUESTION, name=self.form.sheet.name, form=self.code)

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.form, *self.repeats

    @property
    def unknown(self) -> dict[str, list[str]]:
        """Headers without a question, by sheet."""
        return {part.sheet.name: part.columns.unknown for part in self.parts if part.columns.unknown}


def plan(
    sheets: Iterable[Sheet],
    schema: Schema,
    form: str,
    mapping: Mapping[str, Mapping[str, str]] | None = None,
    meanings: Mapping[str, Mapping[str, str]] | None = None,
) -> Plan:
    """Decide what each sheet of a file is.

    mapping:  {sheet: {header: path of a question}}, chosen by a person.
    meanings: {path of a question: {what cells say: code of a choice}}, chosen by a person.
    Error:    Refused when no sheet is left for the form, or when a repeat cannot be tied to its parent.
    Source:   Kobo and ODK exports: one sheet per repeat, named after it, cut at 31 letters by Excel.
    """
    left, understood = list(sheets), partial(_columns, schema, mapping or {}, meanings or {})
    named = {}
    for table in list(schema.tables)[1:]:
        if sheet := next((sheet for sheet in left if _is_of(sheet, table)), None):
            named[table] = sheet
            left.remove(sheet)
    root = max(left, key=lambda sheet: (understood(sheet, "").answered, len(sheet.header)), default=None)
    if root is None:
        raise Refused(NO_QUESTION, name=next(iter(named.values())).name, form=form)
    done = {"": Part(root, understood(root, ""))}
    for table, sheet in named.items():
        columns = understood(sheet, table)
        parent = done.get(schema.tables[table].parent or "", done[""])
        done[table] = Part(sheet, columns, parent.columns.table, _link(columns, sheet, parent))
    repeats = tuple(part for table, part in done.items() if table)
    return Plan(done[""], repeats, tuple(sheet.name for sheet in left if sheet is not root), form)


def _columns(
    schema: Schema, mapping: Mapping[str, Mapping[str, str]], meanings: Mapping, sheet: Sheet, table: str
) -> Columns:
    """The columns of a sheet, whose cells also say what a person told of their words."""
    found = match(sheet.header, schema, table, mapping.get(sheet.name))
    if not meanings:
        return found
    return replace(found, columns=tuple(_meaning(column, meanings) for column in found.columns))


def _meaning(column: Column, meanings: Mapping[str, Mapping[str, str]]) -> Column:
    said = meanings.get(column.item.path) if column.item else None
    if not said or column.item.choices is None:
        return column
    words = {**column.item.choices.by_label, **{fold(word): code for word, code in said.items() if code}}
    return replace(column, item=replace(column.item, choices=replace(column.item.choices, by_label=words)))


def _is_of(sheet: Sheet, table: str) -> bool:
    return _is_named(sheet.name, table) if sheet.table is None else sheet.table == table


def _is_named(sheet: str, repeat: str) -> bool:
    """Whether a sheet or a file is named after a repeat: `roster`, `roster` cut by Excel, `form-roster.csv`."""
    return (
        sheet == repeat
        or fold(sheet) == fold(repeat)
        or (len(sheet) == EXCEL_NAME and repeat.startswith(sheet))
        or sheet.endswith((f"-{repeat}", f".{repeat}"))
    )


def _link(columns: Columns, sheet: Sheet, parent: Part) -> tuple[int, int]:
    links = LINKS_TO_REPEAT if parent.columns.table else LINKS_TO_FORM
    for mine, theirs in links:
        if mine in columns.marks and theirs in parent.columns.marks:
            return columns.marks[mine], parent.columns.marks[theirs]
    raise Refused(NO_LINK, name=sheet.name, parent=parent.sheet.name)
