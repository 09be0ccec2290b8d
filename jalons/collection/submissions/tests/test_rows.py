"""Columns to questions, sheets to repeats, rows to submissions."""

import json
from functools import partial

import pytest

from jalons.collection.submissions.rules.headers import match
from jalons.collection.submissions.rules.plan import plan
from jalons.collection.submissions.rules.rows import orphans, rows
from jalons.collection.submissions.rules.tables import Sheet
from jalons.collection.submissions.tests.schemas import a_schema
from jalons.core.errors import Refused

SCHEMA = a_schema()


def understood(mapping=None, **content):
    """The plan of a file whose sheets have these rows, the first one being the header."""
    found = [Sheet(name, tuple(rows[0]), partial(iter, rows[1:])) for name, rows in content.items()]
    return plan(found, SCHEMA, "f", mapping)


@pytest.mark.parametrize(
    ("header", "path", "choice"),
    [
        ("taille", "foyer/taille", ""), ("foyer/taille", "foyer/taille", ""), ("foyer.taille", "foyer/taille", ""),
        ("foyer-taille", "foyer/taille", ""), ("autre/taille", "foyer/taille", ""),
        ("Taille du foyer", "foyer/taille", ""), ("besoins/eau", "foyer/besoins", "eau"),
        ("besoins.eau", "foyer/besoins", "eau"), ("foyer/besoins/toit", "foyer/besoins", "toit"),
        ("foyer.besoins.toit", "foyer/besoins", "toit"), ("besoins/De l’eau", "foyer/besoins", "eau"),
        ("besoins/lune", "foyer/besoins", "lune"), ("Xtaille", "foyer/taille", ""),
    ],
)  # fmt: skip
def test_every_way_of_naming_a_column_finds_its_question(header, path, choice):
    (column,) = match([header], SCHEMA).columns

    assert (column.item.path, column.choice) == (path, choice)


@pytest.mark.parametrize("header", ["sous-commune", "besoins.lune", "ma.taille", "inconnue", "nom", ""])
def test_a_column_that_only_resembles_a_question_stays_unknown(header):
    assert not match([header], SCHEMA).columns[0].known


@pytest.mark.parametrize(
    "header", ["_uuid", "X_uuid", "KEY", "meta/instanceID", "meta-instanceID", "instanceID", "uuid"]
)
def test_every_spelling_of_the_identifier_is_known(header):
    assert match(["taille", header], SCHEMA).marks["uuid"] == 1


def test_the_identifier_of_the_instance_wins_over_that_of_the_row():
    assert match(["_uuid", "meta/instanceID"], SCHEMA).marks["uuid"] == 1


def test_choices_come_from_their_columns_when_the_list_is_not_there():
    found = understood(
        main=[["_uuid", "besoins/eau", "besoins/toit"], ["a", 1, 0], ["b", "FALSE", "TRUE"], ["c", 0, 0]]
    )

    assert [row.reading.answers for row in rows(found)] == [{"besoins": ["eau"]}, {"besoins": ["toit"]}, {}]


def test_a_list_and_its_columns_that_disagree_are_reported():
    (row,) = rows(understood(main=[["besoins", "besoins/eau", "besoins/toit"], ["eau", 0, 1]]))

    assert row.reading.answers == {"besoins": ["eau"]}
    assert row.reading.unread[0]["path"] == "besoins"


def test_one_question_in_two_groups_of_two_versions_is_one_answer():
    first, second = rows(understood(main=[["_uuid", "foyer/taille", "ancien/taille"], ["a", 3, ""], ["b", "", 4]]))

    assert (first.reading.answers, second.reading.answers) == ({"taille": 3}, {"taille": 4})


LINKS = {
    "kobo": (["_uuid", "_index"], ["a", 7], ["_submission__uuid"], ["a"]),
    "kobo index": (["_id", "_index"], [4, 7], ["_parent_index"], [7]),
    "central": (["KEY"], ["uuid:a"], ["PARENT_KEY"], ["uuid:a"]),
    "humind": (["uuid", "index"], ["a", 1], ["uuid", "_parent_index"], ["a", 1]),
    "names": (["instance_name", "taille"], ["Foyer A", 2], ["parent_instance_name"], ["Foyer A"]),
}


@pytest.mark.parametrize(("head", "row", "link", "value"), LINKS.values(), ids=LINKS)
def test_rows_of_a_repeat_find_their_form_by_any_identifier(head, row, link, value):
    found = understood(main=[[*head, "commune"], [*row, "Agadir"]], membre=[["nom", *link], ["Lina", *value]])

    (only,) = rows(found)

    assert only.reading.answers["membre"] == [{"nom": "Lina"}]


def test_a_repeat_inside_a_repeat_hangs_under_its_row():
    found = understood(
        main=[["KEY", "commune"], ["uuid:a", "Agadir"]],
        membre=[
            ["PARENT_KEY", "KEY", "nom"],
            ["uuid:a", "uuid:a/membre[1]", "Lina"],
            ["uuid:a", "uuid:a/membre[2]", "Omar"],
        ],
        trajet=[["PARENT_KEY", "pays"], ["uuid:a/membre[2]", "ES"], ["uuid:a/membre[2]", "FR"]],
    )

    (only,) = rows(found)

    assert only.reading.answers["membre"] == [
        {"nom": "Lina"},
        {"nom": "Omar", "trajet": [{"pays": "ES"}, {"pays": "FR"}]},
    ]
    assert json.loads(only.content)["repeats"]["membre"][1]["trajet"][0]["pays"] == "ES"


def test_a_row_whose_parent_is_not_there_is_reported_with_its_place():
    rows_below = [["PARENT_KEY", "nom"], ["a", "L"], ["perdu", "M"], ["", "N"]]
    lost, untied = orphans(understood(main=[["KEY", "commune"], ["a", "x"]], membre=rows_below))

    assert (lost["place"], lost["link"], untied["place"]) == ("membre · 3", "perdu", "membre · 4")
    assert "ne porte" in lost["reason"] and "Rien ne dit" in untied["reason"]


def test_rows_are_tied_in_whatever_digits_their_number_was_typed():
    found = understood(main=[["_index", "commune"], [2, "x"]], membre=[["_parent_index", "nom"], ["٢", "L"]])
    assert next(rows(found)).reading.answers["membre"] == [{"nom": "L"}]


def test_a_repeat_without_any_link_is_refused():
    with pytest.raises(Refused, match="relie"):
        understood(main=[["KEY", "commune"], ["a", "x"]], membre=[["nom"], ["L"]])


def test_a_file_of_another_form_is_refused():
    with pytest.raises(Refused, match="Aucune colonne"):
        understood(main=[["espece", "poids"], ["thon", 12]]).check()


def test_cells_without_a_question_stay_in_the_row_and_are_reported():
    (row,) = rows(
        understood(main=[["_uuid", "taille", "stratum", "_submission_time"], ["a", 2, "PCODE11", "2026-10-02"]])
    )

    assert [u["path"] for u in row.reading.unread] == ["stratum"]
    assert json.loads(row.content)["cells"] == {
        "_uuid": "a", "taille": 2.0, "stratum": "PCODE11", "_submission_time": "2026-10-02",
    }  # fmt: skip


def test_a_column_that_a_person_matched_answers_its_question():
    found = understood(
        main=[["_uuid", "effectif", "taille"], ["a", 5, 9]],
        mapping={"main": {"effectif": "foyer/taille", "taille": ""}},
    )

    (row,) = rows(found)

    assert row.reading.answers == {"taille": 5}


def test_rows_without_identifier_are_numbered_so_that_none_hides_another():
    content = {"main": [["taille", "commune"], [2, "Agadir"], [2, "Agadir"], [3, "Agadir"]]}

    first = [row.instance_id for row in rows(understood(**content))]
    again = [row.instance_id for row in rows(understood(**content))]

    assert first == again
    assert len(set(first)) == 3
