"""A submission that came as a row of a table, written as the instance that a phone would have sent."""

from copy import deepcopy
from typing import Any

from lxml import etree

from jalons.collection.submissions.rules.answers import as_text
from jalons.collection.submissions.rules.instances import PARSER


def written(xform: str, answers: dict[str, Any], instance_id: str) -> str:
    """The primary instance of a form, filled.

    Missing: a question without an answer stays blank; a repeat without rows has none.
    Error:   ValueError when the form has no primary instance.
    Source:  ODK XForms specification, primary instance; OpenRosa metadata.

    >>> form = '<h><model><instance><data id="f"><g><a/></g><meta><instanceID/></meta></data></instance></model></h>'
    >>> written(form, {"a": 3.0}, "uuid:1")
    '<data id="f"><g><a>3</a></g><meta><instanceID>uuid:1</instanceID></meta></data>'
    >>> form = '<h><model><instance><f xmlns:j="j"><r j:template=""><b/></r><r><b/></r></f></instance></model></h>'
    >>> written(form, {}, "").count("<r>"), written(form, {"r": [{"b": 1}, {"b": 2}]}, "").count("<r>")
    (0, 2)
    """
    found = etree.fromstring(xform.encode(), PARSER).find(".//{*}model/{*}instance/*")
    if found is None:
        raise ValueError("no primary instance")
    root = deepcopy(found)
    _fill(root, answers)
    for element in root.findall("./{*}meta/{*}instanceID"):
        element.text = instance_id
    return etree.tostring(root, encoding="unicode", with_tail=False)


def _fill(element: etree._Element, line: dict[str, Any]) -> None:
    done: set[str] = set()
    repeats = {etree.QName(child).localname for child in element if _is_template(child)}  # a first blank row follows it
    for child in list(element):
        name = etree.QName(child).localname
        answer = line.get(name)
        is_repeat = isinstance(answer, list) and any(isinstance(row, dict) for row in answer)
        if is_repeat or name in repeats:
            if name not in done:
                _rows(child, answer or [])
            done.add(name)
            element.remove(child)
        elif len(child):
            _fill(child, line)
        else:
            child.text = _text(answer)


def _is_template(element: etree._Element) -> bool:
    return any(etree.QName(key).localname == "template" for key in element.attrib)


def _rows(model: etree._Element, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        one = deepcopy(model)
        for key in [key for key in one.attrib if etree.QName(key).localname == "template"]:
            del one.attrib[key]
        _fill(one, row)
        model.addprevious(one)


def _text(answer: Any) -> str | None:
    return " ".join(str(part) for part in answer) if isinstance(answer, list) else as_text(answer)
