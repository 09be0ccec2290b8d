"""The workbook to fill: what it offers, and that what comes back filled is read, once."""

import io
from datetime import date

import pytest
from django.urls import reverse

from jalons.collection.forms.actions import import_form
from jalons.collection.forms.tests.workbooks import a_form as a_workbook_form
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.rules.tables import sheets
from jalons.collection.submissions.tests.builders import a_received_form, a_survey, counts, received, two_regions
from jalons.collection.submissions.tests.filling import a_filled, opened
from jalons.collection.submissions.workbook.writer import blank
from jalons.core.errors import Refused
from tests.builders import a_programme, a_user

pytestmark = pytest.mark.django_db
HEADER = ["type", "name", "label::Français (fr)", "label::العربية (ar)", "required", "relevant", "constraint",
          "constraint_message::Français (fr)", "choice_filter", "hint::Français (fr)"]  # fmt: skip
SURVEY = (
    ["date", "jour", "Date", "التاريخ", "yes", "", ". <= today()", "Pas dans l’avenir.", "", ""],
    ["select_one region", "region", "Région", "الجهة", "yes", "", "", "", "", "Là où cela s’est passé"],
    ["select_one province", "province", "Province", "الإقليم", "", "", "", "", "region = ${region}", ""],
    ["select_multiple besoin", "besoins", "Besoins", "الحاجات", "", "", "", "", "", ""],
    ["integer", "taille", "Taille", "الحجم", "", "", ". > 0 and . <= 60", "", "", ""],
    ["image", "photo", "Photo", "صورة", "", "", "", "", "", ""],
    ["begin_repeat", "membre", "Membre", "عضو", "", "", "", "", "", ""],
    ["text", "nom", "Nom", "الاسم", "yes", "", "", "", "", ""],
    ["select_one sexe", "sexe", "Sexe", "الجنس", "", "", "", "", "", ""],
    ["text", "metier", "Métier", "المهنة", "", "${sexe} = 'f'", "", "", "", ""],
    ["end_repeat", "membre", "", "", "", "", "", "", "", ""],
)
LISTS = [
    ["list_name", "name", "label::Français (fr)", "label::العربية (ar)", "region"],
    ["region", "09", "Souss-Massa", "سوس ماسة", ""], ["region", "02", "Oriental", "الشرق", ""],
    ["province", "p1", "Agadir", "أكادير", "09"], ["province", "p2", "Oujda", "وجدة", "02"],
    ["province", "p3", "Autre", "آخر", "09"], ["province", "p4", "Autre", "آخر", "02"],
    ["besoin", "eau", "Eau", "ماء", ""], ["besoin", "toit", "Toit", "سقف", ""],
    ["sexe", "f", "Femme", "أنثى", ""], ["sexe", "h", "Homme", "ذكر", ""],
]  # fmt: skip


@pytest.fixture
def version():
    programme = a_programme()
    officer = a_user("me_officer", programme)
    data = a_workbook_form(
        *SURVEY, header=HEADER, choices=LISTS,
        settings=[["form_title", "form_id", "version", "default_language"], ["Foyers", "foyers", "1", "Français (fr)"]],
    )  # fmt: skip
    made = import_form(programme=programme, data=data, file_name="f.xlsx", by=officer)
    made.officer = officer
    return made


def heads(page, row):
    return [cell.value for cell in page[row] if cell.value and cell.value != "#"]


def test_a_sheet_for_the_form_and_one_per_repeat_with_headings_in_two_languages(version):
    book = opened(blank(version, "fr"))

    assert book.sheetnames[1:3] == ["Foyers", "Membre"]
    assert heads(book["Foyers"], 2) == [
        "N°", "Date *", "Région *", "Province", "Besoins : Eau", "Besoins : Toit", "Taille",
    ]  # fmt: skip
    assert heads(book["Foyers"], 3)[:2] == ["التاريخ", "الجهة"]
    assert "Pas dans l'avenir." in book["Foyers"]["C2"].comment.text
    assert heads(book["Membre"], 2) == ["N° de la fiche", "Nom *", "Sexe", "Métier"]
    assert "Photo" in " ".join(str(c.value) for c in book.worksheets[0]["A"])


def test_in_arabic_sheets_run_from_right_to_left_and_lists_speak_arabic(version):
    book = opened(blank(version, "ar"))

    assert book.worksheets[1].sheet_view.rightToLeft
    assert heads(book.worksheets[1], 2)[1] == "التاريخ *" and heads(book.worksheets[1], 3)[0] == "Date"
    assert {cell.value for row in book["_listes"] for cell in row} >= {"سوس ماسة", "أنثى"}


def test_lists_limits_and_protection_are_in_the_cells(version):
    book = opened(blank(version, "fr"))
    page = book["Foyers"]
    rules = {str(rule.sqref): rule for rule in page.data_validations.dataValidation}

    assert "TODAY()" in rules["C4:C2003"].formula1
    assert rules["D4:D2003"].type == "list" and "MATCH($D4" in rules["E4:E2003"].formula1
    assert rules["H4:H2003"].formula1 == "AND(ISNUMBER(H4),H4=INT(H4),H4>0,H4<=60)"
    assert page.protection.sheet and book.security.lockStructure
    assert page["C2"].protection.locked and not page.column_dimensions["C"].protection.locked
    assert book["_jalons"].sheet_state == "veryHidden" and page.row_dimensions[1].hidden
    assert {"Autre (p3)", "Autre (p4)"} <= {cell.value for row in book["_listes"] for cell in row}


def test_a_filled_workbook_is_read_with_its_repeats_and_its_labels(version):
    content = a_filled(
        version,
        [{"jour": date(2026, 10, 2), "region": "Souss-Massa", "province": "Autre (p3)", "eau": "oui", "taille": 3},
         {"jour": date(2026, 10, 3), "region": "الشرق", "taille": "٤"}],
        [{"_parent_index": 2, "nom": "Zahra ", "sexe": "أنثى"}, {"_parent_index": 1, "nom": "Omar", "sexe": "Homme"}],
    )  # fmt: skip

    batch = received(version.form, content, version.officer, "a.xlsx")

    assert counts(batch) == {"received": 2, "updated": 0, "unchanged": 0, "refused": 0}
    first, second = [s.current.answers for s in Submission.objects.order_by("pk")]
    assert (first["jour"], first["region"], first["province"], first["besoins"]) == ("2026-10-02", "09", "p3", ["eau"])
    assert first["membre"] == [{"nom": "Omar", "sexe": "h"}]
    assert (second["region"], second["taille"], second["membre"][0]["sexe"]) == ("02", 4, "f")


def test_with_one_row_filled_the_rows_below_need_no_number(version):
    content = a_filled(version, [{"jour": date(2026, 10, 2), "region": "Oriental"}], [{"nom": "A"}, {"nom": "B"}])

    received(version.form, content, version.officer, "a.xlsx")

    assert [line["nom"] for line in Submission.objects.get().current.answers["membre"]] == ["A", "B"]


def test_the_same_workbook_sent_again_doubles_nothing_and_a_changed_row_is_a_correction(version):
    model = blank(version, "fr")
    row, other = {"jour": date(2026, 10, 2), "region": "Oriental", "taille": 3}, {"region": "Oriental", "taille": 9}
    received(version.form, a_filled(version, [row, other], content=model), version.officer, "a.xlsx")

    again = received(version.form, a_filled(version, [row, other], content=model), version.officer, "b.xlsx")
    changed = received(
        version.form, a_filled(version, [{**row, "taille": 4}], content=model), version.officer, "c.xlsx"
    )

    assert counts(again) == {"received": 0, "updated": 0, "unchanged": 2, "refused": 0}
    assert counts(changed) == {"received": 0, "updated": 1, "unchanged": 0, "refused": 0}
    assert Submission.objects.count() == 2  # a row taken out of the file deletes nothing
    assert Submission.objects.order_by("pk")[0].current.reason == "réimport"


def test_two_named_copies_of_one_workbook_hold_different_rows(version):
    model, row = blank(version, "fr"), {"jour": date(2026, 10, 2), "region": "Oriental"}
    for team in ("Équipe Oujda", "Équipe Agadir"):
        received(version.form, a_filled(version, [row], content=model, copy=team), version.officer, "a.xlsx")

    again = received(
        version.form, a_filled(version, [row], content=model, copy="equipe oujda"), version.officer, "b.xlsx"
    )

    assert Submission.objects.count() == 2 and counts(again)["unchanged"] == 1


def test_the_workbook_of_another_form_is_refused_by_its_name(version):
    form, officer = a_received_form(version.form.programme, version.officer)

    with pytest.raises(Refused, match="a été fait pour le formulaire « foyers »"):
        received(form, a_filled(version, [{"taille": 1}]), officer, "a.xlsx")


def test_a_workbook_of_an_older_version_is_read_with_that_version():
    two_regions()
    form, officer = a_received_form()
    old = form.versions.get()
    content = a_filled(old, [{"jour": date(2026, 10, 2), "lieu": "09", "taille": 2}])
    import_form(
        programme=form.programme, data=a_survey(["text", "plus", "Plus", "", "", "", ""], version="2"),
        file_name="foyer.xlsx", by=officer,
    )  # fmt: skip

    received(form, content, officer, "a.xlsx")

    assert Submission.objects.get().current.form_version_id == old.pk


def test_every_workbook_opens_with_the_reader_of_imports(version):
    found = sheets(io.BytesIO(blank(version, "ar")), "a.xlsx")

    assert [sheet.name for sheet in found][-2:] == ["_listes", "_jalons"]


def test_the_page_gives_the_workbook_in_each_language(version, client):
    client.force_login(version.officer)
    page = client.get(reverse("submissions:form-workbook", args=[version.form_id]))
    file = client.get(reverse("submissions:form-workbook-file", args=[version.form_id, "ar"]))

    assert "Classeur à remplir" in page.content.decode() and "Feuille « Membre »" in page.content.decode()
    assert opened(file.content).worksheets[1].sheet_view.rightToLeft
