import pytest
from django.urls import reverse

from jalons.foundation.partners.models import Contact, Organisation
from tests.builders import a_programme, a_territory, a_user, an_organisation


@pytest.fixture
def programme(db, client):
    programme = a_programme()
    client.force_login(a_user("grants_officer", programme))
    return programme


def a_contact(programme, **fields):
    organisation = fields.pop("organisation", None) or an_organisation()
    return Contact.objects.create(programme=programme, organisation=organisation, **{"name": "Aïcha", **fields})


def test_an_organisation_is_added_with_its_place(client, programme):
    answers = {"name": "Amal", "kind": "cso", "territory": a_territory().pk}

    answer = client.post(reverse("partners:organisation-add"), answers)

    assert answer.url == reverse("partners:organisation-detail", args=[Organisation.objects.get().pk])


def test_the_same_organisation_twice_in_one_place_is_refused_in_a_sentence(client, programme):
    an_organisation(name="Amal")

    answer = client.post(reverse("partners:organisation-add"), {"name": "Amal", "kind": "cso"})

    assert "existe déjà sur ce territoire" in str(answer.context["form"].errors)


def test_an_organisation_shows_only_the_contacts_of_one_s_own_programmes(client, programme):
    mine = a_contact(programme)
    a_contact(a_programme(), organisation=mine.organisation)

    page = client.get(reverse("partners:organisation-detail", args=[mine.organisation.pk]))

    assert [row["object"] for row in page.context["sections"][0]["rows"]] == [mine]


def test_contacts_are_found_whatever_the_accents(client, programme):
    mine = a_contact(programme, name="Zoé Benaïssa")

    page = client.get(reverse("partners:contact-list"), {"q": "benaissa zoe"})

    assert [row["object"] for row in page.context["rows"]] == [mine]


def test_those_who_only_look_change_nothing(client, programme):
    organisation = an_organisation()
    client.force_login(a_user("head_office", programme))

    assert client.get(reverse("partners:organisation-detail", args=[organisation.pk])).context["edit_url"] is None
    assert client.post(reverse("partners:organisation-edit", args=[organisation.pk])).status_code == 404


def test_an_empty_directory_says_what_to_write_in_it(client, programme):
    listed = client.get(reverse("partners:contact-list")).content.decode()
    shown = client.get(reverse("partners:organisation-detail", args=[an_organisation().pk])).content.decode()

    assert "Notez les personnes à qui l’on écrit" in listed
    assert "« Ajouter » écrit la première ligne" in shown
