"""What other programs read, send, correct and review, by the token of a person."""

import base64
from datetime import timedelta

import pytest
from django.utils import timezone

from jalons.collection.forms.actions import import_form
from jalons.collection.forms.models import Question
from jalons.collection.submissions.actions import receive_batch, validate
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.tests.builders import a_received_form, a_survey, an_instance, two_regions
from jalons.core.errors import Refused
from jalons.foundation.accounts.tokens import close_token, open_token
from tests.builders import a_user

BODY = "<jour>2026-03-02</jour><lieu>Souss-Massa</lieu><agent>Agent 1</agent><taille>3</taille>"
ANSWERS = {"jour": "2026-03-02", "lieu": "Souss-Massa", "taille": 3, "membre": [{"prenom": "A"}, {"prenom": "B"}]}


@pytest.fixture
def form(db):
    form, officer = a_received_form()
    form.state = "published"
    form.save()
    form.officer = officer
    form.souss, form.oriental = two_regions()
    return form


class Program:
    """A program with a token."""

    def __init__(self, client, user, programme, **fields):
        day = timezone.localdate() + timedelta(days=30)
        given = {"programme": programme, "name": "Banc", "reads_only": False, "expires_on": day} | fields
        self.client, self.token = client, open_token(by=user, **given)

    def ask(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token.given}"}
        call = getattr(self.client, method)
        return call(f"/api/v1{path}", body or {}, content_type="application/json", headers=headers)


@pytest.fixture
def program(client, form):
    return Program(client, form.officer, form.programme)


def send(program, form, **body):
    return program.ask("post", f"/submissions/forms/{form.pk}", {"answers": ANSWERS} | body)


def test_a_program_sends_reads_and_corrects(program, form):
    made = send(program, form)

    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["state"], told["event"], told["region"]) == ("received", "created", form.souss.code)
    assert told["answers"]["taille"] == 3
    correction = {"answers": {"taille": 4}, "version": 1, "reason": "Relu avec la famille"}
    edited = program.ask("patch", f"/submissions/{told['id']}", correction).json()
    assert (edited["version"], edited["event"]) == (2, "edited")
    assert edited["answers"] == told["answers"] | {"taille": 4, "double": "8"}
    assert Submission.objects.get().current.reason == "Relu avec la famille"
    assert program.ask("patch", f"/submissions/{told['id']}", correction).status_code == 409  # read before it changed


def amended(program, made, version=1, **answers):
    body = {"answers": answers, "version": version, "reason": "Relu avec la famille"}
    return program.ask("patch", f"/submissions/{made['id']}", body)


def test_what_the_form_computes_follows_the_corrected_answers(program, form):
    made = send(program, form).json()
    assert made["answers"]["double"] == "6"

    told = amended(program, made, taille=4).json()

    assert (told["answers"]["taille"], told["answers"]["double"]) == (4, "8")
    assert b"<double>8</double>" in bytes(Submission.objects.get().current.content)
    refused = amended(program, made, 2, double="9")
    assert (refused.status_code, "double" in refused.json()["message"]) == (422, True)


def test_the_rows_of_a_repeat_are_given_whole(program, form):
    made = send(program, form).json()
    rows = [{"prenom": "C", "age": 9}, {}, {"prenom": "D"}]

    told = amended(program, made, membre=rows).json()

    content = bytes(Submission.objects.get().current.content)
    assert told["answers"] == made["answers"] | {"membre": rows}
    assert (content.count(b"<membre"), b"<prenom>D</prenom>" in content, b"<prenom>A</prenom>" in content) == (
        3, True, False)  # fmt: skip
    assert amended(program, made, 2, membre=None).json()["answers"]["membre"] == []


@pytest.mark.parametrize(
    "answers",
    [{"taille": "beaucoup"}, {"taille": [{"a": 1}]}, {"taille": {"a": 1}}, {"nom": {"a": 1}}, {"nom": ["a", "b"]},
     {"besoins": {"eau": True}}, {"membre": "x"}, {"membre": {"prenom": "A"}}, {"membre": [{"inconnu": 1}]},
     {"membre": [{"prenom": {"a": 1}}]}, {"inconnu": 1}, {"double": "9"}, {"photo": "jamais-venue.jpg"}],
    ids=str,
)  # fmt: skip
def test_what_is_no_answer_to_its_question_is_refused_alike_sent_or_corrected(program, form, answers):
    survey = a_survey(["image", "photo", "Photo", "", "", "", ""], version="2")
    import_form(programme=form.programme, data=survey, file_name="foyer.xlsx", by=form.officer)
    made = send(program, form).json()

    for refused in (send(program, form, answers=ANSWERS | answers), amended(program, made, **answers)):
        told = refused.json()
        assert (refused.status_code, bool(told["message"]), bool(told["field"])) == (422, True, True)
    assert Submission.objects.get().version == 1


def test_an_answer_that_breaks_a_rule_of_the_form_comes_in_and_is_flagged_sent_or_corrected(program, form):
    made = send(program, form, answers=ANSWERS | {"taille": -3, "besoins": ["autre"]})

    corrected = amended(program, made.json(), taille=-4)

    for told, status, size in ((made, 201, -3), (corrected, 200, -4)):
        assert (told.status_code, told.json()["answers"]["taille"], told.json()["flags"] > 1) == (status, size, True)


def test_a_correction_that_changes_nothing_is_refused(program, form):
    made = send(program, form).json()
    for same in ({}, {"taille": 3}):
        assert amended(program, made, **same).status_code == 422


def test_files_that_came_with_a_submission_stay_when_its_rows_are_given_whole(program, form):
    rows = [["begin_repeat", "piece", "Pièce"], ["image", "scan", "Scan"], ["text", "titre", "Titre"], ["end_repeat"]]
    survey = a_survey(*([*row, "", "", "", "", "", "", ""][:7] for row in rows), version="2")
    import_form(programme=form.programme, data=survey, file_name="foyer.xlsx", by=form.officer)
    body = BODY + "<piece><scan>1.jpg</scan><titre>A</titre></piece>"
    receive_batch(form=form, file=an_instance("uuid:9", body, version="2"), name="un.xml", by=form.officer)
    made = {"id": Submission.objects.get().pk}

    kept = amended(program, made, piece=[{"scan": "1.jpg", "titre": "B"}])
    lost = amended(program, made, 2, piece=[{"scan": "2.jpg", "titre": "B"}])

    assert (kept.status_code, kept.json()["answers"]["piece"]) == (200, [{"scan": "1.jpg", "titre": "B"}])
    assert (lost.status_code, "OpenRosa" in lost.json()["message"]) == (422, True)


def test_the_same_again_changes_nothing_and_another_content_is_refused(program, form):
    first, again = (send(program, form, instance_id="uuid:1").json() for _n in range(2))

    assert first["id"] == again["id"]
    refused = send(program, form, instance_id="uuid:1", answers={"taille": 9})
    assert (refused.status_code, Submission.objects.get().version) == (409, 1)


def test_changes_are_told_once_each_in_order(program, form):
    for number in range(3):
        send(program, form, instance_id=f"uuid:{number}")

    first = program.ask("get", f"/submissions/?limit=2&form={form.pk}").json()
    rest = program.ask("get", f"/submissions/?after={first['after']}").json()
    nothing = program.ask("get", f"/submissions/?after={rest['after']}").json()

    assert ([r["instance_id"] for r in first["items"]], first["more"]) == (["uuid:0", "uuid:1"], True)
    assert ([r["instance_id"] for r in rest["items"]], rest["more"]) == (["uuid:2"], False)
    assert (nothing["items"], nothing["after"]) == ([], rest["after"])
    validate(submission=Submission.objects.get(instance_id="uuid:0"), by=a_user("me_officer", form.programme))
    (reviewed,) = program.ask("get", f"/submissions/?after={rest['after']}").json()["items"]
    assert (reviewed["instance_id"], reviewed["event"], reviewed["state"]) == ("uuid:0", "reviewed", "validated")


def test_nobody_validates_what_their_token_sent(client, program, form):
    made = send(program, form).json()
    other = Program(client, a_user("me_officer", form.programme), form.programme)

    own = program.ask("post", f"/submissions/{made['id']}/review", {"state": "validated"})
    by_other = other.ask("post", f"/submissions/{made['id']}/review", {"state": "validated"})

    assert (own.status_code, by_other.status_code) == (422, 200)
    assert by_other.json()["event"] == "reviewed"


def test_a_token_that_reads_only_reads_only(client, program, form):
    made = send(program, form).json()
    reader = Program(client, form.officer, form.programme, reads_only=True)

    assert reader.ask("get", f"/submissions/{made['id']}").status_code == 200
    assert send(reader, form).status_code == amended(reader, made, taille=4).status_code == 403
    assert reader.ask("post", f"/submissions/{made['id']}/review", {"state": "validated"}).status_code == 403


def test_answers_that_identify_are_for_who_reads_identities(client, form, monkeypatch):
    Question.objects.filter(version__form=form, name="agent").update(identifies="direct")
    receive_batch(form=form, file=an_instance("uuid:1", BODY), name="un.xml", by=form.officer)
    reader = Program(client, a_user("grants_officer", form.programme), form.programme)

    (told,) = reader.ask("get", "/submissions/").json()["items"]

    assert ("agent" in told["answers"], told["hidden"]) == (False, ["agent"])
    assert reader.ask("get", f"/submissions/{told['id']}/versions/1/content").status_code == 404


def test_a_token_opens_one_programme_and_one_region(client, form):
    receive_batch(form=form, file=an_instance("uuid:1", BODY), name="un.xml", by=form.officer)
    near, far = (a_user("regional_coordinator", form.programme, region=r) for r in (form.souss, form.oriental))
    other, _officer = a_received_form()

    assert len(Program(client, near, form.programme).ask("get", "/submissions/").json()["items"]) == 1
    assert Program(client, far, form.programme).ask("get", "/submissions/").json()["items"] == []
    with pytest.raises(Refused):
        open_token(programme=other.programme, name="x", reads_only=True, expires_on=timezone.localdate(), by=near)


def own_page(client, form):
    client.force_login(form.officer)
    return client.get("/accounts/profile/").content.decode()


def test_a_closed_or_past_token_opens_nothing(client, program, form):
    assert "jamais employé" in own_page(client, form)
    assert program.ask("get", "/forms/").json()[0]["code"] == "foyer"
    assert "dernier usage" in own_page(client, form)
    client.logout()
    close_token(token=program.token, by=form.officer)
    late = Program(client, form.officer, form.programme)
    type(late.token).objects.filter(pk=late.token.pk).update(expires_on=timezone.localdate() - timedelta(days=1))

    for refused in (program.ask("get", "/forms/"), late.ask("get", "/forms/"), client.get("/api/v1/forms/")):
        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
        assert refused.json()["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"answers": {"nulle part": 1}}, {"answers": {"taille": "\0"}}, {"answers": {"1a": 1}}, {"answers": None}, {},
        {"answers": {}, "instance_id": "x" * 300},
        {"answers": {"membre": [{"prenom": "\ud800"}]}},
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused_in_words(program, form, body):
    refused = program.ask("post", f"/submissions/forms/{form.pk}", body)

    assert refused.status_code in (400, 422) and refused.json()["message"]
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    "forged",
    [
        '["2026-01-01T00:00:00+00:00", Infinity]',
        '["0001-01-01T00:00:00+23:00", 1]',
        '["9999-12-31T23:59:59-23:00", 1]',
        '["2026-01-01T00:00:00+00:00:30.5", 1]',
    ],
)
def test_a_forged_cursor_is_refused_or_read(program, form, forged):
    cursor = base64.urlsafe_b64encode(forged.encode()).decode()
    assert program.ask("get", f"/submissions/?after={cursor}").status_code in (200, 422)


def test_choices_that_are_no_words_are_refused(program, form):
    made = send(program, form).json()
    for odd in (["eau", None], [["eau"]]):
        assert amended(program, made, besoins=odd).status_code == 422


def test_a_request_too_large_is_refused_in_words(program, form):
    told = send(program, form, answers=ANSWERS | {"agent": "x" * 6_000_000})
    assert (told.status_code, told.headers["Content-Type"][:16]) == (413, "application/json")


def test_a_repeat_of_thousands_of_rows_is_written_in_one_reading(program, form):
    made = send(program, form).json()
    told = amended(program, made, membre=[{"prenom": f"P{n}", "age": n % 90} for n in range(3_000)])
    assert told.status_code == 200
    assert bytes(Submission.objects.get().current.content).count(b"<prenom>") == 3_000
