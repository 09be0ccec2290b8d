"""Files that partners made their own way: tied to the form once, known again the next time."""

import io

import pytest
from django.urls import reverse

from jalons.collection.forms.actions import import_form
from jalons.collection.forms.tests.workbooks import a_form as a_workbook_form
from jalons.collection.forms.tests.workbooks import a_workbook
from jalons.collection.submissions import actions
from jalons.collection.submissions.models import Batch, Correspondence, Submission
from jalons.collection.submissions.tests.builders import a_received_form, two_regions
from jalons.collection.submissions.tests.test_workbook import HEADER as COLUMNS
from jalons.collection.submissions.tests.test_workbook import LISTS, SURVEY
from jalons.core.errors import Refused
from tests.builders import a_programme, a_user

pytestmark = pytest.mark.django_db
MONTH = [
    ["Association Tamount : bénéficiaires d’octobre"],
    [],
    ["Le jour où", "Où (région)", "Combien ?", "الحاجات"],
    ["02/10/2026", "S. Massa", "3", "Eau"],
    ["٠٣/١٠/٢٠٢٦ ", "Oriental\u200f", "٤", ""],
    ["Total", "", 7, ""],
]


@pytest.fixture
def foyers():
    programme = a_programme()
    officer = a_user("me_officer", programme)
    settings = [["form_title", "form_id", "version", "default_language"], ["Foyers", "foyers", "1", "Français (fr)"]]
    data = a_workbook_form(*SURVEY, header=COLUMNS, choices=LISTS, settings=settings)
    return import_form(programme=programme, data=data, file_name="f.xlsx", by=officer).form, officer


def sent(client, form, rows, name="octobre.xlsx"):
    file = io.BytesIO(a_workbook(Feuil1=rows))
    file.name = name
    client.post(reverse("submissions:batch-add"), {"form": form.pk, "file": file})
    return Batch.objects.latest("pk")


def fields(page):
    return {field.label: field for field in page.context["form"]}


def answered(page, **choices):
    """What the page would send if these fields were chosen, the others left as they are."""
    form = page.context["form"]
    chosen = {field.html_name: field.value() for field in form}
    for word, value in choices.items():
        chosen[next(f.html_name for f in form if word in f.label)] = value
    return chosen


def seen(client, batch):
    return client.get(reverse("submissions:batch-detail", args=[batch.pk]))


def test_a_foreign_file_is_tied_once_then_known_by_its_headings(client, foyers):
    form, officer = foyers
    client.force_login(officer)
    batch = sent(client, form, MONTH)
    page = seen(client, batch)
    assert "lus à la ligne 3" in page.content.decode()

    receive = reverse("submissions:batch-receive", args=[batch.pk])
    client.post(receive, {**answered(page, jour="jour", Combien="taille", région="region"), "again": "1"})
    page = seen(client, batch)
    assert any("« S. Massa » dans" in label for label in fields(page))
    client.post(receive, {**answered(page, Massa="09"), "confirm": "right"})

    first, second = [s.current.answers for s in Submission.objects.order_by("pk")]
    assert (first["jour"], first["region"], first["taille"], first["besoins"]) == ("2026-10-02", "09", 3, ["eau"])
    assert (second["jour"], second["region"], second["taille"]) == ("2026-10-03", "02", 4)
    assert [one["place"] for one in Batch.objects.get().report["refusals"]] == ["Feuil1 · 6"]  # the total
    kept = Correspondence.objects.get()
    assert kept.columns["Le jour où"] == "jour" and kept.meanings == {"region": {"S. Massa": "09"}}


def test_the_next_file_of_the_same_shape_is_read_at_once(client, foyers):
    form, officer = foyers
    client.force_login(officer)
    told = {"columns": {"Le jour où": "jour", "Où (région)": "region", "Combien ?": "taille"},
            "meanings": {"region": {"S. Massa": "09"}}, "by": officer, "name": "octobre.xlsx"}  # fmt: skip
    sent(client, form, MONTH)
    batch = Batch.objects.get()
    actions.match_columns(batch=batch, mapping={"Feuil1": told["columns"]}, meanings=told["meanings"], by=officer)
    actions.receive(batch=batch, by=officer)
    moved = [["Novembre"], ["combien ? ", "LE JOUR OU", "الحاجات", "Ou (Region)"], [5, "01/11/2026", "ماء", "s. massa"]]

    batch = sent(client, form, moved, "novembre.xlsx")
    page = seen(client, batch).content.decode()
    actions.receive(batch=batch, by=officer, only_right=True)

    assert "Ces en-têtes sont connus" in page and "octobre.xlsx" in page
    assert Submission.objects.latest("pk").current.answers == {
        "jour": "2026-11-01", "region": "09", "taille": 5, "besoins": ["eau"]}  # fmt: skip


def test_what_is_remembered_is_shown_and_forgotten(client, foyers):
    form, officer = foyers
    client.force_login(officer)
    kept = Correspondence.objects.create(
        form=form, fingerprint="x", name="octobre.xlsx", columns={"Combien ?": "taille"},
        meanings={"region": {"S. Massa": "09"}}, by=officer,
    )  # fmt: skip

    page = client.get(reverse("submissions:correspondence-detail", args=[kept.pk])).content.decode()
    client.post(reverse("submissions:correspondence-remove", args=[kept.pk]))

    assert "Combien ?" in page and "Taille" in page and "Souss-Massa" in page
    assert not Correspondence.objects.exists()


def test_an_unknown_word_is_refused_with_its_place_and_what_to_write(client, foyers):
    form, officer = foyers
    client.force_login(officer)
    batch = sent(client, form, [["jour", "region", "taille"], ["02/10/2026", "Doukkala", 3], ["02/10/2026", "09", 3]])

    page = seen(client, batch).content.decode()

    assert "« Doukkala » n’est pas dans la liste. Choisissez parmi : Souss-Massa, Oriental." in page
    assert "Feuil1 · 2" in page and "Accepter la ligne juste" in page


def test_questions_that_the_form_fills_by_itself_are_not_offered_and_a_row_left_aside_names_its_questions(client):
    programme = a_programme()
    officer = a_user("me_officer", programme)
    survey = [["integer", "taille", "Taille du foyer", ""], ["start", "debut", "", ""],
              ["calculate", "double", "", "${taille} * 2"]]  # fmt: skip
    data = a_workbook_form(*survey, header=["type", "name", "label::Français (fr)", "calculation"])
    form = import_form(programme=programme, data=data, file_name="f.xlsx", by=officer).form
    client.force_login(officer)
    batch = sent(client, form, [["Taille du foyer", "Autre"], ["beaucoup", "x"], [3, "y"]])

    asked = next(field for label, field in fields(seen(client, batch)).items() if "Autre" in label)
    assert [value for value, _label in asked.field.choices] == [""]
    actions.receive(batch=batch, by=officer, only_right=True)
    assert "Laissée à corriger : Taille du foyer." in seen(client, batch).content.decode()


def test_a_file_whose_columns_nobody_tied_brings_nothing_in(client, foyers):
    form, officer = foyers
    client.force_login(officer)
    batch = sent(client, form, [["espèce", "poids"], ["thon", 12]])

    assert "Aucune colonne n’est reconnue" in seen(client, batch).content.decode()
    with pytest.raises(Refused, match="Aucune colonne"):
        actions.receive(batch=batch, by=officer)


def test_a_person_says_where_the_headings_are(client):
    two_regions()
    form, officer = a_received_form()
    client.force_login(officer)
    batch = sent(client, form, [["jour", "nom"], ["jour", "taille"], ["2026-10-02", 3]])
    page = seen(client, batch)

    client.post(
        reverse("submissions:batch-receive", args=[batch.pk]), {**answered(page, **{"ligne des": "2"}), "again": "1"}
    )
    actions.receive(batch=Batch.objects.get(), by=officer)

    assert Submission.objects.get().current.answers["taille"] == 3


def test_a_code_chosen_to_name_rows_makes_of_a_changed_row_a_correction(client, foyers):
    form, officer = foyers
    client.force_login(officer)
    rows = [["Dossier", "jour", "taille"], ["D-1", "02/10/2026", 3], ["D-2", "02/10/2026", 4]]
    batch = sent(client, form, rows)
    page = seen(client, batch)
    client.post(
        reverse("submissions:batch-receive", args=[batch.pk]), {**answered(page, identifie="Dossier"), "confirm": "1"}
    )

    batch = sent(client, form, [rows[0], ["D-1", "02/10/2026", 5], rows[2]], "corrigé.xlsx")
    done = actions.receive(batch=batch, by=officer)

    assert (done.report["received"], done.report["updated"], done.report["unchanged"]) == (0, 1, 1)
    assert Correspondence.objects.get().columns["@key"] == "Dossier"


def test_a_page_shown_before_another_answer_never_ties_the_wrong_column(client, foyers):
    form, officer = foyers
    client.force_login(officer)
    batch = sent(client, form, MONTH)
    first = answered(seen(client, batch), **{"Le jour où": "jour", "Où (région)": "region", "Combien": "taille"})
    receive = reverse("submissions:batch-receive", args=[batch.pk])

    for _time in range(2):  # the second time by the browser's « back »
        client.post(receive, {**first, "again": "1"})

    batch.refresh_from_db()
    told = {header: path for header, path in batch.mapping["Feuil1"].items() if path}
    assert told == {"Le jour où": "jour", "Où (région)": "region", "Combien ?": "taille"}
    labels = [label for label in fields(seen(client, batch)) if "olonne «" in label]
    assert [label.split("»")[0].split("« ")[1].strip() for label in labels] == MONTH[2][:3]


def test_two_columns_never_answer_the_same_question(client, foyers):
    form, officer = foyers
    client.force_login(officer)
    batch = sent(client, form, MONTH)
    told = answered(seen(client, batch), **{"Le jour où": "region", "Où (région)": "region"})

    answer = client.post(reverse("submissions:batch-receive", args=[batch.pk]), {**told, "confirm": "1"})

    batch.refresh_from_db()
    assert answer.status_code == 422 and "déjà lue dans la colonne « Le jour où »" in answer.content.decode()
    assert batch.state == "open" and not Submission.objects.exists()
    officer.language = "ar"
    officer.save()
    client.force_login(officer)
    answer = client.post(reverse("submissions:batch-receive", args=[batch.pk]), {**told, "confirm": "1"})
    assert "يُقرأ في العمود «Le jour où»" in answer.content.decode()


def test_a_choice_that_is_none_is_said_and_brings_nothing_in(client, foyers):
    form, officer = foyers
    client.force_login(officer)
    batch = sent(client, form, MONTH)
    told = answered(seen(client, batch), **{"Le jour où": "nulle/part"})

    answer = client.post(reverse("submissions:batch-receive", args=[batch.pk]), {**told, "confirm": "1"})

    assert answer.status_code == 422 and "errors-summary" in answer.content.decode()
    assert not Submission.objects.exists()


def test_a_column_recognised_by_its_name_is_tied_otherwise_by_hand(client, foyers):
    form, officer = foyers
    client.force_login(officer)
    batch = sent(client, form, [["jour", "lieu", "taille"], ["02/10/2026", "Oriental", "3"]])
    page = seen(client, batch)
    told = answered(page, **{"à relier autrement": "taille", "la relier": ""})

    client.post(reverse("submissions:batch-receive", args=[batch.pk]), {**told, "again": "1"})

    batch.refresh_from_db()
    assert batch.mapping["Feuil1"]["taille"] == ""
    assert any("« taille »" in label for label in fields(seen(client, batch)))
