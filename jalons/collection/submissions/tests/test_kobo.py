"""A KoboToolbox server: what it holds comes in whole, once, in any order of failures; and what differs is explained."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from jalons.collection.forms.actions import import_form
from jalons.collection.submissions import actions, servers, tasks
from jalons.collection.submissions.actions import Access
from jalons.collection.submissions.models import Connection, Counterpart, Enclosure, Submission
from jalons.collection.submissions.rules.servers import base_address
from jalons.collection.submissions.tests import other_servers
from jalons.collection.submissions.tests.builders import a_received_form, a_survey, received, two_regions
from jalons.collection.submissions.tests.other_servers import TOKEN, a_kobo_row, edit, serving
from jalons.core import documents
from jalons.core.errors import Refused
from jalons.core.jobs import enqueue, run
from jalons.core.models import Job
from tests.builders import a_user

ANSWERS = {
    "jour": "2026-03-02",
    "lieu": "Souss-Massa",
    "agent": "Agent 1",
    "taille": "3",
    "besoins": "eau toit",
    "double": "6",
}
OTHER = "71d00000-0000-4000-8000-000000000001"


@pytest.fixture(autouse=True)
def on_this_machine(settings, monkeypatch):
    settings.PRIVATE_SERVERS = True
    monkeypatch.setattr(servers, "PAUSE", 0)


@pytest.fixture
def kobo(db):
    with serving(other_servers.Kobo) as (address, state):
        state.assets["aFoyer"] = {
            "uid": "aFoyer", "name": "Foyers", "has_deployment": True, "deployed_version_id": "v1", "version_id": "v1",
            "content": {"survey": [{"type": "text", "name": name} for name in ANSWERS]},
        }  # fmt: skip
        state.workbooks["aFoyer"] = a_survey()
        state.rows["aFoyer"] = []
        state.address = address
        yield state


@pytest.fixture
def tie(kobo):
    form, officer = a_received_form()
    form.regions = two_regions()
    access = Access("kobo", kobo.address, "", TOKEN)
    actions.check_access(access)
    connection = actions.open_connection(programme=form.programme, name="Kobo", access=access, by=officer)
    return actions.tie_project(connection=connection, remote_id="aFoyer", form=form, by=officer)


def fill(kobo, *numbers, **answers):
    kobo.rows["aFoyer"] += [a_kobo_row(number, **ANSWERS, **answers) for number in numbers]
    return kobo.rows["aFoyer"]


def pull(tie, **how):
    tie.refresh_from_db()
    return actions.pull(tie, tie.connection.by, **how)


def held(tie):
    return dict(tie.counterparts.values_list("remote_id", "state"))


def test_what_kobo_holds_comes_in_with_its_answers_kept_as_told(tie, kobo):
    fill(kobo, 48213, membre=[{"membre/prenom": "Lina", "membre/age": "6"}])

    done = pull(tie)

    submission = Submission.objects.get()
    version = submission.versions.get()
    assert (done.received, submission.instance_id) == (1, "uuid:2f640000-0000-4000-8000-000000048213")
    assert version.answers["membre"] == [{"prenom": "Lina", "age": 6}]
    assert (version.answers["taille"], version.answers["besoins"], version.unread) == (3, ["eau", "toit"], [])
    assert json.loads(bytes(version.content)) == kobo.rows["aFoyer"][0]
    assert str(submission.region) == "Souss-Massa"


def test_a_page_cut_in_silence_loses_nothing(tie, kobo):
    kobo.most = 3
    fill(kobo, *range(1, 11))

    assert pull(tie).received == 10
    assert tie.cursor == {"id": 10}


def test_an_edit_that_moves_no_time_makes_a_new_version_of_the_same_submission(tie, kobo):
    row = fill(kobo, 1, 2)[0]
    pull(tie)
    edit(row, OTHER, taille="5")

    done = pull(tie, whole=True)

    submission = Submission.objects.get(instance_id__endswith="01")
    assert (done.received, done.updated, Submission.objects.count()) == (0, 1, 2)
    assert (submission.version, submission.current.answers["taille"]) == (2, 5)
    assert submission.current.instance_id == f"uuid:{OTHER}"
    assert submission.instance_id == "uuid:2f640000-0000-4000-8000-000000000001"


def test_what_changes_besides_the_answers_is_no_new_version(tie, kobo):
    row = fill(kobo, 1)[0]
    pull(tie)
    edit(row, OTHER)
    row["_tags"] = ["vu"]

    done = pull(tie, whole=True)

    assert (done.updated, done.unchanged, Submission.objects.get().version) == (0, 1, 1)


def test_what_an_export_brought_in_before_is_recognised_and_stays_validated(tie, kobo):
    row = fill(kobo, 1)[0]
    line = f"{row['_uuid']},2026-03-02,Souss-Massa,Agent 1,3,eau toit,6"
    received(tie.form, f"_uuid,jour,lieu,agent,taille,besoins,double\n{line}\n".encode(), tie.connection.by)
    actions.validate(submission=Submission.objects.get(), by=a_user("me_officer", tie.form.programme))

    done = pull(tie)

    assert (done.received, done.unchanged) == (0, 1)
    assert Submission.objects.get().state == "validated"
    assert tie.counterparts.get().submission == Submission.objects.get()


@pytest.mark.parametrize(
    ("fault", "word"),
    [("cut", "coupée"), ("truncated", "coupée"), ("drop", "coupée"), ("page", "page web"), ("503", "débordé"),
     ("429", "débordé")],
)  # fmt: skip
def test_a_failure_in_the_middle_keeps_what_came_and_the_next_pull_goes_on(tie, kobo, fault, word):
    kobo.most = 2
    fill(kobo, 1, 2, 3, 4, 5)
    kobo.faults['"%24gt"%3A+2'] = kobo.faults["%22%24gt%22%3A+2"] = [fault] * 4

    with pytest.raises(Refused, match=word):
        pull(tie)
    assert (Submission.objects.count(), tie.cursor) == (2, {"id": 2})
    kobo.faults.clear()

    assert pull(tie).received == 3
    assert Submission.objects.count() == 5


def test_a_passing_failure_is_tried_again_without_a_word(tie, kobo):
    fill(kobo, 1)
    kobo.faults["/data/"] = ["503", "drop", "truncated"]

    assert pull(tie).received == 1


def test_a_shape_that_changed_is_said_and_brings_nothing_in(tie, kobo):
    kobo.rows["aFoyer"] = [{"_id": 1, "surprise": True}]
    kobo.assets["aFoyer"]["uid"] = None
    with pytest.raises(Refused, match="forme attendue"):
        kobo.assets["aFoyer"].pop("uid")
        pull(tie)
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("address", "word"),
    [("http://kobo.exemple.org", "https"), ("https://moi:mot@exemple.org", "mot de passe"), ("rien du tout", "adresse"),
     ("ftp://exemple.org", "adresse")],
)  # fmt: skip
def test_an_address_that_would_betray_the_token_is_refused(address, word):
    with pytest.raises(Refused, match=word):
        base_address(address)


def test_a_private_network_is_refused_before_anything_is_sent(kobo, settings):
    settings.PRIVATE_SERVERS = False

    with pytest.raises(Refused, match="réseau privé"):
        actions.check_access(Access("kobo", kobo.address, "", TOKEN))
    assert kobo.asked == []


def test_a_wrong_token_an_unknown_host_and_a_dead_port_are_told_apart(kobo):
    for address, token, word in (
        (kobo.address, "0" * 40, "jeton"),
        ("https://serveur-inconnu.invalid", TOKEN, "Aucun serveur"),
        ("http://127.0.0.1:9", TOKEN, "coupée"),
        (kobo.address.replace("http:", "https:"), TOKEN, "certificat"),
    ):
        with pytest.raises(Refused, match=word):
            actions.check_access(Access("kobo", address, "", token))


def test_a_password_and_a_second_factor_are_told_apart_with_what_to_do(kobo):
    with pytest.raises(Refused, match="Sécurité"):
        actions.check_access(Access("kobo", kobo.address, "", "une phrase secrète"))
    kobo.denial = "Multi-factor authentication is enabled for this account. Token authentication cannot be used."
    with pytest.raises(Refused, match="un compte sans elle"):
        actions.check_access(Access("kobo", kobo.address, "", "0" * 40))


def test_the_token_is_sealed_and_a_lost_key_is_explained(tie, kobo, settings):
    assert TOKEN not in tie.connection.secret
    assert TOKEN not in repr(Access("kobo", "", "", TOKEN))
    settings.VAULT_KEY = "une autre clé"

    with pytest.raises(Refused, match="vault_key"):
        pull(tie)


def test_what_went_there_waits_for_a_person_and_changes_nothing_by_itself(tie, kobo):
    rows = fill(kobo, 1, 2, 3)
    pull(tie)
    del rows[0:2]

    assert pull(tie, whole=True).gone == 2
    assert Submission.objects.filter(state="received").count() == 3
    one, two = tie.counterparts.filter(state="gone").order_by("pk")
    actions.settle_deletion(counterpart=one, withdraws=True, reason="Essai", by=tie.connection.by)
    actions.settle_deletion(counterpart=two, withdraws=False, reason="Vraie fiche", by=tie.connection.by)
    pull(tie, whole=True)

    assert held(tie) == {"1": "let_go", "2": "kept", "3": "in"}
    assert list(Submission.objects.order_by("pk").values_list("state", flat=True)) == [
        "withdrawn",
        "received",
        "received",
    ]


def test_a_list_shorter_than_announced_proves_no_deletion(tie, kobo, monkeypatch):
    fill(kobo, 1, 2, 3)
    pull(tie)
    whole = other_servers.matches
    monkeypatch.setattr(other_servers, "matches", lambda row, query: row["_id"] != 2 and whole(row, query))

    assert pull(tie, whole=True).gone == 0
    assert held(tie) == {"1": "in", "2": "in", "3": "in"}


def test_what_counts_is_rejected_before_it_may_be_withdrawn(tie, kobo):
    rows = fill(kobo, 1)
    pull(tie)
    officer = a_user("me_officer", tie.form.programme)
    actions.validate(submission=Submission.objects.get(), by=officer)
    rows.clear()
    pull(tie, whole=True)

    with pytest.raises(Refused, match="Rejetez-la"):
        actions.settle_deletion(counterpart=tie.counterparts.get(), withdraws=True, reason="Essai", by=officer)
    assert (Submission.objects.get().state, held(tie)) == ("validated", {"1": "gone"})


def test_our_decision_is_told_there_once_and_tried_again_when_it_fails(tie, kobo):
    rows = fill(kobo, 1, 2)
    pull(tie)
    officer = a_user("me_officer", tie.form.programme)
    one, two = Submission.objects.order_by("pk")
    actions.validate(submission=one, by=officer)
    actions.reject(submission=two, reason="Doublon", by=officer)
    kobo.faults["/data/1/validation_status/"] = ["503"]

    first = pull(tie)
    assert (first.told, tie.counterparts.get(remote_id="1").untold != {}) == (1, True)
    assert (pull(tie).told, pull(tie).told) == (1, 0)
    assert [row["_validation_status"]["uid"] for row in rows] == [
        "validation_status_approved", "validation_status_not_approved",
    ]  # fmt: skip


def test_their_review_is_a_proposal_that_a_person_may_follow(tie, kobo):
    rows = fill(kobo, 1, 2, 3)
    rows[0]["_validation_status"] = {"uid": "validation_status_approved"}
    pull(tie)
    rows[1]["_validation_status"] = {"uid": "validation_status_not_approved"}
    rows[2]["_validation_status"] = {"uid": "validation_status_on_hold"}
    pull(tie, whole=True)

    assert Submission.objects.filter(state="received").count() == 3
    actions.follow_reviews(tie=tie, by=a_user("me_officer", tie.form.programme))

    assert list(Submission.objects.order_by("pk").values_list("state", flat=True)) == [
        "validated",
        "rejected",
        "received",
    ]


def test_files_are_fetched_after_and_again_when_they_fail(tie, kobo):
    row = fill(kobo, 1)[0]
    row["_attachments"] = [{"uid": "att1", "filename": "u/attachments/x/photo.jpg", "is_deleted": False}]
    kobo.faults["/attachments/"] = ["404"]
    kobo.photos["att1"] = b"\xff\xd8\xff\xe0 a photo"

    pull(tie)
    assert Enclosure.objects.get().sha256 == ""
    assert pull(tie).files == 1

    kept = Enclosure.objects.get()
    assert (documents.read(kept.sha256), kept.media_type, kept.name) == (kobo.photos["att1"], "image/jpeg", "photo.jpg")


def test_what_is_refused_is_listed_with_its_reason_and_tried_again(tie, kobo):
    fill(kobo, 1)
    kobo.rows["aFoyer"][0]["1bad"] = "x"

    assert pull(tie).refused == 1
    row = tie.counterparts.get()
    assert (row.state, "1bad" in row.why, row.submission) == ("refused", True, None)
    del kobo.rows["aFoyer"][0]["1bad"]
    assert pull(tie, whole=True).received == 1
    assert held(tie) == {"1": "in"}


def test_a_form_is_taken_from_there_with_its_files(kobo, db):
    form, officer = a_received_form()
    kobo.workbooks["aFoyer"] = a_survey(settings=[["form_title"], ["Foyers"]])
    kobo.files["aFoyer"] = [("villes.csv", b"name,label\n1,Oujda\n")]
    access = Access("kobo", kobo.address, "", TOKEN)
    connection = actions.open_connection(programme=form.programme, name="Kobo", access=access, by=officer)

    tie = actions.tie_project(connection=connection, remote_id="aFoyer", by=officer)

    assert (tie.form.code, tie.versions) == ("aFoyer", {"v1": tie.form.versions.get().pk})
    assert documents.documents_of(tie.form).get().name == "villes.csv"


def test_a_form_that_lacks_questions_of_there_is_not_tied(tie, kobo):
    kobo.assets["aAutre"] = {
        **kobo.assets["aFoyer"],
        "uid": "aAutre",
        "content": {"survey": [{"type": "text", "name": "autre"}]},
    }

    with pytest.raises(Refused, match="autre"):
        actions.tie_project(connection=tie.connection, remote_id="aAutre", form=tie.form, by=tie.connection.by)


def test_our_form_is_deployed_there_then_its_next_version(tie, kobo):
    form, officer = tie.form, tie.connection.by
    actions.untie(tie=tie, by=officer)
    other = import_form(
        programme=form.programme, data=a_survey(settings=[["form_id"], ["visite"]]), file_name="v.xlsx", by=officer
    ).form

    made = actions.deploy(connection=tie.connection, form=other, project="", by=officer)
    uid = made.remote_id
    assert kobo.assets[uid]["deployed_version_id"] == "v1"
    assert kobo.workbooks[uid] == documents.read(other.versions.get().sha256)
    again = actions.deploy(connection=tie.connection, form=other, project="", by=officer)

    assert (again.pk, kobo.assets[uid]["deployed_version_id"]) == (made.pk, "v2")


def test_each_turn_pulls_and_a_failing_server_waits_longer_each_time(tie, kobo):
    fill(kobo, 1)
    tasks.pull_due.func(0)
    connection = Connection.objects.get()
    assert (Submission.objects.count(), connection.failures, connection.trouble) == (1, 0, "")
    kobo.token = "autre"
    for _turn in range(2):
        Connection.objects.update(next_at=timezone.now())
        tasks.pull_due.func(0)

    connection.refresh_from_db()
    assert (connection.failures, "jeton" in connection.trouble) == (2, True)
    assert timezone.now() + timedelta(minutes=55) < connection.next_at < timezone.now() + timedelta(minutes=65)


def test_a_pull_asked_for_tells_its_counts(tie, kobo):
    fill(kobo, 1, 2)
    actions.request_pull(tie=tie, by=tie.connection.by)

    done = run(Job.objects.get())

    assert (done.state, done.result["message"][:9]) == ("done", "2 reçues,")


def test_who_lost_the_right_to_send_pulls_nothing_more(tie, kobo):
    fill(kobo, 1)
    tie.connection.by.memberships.all().delete()

    with pytest.raises(Refused, match="redonnez"):
        pull(tie)
    assert not Submission.objects.exists()


def test_a_job_stopped_in_the_middle_keeps_its_steps(tie, kobo):
    kobo.most = 1
    fill(kobo, 1, 2, 3)
    kobo.faults["%22%24gt%22%3A+2"] = ["drop"] * 4
    row = enqueue("submissions.pull", label="x", by=tie.connection.by, programme_id=None, tie=tie.pk)

    assert run(row).state == "failed"
    assert Submission.objects.count() == 2
    assert Counterpart.objects.count() == 2
