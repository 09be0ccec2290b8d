"""Pages of forms: what is shown before anything is kept, what is refused, what is compared and given back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jalons.collection.forms.models import Form, Question
from jalons.collection.forms.tests.builders import SURVEY, a_person, a_programme, a_version, a_visit_form
from jalons.collection.forms.tests.workbooks import a_form
from jalons.foundation.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme():
    return a_programme()


@pytest.fixture
def officer(programme, client):
    person = a_person("me_officer", programme)
    client.force_login(person)
    return person


def send(client, programme, data, name="visite.xlsx"):
    return client.post(reverse("forms:form-add"), {"programme": programme.pk, "file": SimpleUploadedFile(name, data)})


def test_a_workbook_is_shown_before_it_is_kept(client, programme, officer):
    page = send(client, programme, a_visit_form())

    assert page.status_code == 200
    assert "un nouveau formulaire" in page.content.decode()
    assert not Form.objects.exists()


def test_a_workbook_that_was_shown_is_kept_on_a_yes(client, programme, officer):
    shown = send(client, programme, a_visit_form())
    answer = shown.context["form"].initial

    page = client.post(
        reverse("forms:form-confirm"), {"programme": answer["programme"].pk, "sha256": answer["sha256"]}, follow=True
    )

    form = Form.objects.get()
    assert page.request["PATH_INFO"] == reverse("forms:form-declare", args=[form.pk])
    assert page.context["form"].initial["territory"] == "commune"


def test_a_yes_without_a_workbook_keeps_nothing(client, programme, officer):
    page = client.post(reverse("forms:form-confirm"), {"programme": programme.pk, "sha256": "0" * 64}, follow=True)

    assert "choisissez-le de nouveau" in page.content.decode()
    assert not Form.objects.exists()


def test_another_persons_workbook_cannot_be_kept(client, programme, officer):
    sha256 = send(client, programme, a_visit_form()).context["form"].initial["sha256"]
    client.force_login(a_person("me_officer", programme))

    client.post(reverse("forms:form-confirm"), {"programme": programme.pk, "sha256": sha256})

    assert not Form.objects.exists()


def test_a_refused_workbook_shows_every_reason_with_its_place(client, programme, officer):
    page = send(client, programme, a_form(["texte", "a", "A"], ["text", "b", "${age}"]))

    text = page.content.decode()
    assert page.status_code == 422
    assert "feuille survey, ligne 2, colonne type" in text
    assert "Le plus proche : « text »." in text
    assert "« ${age} » ne désigne aucune question du formulaire." in text
    assert "Could not find the name" in text
    assert not Form.objects.exists()


HEADER = ["type", "name", "label", "constraint", "relevant"]
FAULTY = a_form(
    ["integer", "age", "Âge", ". >= (", ""],
    ["text", "b", "B", "", "selectd(${age}, 'a')"],
    ["text", "c", "C", "", "pulldata('a', 'b', 'c', ${age}) = 'x'"],
    header=HEADER,
)


def test_an_expression_that_no_phone_reads_is_said_with_its_place_before_and_after_it_is_kept(
    client, programme, officer
):
    shown = send(client, programme, FAULTY)
    form = a_version(programme, officer, FAULTY).form
    detail, publish = (client.get(reverse(f"forms:form-{page}", args=[form.pk])) for page in ("detail", "publish"))

    for page in (shown, detail, publish):
        text = page.content.decode()
        assert "feuille survey, ligne 2, colonne constraint" in text
        assert "« . &gt;= ( » n’est pas finie" in text
        assert "La fonction « selectd » n’existe pas dans XLSForm." in text
        assert "Le plus proche : « selected »." in text


def test_an_expression_that_is_not_computed_here_is_listed_and_is_no_fault(client, programme, officer):
    page = send(client, programme, FAULTY)

    assert [one["reason"] for one in page.context["beyond"]] == ["pulldata()"]
    assert len(page.context["wrong"]) == 2


def test_an_expression_that_cannot_be_read_is_among_the_reasons_of_a_refused_workbook(client, programme, officer):
    page = send(client, programme, a_form(["texte", "a", "A", ". >= ("], header=HEADER[:4]))

    assert [one["place"] for one in page.context["refusals"]] == [
        "feuille survey, ligne 2, colonne type", "feuille survey, ligne 2, colonne constraint",
    ]  # fmt: skip


def test_the_corrected_copy_of_a_refused_workbook_can_be_taken(client, programme, officer):
    choices = [["list_name", "name", "label"], ["sexe", "f", "Femme"], ["sexe", "f", "Femme"]]
    page = send(client, programme, a_visit_form(choices=choices))

    copy = client.get(page.context["repair_url"])

    assert "elle serait acceptée" in page.content.decode()
    assert send(client, programme, copy.content).status_code == 200
    assert "visite-corrig" in copy["Content-Disposition"]


@pytest.mark.parametrize(
    ("name", "data"), [("../../x.xlsx", b""), ("x.xlsx", b"\x89PNG\r\n\x1a\n"), ("<b>.xlsx", b"PK\x03\x04zzz")]
)
def test_bad_files_are_refused_cleanly(client, programme, officer, name, data):
    page = send(client, programme, data, name)

    assert page.status_code == 422
    assert "<b>.xlsx" not in page.content.decode()
    assert not Form.objects.exists()


def test_what_a_label_says_is_never_run_by_the_page(client, programme, officer):
    data = a_visit_form(["text", "a", "<script>alert(1)</script>"])
    version = a_version(programme, officer, data)

    page = client.get(reverse("forms:form-detail", args=[version.form_id]))

    assert "<script>alert" not in page.content.decode()


def test_labels_come_in_the_readers_language(client, programme, officer):
    header = ["type", "name", "label::Français (fr)", "label::العربية (ar)"]
    version = a_version(programme, officer, a_form(["text", "nom", "Nom", "الاسم"], header=header))
    officer.language = "ar"
    officer.save()

    page = client.get(reverse("forms:form-detail", args=[version.form_id]))

    assert "الاسم" in page.content.decode()


def test_two_versions_are_compared_with_the_effect_on_figures(client, programme, officer):
    first = a_version(programme, officer)
    second = a_version(programme, officer, a_visit_form(*SURVEY[:3], version="2"))

    page = client.get(reverse("forms:form-compare", args=[first.form_id]), {"old": 1, "new": second.number})

    assert "La question n’est plus posée." in page.content.decode()
    assert "rompt la série" in page.content.decode().lower()


def test_versions_that_do_not_exist_are_not_found(client, programme, officer):
    form = a_version(programme, officer).form

    for query in ({}, {"old": 1, "new": 2}, {"old": "x", "new": ""}):
        assert client.get(reverse("forms:form-compare", args=[form.pk]), query).status_code == 404


def test_the_workbook_is_given_back_byte_for_byte(client, programme, officer):
    data = a_visit_form()
    version = a_version(programme, officer, data)

    response = client.get(reverse("forms:version-download", args=[version.pk]))

    assert response.content == data
    assert response["Content-Disposition"] == 'attachment; filename="visite.xlsx"'


def test_declared_questions_are_shown_and_chosen_among_those_that_fit(client, programme, officer):
    form = a_version(programme, officer).form
    url = reverse("forms:form-declare", args=[form.pk])

    client.post(url, {"title_fr": "Visite", "territory": "commune", "date": "jour", "sex": "sexe", "personal": ["nom"]})
    page = client.get(reverse("forms:form-detail", args=[form.pk]))

    assert "Date de la visite" in page.content.decode()
    assert client.post(url, {"territory": "jour"}).context["form"].errors
    assert Question.objects.filter(is_personal=True).count() == 1


def test_a_form_is_called_by_its_name_in_the_readers_language(client, programme, officer):
    form = a_version(programme, officer).form
    url = reverse("forms:form-declare", args=[form.pk])

    refused = client.post(url, {"title_ar": "زيارة"})
    client.post(url, {"title_fr": "Visite", "title_ar": "زيارة", "title_en": "Visit"})
    User.objects.filter(pk=officer.pk).update(language="ar")

    assert refused.context["form"].errors["title"]
    assert "زيارة" in client.get(reverse("forms:form-list")).content.decode()


def test_the_same_file_again_is_said_to_change_nothing(client, programme, officer):
    a_version(programme, officer)

    assert "Rien ne changera." in send(client, programme, a_visit_form()).content.decode()


def test_a_version_name_used_twice_is_pointed_out(client, programme, officer):
    a_version(programme, officer)

    page = send(client, programme, a_visit_form(*SURVEY[:2]))

    assert "changez la colonne version" in page.content.decode()


PAGES = ("form-detail", "form-declare", "form-publish", "form-compare")


@pytest.mark.parametrize("name", PAGES)
def test_forms_of_other_programmes_are_not_found(client, programme, officer, name):
    other = a_programme()
    form = a_version(other, a_person("me_officer", other)).form

    assert client.get(reverse(f"forms:{name}", args=[form.pk])).status_code == 404


def test_a_reader_sees_forms_and_brings_none_in(client, programme, officer):
    version = a_version(programme, officer)
    client.force_login(a_person("grants_officer", programme))

    assert client.get(reverse("forms:form-list")).status_code == 200
    assert client.get(reverse("forms:form-detail", args=[version.form_id])).context["actions"] == []
    assert client.get(reverse("forms:version-download", args=[version.pk])).status_code == 200
    assert client.get(reverse("forms:form-add")).status_code == 404
    assert client.get(reverse("forms:form-declare", args=[version.form_id])).status_code == 404


def test_the_page_of_a_long_form_asks_few_questions_of_the_database(
    client, programme, officer, django_assert_max_num_queries
):
    form = a_version(programme, officer, a_visit_form(*(["text", f"q{n}", f"Q {n}"] for n in range(300)))).form

    with django_assert_max_num_queries(25):
        client.get(reverse("forms:form-detail", args=[form.pk]))
