"""Corrections made here of what another server sent: written there once validated, once each, and never over theirs."""

import pytest
from django.urls import reverse
from django.utils import timezone

from jalons.collection.submissions import actions, servers
from jalons.collection.submissions.actions import Access, returning
from jalons.collection.submissions.differences import compare
from jalons.collection.submissions.kobo import Kobo
from jalons.collection.submissions.models import Submission, SubmissionVersion
from jalons.collection.submissions.tests import other_servers
from jalons.collection.submissions.tests.builders import a_received_form, a_survey, an_instance, two_regions
from jalons.collection.submissions.tests.other_servers import TOKEN, a_central_row, a_kobo_row, edit, serving
from tests.builders import a_user

ANSWERS = {"jour": "2026-03-02", "lieu": "Souss-Massa", "agent": "Agent 1", "taille": "3", "besoins": "eau toit",
           "double": "6", "membre": [{"membre/prenom": "Lina", "membre/age": "6"}]}  # fmt: skip
BODY = (
    "<jour>2026-03-02</jour><lieu>Souss-Massa</lieu><agent>Agent 1</agent><taille>3</taille><besoins>eau toit</besoins>"
    "<double>6</double><membre><prenom>Lina</prenom><age>6</age></membre><inconnue>gardée</inconnue>"
)
OTHER = "71d00000-0000-4000-8000-000000000001"
FIRST = "uuid:2f640000-0000-4000-8000-000000000001"


@pytest.fixture(autouse=True)
def on_this_machine(settings, monkeypatch):
    settings.PRIVATE_SERVERS = True
    monkeypatch.setattr(servers, "PAUSE", 0)


class Case:
    """A project tied to a form, with one submission pulled, and two persons of the programme."""

    def __init__(self, access, state, remote_id):
        self.state = state
        form, self.officer = a_received_form()
        two_regions()
        self.other = a_user("me_officer", form.programme)
        connection = actions.open_connection(programme=form.programme, name="Là-bas", access=access, by=self.officer)
        self.tie = actions.tie_project(connection=connection, remote_id=remote_id, form=form, by=self.officer)
        self.pull()
        state.asked.clear()

    def pull(self, **how):
        self.tie.refresh_from_db()
        return actions.pull(self.tie, self.officer, **how)

    @property
    def held(self):
        return Submission.objects.get()

    def correct(self, **answers):
        held = self.held
        actions.amend(submission=held, answers=answers, version=held.version, reason="vérifié", by=self.officer)

    def validate(self):
        actions.validate(submission=self.held, by=self.other)

    @property
    def written(self):
        return [body for verb, path, body in self.state.asked if verb == "PUT" or path == "/submission"]

    @property
    def behind(self):
        found = compare(self.tie, self.officer).others
        return [line.why for group in found if group.title.startswith("corrigées ici") for line in group.lines]


@pytest.fixture
def kobo(db):
    with serving(other_servers.Kobo) as (address, state):
        survey = [{"type": "text", "name": name} for name in ANSWERS if name != "membre"]
        survey += [{"type": "begin_repeat", "name": "membre"}, {"type": "text", "name": "prenom"},
                   {"type": "integer", "name": "age"}, {"type": "end_repeat"}]  # fmt: skip
        state.assets["aFoyer"] = {
            "uid": "aFoyer", "name": "Foyers", "has_deployment": True, "deployed_version_id": "v1", "version_id": "v1",
            "content": {"survey": survey},
        }  # fmt: skip
        state.workbooks["aFoyer"] = a_survey()
        state.rows["aFoyer"] = [a_kobo_row(1, **ANSWERS)]
        yield Case(Access("kobo", address, "", TOKEN), state, "aFoyer")


@pytest.fixture
def central(db):
    with serving(other_servers.Central) as (address, state):
        names = [name for name in (*ANSWERS, "prenom", "age") if name != "membre"]
        fields = [{"name": name, "path": f"/{name}", "type": "string"} for name in names]
        state.forms["foyer"] = {"version": "1", "publishedAt": "2026-10-01T00:00:00.000Z", "fields": fields}
        a_central_row(state, "foyer", FIRST, an_instance(FIRST, BODY))
        yield Case(Access("odk", address, *other_servers.Central.account), state, "3/foyer")


@pytest.fixture(params=["kobo", "central"])
def case(request):
    return request.getfixturevalue(request.param)


def there(case):
    """What the server holds of the submission: its size, and its review."""
    if rows := case.state.rows.get("aFoyer"):
        return rows[0].get("taille"), rows[0]["_validation_status"].get("uid", "")
    row = case.state.instances["foyer"][FIRST]
    last = list(row["versions"].values())[-1].decode()
    return last.partition("<taille>")[2].partition("<")[0], row["reviewState"]


def edited_there(case, size):
    if rows := case.state.rows.get("aFoyer"):
        edit(rows[0], OTHER, taille=size)
        return
    row = case.state.instances["foyer"][FIRST]
    body = BODY.replace("3</taille>", f"{size}</taille>")
    name = f"uuid:{OTHER}"
    row["versions"][name] = an_instance(name, body, deprecated=list(row["versions"])[-1])
    row |= {"updatedAt": case.state.now(), "reviewState": "edited"}


def test_a_correction_goes_there_once_validated_then_its_approval_and_comes_back_as_the_same(case):
    case.correct(taille=5)
    assert (case.pull().sent, case.behind) == (0, ["Corrigée ici : la correction partira une fois validée."])
    case.validate()

    done = case.pull()

    size, review = there(case)
    assert (done.sent, done.told, size, "approved" in review) == (1, 1, "5", True)
    for whole in (True, False):
        again = case.pull(whole=whole)
        assert (again.sent, again.told, again.updated, again.received) == (0, 0, 0, 0)
    assert (case.held.state, case.held.version, len(case.written), case.behind) == ("validated", 2, 1, [])


ROWS = [{"prenom": "Lina", "age": 7}, {"prenom": "Sami"}]


def test_the_whole_instance_is_written_there_repeats_included_with_what_we_do_not_read(case):
    case.correct(taille=5, besoins=None, membre=ROWS)
    case.validate()

    assert case.pull().sent == 1

    (sent,) = case.written
    assert f"<deprecatedID>{FIRST}</deprecatedID>".encode() in sent
    assert b"<prenom>Sami</prenom>" in sent
    assert (b"<inconnue>gard\xc3\xa9e</inconnue>" in sent) == ("foyer" in case.state.forms)
    assert (b"<rootUuid>" in sent, b"<uuid>9c1e</uuid>" in sent) == ("aFoyer" in case.state.rows,) * 2
    assert case.pull(whole=True).updated == 0
    assert case.held.current.answers["membre"] == ROWS


def test_kobo_refuses_an_edit_of_a_version_that_is_no_more_the_last_and_nothing_is_doubled(kobo, monkeypatch):
    kobo.correct(taille=5)
    kobo.validate()
    amend = Kobo.amend

    def late(*arguments):
        edited_there(kobo, "4")
        return amend(*arguments)

    monkeypatch.setattr(Kobo, "amend", late)
    kobo.pull()
    monkeypatch.undo()

    assert (there(kobo)[0], len(kobo.state.rows["aFoyer"]), "entre-temps" in kobo.behind[0]) == ("4", 1, True)
    kobo.pull(whole=True)
    assert (kobo.held.state, kobo.held.current.answers["taille"]) == ("received", 4)


@pytest.mark.parametrize(
    ("asset", "why"),
    [
        ({"deployment__data_download_links": {"csv": "https://ailleurs.example/moi/csv/"}}, "par où les téléphones"),
        ({"content": {"survey": []}}, "Déployez-y"),
    ],
)
def test_what_cannot_be_written_on_kobo_is_said_with_its_remedy_until_it_is_done_there(kobo, client, asset, why):
    kobo.state.assets["aFoyer"] |= asset
    kobo.correct(taille=5)
    kobo.validate()

    done = kobo.pull()
    assert (done.sent, done.told, kobo.written) == (0, 0, [])
    assert why in kobo.behind[0]
    client.force_login(kobo.other)
    assert "1 correction pas prise là-bas" in client.get(reverse("dashboards:home")).content.decode()
    kobo.state.asked.clear()
    kobo.pull()
    assert not [path for _verb, path, _body in kobo.state.asked if "%24in" in path]

    edit(kobo.state.rows["aFoyer"][0], OTHER, taille="5", double="10")
    done = kobo.pull(whole=True)
    assert (done.updated, done.told, kobo.behind) == (0, 1, [])
    assert kobo.held.version == 2


def test_what_was_changed_there_meanwhile_is_not_written_over_but_pulled_to_be_reviewed(case):
    case.correct(taille=5)
    case.validate()
    edited_there(case, "4")

    done = case.pull()

    assert (done.sent, there(case)[0], case.written) == (0, "4", [])
    held = case.held
    assert (held.state, held.version, held.standing, held.current.answers["taille"]) == ("received", 3, 2, 4)
    (why,) = case.behind
    assert "version 2" in why
    assert "version 3" in why
    actions.reject(submission=held, reason="L’appel confirme cinq", by=case.other)
    assert (case.pull().sent, there(case)[0]) == (1, "5")
    assert (case.pull(whole=True).updated, case.held.version, case.held.state) == (0, 2, "validated")


def test_their_version_validated_stays_there_and_nothing_is_sent(case):
    case.correct(taille=5)
    case.validate()
    edited_there(case, "4")
    case.pull()
    case.validate()

    done = case.pull()

    assert (done.sent, done.told, there(case)[0], case.behind) == (0, 1, "4", [])


def test_an_edit_there_that_changes_no_answer_does_not_undo_a_correction(case):
    case.correct(taille=5)
    edited_there(case, "3")

    done = case.pull(whole=True)

    assert (done.updated, case.held.version, case.held.current.answers["taille"]) == (0, 2, 5)
    case.validate()
    assert (case.pull().sent, there(case)[0]) == (1, "5")


def test_a_failure_is_shown_and_tried_again(case):
    case.correct(taille=5)
    case.validate()
    write = "POST /submission" if "aFoyer" in case.state.rows else "PUT"
    case.state.faults[write] = ["503"]

    done = case.pull()

    (why,) = case.behind
    assert (done.sent, done.told, "débordé" in why) == (0, 0, True)
    assert (case.pull().sent, there(case)[0], case.behind) == (1, "5", [])


def test_a_writing_whose_answer_was_lost_is_found_there_and_not_repeated(case):
    case.correct(taille=5)
    case.validate()
    case.state.faults["POST /submission" if "aFoyer" in case.state.rows else "PUT"] = ["done"]
    case.pull()
    assert (there(case)[0], len(case.behind)) == ("5", 1)

    done = case.pull()

    assert (done.sent, done.updated, done.told, len(case.written), case.behind) == (0, 0, 1, 1, [])
    assert case.held.version == 2


def test_without_the_right_to_write_there_nothing_else_is_tried_and_the_reason_is_said(case):
    case.correct(taille=5)
    case.validate()
    case.state.faults["POST /submission" if "aFoyer" in case.state.rows else "PUT"] = ["403"]

    case.pull()

    assert "n’a pas ce droit" in case.behind[0]


def test_a_submission_in_which_someone_was_forgotten_is_left_to_a_person(case):
    case.correct(taille=5)
    case.validate()
    SubmissionVersion.objects.update(redacted_at=timezone.now())

    assert case.pull().sent == 0
    assert ["oublié" in why for why in case.behind] == [True]
    assert case.written == []


def test_killed_between_the_writing_there_and_our_row_nothing_is_doubled(case, monkeypatch):
    case.correct(taille=5)
    case.validate()
    kept = returning._keep

    def killed(row, **told):
        if told.get("marker"):
            raise KeyboardInterrupt
        kept(row, **told)

    monkeypatch.setattr(returning, "_keep", killed)
    with pytest.raises(KeyboardInterrupt):
        case.pull()
    monkeypatch.undo()
    case.correct(taille=7)

    done = case.pull(whole=True)

    assert (done.updated, done.sent, len(case.written), there(case)[0]) == (0, 0, 1, "5")
    assert (case.held.version, case.held.current.answers["taille"]) == (3, 7)
    case.validate()
    assert (case.pull().sent, there(case)[0]) == (1, "7")
    assert (case.pull(whole=True).updated, case.held.version) == (0, 3)
