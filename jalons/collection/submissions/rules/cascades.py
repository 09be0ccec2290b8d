"""Which answer narrows the list of another: the cascades of a form, as its XForm states them."""

import re
from typing import NamedTuple

from lxml import etree

PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
# one column of the list equal to one question: what a spreadsheet can follow
FILTERED = re.compile(r"instance\('[^']+'\)/root/item\[\s*([\w.-]+)\s*=\s*(\S+?)\s*\]")
UP = re.compile(r"current\(\)/(?P<up>(\.\./)+)(?P<down>.+)")


class Cascade(NamedTuple):
    """A list is narrowed to the choices whose `column` holds the answer to the question at `path`."""

    column: str
    path: str


def cascades(xform: str) -> dict[str, Cascade]:
    """The cascades of a form, by the path of the narrowed question.

    Missing: a filter that says more than one equality is not among them: the whole list is offered.
    Source:  ODK XForms specification, itemset nodeset; XLSForm `choice_filter`.
    """
    try:
        root = etree.fromstring(xform.encode(), PARSER)
    except etree.XMLSyntaxError:
        return {}
    found = {}
    for select in root.iter("{*}select", "{*}select1", "{*}rank"):
        itemset, path = select.find("{*}itemset"), _bare(select.get("ref", ""))
        filtered = FILTERED.fullmatch(itemset.get("nodeset", "")) if itemset is not None else None
        if filtered and (parent := _parent(filtered[2], path)):
            found[path] = Cascade(filtered[1], parent)
    return found


def _bare(ref: str) -> str:
    """A path without the root of its instance."""
    return ref.strip().split("/", 2)[2] if ref.strip().count("/") > 1 else ""


def _parent(written: str, path: str) -> str:
    if found := UP.fullmatch(written):
        steps = path.split("/")
        kept = steps[: max(0, len(steps) - found["up"].count("../"))]
        return "/".join([*kept, found["down"].strip()])
    return _bare(written) if written.startswith("/") else ""
