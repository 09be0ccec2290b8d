"""XML instances: read whole, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalons.collection.submissions.rules.instances import header, parse, read
from jalons.collection.submissions.tests.schemas import a_schema
from jalons.core.errors import Refused

SCHEMA = a_schema()


def answers(body):
    return read(parse(f'<data id="f" version="1">{body}</data>'.encode()), SCHEMA)


def test_groups_are_flattened_and_repeats_are_lists():
    reading = answers(
        "<jour>2026-10-02</jour><foyer><taille>2</taille><besoins>eau toit</besoins></foyer>"
        "<membre><nom>Lina</nom><trajet><pays>ES</pays></trajet><trajet><pays>FR</pays></trajet></membre>"
        "<membre><nom>Omar</nom><age/></membre>"
    )

    assert reading.answers == {
        "jour": "2026-10-02", "taille": 2, "besoins": ["eau", "toit"],
        "membre": [{"nom": "Lina", "trajet": [{"pays": "ES"}, {"pays": "FR"}]}, {"nom": "Omar"}],
    }  # fmt: skip
    assert reading.unread == []


def test_a_question_that_moved_to_another_group_is_found_by_its_name():
    reading = answers("<ailleurs><taille>3</taille></ailleurs><revenu>10</revenu>")

    assert reading.answers == {"taille": 3, "revenu": 10.0}


def test_what_cannot_be_read_or_placed_is_kept_with_its_reason():
    reading = answers("<foyer><taille>beaucoup</taille></foyer><membre><age>12 ans</age><inconnu>x</inconnu></membre>")

    assert reading.answers == {"taille": None, "membre": [{"age": None}]}
    assert [(u["path"], u["value"]) for u in reading.unread] == [
        ("foyer/taille", "beaucoup"), ("membre[1]/age", "12 ans"), ("membre[1]/inconnu", "x"),
    ]  # fmt: skip
    assert all(u["reason"] for u in reading.unread)


def test_a_question_answered_twice_keeps_the_first_and_reports_the_second():
    reading = answers("<commune>Agadir</commune><commune>Tiznit</commune>")

    assert reading.answers == {"commune": "Agadir"}
    assert reading.unread[0]["value"] == "Tiznit"


def test_namespaces_and_the_blank_model_of_a_repeat_do_not_matter():
    data = (
        b'<f:data xmlns:f="u" xmlns:jr="http://openrosa.org/javarosa" xmlns="http://x" id="f"><commune>A</commune>'
        b'<membre jr:template=""><nom>modele</nom></membre></f:data>'
    )

    assert read(parse(data), SCHEMA).answers == {"commune": "A"}


def test_an_emoji_written_as_two_forbidden_numbers_is_mended():
    assert answers("<commune>&#55357;&#57313;</commune>").answers == {"commune": "🟡"}


def test_identifiers_are_read_under_one_spelling():
    data = (
        b'<data id="f" version="7" xmlns:o="http://openrosa.org/xforms"><o:meta>'
        b"<o:instanceID>87EEFA63-7523-479e-bb91-d21aa27cc6e7</o:instanceID><o:deprecatedID>uuid:a</o:deprecatedID>"
        b"</o:meta></data>"
    )

    found = header(parse(data), data)

    assert (found.form_id, found.version, found.deprecated_id) == ("f", "7", "uuid:a")
    assert found.instance_id == "uuid:87eefa63-7523-479e-bb91-d21aa27cc6e7"


BOMB = b"<!DOCTYPE d [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><data id='f'><commune>&b;</commune></data>"
OUTSIDE = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><data id="f"><commune>&x;</commune></data>'


@pytest.mark.parametrize(
    "data",
    [BOMB, OUTSIDE, BOMB.decode().encode("utf-16"), b"<!DOCTYPE data><data id='f'/>", b"", b"<data", b"\xff\xfe",
     "<data id='f'><commune>é</commune></data>".encode("latin-1"), b"<data id='f'>" + b"<a>" * 400 + b"</data>",
     b"<data id='f'><commune>&undeclared;</commune></data>", b"<data id='f'>" + b" " * 10_000_001 + b"</data>"],
    ids=["entities", "external", "utf-16", "doctype", "empty", "cut", "mark", "latin", "deep", "entity", "huge"],
)  # fmt: skip
def test_hostile_or_broken_xml_is_refused_with_a_sentence(data):
    with pytest.raises(Refused, match="XML|instance"):
        parse(data)


def test_a_root_that_names_no_form_is_refused():
    with pytest.raises(Refused, match="formulaire"):
        header(parse(b"<root/>"), b"<root/>")


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda t: f"<data id='f'>{t}</data>".encode()))
def test_any_bytes_are_an_instance_or_a_refusal(data):
    try:
        root = parse(data)
        header(root, data)
    except Refused:
        return
    read(root, SCHEMA)


TAGS = st.sampled_from(["data", "jour", "foyer", "taille", "membre", "age", "trajet", "pays", "besoins", "meta", "x"])
TREES = st.recursive(
    st.tuples(TAGS, st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)),
    lambda inner: st.tuples(TAGS, st.lists(inner, max_size=4)),
    max_leaves=25,
)


def written(tree):
    tag, inside = tree
    text = (
        inside.replace("&", "&amp;").replace("<", "&lt;") if isinstance(inside, str) else "".join(map(written, inside))
    )
    return f"<{tag}>{text}</{tag}>"


@given(st.lists(TREES, max_size=5))
def test_any_tree_is_read_and_nothing_of_it_is_lost(trees):
    body = "".join(map(written, trees))

    reading = answers(body)

    texts = [t.strip() for t in parse(f"<d>{body}</d>".encode()).itertext() if t.strip()]
    kept = str(reading.answers) + str(reading.unread)
    assert all(t in kept or not t for t in texts if t.isascii() and t.isalpha() and "meta" not in body)
