from datetime import date

import pytest
from django.urls import reverse

from jalons.core.models import Event
from jalons.foundation.programmes.models import Component, FundingAgreement, Programme
from tests.builders import a_funder, a_period, a_programme, a_territory, a_user, an_agreement, an_operator


@pytest.fixture
def programme(db, client):
    programme = a_programme()
    client.force_login(a_user("project_manager", programme))
    return programme


def test_choosing_a_programme_then_a_period_puts_them_in_sight(client, db):
    first, second = a_programme(), a_programme()
    user = a_user("me_officer", first)
    user.memberships.create(role="me_officer", programme=second)
    period = a_period(second)
    client.force_login(user)

    client.post(reverse("programmes:switch"), {"programme": second.code, "next": "/"})
    answer = client.post(
        reverse("programmes:switch"), {"period": period.code, "next": reverse("programmes:period-list")}
    )

    assert answer.url == reverse("programmes:period-list")
    assert (client.session["programme"], client.session["period"]) == (second.pk, period.pk)


def test_a_form_proposes_the_programme_in_sight_from_sign_in_on(client, programme):
    assert client.get(reverse("programmes:component-add")).context["form"]["programme"].value() == programme.pk


def test_a_programme_of_others_cannot_be_put_in_sight(client, programme):
    answer = client.post(reverse("programmes:switch"), {"programme": a_programme().code})

    assert answer.status_code == 404


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:alert(1)", ""])
def test_switching_never_leads_outside(client, programme, elsewhere):
    answer = client.post(reverse("programmes:switch"), {"programme": programme.code, "next": elsewhere})

    assert answer.url == "/"


def test_a_component_is_added_from_the_page_of_its_programme_with_its_two_languages(client, programme):
    page = client.get(reverse("programmes:programme-detail", args=[programme.pk]))
    add = page.context["sections"][0]["add_url"]
    form = client.get(add).context
    assert form["form"].initial["programme"] == str(programme.pk)
    assert form["cancel_url"] == reverse("programmes:programme-detail", args=[programme.pk])

    client.post(
        add, {"programme": programme.pk, "code": "C1", "title_fr": "Fonds régional", "title_ar": "الصندوق الجهوي"}
    )

    assert Component.objects.get().title == {"fr": "Fonds régional", "ar": "الصندوق الجهوي"}
    assert Event.objects.get().verb == "component.added"


def test_a_text_without_french_is_refused_beside_its_field(client, programme):
    answer = client.post(
        reverse("programmes:component-add"), {"programme": programme.pk, "code": "C1", "title_ar": "الصندوق"}
    )

    assert "français" in answer.context["form"].errors["title"][0]


def test_a_project_manager_neither_adds_programmes_nor_operators(client, programme):
    assert client.get(reverse("programmes:programme-add")).status_code == 404
    assert client.post(reverse("programmes:operator-add"), {"code": "X", "name": "X"}).status_code == 404
    assert client.get(reverse("programmes:programme-list")).context["add_url"] is None


def test_the_administration_adds_a_programme(client, db):
    client.force_login(a_user("administrator"))
    answers = {
        "code": "prim-2", "short_name": "PRIM 2", "title_fr": "Régionalisation", "operator": an_operator().pk,
        "starts_on": "2026-01-01", "ends_on": "2028-12-31",
    }  # fmt: skip

    answer = client.post(reverse("programmes:programme-add"), answers)

    assert answer.url == reverse("programmes:programme-detail", args=[Programme.objects.get().pk])


def test_a_period_of_year_one_or_9999_is_refused_with_the_years_that_are_taken(client, programme):
    answers = {"programme": programme.pk, "kind": "quarter", "code": "T", "label_fr": "T", "starts_on": "0001-01-01",
               "ends_on": "9999-12-31"}  # fmt: skip

    answer = client.post(reverse("programmes:period-add"), answers)

    assert "L’année 1 n’est pas vraisemblable" in str(answer.context["form"].errors["starts_on"])
    assert "de 1900 à 2099" in str(answer.context["form"].errors["ends_on"])


def test_dates_in_the_wrong_order_are_refused_in_a_sentence(client, programme):
    answers = {"programme": programme.pk, "kind": "quarter", "code": "T", "label_fr": "T", "starts_on": "2026-03-01",
               "ends_on": "2026-02-01"}  # fmt: skip

    answer = client.post(reverse("programmes:period-add"), answers)

    assert "commencer avant de finir" in str(answer.context["form"].errors)


def test_a_period_of_another_programme_cannot_name_this_agreement(client, programme):
    other = a_programme()
    user = a_user("project_manager", programme)
    user.memberships.create(role="project_manager", programme=other)
    client.force_login(user)
    answers = {"programme": programme.pk, "kind": "reporting", "code": "R1", "label_fr": "R1",
               "starts_on": "2026-01-01", "ends_on": "2026-02-01", "agreement": an_agreement(other).pk}  # fmt: skip

    answer = client.post(reverse("programmes:period-add"), answers)

    assert "un autre programme" in str(answer.context["form"].errors)
    assert not programme.periods.exists()


def test_an_agreement_in_use_cannot_be_removed(client, programme):
    agreement = an_agreement(programme)
    a_period(programme, agreement=agreement)

    answer = client.post(reverse("programmes:fundingagreement-remove", args=[agreement.pk]))

    assert "périodes" in str(answer.context["form"].errors)
    assert FundingAgreement.objects.filter(pk=agreement.pk).exists()


def test_an_unused_agreement_is_removed_and_leaves_a_trace(client, programme):
    agreement = an_agreement(programme)

    answer = client.post(reverse("programmes:fundingagreement-remove", args=[agreement.pk]))

    assert answer.url == reverse("programmes:programme-detail", args=[programme.pk])
    assert Event.objects.get().target_id == agreement.pk


def test_agreements_are_filtered_by_the_day_they_end(client, programme):
    an_agreement(programme, ends_on=date(2026, 6, 30))
    late = an_agreement(programme, ends_on=date(2028, 6, 30), funder=a_funder(name="Union européenne"))

    page = client.get(reverse("programmes:fundingagreement-list"), {"ends_on_from": "2027-01-01", "q": "europeenne"})

    assert [row["object"] for row in page.context["rows"]] == [late]


def publish(client, programme, **answers):
    fields = {"iati_identifier": "XX-1", "sectors": "", "recipients": "", **answers}
    return client.post(reverse("programmes:programme-publication", args=[programme.pk]), fields)


def test_sectors_and_countries_are_written_with_their_shares(client, programme):
    a_territory("country", code="MA")
    publish(client, programme, sectors="15190=60; 15150 = 40 %", recipients="MA", aid="C01")

    programme.refresh_from_db()
    assert programme.sectors == {"15190": 60, "15150": 40}
    assert (programme.recipients, programme.aid) == ({"MA": 100}, "C01")
    again = client.get(reverse("programmes:programme-publication", args=[programme.pk])).content.decode()
    assert "15190=60; 15150=40" in again
    shown = client.get(reverse("programmes:programme-detail", args=[programme.pk])).content.decode()
    assert "15150 Participation démocratique et société civile (40 %)" in shown


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("sectors", "15190=60", "60 %"),
        ("sectors", "99999=100", "99999"),
        ("sectors", "15190=soixante", "ne se lit pas"),
        ("sectors", "15190=nan", "ne se lit pas"),
        ("sectors", "15190=50; 15190=50", "deux fois"),
        ("sectors", "15190=-20; 15150=120", "entre 0 et 100"),
        ("recipients", "ZZ=100", "ZZ"),
    ],
)
def test_shares_that_make_no_sense_are_refused_beside_their_field(client, programme, field, text, why):
    answer = publish(client, programme, **{field: text})

    assert why in str(answer.context["form"].errors[field])
    programme.refresh_from_db()
    assert getattr(programme, field) == {}


def test_the_administration_changes_the_threshold_of_small_numbers_and_says_why(client, programme):
    url = reverse("programmes:programme-least-people", args=[programme.pk])
    assert client.get(url).status_code == 404  # a project manager does not decide it
    client.force_login(a_user("administrator"))

    refused = client.post(url, {"least_people": 2, "why": "Tout dire"})
    without_reason = client.post(url, {"least_people": 10})
    client.post(url, {"least_people": 10, "why": "Avis de la déléguée à la protection des données"})

    assert "de 3 à 100 personnes" in str(refused.context["form"].errors)
    assert "why" in without_reason.context["form"].errors
    programme.refresh_from_db()
    assert programme.least_people == 10
    assert Event.objects.get().why == "Avis de la déléguée à la protection des données"
    assert "10" in client.get(reverse("core:history", args=["programmes.programme", programme.pk])).content.decode()
