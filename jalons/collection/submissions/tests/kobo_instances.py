"""Instances as KoboToolbox holds them in XML and tells them in JSON: there and back."""

from lxml import etree

from jalons.collection.submissions.rules.kobo import tree


def as_xml(uid, row):
    """What a phone sent, as the API gives it back."""
    root = tree(row)
    root.tag = uid
    root.set("id", uid)
    etree.SubElement(etree.SubElement(root, "formhub"), "uuid").text = row["formhub/uuid"]
    return etree.tostring(root)


def flat(node, prefix, those):
    """The keys of an instance as the API tells them: groups in one word, repeats as arrays."""
    told = {}
    for child in node:
        key = prefix + child.tag
        if key in those:
            told.setdefault(key, []).append(flat(child, f"{key}/", those))
        elif len(child):
            told |= flat(child, f"{key}/", those)
        elif child.text:
            told[key] = child.text
    return told


def repeats(asset):
    """The paths of the repeats of a form."""
    inside, found = [], set()
    for row in asset["content"]["survey"]:
        if row["type"].startswith("begin_"):
            inside.append(row["name"])
            found |= {"/".join(inside)} if row["type"] == "begin_repeat" else set()
        elif row["type"].startswith("end_"):
            inside.pop()
    return found
