"""What the demonstration says holds together: every code that a file names is written in another."""

import pytest

from jalons.cli.demo.content import read, rows
from jalons.cli.demo.forms import FORM_IDS
from jalons.foundation.accounts.roles import LABELS

PROGRAMMES = [programme["code"] for programme in read("programmes")["programmes"]]
FRAMEWORKS = {code: read(f"results/{code}") for code in PROGRAMMES}


def indicators(programme):
    return [i for result in FRAMEWORKS[programme]["results"] for i in result.get("indicators", ())]


def test_three_programmes_promise_sixty_one_indicators():
    counts = {programme: len(indicators(programme)) for programme in PROGRAMMES}

    assert counts == {"prim-2": 31, "thamm-plus": 18, "tpm": 12}


def test_two_thirds_of_the_indicators_are_computed_from_forms():
    computed = [i for programme in PROGRAMMES for i in indicators(programme) if "formula" in i]

    assert len(computed) == 42
    assert {i["formula"]["form"] for i in computed} == set(FORM_IDS)


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_everything_is_said_in_three_languages(programme):
    said = [*FRAMEWORKS[programme]["results"], *FRAMEWORKS[programme]["sources"], *indicators(programme)]

    assert all(text.get("fr") and text.get("ar") and text.get("en") for text in said)


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_an_indicator_names_only_what_exists(programme):
    results = {result["code"] for result in FRAMEWORKS[programme]["results"]}
    sources = {source["code"] for source in FRAMEWORKS[programme]["sources"]}

    assert {r["parent"] for r in FRAMEWORKS[programme]["results"] if "parent" in r} <= results
    assert {code for i in indicators(programme) for code in i["sources"]} <= sources


def test_mappings_name_our_indicators_and_entries_of_catalogues():
    catalogues = read("catalogues")
    entries = {f"{c['code']}:{entry['code']}" for c in catalogues["catalogues"] for entry in c["indicators"]}

    for programme, mappings in catalogues["mappings"].items():
        assert {m["indicator"] for m in mappings} <= {i["code"] for i in indicators(programme)}
        assert {m["entry"] for m in mappings} <= entries


def test_typed_values_are_of_indicators_without_a_formula():
    for value in read("values")["values"]:
        (indicator,) = [i for i in indicators(value["programme"]) if i["code"] == value["indicator"]]

        assert "formula" not in indicator
        assert value["evidence"]


def test_one_account_per_role():
    assert [person["role"] for person in read("people")["people"]] == list(LABELS)


def test_people_work_where_there_are_programmes_and_organisations():
    people, names = read("people"), {row["name"] for row in rows("organisations")}

    for person in [*people["people"], *people["colleagues"]]:
        assert set(person["programmes"]) <= set(PROGRAMMES)
        assert person.get("organisation", next(iter(names))) in names


def test_a_dozen_contacts_are_invented_and_work_for_organisations_we_name():
    names, contacts = {row["name"] for row in rows("organisations")}, rows("contacts")

    assert len(contacts) == 12
    assert all(contact["name"].endswith("(exemple)") for contact in contacts)
    assert {contact["organisation"] for contact in contacts} <= names
    assert {contact["programme"] for contact in contacts} <= set(PROGRAMMES)
