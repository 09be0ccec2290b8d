"""Instances written here, and answers told in JSON as an instance holds them."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from jalons.core.errors import Refused, _

NOT_XML = _("La réponse à « %(name)s » contient un caractère qu’aucun fichier XML ne peut garder.")


def instance(form: str, version: str, instance_id: str) -> bytes:
    """The XML of an instance to which nothing is answered yet, as a phone would send it.

    Error:    Refused when a name has a character that XML forbids.
    Source:   ODK XForms specification, primary instance.

    >>> instance("f", "1", "uuid:1").decode()
    '<data id="f" version="1"><meta><instanceID>uuid:1</instanceID></meta></data>'
    """
    root = etree.Element("data", id=form, version=_text("version", version))
    meta = etree.SubElement(root, "meta")
    etree.SubElement(meta, "instanceID").text = _text("instanceID", instance_id)
    return etree.tostring(root, encoding="utf-8")


def plain(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as text, as an instance holds them; rows stay rows.

    Error:  Refused when one has a character that XML forbids.
    Source: XML 1.0, characters.

    >>> plain({"a": True, "b": 3, "c": ["x", "y"]})
    {'a': 'true', 'b': '3', 'c': ['x', 'y']}
    """
    return {name: _text(name, answer) for name, answer in answers.items()}


def _text(name: str, answer: Any) -> Any:
    if isinstance(answer, dict):
        return plain(answer)
    if isinstance(answer, list):
        return [_text(name, row) for row in answer]
    if answer is None:
        return None
    text = str(answer).lower() if isinstance(answer, bool) else str(answer)
    try:
        etree.Element("a").text = text
    except ValueError:
        raise Refused(NOT_XML, field=name, name=name[:100]) from None
    return text
