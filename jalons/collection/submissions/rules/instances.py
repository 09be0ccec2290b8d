"""XML instances, as phones and browsers send them: who they are, and what they answer."""

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from jalons.collection.submissions.rules.answers import READERS, Unreadable, as_text
from jalons.collection.submissions.rules.identity import canonical, derived
from jalons.collection.submissions.rules.schema import Item, Place, Schema
from jalons.core.errors import Refused, _

LARGEST = 10_000_000  # bytes of one instance
HOSTILE = tuple(mark.encode(code) for mark in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be"))
SURROGATES = re.compile(rb"&#(5[5-6]\d{3});&#(5[6-7]\d{3});")
METADATA = frozenset({"meta", "formhub", "__version__", "_version_", "_version__001"})
PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
)
LONGEST_REASON = 1_000
MOST_SEEN, SHORT = 1_000, 40  # answers remembered per question, and the length of their text
CIPHERED = _("Cette instance est chiffrée par le téléphone. Déchiffrez-la sur son serveur, puis exportez-la à nouveau.")
UNPLACED = _("Le formulaire n’a pas cette question à cet endroit.")
TWICE = _("Cette question apparaît deux fois.")


@dataclass(frozen=True, slots=True)
class Header:
    """Who an instance is. `deprecated_id` names the instance that it corrects; `reason` says why."""

    form_id: str
    version: str
    instance_id: str
    deprecated_id: str
    root_id: str
    reason: str = ""


@dataclass(slots=True)
class Reading:
    """What was read in a content: the answers, and what could not be read or placed."""

    answers: dict[str, Any] = field(default_factory=dict)
    unread: list[dict[str, str]] = field(default_factory=list)

    def leave(self, path: str, value: Any, reason: str) -> None:
        self.unread.append({"path": path, "value": str(value).replace("\0", ""), "reason": reason})


def answered(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers without what is blank: an answer that was erased and a question left alone say the same.

    Source: ours.

    >>> answered({"a": None, "b": 0, "r": [{"c": None}], "s": []})
    {'b': 0, 'r': [{}]}
    """
    return {
        key: [answered(row) if isinstance(row, dict) else row for row in value] if isinstance(value, list) else value
        for key, value in answers.items()
        if value is not None and value != []
    }


def parse(content: bytes) -> etree._Element:
    """The tree of an instance, entities and document types refused.

    Error:  Refused when it is not XML, when it is too large, or when it declares a DOCTYPE or entities.
    Source: OWASP XML External Entity cheat sheet; OpenRosa instances have no DOCTYPE.

    >>> parse(b"<data id='f'/>").get("id")
    'f'
    """
    if len(content) > LARGEST:
        raise Refused(_("Cette instance dépasse %(limit)s Mo. Envoyez les photos à part."), limit=LARGEST // 10**6)
    if (b"<!" in content or b"\0" in content) and any(mark in content for mark in HOSTILE):
        raise Refused(_("Ce XML déclare un DOCTYPE ou des entités, ce qu’aucun formulaire n’envoie : il n’est pas lu."))
    try:
        root = _root(content)
    except (etree.XMLSyntaxError, ValueError, LookupError) as fault:
        raise Refused(
            _("Ce n’est pas du XML lisible (ligne %(line)s). Renvoyez l’instance depuis le téléphone ou le serveur."),
            line=getattr(fault, "lineno", None) or 1,
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused(_("Ce XML déclare un DOCTYPE ou des entités, ce qu’aucun formulaire n’envoie : il n’est pas lu."))
    return root


def _root(content: bytes) -> etree._Element:
    try:
        return etree.fromstring(content, PARSER)
    except etree.XMLSyntaxError:
        # some phones write emoji as two numbers that XML 1.0 forbids
        mended = SURROGATES.sub(_joined, content)
        if mended == content:
            raise
        return etree.fromstring(mended, PARSER)


def _joined(pair: re.Match) -> bytes:
    high, low = int(pair[1]) - 0xD800, int(pair[2]) - 0xDC00
    inside = 0 <= high < 0x400 and 0 <= low < 0x400
    return b"&#%d;" % (0x10000 + high * 0x400 + low) if inside else pair[0]


def header(root: etree._Element, content: bytes) -> Header:
    """Who an instance is: form, version, identifiers.

    Missing: without instanceID, one is made from the content, the same each time.
    Error:   Refused when the root does not name its form, or says that the answers are encrypted.
    Source:  OpenRosa metadata schema; Kobo's meta/rootUuid never changes from version to version; meta/reason is ours.

    >>> data = b"<data id='f' version='2'><meta><instanceID>uuid:1</instanceID></meta></data>"
    >>> header(parse(data), data).instance_id
    'uuid:1'
    """
    form_id = root.get("id") or etree.QName(root).namespace
    if root.get("encrypted") == "yes":
        raise Refused(CIPHERED)
    if not form_id:
        raise Refused(_("Ce XML ne nomme pas son formulaire (attribut id de la racine) : ce n’est pas une instance."))
    meta = {}
    for element in reversed(root):
        if isinstance(element.tag, str) and _local(element.tag) == "meta":
            meta = {_local(e.tag): (e.text or "").strip() for e in element if isinstance(e.tag, str)}
            break
    return Header(
        form_id=form_id,
        version=root.get("version") or "",
        instance_id=canonical(meta.get("instanceID", "")) or derived(content),
        deprecated_id=canonical(meta.get("deprecatedID", "")),
        root_id=canonical(meta.get("rootUuid", "")),
        reason=meta.get("reason", "")[:LONGEST_REASON],
    )


def read(root: etree._Element, schema: Schema) -> Reading:
    """The answers of an instance: groups flattened away, repeats as lists of rows.

    A question that moved to another group is found by its name.
    Missing: an empty element answers nothing and leaves no key.
    Error:   what is no answer is kept in `unread` with its reason, and its value is None.
    Source:  ODK XForms specification, primary instance.
    """
    reading = Reading()
    _fill(root, schema.root, reading.answers, _Walk(schema, reading))
    return reading


@dataclass(slots=True)
class _Walk:
    schema: Schema
    reading: Reading
    table: str = ""
    prefix: str = ""

    def path(self, name: str) -> str:
        return f"{self.prefix}{name}"


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _fill(element: etree._Element, place: Place, line: dict[str, Any], walk: _Walk) -> None:
    """Read the children of an element into a row."""
    for child in element:
        tag = child.tag
        known = place.inside.get(tag)
        if known is None:
            known = _found(tag, place, walk)
        if known is None:
            _leave(child, line, walk)
        elif known.item is not None:
            _answer(child, known, line, walk)
        elif known.repeat:
            _leave_own_text(child, walk)
            _row(child, known, line, walk)
        elif not known.silent:
            _leave_own_text(child, walk)
            _fill(child, known, line, _Walk(walk.schema, walk.reading, walk.table, f"{walk.path(_local(tag))}/"))


def _found(tag: Any, place: Place, walk: _Walk) -> Place | None:
    """The place of an element that is not where the form has it: by its name alone, anywhere in the table."""
    if not isinstance(tag, str):
        return None
    name = _local(tag)
    if found := place.inside.get(name):
        return found
    if item := walk.schema.item(name, walk.table):
        return Place(item)
    table = walk.schema.tables.get(name)
    if table and table.parent == walk.table:
        return _at(walk.schema.root, table.path)
    return None


def _at(root: Place, path: tuple[str, ...]) -> Place:
    for step in path:
        root = root.inside[step]
    return root


def _row(child: etree._Element, known: Place, line: dict[str, Any], walk: _Walk) -> None:
    if any(_local(name) == "template" for name in child.attrib):
        return  # the blank model that some clients leave beside the rows
    rows = line.setdefault(known.repeat, [])
    rows.append({})
    inner = _Walk(walk.schema, walk.reading, known.repeat, f"{walk.path(known.repeat)}[{len(rows)}]/")
    _fill(child, known, rows[-1], inner)


def _answer(child: etree._Element, known: Place, line: dict[str, Any], walk: _Walk) -> None:
    item, text = known.item, child.text
    if len(child):
        _leave_below(child, walk)
    if text is None:
        return
    answer = known.seen.get(text)
    if answer is None:
        try:
            answer = _read(text, known)
        except Unreadable as verdict:
            line.setdefault(item.key, None)
            walk.reading.leave(walk.path(item.name), text, str(verdict))
            return
    if answer is not None and line.setdefault(item.key, answer) is not answer:
        _twice(item, answer, text, line, walk)


def _read(text: str, known: Place) -> Any:
    if known.read is None:
        known.read = READERS.get(known.item.kind, as_text)
    answer = known.read(text, known.item.choices)
    if len(text) <= SHORT and len(known.seen) < MOST_SEEN:
        known.seen[text] = answer
    return answer


def _twice(item: Item, answer: Any, text: str, line: dict[str, Any], walk: _Walk) -> None:
    """The second answer to one question is reported, unless the first could not be read."""
    if line[item.key] is None:
        line[item.key] = answer
    elif line[item.key] != answer:
        walk.reading.leave(walk.path(item.name), text, TWICE)


def _leave(child: etree._Element, line: dict[str, Any], walk: _Walk) -> None:
    """Keep what has no place. A group that the form does not have may still hold questions that it has."""
    if not isinstance(child.tag, str) or (_local(child.tag) in METADATA and not walk.prefix):
        return
    name = _local(child.tag)
    if name.endswith("_count") and name.removesuffix("_count") in walk.schema.tables:
        return  # how many rows a repeat has: pyxform adds it, the rows tell it
    if len(child):
        _fill(child, Place(), line, _Walk(walk.schema, walk.reading, walk.table, f"{walk.path(name)}/"))
    elif child.text and child.text.strip():
        walk.reading.leave(walk.path(name), child.text, UNPLACED)


def _leave_own_text(child: etree._Element, walk: _Walk) -> None:
    """A group or a repeat holds questions, not an answer: what is written in it is kept aside."""
    if child.text and child.text.strip():
        walk.reading.leave(walk.path(_local(child.tag)), child.text, UNPLACED)


def _leave_below(child: etree._Element, walk: _Walk) -> None:
    for inner in child.iter(etree.Element):
        if inner is not child and inner.text and inner.text.strip():
            walk.reading.leave(walk.path(f"{_local(child.tag)}/{_local(inner.tag)}"), inner.text, UNPLACED)
