"""An ODK Central server: its instances come in as their XML, each version in its turn, and reviews go both ways."""

import pytest

from jalons.collection.forms.actions import import_form
from jalons.collection.submissions import actions, servers
from jalons.collection.submissions.actions import Access
from jalons.collection.submissions.models import Enclosure, Submission
from jalons.collection.submissions.tests import other_servers
from jalons.collection.submissions.tests.builders import a_received_form, a_survey, an_instance, two_regions
from jalons.collection.submissions.tests.other_servers import a_central_row, serving
from jalons.core import documents
from jalons.core.errors import Refused
from tests.builders import a_user

BODY = "<jour>2026-03-02</jour><lieu>Souss-Massa</lieu><agent>Agent 1</agent><taille>3</taille>"
UUID = "uuid:2f640000-0000-4000-8000-{:012}"
ACCOUNT, PASSWORD = other_servers.Central.account


@pytest.fixture(autouse=True)
def on_this_machine(settings, monkeypatch):
    settings.PRIVATE_SERVERS = True
    monkeypatch.setattr(servers, "PAUSE", 0)


@pytest.fixture
def central(db):
    with serving(other_servers.Central) as (address, state):
        fields = [{"name": "taille", "path": "/taille", "type": "int"}]
        state.forms["foyer"] = {"version": "1", "publishedAt": "2026-10-01T00:00:00.000Z", "fields": fields}
        state.address = address
        yield state


@pytest.fixture
def connection(central):
    form, officer = a_received_form()
    two_regions()
    access = Access("odk", central.address, ACCOUNT, PASSWORD)
    actions.check_access(access)
    made = actions.open_connection(programme=form.programme, name="Central", access=access, by=officer)
    made.form = form
    return made


@pytest.fixture
def tie(connection):
    return actions.tie_project(connection=connection, remote_id="3/foyer", form=connection.form, by=connection.by)


def send(central, number, body=BODY, **files):
    name = UUID.format(number)
    return a_central_row(central, "foyer", name, an_instance(name, body), **files)


def edit(central, row, number, new, body):
    """What Central keeps of an edit: all versions, and a state to review again."""
    content = an_instance(UUID.format(new), body, deprecated=list(row["versions"])[-1])
    row["versions"][UUID.format(new)] = content
    row |= {"updatedAt": central.now(), "reviewState": "edited"}


def pull(tie, **how):
    tie.refresh_from_db()
    return actions.pull(tie, tie.connection.by, **how)


def test_instances_come_in_byte_for_byte_page_after_page(tie, central):
    central.most = 2
    for number in range(1, 6):
        send(central, number)

    assert pull(tie).received == 5

    version = Submission.objects.get(instance_id=UUID.format(1)).versions.get()
    assert (bytes(version.content), version.media_type) == (an_instance(UUID.format(1), BODY), "text/xml")
    assert version.answers["taille"] == 3


def test_an_edit_is_found_and_each_version_between_is_kept(tie, central):
    row = send(central, 1)
    send(central, 2)
    pull(tie)
    edit(central, row, 1, 11, BODY.replace("3</taille>", "4</taille>"))
    edit(central, row, 1, 12, BODY.replace("3</taille>", "5</taille>"))

    done = pull(tie)

    submission = Submission.objects.get(instance_id=UUID.format(1))
    assert (done.updated, Submission.objects.count()) == (2, 2)
    assert [version.answers["taille"] for version in submission.versions.all()] == [3, 4, 5]
    assert submission.versions.get(number=3).reason == "correction envoyée par la personne qui a collecté"


def test_a_review_moves_updated_at_and_is_no_new_version(tie, central):
    row = send(central, 1)
    pull(tie)
    row |= {"reviewState": "rejected", "updatedAt": central.now()}

    done = pull(tie)

    assert (done.updated, done.unchanged, tie.counterparts.get().review) == (0, 0, "rejected")
    assert (Submission.objects.get().state, Submission.objects.get().version) == ("received", 1)


def test_a_pull_asks_only_for_what_moved_since_the_last(tie, central):
    send(central, 1)
    pull(tie)
    central.asked.clear()

    pull(tie)

    lists = [path for verb, path, _body in central.asked if ".svc/" in path]
    assert len(lists) == 1
    assert "ge+2026-10-02T07%3A55%3A01.101Z" in lists[0]


def test_our_decision_goes_there_as_their_word(tie, central):
    rows = [send(central, 1), send(central, 2)]
    pull(tie)
    officer = a_user("me_officer", tie.form.programme)
    one, two = Submission.objects.order_by("instance_id")
    actions.validate(submission=one, by=officer)
    actions.reject(submission=two, reason="Doublon", by=officer)

    assert (pull(tie).told, pull(tie).told) == (2, 0)
    assert [row["reviewState"] for row in rows] == ["approved", "rejected"]


def test_what_was_deleted_there_is_asked_about_here_and_comes_back_if_restored(tie, central):
    row = send(central, 1)
    send(central, 2)
    pull(tie)
    row["deletedAt"] = central.now()

    assert pull(tie).gone == 1
    assert tie.counterparts.get(remote_id=UUID.format(1)).state == "gone"
    row["deletedAt"] = None
    pull(tie)
    assert tie.counterparts.get(remote_id=UUID.format(1)).state == "in"
    assert Submission.objects.filter(state="received").count() == 2


def test_files_come_with_their_names(tie, central):
    send(central, 1, **{"photo été.jpg": b"\xff\xd8\xff\xe0 a photo"})

    assert pull(tie).files == 1
    kept = Enclosure.objects.get()
    assert (kept.name, documents.read(kept.sha256)) == ("photo été.jpg", b"\xff\xd8\xff\xe0 a photo")


def test_the_submitter_is_the_author_when_known_by_an_account(tie, central):
    agent = a_user("me_officer", tie.form.programme)
    agent.name = "Agent Rabat"
    agent.save()
    send(central, 1, BODY.replace("<agent>Agent 1</agent>", ""))
    send(central, 2)
    pull(tie)

    authors = [row.author for row in Submission.objects.order_by("instance_id")]
    assert authors == [agent, tie.connection.by]


def test_a_wrong_password_and_a_single_sign_on_are_told_apart(central):
    with pytest.raises(Refused, match="mot de passe"):
        actions.check_access(Access("odk", central.address, ACCOUNT, "autre"))
    central.faults["sessions"] = ["404"]
    with pytest.raises(Refused, match="SSO"):
        actions.check_access(Access("odk", central.address, ACCOUNT, PASSWORD))
    central.faults["sessions"] = ["404"]
    with pytest.raises(Refused, match="importez-les ici"):
        actions.check_access(Access("odk", central.address, ACCOUNT, PASSWORD))
    central.faults["sessions"] = ["page"]
    with pytest.raises(Refused, match="page web"):
        actions.check_access(Access("odk", central.address, ACCOUNT, PASSWORD))


def test_neither_token_nor_password_is_left_on_the_disk_nor_there(connection, central, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    actions.check_access(Access("odk", central.address, ACCOUNT, PASSWORD))

    assert list(tmp_path.iterdir()) == []
    assert [path for verb, path, _body in central.asked if verb == "DELETE"][-1] == "/v1/sessions/current"


def test_a_form_of_another_name_is_not_tied(connection, central):
    central.forms["autre"] = central.forms["foyer"]

    with pytest.raises(Refused, match="autre"):
        actions.tie_project(connection=connection, remote_id="3/autre", form=connection.form, by=connection.by)


def test_a_form_is_taken_from_there(connection, central):
    central.forms["visite"] = central.forms["foyer"]
    central.workbooks["visite"] = a_survey(settings=[["form_id", "version"], ["visite", "1"]])

    tie = actions.tie_project(connection=connection, remote_id="3/visite", by=connection.by)

    assert (tie.form.code, tie.versions) == ("visite", {"1": tie.form.versions.get().pk})


def test_our_form_goes_there_as_a_draft_then_published_and_again(connection, central):
    other = import_form(
        programme=connection.programme, data=a_survey(settings=[["form_id"], ["visite"]]), file_name="visite.xlsx",
        by=connection.by,
    ).form  # fmt: skip

    made = actions.deploy(connection=connection, form=other, project="3", by=connection.by)
    again = actions.deploy(connection=connection, form=other, project="", by=connection.by)

    assert (made.remote_id, again.pk) == ("3/visite", made.pk)
    assert central.forms["visite"]["publishedAt"]
    posted = [path.partition("?")[0] for verb, path, _body in central.asked if verb == "POST"]
    written = [path.removeprefix("/v1/projects/3/forms") for path in posted]
    kept = [path for path in written if "sessions" not in path]
    assert kept == ["", "/visite/draft/publish", "/visite/draft", "/visite/draft/publish"]


def test_a_new_form_goes_to_a_project_that_is_named(connection, central):
    with pytest.raises(Refused, match="numéro du projet"):
        actions.request_deployment(connection=connection, form=connection.form, project="", by=connection.by)
