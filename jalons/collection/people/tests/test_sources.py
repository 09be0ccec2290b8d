from datetime import date
from types import SimpleNamespace

import pytest

from jalons.collection.people.rules.sources import check_roles, propose, told
from jalons.core.errors import Refused


def asked(name, label="", table="", kind="text"):
    return SimpleNamespace(name=name, table=table, kind=kind, list_name="", labels={"fr": label})


def test_questions_of_an_attendance_sheet_are_proposed_by_their_names():
    names = ("family_name", "given_name", "family_name_ar", "given_name_ar", "sex", "year_of_birth", "commune", "phone")

    found = propose([asked(name, table="participants") for name in names], "participants")

    assert found == {
        "family": "family_name", "given": "given_name", "family_ar": "family_name_ar", "given_ar": "given_name_ar",
        "sex": "sex", "year": "year_of_birth", "commune": "commune", "phone": "phone",
    }  # fmt: skip


def test_the_name_of_the_father_or_of_an_association_is_nobodys():
    assert propose([asked("nom_association"), asked("nom_pere"), asked("prenom_mere")], "") == {}


def test_a_full_name_is_proposed_where_names_are_not_asked_apart():
    assert propose([asked("nom_complet"), asked("age", kind="integer")], "") == {"full": "nom_complet", "age": "age"}


def test_the_name_of_who_conducts_the_interview_is_not_the_family_name_of_who_is_met():
    form = [asked("nom_complet", "Nom et prénom"), asked("agent", "Nom de la personne qui conduit l’entretien"),
            asked("sexe", "Sexe")]  # fmt: skip

    assert propose(form, "") == {"full": "nom_complet", "sex": "sexe"}


def test_the_arabic_name_is_read_where_the_other_is_blank():
    telling = told(
        {"given": "", "given_ar": "فاطمة", "family": None, "family_ar": "العلوي"}, date.today(), date.today()
    )

    assert (telling.given, telling.family) == ("فاطمة", "العلوي")


@pytest.mark.parametrize(
    "roles", [{"given": "prenom"}, {"full": "inconnue"}, {"given": "nom", "family": "nom"}, {}], ids=str
)
def test_a_declaration_without_a_name_or_of_nothing_is_refused(roles):
    with pytest.raises(Refused):
        check_roles(roles, ["nom", "prenom"])
