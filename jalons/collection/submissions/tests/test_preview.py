"""What a person reads before and after an import: what comes twice, what cannot be read, and how to try again."""

import io

import pytest
from django.urls import reverse

from jalons.collection.forms.actions import publish, retire
from jalons.collection.submissions import actions
from jalons.collection.submissions.models import Batch, Submission
from jalons.collection.submissions.tests.builders import a_csv, a_received_form, received, two_regions
from jalons.core import documents
from jalons.core.errors import Refused
from jalons.core.jobs import run

pytestmark = pytest.mark.django_db
ROW = "a1,2026-10-02,09,Amina,3,eau,Oriental"
OTHER = "a1,2026-10-02,09,Amina,4,eau,Oriental"


@pytest.fixture
def foyer():
    two_regions()
    return a_received_form()


def previewed(form, content, by, client):
    client.force_login(by)
    batch = actions.open_batch(form=form, file=io.BytesIO(content), name="export.csv", by=by)
    page = client.get(reverse("submissions:batch-detail", args=[batch.pk]))
    return batch, page, {name: number for _label, number, name in page.context["counts"]}


@pytest.mark.parametrize(("rows", "wanted"), [
    ((ROW, ROW), {"received": 1, "unchanged": 1}),
    ((ROW, OTHER), {"received": 1, "updated": 1, "clashes": 1}),
    ((ROW, ROW.replace("a1", "a2")), {"received": 2}),
])  # fmt: skip
def test_the_preview_foresees_rows_that_come_twice_as_the_import_takes_them(foyer, client, rows, wanted):
    form, officer = foyer

    batch, page, foreseen = previewed(form, a_csv(*rows), officer, client)
    report = actions.receive(batch=batch, by=officer).report

    told = ("received", "unchanged", "updated", "clashes")
    assert {name: foreseen.get(name, 0) for name in told} == {name: wanted.get(name, 0) for name in told}
    assert {name: report[name] for name in told} == {name: wanted.get(name, 0) for name in told}
    if "clashes" in wanted:
        assert "export · 2" in page.content.decode() and "export · 3" in page.content.decode()
        assert report["rows_twice"] == [{"name": "a1", "first": "export · 2", "last": "export · 3"}]


def test_columns_that_exports_add_are_not_unread_and_others_are_named_once(foyer, client):
    form, officer = foyer
    header = "KEY,meta-instanceID,PARENT_KEY,SubmissionDate,X_validation_status,_submission__id,jour,taille,couleur"

    _batch, page, foreseen = previewed(
        form, a_csv("a1,a1,,2026-10-02,ok,4,2026-10-02,3,bleu", "a2,a2,,2026-10-02,ok,5,2026-10-02,3,vert",
                    header=header), officer, client,
    )  # fmt: skip

    assert [field.label for field in page.context["form"].column_fields()] == [
        "colonne « couleur », feuille « export »"
    ]
    assert "unread" not in foreseen


def test_unreadable_cells_are_told_by_question_with_a_count_an_example_and_a_reason(foyer, client):
    form, officer = foyer
    rows = [f"a{n},2026-10-02,09,Amina,beaucoup,eau,Oriental" for n in range(30)] + ["b,32/13/2026,09,,3,eau,"]

    batch, page, foreseen = previewed(form, a_csv(*rows), officer, client)

    text = page.content.decode()
    assert foreseen["unread"] == 31 and "Un nombre entier est attendu." in text and "beaucoup" in text
    report = actions.receive(batch=batch, by=officer).report
    assert [(g["path"], g["count"], g["value"], g["place"]) for g in report["left"]] == [
        ("taille", 30, "beaucoup", "export · 2"), ("jour", 1, "32/13/2026", "export · 32"),
    ]  # fmt: skip


def test_a_failed_import_goes_back_to_its_preview_and_is_tried_again(foyer, client):
    form, officer = foyer
    batch, _page, _counts = previewed(form, a_csv(ROW), officer, client)
    actions.start(batch=batch, by=officer)
    with pytest.raises(Refused, match="pas échoué"):
        actions.reopen(batch=batch, by=officer)
    kept = documents.path(batch.sha256)
    aside = kept.rename(kept.with_suffix(".aside"))
    run(Batch.objects.get().job)
    aside.rename(kept)
    url = reverse("submissions:batch-detail", args=[batch.pk])
    assert "Revenir à l’aperçu" in client.get(url).content.decode()

    page = client.post(reverse("submissions:batch-reopen", args=[batch.pk]), follow=True)

    assert "Premières lignes" in page.content.decode()
    client.post(reverse("submissions:batch-receive", args=[batch.pk]), {"confirm": "1"})
    assert (Batch.objects.get().state, Submission.objects.count()) == ("done", 1)


def test_importing_where_collection_is_not_open_is_said_before(foyer, client):
    form, officer = foyer

    _batch, page, _counts = previewed(form, a_csv(ROW), officer, client)
    assert "encore un brouillon" in page.content.decode() and "Importer quand même" in page.content.decode()
    publish(form=form, by=officer)
    _batch, page, _counts = previewed(form, a_csv(ROW), officer, client)
    assert "Importer quand même" not in page.content.decode()
    retire(form=form, by=officer)
    _batch, page, _counts = previewed(form, a_csv(ROW), officer, client)
    assert "est close" in page.content.decode() and "Importer quand même" in page.content.decode()


def test_an_import_tells_nothing_twice_of_what_it_already_brought(foyer):
    form, officer = foyer
    received(form, a_csv(ROW), officer)

    report = received(form, a_csv(OTHER), officer).report

    assert (report["updated"], report["clashes"], report["rows_twice"]) == (1, 0, [])


def test_headings_under_a_title_are_found_and_their_row_is_told(foyer, client):
    form, officer = foyer
    lines = b"Fiche du mois;;\nIdentification;;Suite\njour;taille;nom\n2026-10-02;3;Oriental\n"

    batch, page, _foreseen = previewed(form, lines, officer, client)

    assert "en-têtes lus à la ligne 3" in page.content.decode()
    assert actions.receive(batch=batch, by=officer).report["received"] == 1
    assert Submission.objects.get().current.answers["taille"] == 3
