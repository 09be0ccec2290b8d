"""Instances written here, from answers told in JSON."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from jalons.collection.submissions.rules.kobo import tree
from jalons.core.errors import Refused, _

NOT_XML = _("La réponse à « %(name)s » contient un caractère qu’aucun fichier XML ne peut garder.")


def instance(form: str, version: str, answers: Mapping[str, Any], instance_id: str) -> bytes:
    """The XML of an instance, as a phone would send it.

    answers:  {question, or its path: answer; repeat: [{…}]}; several choices are a list.
    Missing:  None and a question without a key are not answered.
    Error:    Refused when a key is no name of XML.
    Source:   ODK XForms specification, primary instance.

    >>> instance("f", "1", {"g/a": ["x", "y"], "r": [{"b": 1}]}, "uuid:1").decode()[:67]
    '<data id="f" version="1"><meta><instanceID>uuid:1</instanceID></met'
    """
    root = etree.Element("data", id=form, version=_text("version", version))
    meta = etree.SubElement(root, "meta")
    etree.SubElement(meta, "instanceID").text = _text("instanceID", instance_id)
    root.extend(tree(plain(answers)))
    return etree.tostring(root, encoding="utf-8")


def plain(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as text, as an instance holds them.

    Error:  Refused when one has a character that XML forbids.
    Source: XML 1.0, characters.

    >>> plain({"a": True, "b": 3, "c": ["x", "y"]})
    {'a': 'true', 'b': '3', 'c': ['x', 'y']}
    """
    return {name: _text(name, answer) for name, answer in answers.items()}


def _text(name: str, answer: Any) -> Any:
    if isinstance(answer, list):
        return [plain(row) if isinstance(row, dict) else _text(name, row) for row in answer]
    if answer is None:
        return None
    text = str(answer).lower() if isinstance(answer, bool) else str(answer)
    try:
        etree.Element("a").text = text
    except ValueError:
        raise Refused(NOT_XML, field=name, name=name[:100]) from None
    return text
