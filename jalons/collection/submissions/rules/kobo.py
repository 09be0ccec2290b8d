"""A submission as KoboToolbox's API tells it in JSON, turned back into the tree that a phone filled."""

from typing import Any

from lxml import etree

from jalons.collection.forms.rules.kobo_types import kind_of, name_of
from jalons.core.errors import Refused, _

SERVICE = frozenset({
    "_id", "_uuid", "_xform_id_string", "_attachments", "_status", "_geolocation", "_submission_time", "_tags",
    "_notes", "_validation_status", "_submitted_by", "_supplementalDetails", "_bamboo_dataset_id", "_date_modified",
    "__version__", "formhub/uuid",
})  # fmt: skip
NO_ANSWER = frozenset({"note", "audit"})
BEGINS = frozenset({"begin_group", "begin_repeat"})
NOT_A_TREE = _("Cette fiche n’a pas la forme d’une fiche de Kobo (%(key)s). Signalez-la.")


def tree(submission: dict[str, Any]) -> etree._Element:
    """The instance behind a submission: groups flattened with slashes become elements, arrays become repeats.

    Missing: a question that was not answered has no key, as it has an empty element on a phone.
    Error:   Refused when a key is no name of XML.
    Source:  KoboToolbox API v2, shape of a submission; its values come from the XML of the phone.

    >>> etree.tostring(tree({"_id": 1, "g/a": "x", "r": [{"r/b": "1"}]})).decode()
    '<data><g><a>x</a></g><r><b>1</b></r></data>'
    """
    root = etree.Element("data")
    _grow(root, {key: value for key, value in submission.items() if key not in SERVICE}, "")
    return root


def places(content: dict[str, Any]) -> list[str]:
    """The path of the answer of each question of a form, from its content as the API tells it.

    Missing: a row without a name bears the one that Kobo gave it.
    Source:  KoboToolbox API v2, `content` of an asset; `kpi/utils/autoname.py`, `kpi/utils/xlsform_preprocessors`.

    >>> places({"survey": [{"type": "begin_group", "name": "g"}, {"type": "text", "$autoname": "a"},
    ...                    {"type": "end_group"}, {"type": "note", "name": "n"}]})
    ['g/a']
    """
    found: list[str] = []
    inside: list[str] = []
    matrix: dict[str, Any] | None = None
    for row in content.get("survey") or []:
        kind, name = row.get("type") or "", name_of(row)
        edge, own = kind_of(row)
        if own == "kobomatrix":
            matrix = row if edge == "begin" else None
        elif matrix is not None:
            bases = [f"{name_of(matrix)}_{item}" for item in _items(content, matrix)]
            found += ["/".join([*inside, base, f"{base}_{name}"]) for base in bases]
        elif kind in BEGINS or edge == "begin":
            inside.append(name)
        elif kind.startswith("end_"):
            inside[-1:] = []
        elif kind not in NO_ANSWER:
            found.append("/".join([*inside, name]))
    return found


def _items(content: dict[str, Any], matrix: dict[str, Any]) -> list[str]:
    listed = [c for c in content.get("choices") or [] if c.get("list_name") == matrix.get("kobo--matrix_list")]
    return [choice.get("name") or choice.get("$autovalue") or "" for choice in listed]


def _grow(node: etree._Element, row: dict[str, Any], prefix: str) -> None:
    groups = {(): node}
    for key, value in row.items():
        steps = tuple(key.removeprefix(prefix).split("/"))
        try:
            parent = _inside(groups, steps[:-1])
            _plant(parent, steps[-1], value, f"{key}/")
        except ValueError:
            raise Refused(NOT_A_TREE, key=key[:100]) from None


def _inside(groups: dict[tuple[str, ...], etree._Element], steps: tuple[str, ...]) -> etree._Element:
    if steps not in groups:
        groups[steps] = etree.SubElement(_inside(groups, steps[:-1]), steps[-1])
    return groups[steps]


def _plant(parent: etree._Element, name: str, value: Any, path: str) -> None:
    rows = value if isinstance(value, list) else None
    if rows is not None and all(isinstance(row, dict) for row in rows):
        for row in rows:
            _grow(etree.SubElement(parent, name), row, path)
    elif value is not None:
        etree.SubElement(parent, name).text = " ".join(map(str, rows)) if rows is not None else str(value)
