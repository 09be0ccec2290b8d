"""Every way by which a region's coordinator might reach the rows of another region, or those without a region."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from jalons.collection.submissions.actions import validate_all
from jalons.collection.submissions.models import Batch, Submission
from jalons.collection.submissions.tests.builders import a_csv, a_received_form, received, two_regions
from jalons.core import documents, jobs
from jalons.core.models import Event, Job
from jalons.evidence.measurement.actions import measure
from jalons.evidence.measurement.models import IndicatorValue
from tests.builders import a_period, a_user, an_indicator

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HERE, THERE, NOWHERE = "uuid:11111111-aaaa", "uuid:22222222-bbbb", "uuid:33333333-cccc"
SECRETS = ("22222222-bbbb", "33333333-cccc", "Zineb", "Yto-A", "ailleurs.csv", "piece.pdf", "la-bas")


class Reach:
    """One form with a submission here, one there, one nowhere; a coordinator of here, signed in."""

    def __init__(self, client):
        self.here, self.there = two_regions()
        self.form, self.officer = a_received_form()
        self.programme = programme = self.form.programme
        self.own = received(self.form, a_csv(f"{HERE},2026-02-02,09,Amina,3,eau,Aya"), self.officer, name="ici.csv")
        foreign = (f"{THERE},2026-02-03,02,Zineb,4,eau,Yto-A", f"{NOWHERE},2026-02-04,Nulle part,Zineb,5,toit,Yto-A")
        self.batch = received(self.form, a_csv(*foreign), self.officer, name="ailleurs.csv")
        self.mine, self.far, self.lost = (Submission.objects.get(instance_id=name) for name in (HERE, THERE, NOWHERE))
        file = SimpleUploadedFile("piece.pdf", b"%PDF-1.4 la-bas", "application/pdf")
        self.document = documents.attach(target=self.far, document=file, by=self.officer)
        self.job = jobs.enqueue("x", label="Import de ailleurs.csv", by=self.officer, programme_id=programme.pk)
        self.coordinator = a_user("regional_coordinator", programme, region=self.here)
        self.client = client
        client.force_login(self.coordinator)

    def get(self, name, *arguments, **query):
        return self.client.get(reverse(name, args=arguments), query)


@pytest.fixture
def reach(db, client):
    return Reach(client)


def says(response):
    """What of another region an answer tells: text, workbook or download."""
    content = b"".join(response) if response.streaming else response.content
    if content.startswith(b"PK"):
        rows = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
        text = " ".join(str(cell) for row in rows for cell in row)
    else:
        text = content.decode(errors="replace")
    return [secret for secret in SECRETS if secret in text]


FAR = {  # a page about one row of elsewhere: it does not exist
    "its page": ("submissions:submission-detail", "far"),
    "its page without a region": ("submissions:submission-detail", "lost"),
    "validate it": ("submissions:submission-validate", "far"),
    "reject it": ("submissions:submission-reject", "lost"),
    "its import": ("submissions:batch-detail", "batch"),
    "the file of its import": ("submissions:batch-file", "batch"),
    "take its import back": ("submissions:batch-withdraw", "batch"),
    "its document": ("core:document-download", "document"),
    "its job": ("core:job-detail", "job"),
    "try its job again": ("core:job-retry", "job"),
}


@pytest.mark.parametrize("way", FAR)
def test_a_page_about_a_row_of_elsewhere_does_not_exist(reach, way):
    name, row = FAR[way]

    assert reach.get(name, getattr(reach, row).pk).status_code == 404


def test_what_was_received_elsewhere_its_history_and_its_documents_do_not_exist(reach):
    assert reach.get("submissions:submission-received", reach.mine.pk, 1).status_code == 200
    for row in (reach.far, reach.lost):
        assert reach.get("submissions:submission-received", row.pk, 1).status_code == 404
        for page in ("core:history", "core:document-add"):
            assert reach.get(page, "submissions.submission", row.pk).status_code == 404
    version = reach.far.current
    for label, pk in (("submissions.submissionversion", version.pk), ("submissions.batch", reach.batch.pk)):
        assert reach.get("core:history", label, pk).status_code == 404


LISTS = {  # a page or file that lists rows: nothing of elsewhere in it
    "the list": ("submissions:submission-list", {}),
    "filtered by the other region": ("submissions:submission-list", {"region": "there"}),
    "filtered on no region": ("submissions:submission-list", {"region": "unknown"}),
    "filtered by import": ("submissions:submission-list", {"batch": "batch"}),
    "filtered by signal": ("submissions:submission-list", {"flag": "territory"}),
    "searched by identifier": ("submissions:submission-list", {"q": "uuid:2222"}),
    "searched by collector": ("submissions:submission-list", {"q": "Zin"}),
    "sorted": ("submissions:submission-list", {"sort": "-flag_count"}),
    "as Excel": ("submissions:submission-list", {"format": "xlsx"}),
    "as CSV": ("submissions:submission-list", {"format": "csv"}),
    "as CSV, filtered": ("submissions:submission-list", {"format": "csv", "region": "there"}),
    "imports": ("submissions:batch-list", {}),
    "imports as CSV": ("submissions:batch-list", {"format": "csv"}),
    "jobs": ("core:job-list", {}),
    "jobs as CSV": ("core:job-list", {"format": "csv"}),
    "the search box": ("core:search", {"q": "ailleurs"}),
    "the search box, by identifier": ("core:search", {"q": "22222222"}),
    "the first page": ("dashboards:home", {}),
}


@pytest.mark.parametrize("way", LISTS)
def test_a_list_holds_nothing_of_elsewhere(reach, way):
    name, query = LISTS[way]
    known = {"there": reach.there.pk, "batch": reach.batch.pk}
    asked = {key: known.get(value, value) for key, value in query.items()}

    response = reach.get(name, **asked)

    told = [secret for secret in says(response) if secret not in str(asked.get("q", ""))]
    assert (response.status_code, told) == (200, [])


def test_who_follows_the_whole_programme_sees_them_all(reach):
    reach.client.force_login(reach.officer)

    assert {"22222222-bbbb", "33333333-cccc"} <= set(says(reach.get("submissions:submission-list")))
    assert {"22222222-bbbb", "33333333-cccc"} <= set(says(reach.get("submissions:submission-list", format="xlsx")))
    assert says(reach.get("submissions:batch-list")) == ["ailleurs.csv"]


def test_the_page_of_a_form_counts_only_ones_own(reach):
    response = reach.get("submissions:form-standing", reach.form.pk)

    assert [number for _label, number, _url, _state in response.context["counts"]] == [1]
    assert not response.context["may_reread"]
    reach.client.post(reverse("submissions:form-reread", args=[reach.form.pk]))
    assert not reach.form.rereadings.exists()


def test_a_value_is_traced_without_the_rows_of_elsewhere(reach):
    second = a_user("me_officer", reach.programme)
    validate_all(form=reach.form, submissions=Submission.objects.all(), by=second)
    a_period(reach.programme, date(2026, 1, 1), date(2026, 3, 31), kind="quarter", code="T1")
    an_indicator(reach.programme, formula={"source": {"form": "foyer"}, "measure": "count"})
    measure(programme=reach.programme, by=reach.officer)
    value = IndicatorValue.objects.filter(number=3).latest("pk")

    response = reach.get("measurement:indicatorvalue-trace", value.pk)

    assert (response.status_code, says(response)) == (200, [])


CHOSEN = {
    "by its key": lambda reach: {"chosen": [reach.far.pk, reach.lost.pk]},
    "all of the list": lambda reach: {"all": "1"},
}


@pytest.mark.parametrize("state", ["validated", "rejected"])
@pytest.mark.parametrize("way", CHOSEN)
def test_a_review_of_many_touches_nothing_of_elsewhere(reach, way, state):
    url = reverse("submissions:submission-review")
    answers = {"state": state, "reason": "Faux", **CHOSEN[way](reach)}

    for query in ("", f"?region={reach.there.pk}", f"?batch={reach.batch.pk}"):
        reach.client.post(url + query, answers)

    assert set(Submission.objects.exclude(pk=reach.mine.pk).values_list("state", flat=True)) == {"received"}


WRITTEN = {
    "validate": ("submissions:submission-validate", "far", {}),
    "reject": ("submissions:submission-reject", "lost", {"reason": "Faux"}),
    "withdraw": ("submissions:batch-withdraw", "batch", {"reason": "Faux"}),
    "receive": ("submissions:batch-receive", "batch", {"confirm": "1"}),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_what_is_posted_about_elsewhere_changes_nothing(reach, way):
    name, row, answers = WRITTEN[way]
    before = list(Submission.objects.order_by("pk").values()), list(Batch.objects.values()), Event.objects.count()

    response = reach.client.post(reverse(name, args=[getattr(reach, row).pk]), answers)

    assert response.status_code == 404
    assert (list(Submission.objects.order_by("pk").values()), list(Batch.objects.values())) == before[:2]
    assert (Event.objects.count(), Job.objects.filter(state="waiting").count()) == (before[2], 1)


def test_a_file_brings_in_nothing_for_elsewhere_and_corrects_nothing_there(reach):
    rows = a_csv(f"{THERE},2026-03-03,09,Amina,9,eau,Vol", "uuid:new,2026-03-03,02,Amina,9,eau,Vol")
    page = reach.client.post(
        reverse("submissions:batch-add"), {"form": reach.form.pk, "file": SimpleUploadedFile("vol.csv", rows)}
    )

    reach.client.post(reverse("submissions:batch-receive", args=[Batch.objects.latest("pk").pk]), {"confirm": "1"})

    assert page.status_code == 302
    assert Submission.objects.count() == 3
    reach.far.refresh_from_db()
    assert (reach.far.version, reach.far.region_id) == (1, reach.there.pk)


def test_a_document_cannot_be_attached_elsewhere(reach):
    url = reverse("core:document-add", args=["submissions.submission", reach.far.pk])

    response = reach.client.post(url, {"document": SimpleUploadedFile("x.pdf", b"%PDF-1.4 x", "application/pdf")})

    assert response.status_code == 404
    assert documents.Document.objects.count() == 1
