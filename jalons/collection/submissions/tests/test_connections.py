"""Pages of other servers: an access is tried before it is kept, and each row that differs says why."""

import pytest
from django.urls import reverse

from jalons.collection.submissions import actions, servers
from jalons.collection.submissions.actions import Access
from jalons.collection.submissions.differences import compare
from jalons.collection.submissions.models import Connection, Submission, Tie
from jalons.collection.submissions.tests import other_servers
from jalons.collection.submissions.tests.builders import a_received_form, a_survey, received
from jalons.collection.submissions.tests.other_servers import TOKEN, a_kobo_row, serving
from tests.builders import a_user


@pytest.fixture
def kobo(db, settings, monkeypatch):
    settings.PRIVATE_SERVERS = True
    monkeypatch.setattr(servers, "PAUSE", 0)
    with serving(other_servers.Kobo) as (address, state):
        state.assets["aFoyer"] = {
            "uid": "aFoyer",
            "name": "Foyers",
            "has_deployment": True,
            "deployed_version_id": "v1",
        }
        state.assets["aFoyer"]["content"] = {"survey": [{"type": "integer", "name": "taille"}]}
        state.workbooks["aFoyer"] = a_survey()
        state.rows["aFoyer"] = [a_kobo_row(number, taille="3", lieu="x") for number in range(1, 7)]
        state.address = address
        yield state


@pytest.fixture
def officer(kobo, client):
    form, officer = a_received_form()
    client.force_login(officer)
    officer.form = form
    return officer


def typed(officer, kobo, **changes):
    return {"programme": officer.form.programme_id, "protocol": "kobo", "name": "Kobo", "address": kobo.address,
            "account": "", "secret": TOKEN, "every": "15", **changes}  # fmt: skip


def test_an_access_that_does_not_work_is_refused_and_nothing_of_it_is_kept(client, officer, kobo):
    page = client.post(reverse("submissions:connection-add"), typed(officer, kobo, secret="faux-jeton"))

    assert "Kobo refuse cet accès" in page.content.decode()
    assert "faux-jeton" not in page.content.decode()
    assert not Connection.objects.exists()


def test_a_server_is_added_a_project_chosen_and_its_first_pull_asked(client, officer, kobo):
    chosen = client.post(reverse("submissions:connection-add"), typed(officer, kobo), follow=True)
    assert "Foyers" in chosen.content.decode()
    connection = Connection.objects.get()

    said = {"remote_id": "aFoyer", "form": officer.form.pk}
    page = client.post(reverse("submissions:connection-projects", args=[connection.pk]), said, follow=True)

    assert page.redirect_chain[-1][0] == reverse("submissions:tie-detail", args=[Tie.objects.get().pk])
    assert Tie.objects.get().job.name == "submissions.pull"
    shown = client.get(reverse("submissions:connection-detail", args=[connection.pk])).content.decode()
    assert TOKEN not in shown + page.content.decode()


def test_a_server_that_answers_nothing_leaves_a_page_that_says_so(client, officer, kobo):
    access = Access("kobo", "http://127.0.0.1:9", "", TOKEN)
    connection = actions.open_connection(programme=officer.form.programme, name="K", access=access, by=officer)

    page = client.get(reverse("submissions:connection-projects", args=[connection.pk]))
    checked = client.post(reverse("submissions:connection-check", args=[connection.pk]), follow=True)

    assert page.status_code == 200
    assert "s’est coupée" in page.content.decode()
    assert "s’est coupée" in checked.content.decode()


def test_every_difference_is_listed_and_they_add_up(client, officer, kobo):
    access = Access("kobo", kobo.address, "", TOKEN)
    connection = actions.open_connection(programme=officer.form.programme, name="Kobo", access=access, by=officer)
    tie = actions.tie_project(connection=connection, remote_id="aFoyer", form=officer.form, by=officer)
    rows = kobo.rows["aFoyer"]
    actions.pull(tie, officer)
    received(officer.form, b"_uuid,jour,taille\nailleurs,2026-03-02,3\n", officer, name="ailleurs.csv")
    del rows[0:2]
    rows += [{**rows[0], "_id": 7}, {**a_kobo_row(8), "1x": "y"}]
    actions.pull(tie, officer, whole=True)
    gone, kept = tie.counterparts.filter(state="gone").order_by("pk")
    actions.settle_deletion(counterpart=kept, withdraws=False, reason="Vraie visite", by=officer)
    rows[1]["_validation_status"] = {"uid": "validation_status_on_hold"}
    actions.pull(tie, officer, whole=True)

    found = compare(tie, officer)

    assert (found.there, found.here) == (6, 7)
    assert found.there + sum(group.effect for group in found.groups) == found.here
    assert {(g.title, g.effect) for g in found.groups} == {
        ("là-bas, refusées ici", -1), ("deux fois là-bas, une fois ici", -1), ("supprimées là-bas, à décider ici", 1),
        ("supprimées là-bas, gardées ici sur décision", 1), ("ici, venues par un autre chemin", 1),
    }  # fmt: skip
    assert [g.title for g in found.others] == ["revues autrement là-bas"]
    shown = client.get(reverse("submissions:tie-detail", args=[tie.pk])).content.decode()
    for words in ("nous en avons", "ailleurs.csv", "Vraie visite", "1x"):
        assert words in shown
    assert reverse("submissions:counterpart-settle", args=[gone.pk]) in shown


def test_what_was_deleted_there_is_decided_on_a_page_with_a_reason(client, officer, kobo):
    access = Access("kobo", kobo.address, "", TOKEN)
    connection = actions.open_connection(programme=officer.form.programme, name="Kobo", access=access, by=officer)
    tie = actions.tie_project(connection=connection, remote_id="aFoyer", form=officer.form, by=officer)
    actions.pull(tie, officer)
    kobo.rows["aFoyer"].pop()
    actions.pull(tie, officer, whole=True)
    url = reverse("submissions:counterpart-settle", args=[tie.counterparts.get(state="gone").pk])

    client.post(url, {"withdraws": "1", "reason": ""})
    assert tie.counterparts.filter(state="gone").count() == 1
    client.post(url, {"withdraws": "1", "reason": "Fiche d’essai"})

    assert Submission.objects.filter(state="withdrawn").count() == 1
    assert client.get(reverse("dashboards:home")).status_code == 200


def test_a_failing_server_shows_in_what_awaits_who_can_mend_it(client, officer, kobo):
    access = Access("kobo", kobo.address, "", TOKEN)
    connection = actions.open_connection(
        programme=officer.form.programme, name="Kobo d’Oujda", access=access, by=officer
    )
    actions.tie_project(connection=connection, remote_id="aFoyer", form=officer.form, by=officer)
    kobo.token = "autre"
    actions.pull_all(connection)

    mine = client.get(reverse("dashboards:home")).content.decode()
    client.force_login(a_user("project_officer", officer.form.programme))
    theirs = client.get(reverse("dashboards:home")).content.decode()

    assert "Kobo d’Oujda" in mine
    assert "Kobo d’Oujda" not in theirs


def test_a_project_deleted_there_is_said_on_its_own_page_and_holds_no_other_back(client, officer, kobo):
    access = Access("kobo", kobo.address, "", TOKEN)
    connection = actions.open_connection(programme=officer.form.programme, name="Kobo", access=access, by=officer)
    lost = actions.tie_project(connection=connection, remote_id="aFoyer", form=officer.form, by=officer)
    kobo.assets["aReste"] = {**kobo.assets.pop("aFoyer"), "uid": "aReste"}
    kobo.rows["aReste"] = kobo.rows["aFoyer"]
    left = actions.tie_project(connection=connection, remote_id="aReste", form=officer.form, by=officer)

    actions.pull_all(connection)

    for row in (lost, left, connection):
        row.refresh_from_db()
    assert ("détachez-le" in lost.trouble, left.trouble, left.counted, connection.problem) == (True, "", 6, {})
    assert "détachez-le" in client.get(reverse("dashboards:home")).content.decode()


def test_rows_that_another_project_brought_name_it(client, officer, kobo):
    access = Access("kobo", kobo.address, "", TOKEN)
    connection = actions.open_connection(programme=officer.form.programme, name="Kobo", access=access, by=officer)
    first = actions.tie_project(connection=connection, remote_id="aFoyer", form=officer.form, by=officer)
    kobo.assets["aReste"] = {**kobo.assets["aFoyer"], "uid": "aReste", "name": "Autre enquête"}
    kobo.rows["aReste"] = [a_kobo_row(20, taille="3")]
    second = actions.tie_project(connection=connection, remote_id="aReste", form=officer.form, by=officer)
    for tie in (first, second):
        actions.pull(tie, officer)

    (group,) = compare(first, officer).groups

    assert (group.title, group.effect, group.lines[0].why) == (
        "ici, venues d’autres projets", 1, "Projet « \u2068Autre enquête\u2069 »."
    )  # fmt: skip


def test_a_file_of_another_server_is_read_like_any_other(client, officer, kobo):
    row = kobo.rows["aFoyer"][0]
    row["_attachments"] = [{"uid": "att1", "filename": "u/x/photo.jpg", "is_deleted": False}]
    kobo.photos["att1"] = b"\xff\xd8\xff\xe0 a photo"
    access = Access("kobo", kobo.address, "", TOKEN)
    connection = actions.open_connection(programme=officer.form.programme, name="Kobo", access=access, by=officer)
    tie = actions.tie_project(connection=connection, remote_id="aFoyer", form=officer.form, by=officer)
    actions.pull(tie, officer)
    counterpart = tie.counterparts.get(remote_id="1")
    url = reverse("submissions:enclosure-download", args=[counterpart.enclosures.get().pk])

    page = client.get(reverse("submissions:submission-detail", args=[counterpart.submission_id])).content.decode()

    assert url in page
    assert "Aussi sur" in page
    assert b"".join(client.get(url).streaming_content) == kobo.photos["att1"]
    client.force_login(a_user("grants_officer", officer.form.programme))
    assert client.get(url).status_code == 404


def test_reviews_of_another_version_than_ours_are_not_followed(client, officer, kobo):
    access = Access("kobo", kobo.address, "", TOKEN)
    connection = actions.open_connection(programme=officer.form.programme, name="Kobo", access=access, by=officer)
    tie = actions.tie_project(connection=connection, remote_id="aFoyer", form=officer.form, by=officer)
    for row in kobo.rows["aFoyer"][:2]:
        row["_validation_status"] = {"uid": "validation_status_approved"}
    actions.pull(tie, officer)
    held = tie.counterparts.get(remote_id="1").submission
    actions.amend(submission=held, answers={"taille": 5}, version=1, reason="vu", by=officer)
    client.force_login(other := a_user("me_officer", officer.form.programme))

    page = client.get(reverse("submissions:tie-follow", args=[tie.pk])).content.decode()
    actions.follow_reviews(tie=tie, by=other)

    assert "à valider ici : 1." in page
    assert Submission.objects.get(state="validated").counterparts.get().remote_id == "2"


def test_the_page_that_decides_of_a_deletion_leads_to_what_it_decides_of(client, officer, kobo):
    access = Access("kobo", kobo.address, "", TOKEN)
    connection = actions.open_connection(programme=officer.form.programme, name="Kobo", access=access, by=officer)
    tie = actions.tie_project(connection=connection, remote_id="aFoyer", form=officer.form, by=officer)
    actions.pull(tie, officer)
    kobo.rows["aFoyer"].pop()
    actions.pull(tie, officer, whole=True)
    gone = tie.counterparts.get(state="gone")
    actions.validate(submission=gone.submission, by=a_user("me_officer", officer.form.programme))

    page = client.get(reverse("submissions:counterpart-settle", args=[gone.pk])).content.decode()

    assert reverse("submissions:submission-detail", args=[gone.submission_id]) in page
    assert "rejetez-la d’abord" in page
