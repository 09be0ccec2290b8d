"""From the file of a batch to records: each submission found, or the reason why one could not be."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, BinaryIO

from jalons.collection.forms.models import Form, FormVersion
from jalons.collection.submissions.rules import filled, instances, tables
from jalons.collection.submissions.rules.checks import Rulebook, rulebook
from jalons.collection.submissions.rules.headers import match
from jalons.collection.submissions.rules.heads import headed
from jalons.collection.submissions.rules.instances import Reading
from jalons.collection.submissions.rules.plan import Plan, plan
from jalons.collection.submissions.rules.rows import Row, asides, orphans, rows
from jalons.collection.submissions.rules.schema import Item, Schema, schema
from jalons.core.errors import Refused, _

XML_TYPE, ROW_TYPE, KOBO_TYPE = "text/xml", "application/json", "application/vnd.kobo+json"
MAX_INSTANCES = 1_000_000
MOST_UNPACKED = 10_000_000_000  # bytes of an archive of instances once unpacked
JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db")
OTHER_FORM = _(
    "Cette instance est du formulaire « %(found)s », et non de « %(wanted)s ». Importez-la avec son formulaire."
)
OTHER_WORKBOOK = _(
    "Ce classeur a été fait pour le formulaire « %(found)s » du programme « %(programme)s », et non pour "
    "« %(wanted)s ». Importez-le avec son formulaire."
)
NOT_AN_INSTANCE = _("Ce fichier n’est pas une instance XML ; les pièces jointes ne sont pas importées ici.")
NO_INSTANCE = _("« %(name)s » ne contient aucune instance XML.")
UNPACKED = _("« %(name)s » se déplie en plus de %(limit)s Go. Coupez l’archive en plusieurs.")
TOO_MANY = _("« %(name)s » contient plus de %(limit)s fichiers. Coupez l’archive en plusieurs.")


@dataclass(slots=True)
class Record:
    """One submission as read, whatever it came in.

    numbers:   for a row of a table, the row of its sheet that holds it and each line of its repeats.
    flat:      it is a row of a table, whose blanks do not tell whether a question was put.
    again:     it may come under another content, and then only another answer makes another version.
    reason:    why it corrects another, as its author wrote it.
    is_public: it came by a link that anybody may open: no name in it is known to be of who filled it.
    there:     numbers of the versions that the server it comes from was known to hold, or was sent.
    became:    number of the version that says the same here, once it is brought in.
    """

    place: str
    instance_id: str
    deprecated_id: str
    root_id: str
    version: "Ready"
    collector: str
    content: bytes
    reading: Reading
    flat: bool
    numbers: dict[tuple[str, tuple[int, ...]], int] = field(default_factory=dict)
    again: bool = False
    reason: str = ""
    is_public: bool = False
    there: tuple[int, ...] = ()
    became: int = 0

    @property
    def media_type(self) -> str:
        return ROW_TYPE if self.flat else KOBO_TYPE if self.content.startswith(b"{") else XML_TYPE


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something in the file that is no submission of this form: where, why, and what to do."""

    place: str
    message: str
    values: dict[str, Any]

    def as_data(self) -> dict[str, Any]:
        return {"place": self.place, "message": self.message, "values": {k: str(v) for k, v in self.values.items()}}


class Ready:
    """A version of a form with what is needed to read, check and project its submissions, made once."""

    def __init__(self, version: FormVersion) -> None:
        self.version, self.pk = version, version.pk

    @cached_property
    def schema(self) -> Schema:
        return schema(self.version.questions.all(), self.version.choices, self.version.version)

    @cached_property
    def rulebook(self) -> Rulebook:
        return rulebook(self.schema)

    @cached_property
    def moment(self) -> Item | None:
        """The question that tells when the form was filled."""
        return self.first_of("end", "start", "today")

    def moment_of(self, answers: dict[str, Any]) -> datetime | None:
        """When the form was filled, for expressions that ask the day."""
        said = answers.get(self.moment.key) if self.moment else None
        return datetime.fromisoformat(said).replace(tzinfo=None) if said else None

    def first_of(self, *kinds: str) -> Item | None:
        items = self.schema.tables[""].items
        return next((item for kind in kinds for item in items if item.kind == kind), None)


class Versions:
    """The versions of a form by the name that submissions give them; `default` serves those that name none known."""

    def __init__(self, form: Form, default: FormVersion) -> None:
        self.form = form
        found = form.versions.order_by("number").prefetch_related("questions")
        self.by_key = {version.pk: Ready(version) for version in found}
        self.by_name = {ready.version.version: ready for ready in self.by_key.values() if ready.version.version}
        self.default = self.by_key[default.pk]

    def named(self, name: str) -> Ready:
        return self.by_name.get(name, self.default)


def kind_of(file: BinaryIO) -> str:
    """Whether a file holds XML instances or a table, from its content."""
    head = file.read(4096)
    file.seek(0)
    if head.startswith(b"PK\x03\x04"):
        first = head[30 : 30 + int.from_bytes(head[26:28], "little")].lower()
        is_instance = first.endswith(b".xml") and not first.startswith((b"[content", b"xl/", b"docprops/", b"_rels/"))
        return "xml" if is_instance or _holds_instances(file) else "table"
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\0", b"")
    return "xml" if text.startswith(b"<") and b"<html" not in text.lower() else "table"


def _holds_instances(file: BinaryIO) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except tables.BROKEN:
        return False
    finally:
        file.seek(0)
    is_book = not {"[Content_Types].xml", "content.xml"}.isdisjoint(names)
    return not is_book and any(name.lower().endswith(".xml") for name in names)


# Tables


@dataclass(frozen=True)
class Told:
    """What people told of a file, now or of one like it.

    mapping, heads, meanings, copy: as batches keep them.
    known: fingerprints of the headings that were tied before, for this form.
    """

    mapping: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    heads: Mapping[str, int] = field(default_factory=dict)
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    copy: str = ""
    known: frozenset[str] = frozenset()


class TableFile:
    """An Excel or CSV file read against the versions of a form."""

    def __init__(self, file: BinaryIO, name: str, versions: Versions, told: Told) -> None:
        self.versions, self.told, self.form = versions, told, versions.form
        self.sheets, self.has_macros = tables.sheets(file, name), tables.has_macros(file)
        self.filled = filled.recognise(self.sheets, told.copy)
        if self.filled:
            self.sheets = _ours(self.filled, versions)
        else:
            self.sheets = [headed(s, self._answered, told.known, told.heads.get(s.name)) for s in self.sheets]
        self.plans: dict[int, Plan] = {}

    def _answered(self, header: Sequence[str]) -> int:
        schema = self.versions.default.schema
        return max(match(header, schema, table).answered for table in schema.tables)

    def tell(self, *, mapping: Mapping | None = None, meanings: Mapping | None = None) -> None:
        """Read the same sheets again with other answers about their columns or their words."""
        told = self.told
        self.told = replace(told, mapping=mapping or told.mapping, meanings=meanings or told.meanings)
        self.plans.clear()

    def plan_for(self, ready: Ready) -> Plan:
        if ready.pk not in self.plans:
            told = self.told
            self.plans[ready.pk] = plan(self.sheets, ready.schema, self.form.code, told.mapping, told.meanings)
        return self.plans[ready.pk]

    @property
    def plan(self) -> Plan:
        return self.plan_for(self.versions.default)

    @property
    def total(self) -> int | None:
        return self.plan.form.sheet.count

    def check(self) -> None:
        """Refuse a file whose sheets cannot be understood; columns may still be tied to questions."""
        self.plan_for(self.versions.default)

    def __iter__(self) -> Iterator[Record | Refusal]:
        self.plan.check()
        for row in rows(self.plan, lambda name: self.plan_for(self.versions.named(name))):
            yield _of_row(row, self.versions.named(row.version))
        for lost in (*orphans(self.plan), *asides(self.plan)):
            yield Refusal(lost.pop("place"), lost.pop("reason"), lost)


def _ours(found: filled.Filled, versions: Versions) -> list[tables.Sheet]:
    """The sheets of a workbook that we made, read against the version that it was made for."""
    form = versions.form
    if (found.form, found.programme) != (form.code, form.programme.code):
        raise Refused(OTHER_WORKBOOK, found=found.form, programme=found.programme, wanted=form.code)
    made_for = (ready for ready in versions.by_key.values() if ready.version.number == found.version)
    versions.default = next(made_for, versions.default)
    return list(found.sheets)


def _of_row(row: Row, version: Ready) -> Record:
    return Record(
        row.place, row.instance_id, row.deprecated_id, row.root_id, version, row.collector, row.content,
        row.reading, flat=True, numbers=row.numbers,
    )  # fmt: skip


# XML


class InstanceFile:
    """One XML instance, or a ZIP of many, read against the versions of a form."""

    def __init__(self, file: BinaryIO, name: str, versions: Versions) -> None:
        self.file, self.name, self.versions = file, name, versions
        self.total: int | None = None

    def check(self) -> None:
        """Refuse an archive that does not open, or a single file that is no instance of the form."""
        for place, content in self._contents():
            found = self._record(place, content)
            if isinstance(found, Record) or place != self.name:
                return
            raise Refused(found.message, **found.values)
        raise Refused(NO_INSTANCE, name=self.name)

    def __iter__(self) -> Iterator[Record | Refusal]:
        """Corrections come after all the others, each after what it corrects."""
        corrections = []
        for place, content in self._contents():
            found = self._record(place, content)
            if isinstance(found, Record) and found.deprecated_id:
                corrections.append(found)
            else:
                yield found
        yield from _in_order(corrections)

    def _contents(self) -> Iterator[tuple[str, bytes]]:
        self.file.seek(0)
        if self.file.read(4) != b"PK\x03\x04":
            self.file.seek(0)
            yield self.name, self.file.read(instances.LARGEST + 1)
            return
        try:
            with zipfile.ZipFile(self.file) as archive:
                parts = [p for p in archive.infolist() if not p.is_dir() and not any(j in p.filename for j in JUNK)]
                if len(parts) > MAX_INSTANCES:
                    raise Refused(TOO_MANY, name=self.name, limit=MAX_INSTANCES)
                if any(part.flag_bits & 1 for part in parts):
                    raise Refused(tables.ENCRYPTED, name=self.name)
                self.total = len(parts)
                left = MOST_UNPACKED
                for part in parts:
                    content = b"".join(tables.unpacked(archive, part, instances.LARGEST))
                    left -= len(content)
                    if left < 0:
                        raise Refused(UNPACKED, name=self.name, limit=MOST_UNPACKED // 10**9)
                    yield part.filename, content
        except tables.BROKEN as fault:
            raise Refused(tables.DAMAGED, name=self.name, remedy=tables.SAVE_AS) from fault

    def _record(self, place: str, content: bytes) -> Record | Refusal:
        short = place.replace("\\", "/").rpartition("/")[2][-120:]
        if not short.lower().endswith(".xml") and place != self.name:
            return Refusal(short, NOT_AN_INSTANCE, {})
        return read_instance(short, content, self.versions)


def read_instance(place: str, content: bytes, versions: Versions) -> Record | Refusal:
    """One XML instance, read against the version of the form that it names."""
    try:
        root = instances.parse(content)
        head = instances.header(root, content)
        if head.form_id != versions.form.code:
            return Refusal(place, OTHER_FORM, {"found": head.form_id[:120], "wanted": versions.form.code})
        version = versions.named(head.version)
        reading = instances.read(root, version.schema)
    except Refused as refusal:
        return Refusal(place, refusal.message, refusal.values)
    return Record(
        place, head.instance_id, head.deprecated_id, head.root_id, version, "", content, reading, flat=False,
        reason=head.reason,
    )  # fmt: skip


def _in_order(corrections: list[Record]) -> Iterator[Record]:
    """Corrections of corrections after what they correct."""
    by_id = {record.instance_id: record for record in corrections}

    def depth(record: Record) -> int:
        steps, seen = 0, {record.instance_id}
        while (record := by_id.get(record.deprecated_id)) and record.instance_id not in seen:
            seen.add(record.instance_id)
            steps += 1
        return steps

    yield from sorted(corrections, key=depth)


def open_source(
    file: BinaryIO, name: str, kind: str, versions: Versions, told: Told | None = None
) -> TableFile | InstanceFile:
    """The records of a file."""
    return TableFile(file, name, versions, told or Told()) if kind == "table" else InstanceFile(file, name, versions)


def told_of(batch: Any) -> Told:
    """What people told of the file of a batch."""
    return Told(batch.mapping, batch.heads, batch.meanings, batch.copy)
