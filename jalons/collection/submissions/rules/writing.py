"""Instances written here: from answers told in JSON, or from an instance whose answers are corrected."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from uuid import uuid4

from lxml import etree

from jalons.collection.submissions.rules.kobo import tree
from jalons.collection.submissions.rules.schema import Schema
from jalons.core.errors import Refused, _

UNKNOWN = _("Le formulaire n’a pas la question « %(name)s ».")
AMBIGUOUS = _("Plusieurs questions s’appellent « %(name)s » : nommez-la par son chemin (groupe/question).")
NOT_XML = _("La réponse à « %(name)s » contient un caractère qu’aucun fichier XML ne peut garder.")


def instance(form: str, version: str, answers: Mapping[str, Any], identity: Mapping[str, str]) -> bytes:
    """The XML of an instance, as a phone would send it.

    answers:  {question, or its path: answer; repeat: [{…}]}; several choices are a list.
    identity: instanceID, and deprecatedID and reason for a correction.
    Missing:  None and a question without a key are not answered.
    Error:    Refused when a key is no name of XML.
    Source:   ODK XForms specification, primary instance.

    >>> instance("f", "1", {"g/a": ["x", "y"], "r": [{"b": 1}]}, {"instanceID": "uuid:1"}).decode()[:67]
    '<data id="f" version="1"><meta><instanceID>uuid:1</instanceID></met'
    """
    root = etree.Element("data", id=form, version=_text("version", version))
    _identify(root, identity)
    root.extend(tree(_plain(answers)))
    return etree.tostring(root, encoding="utf-8")


def corrected(root: etree._Element, changes: Mapping[str, Any], schema: Schema, identity: Mapping[str, str]) -> bytes:
    """An instance with some answers changed, and all the rest as it was.

    changes: {question of the form itself, or its path: answer; repeat: all its rows}.
    Error:   Refused when the form has no such question, or several of that name.
    Source:  OpenRosa, an edit sends the whole instance with deprecatedID.
    """
    root = deepcopy(root)
    for name, answer in _plain(changes).items():
        path = _path(name, schema)
        _remove(root, path)
        if answer is not None and answer != []:
            _put(root, tree({"/".join(path): answer}))
    _identify(root, identity)
    return etree.tostring(root, encoding="utf-8")


def new_identity() -> str:
    """An identifier that no other instance has.

    Source: OpenRosa metadata, RFC 4122.
    """
    return f"uuid:{uuid4()}"


def _plain(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as text, none with a character that XML forbids."""
    return {name: _text(name, answer) for name, answer in answers.items()}


def _text(name: str, answer: Any) -> Any:
    if isinstance(answer, list):
        return [_plain(row) if isinstance(row, dict) else _text(name, row) for row in answer]
    if answer is None:
        return None
    text = str(answer).lower() if isinstance(answer, bool) else str(answer)
    try:
        etree.Element("a").text = text
    except ValueError:
        raise Refused(NOT_XML, field=name, name=name[:100]) from None
    return text


def _path(name: str, schema: Schema) -> tuple[str, ...]:
    table = schema.tables.get(name)
    if table and table.parent == "":
        return table.path
    found = [i.path for i in schema.tables[""].items if name in (i.path, i.name)]
    if len(found) != 1:
        raise Refused(AMBIGUOUS if found else UNKNOWN, field=name, name=name[:100])
    return tuple(found[0].split("/"))


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _remove(node: etree._Element, path: tuple[str, ...]) -> None:
    """Take an answer off, wherever its groups lie."""
    for child in [child for child in node if _local(child) == path[0]]:
        if len(path) == 1:
            node.remove(child)
        else:
            _remove(child, path[1:])


def _put(node: etree._Element, branch: etree._Element) -> None:
    """Graft a branch onto the groups that are there already."""
    for child in list(branch):
        same = [twin for twin in node if _local(twin) == child.tag and len(child) and not child.text]
        if len(same) == 1 and len(branch) == 1:
            _put(same[0], child)
        else:
            node.append(child)


def _identify(root: etree._Element, identity: Mapping[str, str]) -> None:
    """Write who the instance is in its `meta`, beside what else was there."""
    meta = next((child for child in root if _local(child) == "meta"), None)
    if meta is None:
        meta = etree.SubElement(root, "meta")
    for child in [child for child in meta if _local(child) in ("instanceID", "deprecatedID", "reason")]:
        meta.remove(child)
    for name, value in identity.items():
        etree.SubElement(meta, name).text = _text(name, value)
