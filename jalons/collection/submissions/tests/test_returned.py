"""Right rows come in, the others come back as a workbook that says what to correct, in the reader's language."""

import io
from datetime import date

import openpyxl
import pytest
from django.urls import reverse
from django.utils.translation import override

from jalons.collection.forms.models import Question
from jalons.collection.submissions import actions
from jalons.collection.submissions.faults import Explaining
from jalons.collection.submissions.models import Batch, Submission
from jalons.collection.submissions.reading import Versions, open_source
from jalons.collection.submissions.tests.builders import a_csv, a_received_form, counts, received, two_regions
from jalons.collection.submissions.tests.filling import a_filled, written
from jalons.collection.submissions.views import annotated
from jalons.collection.submissions.workbook import returned
from jalons.collection.submissions.workbook.writer import blank
from jalons.core import documents, jobs
from jalons.core.errors import Refused
from jalons.core.models import Job
from tests.builders import a_user

pytestmark = pytest.mark.django_db
RIGHT = {"jour": date(2026, 10, 2), "lieu": "09", "agent": "Amina", "taille": 3, "nom": "Zahra"}
WRONG = {**RIGHT, "taille": 0, "lieu": "Ailleurs", "nom": "Omar"}


@pytest.fixture
def foyer():
    two_regions()
    return a_received_form()


def opened_batch(form, content, by, name="a.xlsx"):
    return actions.open_batch(form=form, file=io.BytesIO(content), name=name, by=by)


def given_back(batch, by, every=False):
    with documents.path(batch.sha256).open("rb") as file:
        versions = Versions(batch.form, batch.form_version)
        source = open_source(file, batch.file_name, batch.kind, versions)
        return openpyxl.load_workbook(io.BytesIO(returned.to_correct(batch, source, by, every=every)))


def saved(book):
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def cell(page, row, name):
    return next(page.cell(row, c.column) for c in page[1] if c.value == name)


def test_right_rows_come_in_and_the_others_come_back_to_be_corrected(foyer):
    form, officer = foyer
    content = a_filled(form.versions.get(), [RIGHT, WRONG, RIGHT], [{"_parent_index": 2, "prenom": "Ali", "age": 130}])
    batch = opened_batch(form, content, officer)

    done = actions.receive(batch=batch, by=officer, only_right=True)

    assert (done.report["received"], done.report["aside"]) == (2, 1)
    book = given_back(done, officer)
    page, below = book.worksheets[2], book.worksheets[3]
    assert book.sheetnames[0] == "À corriger" and page.max_row > 2_000
    assert cell(page, 4, "nom").value == "Omar" and cell(page, 5, "nom").value is None
    assert cell(page, 4, "taille").fill.start_color.rgb.endswith("F6C7BD")
    assert "ne respecte pas la règle" in cell(page, 4, "taille").comment.text
    assert cell(below, 4, "_parent_index").value == 1 and "130" in cell(below, 4, "membre/age").comment.text
    told = [[c.value for c in row] for row in book.worksheets[0].iter_rows(min_row=4)]
    assert [(line[2], line[3]) for line in told] == [(4, "Âge"), (5, "Taille du foyer"), (5, "Région")]


def test_the_corrected_workbook_completes_the_import_and_doubles_nothing(foyer):
    form, officer = foyer
    content = a_filled(form.versions.get(), [RIGHT, WRONG], copy="Équipe A")
    batch = opened_batch(form, content, officer)
    book = given_back(actions.receive(batch=batch, by=officer, only_right=True), officer)
    written(book.worksheets[2], [{"taille": 5, "lieu": "02"}])

    mended = received(form, saved(book), officer, "corrigé.xlsx")
    again = received(form, a_filled(form.versions.get(), [RIGHT], content=content), officer, "a.xlsx")

    assert counts(mended) == {"received": 1, "updated": 0, "unchanged": 0, "refused": 0}
    assert again.report["received"] == 0 and Submission.objects.count() == 2


def test_a_foreign_file_comes_back_with_its_own_columns(foyer):
    form, officer = foyer
    lines = a_csv(
        "2026-10-02;Souss-Massa;beaucoup;rouge", "2026-10-02;Oriental;4;vert", header="jour;lieu;taille;couleur"
    )
    batch = opened_batch(form, lines, officer, "partenaire.csv")

    done = actions.receive(batch=batch, by=officer, only_right=True)

    assert (done.report["received"], done.report["aside"]) == (1, 1)
    page = given_back(done, officer).worksheets[1]
    assert [c.value for c in page[1]] == ["jour", "lieu", "taille", "couleur"]
    assert [c.value for c in page[2]] == ["2026-10-02", "Souss-Massa", "beaucoup", "rouge"] and page.max_row == 2
    assert "Un nombre entier est attendu" in page["C2"].comment.text


def test_the_whole_file_annotated_keeps_right_rows_too(foyer):
    form, officer = foyer
    batch = opened_batch(form, a_filled(form.versions.get(), [RIGHT, WRONG]), officer)

    with override("ar"):
        book = given_back(batch, officer, every=True)

    page = book.worksheets[2]
    assert [cell(page, row, "nom").value for row in (4, 5)] == ["Zahra", "Omar"]
    assert "ما لا يصح" in book.worksheets[0]["F3"].value and cell(page, 4, "taille").comment is None


def test_a_file_without_one_right_row_brings_nothing_in_and_says_so(foyer):
    form, officer = foyer
    batch = opened_batch(form, a_filled(form.versions.get(), [WRONG]), officer)

    with pytest.raises(Refused, match="toutes ses lignes sont à corriger"):
        actions.receive(batch=batch, by=officer, only_right=True)

    assert Batch.objects.get().state == "open" and not Submission.objects.exists()


def test_the_preview_offers_to_accept_right_rows_and_the_report_gives_the_others(foyer, client):
    form, officer = foyer
    client.force_login(officer)
    batch = opened_batch(form, a_filled(form.versions.get(), [RIGHT, WRONG]), officer)
    page = client.get(reverse("submissions:batch-detail", args=[batch.pk])).content.decode()

    assert "Une ligne à corriger" in page and "Accepter la ligne juste" in page and "Tout importer" in page
    report = client.post(
        reverse("submissions:batch-receive", args=[batch.pk]), {"confirm": "right"}, follow=True
    ).content.decode()
    file = client.get(reverse("submissions:batch-to-correct", args=[batch.pk]))

    assert "laissée à corriger" in report and Submission.objects.count() == 1
    assert openpyxl.load_workbook(io.BytesIO(file.content)).sheetnames[0] == "À corriger"


def test_a_blank_workbook_holds_no_row(foyer):
    form, officer = foyer

    with pytest.raises(Refused, match="aucune ligne"):
        received(form, blank(form.versions.get(), "fr"), officer, "a.xlsx")


def test_the_workbook_of_a_long_file_is_made_in_the_background_for_who_asked(foyer, client, monkeypatch):
    form, officer = foyer
    client.force_login(officer)
    monkeypatch.setattr(annotated, "FEW", 1)
    lines = a_csv(
        "2026-10-02;Souss-Massa;beaucoup",
        "2026-10-02;Oriental;4",
        "02/10/2026;Oriental;trop",
        header="jour;lieu;taille",
    )
    batch = opened_batch(form, lines, officer, "partenaire.csv")

    asked = client.get(reverse("submissions:batch-to-correct", args=[batch.pk]))
    job = Job.objects.get(name="submissions.annotate")
    assert asked.url == reverse("core:job-detail", args=[job.pk])
    jobs.run(job)

    job.refresh_from_db()
    file = client.get(job.result["url"])
    page = openpyxl.load_workbook(io.BytesIO(file.content)).worksheets[1]
    assert [c.value for c in page["C"]] == ["taille", "beaucoup", "trop"] and page["C3"].comment
    client.force_login(a_user("me_officer", form.programme))
    assert client.get(job.result["url"]).status_code == 404  # it waits for who asked


def test_of_a_long_list_the_choices_nearest_to_what_was_written_are_told_first(foyer):
    form, _officer = foyer
    version = form.versions.get()
    version.choices["long"] = [{"name": str(n), "labels": {"fr": f"Lieu {n}"}} for n in range(40)]
    version.choices["long"].append({"name": "x", "labels": {"fr": "Oujda-Angad"}})
    question = Question(list_name="long", name="q", labels={})

    assert Explaining(version).choices(question, "Oujda Angade").startswith("Oujda-Angad, Lieu 0, ")


def test_a_cell_has_one_thing_to_correct(foyer):
    form, officer = foyer
    lines = a_csv("un jour;Ailleurs;4", "2026-10-02;Oriental;4", header="jour;lieu;taille")
    batch = opened_batch(form, lines, officer, "partenaire.csv")

    page = given_back(batch, officer).worksheets[0]

    assert [row[3].value for row in page.iter_rows(min_row=4)].count("Date de la visite") == 1
