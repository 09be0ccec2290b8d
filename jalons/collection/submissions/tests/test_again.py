"""Going back on what came in: read again after a new declaration, take back a wrong import."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse

from jalons.collection.forms.actions import declare
from jalons.collection.submissions.actions import reject, reread, start_rereading, validate, withdraw
from jalons.collection.submissions.models import Batch, Rereading, Submission
from jalons.collection.submissions.projection import table_name
from jalons.collection.submissions.rebuilding import rebuild
from jalons.collection.submissions.tests.builders import a_csv, a_received_form, received, two_regions
from jalons.core import jobs
from jalons.core.errors import Refused
from jalons.core.models import Event
from tests.builders import a_programme, a_user

pytestmark = pytest.mark.django_db
ROW = "a1,2026-10-02,09,Amina,3,eau,Oriental"


@pytest.fixture
def foyer():
    two_regions()
    return a_received_form()


def again(form, by):
    return reread(rereading=Rereading.objects.create(form=form, by=by), by=by)


def rows(form, columns, order="_submission, _until"):
    with connection.cursor() as cursor:
        cursor.execute(f"select {columns} from projection.{table_name(form.pk)} order by {order}")
        return cursor.fetchall()


def test_reading_again_without_a_change_changes_nothing(foyer):
    form, officer = foyer
    received(form, a_csv(ROW, "a2,,02,,,,", "a3,2026-10-03,Nulle part,,0,mer,", ROW), officer)
    validate(submission=Submission.objects.get(instance_id="a1"), by=a_user("me_officer", form.programme))
    before = list(Submission.objects.order_by("pk").values()), rows(form, f"{table_name(form.pk)}::text")

    done = again(form, officer)

    assert (done.report["read"], done.report["changed"], done.state) == (3, 0, "done")
    assert (list(Submission.objects.order_by("pk").values()), rows(form, f"{table_name(form.pk)}::text")) == before


def test_a_new_declaration_moves_what_was_received_before(foyer):
    form, officer = foyer
    received(form, a_csv(ROW), officer)
    declare(form=form, roles={"territory": "nom", "collector": ""}, by=officer)

    done = again(form, officer)

    submission = Submission.objects.select_related("region").get()
    assert (submission.region.name["fr"], submission.collector, submission.author) == ("Oriental", "", officer)
    assert (done.report["placed"], done.report["signed"], done.report["dated"]) == (1, 1, 0)
    assert rows(form, "_region, _state") == [(submission.region_id, "received")]


def test_what_a_new_declaration_cannot_place_is_flagged_and_what_it_places_no_longer_is(foyer):
    form, officer = foyer
    received(form, a_csv("a1,2026-10-02,Nulle part,,3,eau,Oriental"), officer)
    found = Submission.objects.get()
    assert (found.flag_count, found.flags.get().check_code) == (1, "territory")

    declare(form=form, roles={"territory": "nom"}, by=officer)
    again(form, officer)
    found.refresh_from_db()
    assert (found.flag_count, found.flags.count()) == (0, 0)

    declare(form=form, roles={"territory": "lieu"}, by=officer)
    again(form, officer)
    found.refresh_from_db()
    assert (found.region, found.flags.get().check_code) == (None, "territory")


def test_what_counted_before_a_new_declaration_is_kept_as_it_counted(foyer):
    form, officer = foyer
    received(form, a_csv(ROW), officer)
    validate(submission=Submission.objects.get(), by=a_user("me_officer", form.programme))
    souss = Submission.objects.get().region_id
    declare(form=form, roles={"territory": "nom"}, by=officer)

    again(form, officer)

    submission = Submission.objects.get()
    assert submission.state == "validated"
    past, present = rows(form, "_state, _region, _since, least(_until, '2999-01-01')")
    assert past[:2] == ("closed", souss) and past[2] == submission.reviewed_at
    assert present[:2] == ("validated", submission.region_id) and present[2] == past[3] > past[2]


def test_rebuilding_tells_the_same_story_after_a_new_declaration(foyer):
    form, officer = foyer
    received(form, a_csv(ROW, "a2,2026-10-02,02,,3,eau,Oriental"), officer)
    for submission in Submission.objects.all():
        validate(submission=submission, by=a_user("me_officer", form.programme))
    declare(form=form, roles={"territory": "nom"}, by=officer)
    again(form, officer)
    before = rows(form, f"{table_name(form.pk)}::text")

    rebuild(form)

    assert len(before) == 3
    assert rows(form, f"{table_name(form.pk)}::text") == before


def test_who_turns_out_to_be_the_author_has_not_reviewed(foyer):
    form, officer = foyer
    other = a_user("me_officer", form.programme)
    other.name = "Rachida El Amrani"
    other.save()
    received(form, a_csv("a1,2026-10-02,09,Amina,3,eau,Rachida El Amrani"), officer)
    validate(submission=Submission.objects.get(), by=other)
    declare(form=form, roles={"collector": "nom"}, by=officer)

    done = again(form, officer)

    submission = Submission.objects.get()
    assert (submission.state, submission.author, submission.reviewed_by) == ("received", other, None)
    assert done.report["reopened"] == 1
    assert rows(form, "_state") == [("closed",), ("received",)]


def test_the_sender_of_an_export_is_its_collector_again_when_no_question_tells(foyer):
    form, officer = foyer
    header = "_uuid,jour,lieu,agent,_submitted_by"
    received(form, a_csv("a1,2026-10-02,09,Amina,kobo_agadir", header=header), officer)
    declare(form=form, roles={"collector": ""}, by=officer)

    again(form, officer)

    assert Submission.objects.get().collector == "kobo_agadir"


def test_a_rereading_is_background_work_with_its_report(foyer, client, django_capture_on_commit_callbacks):
    form, officer = foyer
    received(form, a_csv(ROW), officer)
    client.force_login(officer)
    declared = {
        "title_fr": "Foyer",
        "territory": "nom",
        "date": "jour",
        "sex": "",
        "collector": "agent",
        "personal": ["nom"],
    }

    page = client.post(reverse("forms:form-declare", args=[form.pk]), declared)
    assert page.url == reverse("submissions:form-reread", args=[form.pk])
    assert "lues avec l’ancienne" in client.get(reverse("submissions:form-standing", args=[form.pk])).content.decode()
    page = client.post(page.url)
    rereading = Rereading.objects.get()
    job = jobs.run(rereading.job)

    assert page.url == job.result["url"] == reverse("submissions:rereading-detail", args=[rereading.pk])
    assert job.result["message"].startswith("1 soumissions relues, 1 changées")
    text = client.get(page.url).content.decode()
    assert "Ont changé de territoire" in text
    assert "l’ancienne" not in client.get(reverse("submissions:form-standing", args=[form.pk])).content.decode()
    assert list(Event.objects.values_list("verb", flat=True).order_by("-pk")[:2]) == [
        "submissions.reread",
        "rereading.started",
    ]


def test_a_declaration_that_changes_nothing_asks_for_no_rereading(foyer, client):
    form, officer = foyer
    received(form, a_csv(ROW), officer)
    client.force_login(officer)
    same = {"title_fr": "Foyer", "territory": "lieu", "date": "jour", "sex": "", "collector": "agent", "personal": []}

    page = client.post(reverse("forms:form-declare", args=[form.pk]), same)

    assert page.url == reverse("forms:form-detail", args=[form.pk])


def test_a_rereading_touches_all_regions_so_a_narrowed_person_may_not_ask_it(foyer):
    form, officer = foyer
    received(form, a_csv(ROW), officer)
    souss = Submission.objects.get().region
    local = a_user("regional_coordinator", form.programme, region=souss)

    with pytest.raises(Refused, match="toutes les régions"):
        start_rereading(form=form, by=local)
    start_rereading(form=form, by=officer)
    with pytest.raises(Refused, match="déjà en cours"):
        start_rereading(form=form, by=officer)


def test_a_form_that_received_nothing_is_not_read_again(foyer):
    form, officer = foyer

    with pytest.raises(Refused, match="rien à relire"):
        start_rereading(form=form, by=officer)


# Taking an import back


def test_a_wrong_import_is_taken_back_with_a_reason(foyer):
    form, officer = foyer
    batch = received(form, a_csv(ROW), officer)

    withdraw(batch=batch, reason="Mauvais fichier", by=officer)

    submission, batch = Submission.objects.get(), Batch.objects.get()
    assert (submission.state, submission.rejection_reason) == ("withdrawn", "Mauvais fichier")
    assert (batch.state, batch.withdrawn_by, batch.withdrawal_reason) == ("withdrawn", officer, "Mauvais fichier")
    assert submission.versions.count() == 1
    assert rows(form, "_state") == [("withdrawn",)]
    assert Event.objects.latest("pk").verb == "batch.withdrawn"


def test_the_same_file_comes_in_again_after_it_was_taken_back(foyer):
    form, officer = foyer
    withdraw(batch=received(form, a_csv(ROW), officer), reason="Trop tôt", by=officer)

    batch = received(form, a_csv(ROW), officer)

    submission = Submission.objects.get()
    assert (submission.state, submission.batch, submission.rejection_reason) == ("received", batch, "")
    assert (batch.report["received"], batch.report["unchanged"], batch.report["reopened"]) == (1, 0, 0)
    assert rows(form, "_state") == [("received",)]


def test_what_a_wrong_import_had_corrected_goes_back_to_the_version_before(foyer):
    form, officer = foyer
    received(form, a_csv(ROW), officer)
    wrong = received(form, a_csv("a1,2026-11-02,02,Amina,30,eau,Fausse", "a9,2026-11-02,02,,1,,"), officer)

    withdraw(batch=wrong, reason="Mauvaise feuille", by=officer)

    back, gone = Submission.objects.order_by("pk")
    assert (back.state, back.version, back.collected_on, back.versions.count()) == ("received", 1, date(2026, 10, 2), 2)
    assert back.region.code == "09"
    assert gone.state == "withdrawn"
    assert rows(form, "_state, taille") == [("received", 3), ("withdrawn", 1)]


def test_an_import_of_which_something_is_validated_is_not_taken_back(foyer):
    form, officer = foyer
    batch = received(form, a_csv(ROW, "a2,,,,,,"), officer)
    second = a_user("me_officer", form.programme)
    submission = Submission.objects.get(instance_id="a1")
    validate(submission=submission, by=second)

    with pytest.raises(Refused, match="1 des 2 soumissions de cet import sont validées"):
        withdraw(batch=batch, reason="Faux", by=officer)

    reject(submission=submission, reason="Faux", by=second)
    withdraw(batch=batch, reason="Faux", by=officer)
    assert set(Submission.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_an_import_is_taken_back_by_whom_it_is_or_by_whom_decides(foyer):
    form, officer = foyer
    batch = received(form, a_csv(ROW), officer)
    writer, stranger = a_user("project_officer", form.programme), a_user("me_officer", a_programme())

    with pytest.raises(Refused, match="d’une autre personne"):
        withdraw(batch=batch, reason="Faux", by=writer)
    with pytest.raises(PermissionDenied):
        withdraw(batch=batch, reason="Faux", by=stranger)
    with pytest.raises(Refused, match="pourquoi"):
        withdraw(batch=batch, reason=" ", by=officer)
    withdraw(batch=batch, reason="Faux", by=a_user("project_manager", form.programme))


def test_an_import_is_taken_back_once(foyer):
    form, officer = foyer
    batch = received(form, a_csv(ROW), officer)
    withdraw(batch=batch, reason="Faux", by=officer)

    with pytest.raises(Refused, match="terminé"):
        withdraw(batch=batch, reason="Faux", by=officer)


def test_the_page_of_an_import_offers_to_take_it_back_and_says_who_did(foyer, client):
    form, officer = foyer
    batch = received(form, a_csv(ROW), officer)
    client.force_login(officer)
    url = reverse("submissions:batch-withdraw", args=[batch.pk])
    assert url in client.get(reverse("submissions:batch-detail", args=[batch.pk])).content.decode()

    page = client.post(url, {"reason": "Mauvais fichier"}, follow=True)

    text = page.content.decode()
    assert "Mauvais fichier" in text and "Import retiré par" in text and url not in text


def test_a_withdrawn_submission_is_no_longer_offered_for_review(foyer, client):
    form, officer = foyer
    withdraw(batch=received(form, a_csv(ROW), officer), reason="Faux", by=officer)
    client.force_login(a_user("me_officer", form.programme))

    page = client.get(reverse("submissions:submission-detail", args=[Submission.objects.get().pk]))

    assert page.context["actions"] == []
