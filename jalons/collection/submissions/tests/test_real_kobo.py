"""What a real Kobo answered, served again on this machine: all of it is read, nothing is left over."""

import pytest

from jalons.collection.forms.tests.workbooks import a_workbook
from jalons.collection.submissions import actions
from jalons.collection.submissions.actions import Access
from jalons.collection.submissions.models import Submission, SubmissionVersion
from jalons.collection.submissions.tests import other_servers
from jalons.collection.submissions.tests.other_servers import TOKEN, recorded, serving
from tests.builders import a_programme, a_user
from tests.shared_data import SHARED, needs_shared_data

FOLDER = SHARED / "submissions/kobo-api-unhcr_MIT"
TRANSLATED = ("label", "hint")


def workbook(content):
    """The XLSForm behind the content of an asset, as Kobo writes it."""
    languages = content.get("translations") or [None]
    return a_workbook(**{name: _sheet(content.get(name) or [], languages) for name in ("survey", "choices")})


def _sheet(rows, languages):
    plain = sorted({key for row in rows for key in row if not key.startswith("$") and key not in TRANSLATED})
    heads = [(key, None, key) for key in plain]
    for key in TRANSLATED:
        if any(key in row for row in rows):
            heads += [(key, n, f"{key}::{name}" if name else key) for n, name in enumerate(languages)]
    lines = [[_cell(row, key, n) for key, n, _head in heads] for row in rows]
    return [["list_name" if head == "list_name" else head for _key, _n, head in heads], *lines]


def _cell(row, key, number):
    if key == "name" and "name" not in row:
        return row.get("$autoname", "")
    if key == "type" and row.get("select_from_list_name"):
        return f"{row['type']} {row['select_from_list_name']}"
    value = row.get(key, "") if key != "select_from_list_name" else ""
    value = (
        (value[number] if number is not None and number < len(value) else value) if isinstance(value, list) else value
    )
    return {True: "yes", False: ""}.get(value, value) if isinstance(value, bool) else value if value is not None else ""


@pytest.fixture
def kobo(db, settings):
    settings.PRIVATE_SERVERS = True
    state = recorded(FOLDER)
    for uid, asset in state.assets.items():
        state.workbooks[uid] = workbook(asset.get("content") or {})
    with serving(other_servers.Kobo, state) as (address, _state):
        programme = a_programme()
        by = a_user("me_officer", programme)
        access = Access("kobo", address, "", TOKEN)
        yield actions.open_connection(programme=programme, name="UNHCR", access=access, by=by), state


@needs_shared_data
def test_every_recorded_submission_comes_in_whole(kobo):
    connection, state = kobo
    found = {}
    for uid in sorted(state.rows):
        tie = actions.tie_project(connection=connection, remote_id=uid, by=connection.by)
        found[uid] = actions.pull(tie, connection.by).received

    assert found == {uid: len(rows) for uid, rows in state.rows.items()}
    assert Submission.objects.count() == sum(found.values()) > 20
    assert [row.unread for row in SubmissionVersion.objects.exclude(unread=[])] == []


@needs_shared_data
def test_a_correction_is_written_back_where_its_answer_is_and_comes_back_as_the_same(kobo):
    connection, state = kobo
    other = a_user("me_officer", connection.programme)
    those = ("a9NCKTJxBPKdy49gX57WL5", "aDMHypRASH2EuJdvKMx5Mi", "apBgxt6Nw4Vcjnn7wYpF33")
    ties = [actions.tie_project(connection=connection, remote_id=uid, by=connection.by) for uid in those]
    for tie in ties:
        actions.pull(tie, connection.by)
    kinds = ["text", "integer", "select_one", "select_multiple"]
    for held in Submission.objects.order_by("pk"):
        asked = held.current.form_version.questions.filter(table="", kind__in=kinds).order_by("position")
        answered = [q.name for q in asked if held.current.answers.get(q.name)]
        if name := next(iter(sorted(answered, key=lambda name: name != "hh_sex")), None):
            actions.amend(submission=held, answers={name: "7"}, version=1, reason="vérifié", by=connection.by)
            actions.validate(submission=held, by=other)
    corrected = Submission.objects.filter(version=2).count()

    assert sum(actions.pull(tie, connection.by).sent for tie in ties) == corrected >= 9
    assert sum(actions.pull(tie, connection.by, whole=True).updated for tie in ties) == 0
    moved = [[key for key in row if key.endswith("/hh_sex")] for row in state.rows["aDMHypRASH2EuJdvKMx5Mi"]]
    assert {len(keys) for keys in moved} == {1}


@needs_shared_data
def test_a_nested_roster_and_a_question_that_changed_group_are_read_where_they_are(kobo):
    connection = kobo[0]
    for uid in ("aANhxwX9S6BCsiYMgQj9kV", "aDMHypRASH2EuJdvKMx5Mi"):
        actions.pull(actions.tie_project(connection=connection, remote_id=uid, by=connection.by), connection.by)

    roster = SubmissionVersion.objects.get(instance_id="uuid:c2fbd800-f9d9-4a68-a9da-3917da86c318").answers
    assert [row["hobbies"] for row in roster["demo"][0]["hobbies_list"]] == ["Basketball", "Video games"]
    moved = SubmissionVersion.objects.filter(submission__form__code="aDMHypRASH2EuJdvKMx5Mi")
    assert sorted(row.answers["hh_sex"] for row in moved) == [["1"], ["1"], ["1"], ["1"], ["2"], ["2"]]
