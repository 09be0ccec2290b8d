import pytest
from django.urls import reverse

from jalons.core.actions import recorded
from jalons.core.history import timeline
from jalons.core.models import Event
from jalons.core.tests.things import Office, a_component
from tests.builders import a_programme, a_region, a_user


@pytest.fixture
def programme(db):
    return a_programme()


@pytest.fixture
def officer(programme):
    return a_user("me_officer", programme)


def test_each_act_tells_who_when_why_and_what_changed_in_words(programme, officer):
    region = a_region(name={"fr": "Souss-Massa"})
    with recorded("office.added", officer) as leave:
        office = Office.objects.create(programme=programme, name="Bureau", city="Agadir")
        leave(office)
    with recorded("office.edited", officer, "Déménagement") as leave:
        office.city, office.region = "Tiznit", region
        office.save()
        leave(office)

    last, first = timeline(office)

    assert (str(last["label"]), last["by"], last["why"]) == ("Modification", officer.name, "Déménagement")
    assert [(str(c["field"]), c["before"], c["after"]) for c in last["changes"]] == [
        ("région", "non renseigné", "Souss-Massa"), ("ville", "Agadir", "Tiznit"),
    ]  # fmt: skip
    assert str(first["label"]) == "Ajout" and first["changes"] == []


def test_a_change_made_outside_any_act_shows_too(programme):
    component = a_component(programme)
    component.save()
    type(component).objects.update(code="C9")

    last = timeline(component)[0]

    assert last["by"] == "" and last["changes"][0]["after"] == "C9"


def test_a_change_by_an_act_on_another_row_names_its_author(programme, officer):
    component = a_component(programme)
    component.save()
    with recorded("programme.edited", officer, "Refonte") as leave:
        component.code = "C9"
        component.save()
        leave(programme)

    assert (timeline(component)[0]["by"], timeline(component)[0]["why"]) == (officer.name, "Refonte")


def test_two_saves_in_one_act_are_one_line(programme, officer):
    component = a_component(programme)
    component.save()
    with recorded("component.edited", officer) as leave:
        for code in ("C2", "C3"):
            component.code = code
            component.save()
        leave(component)

    assert [c["after"] for c in timeline(component)[0]["changes"]] == ["C2", "C3"]


def test_the_history_of_a_shared_row_takes_a_right_in_its_app(client, programme):
    client.force_login(a_user("grantee", programme))
    organisation = programme.operator._meta.apps.get_model("partners", "Organisation").objects.first()

    assert client.get(reverse("partners:organisation-detail", args=[organisation.pk])).context["history_url"] is False
    assert client.get(reverse("core:history", args=["partners.organisation", organisation.pk])).status_code == 404


def test_editing_from_a_page_keeps_the_reason(client, programme, officer):
    component = a_component(programme)
    component.save()
    client.force_login(officer)
    answers = {"programme": programme.pk, "code": "C7", "title_fr": "Fonds", "why": "Avenant 2"}

    client.post(reverse("programmes:component-edit", args=[component.pk]), answers)

    page = client.get(reverse("core:history", args=["programmes.component", component.pk]))
    assert "Avenant 2" in page.content.decode() and "C7" in page.content.decode()


def test_an_act_itself_has_no_history(client, programme, officer):
    component = a_component(programme)
    component.save()
    with recorded("component.edited", officer) as leave:
        leave(component)
    client.force_login(officer)

    assert client.get(reverse("core:history", args=["core.event", Event.objects.latest("pk").pk])).status_code == 404
