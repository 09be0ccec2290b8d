"""Programs told what happens: each change once it is done, signed, again until it is heard."""

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from jalons.collection.forms.models import Question
from jalons.collection.submissions.actions import close_webhook, open_webhook, receive_batch, validate
from jalons.collection.submissions.differences import broken_servers
from jalons.collection.submissions.models import Submission, Webhook
from jalons.collection.submissions.posting import post
from jalons.collection.submissions.rules.servers import PRIVATE, check_public
from jalons.collection.submissions.telling import tell_all
from jalons.collection.submissions.tests.builders import a_received_form, an_instance
from jalons.core.errors import Refused
from jalons.foundation.accounts.models import User
from tests.builders import a_membership, a_user

BODY = "<jour>2026-03-02</jour><agent>Agent 1</agent><taille>3</taille>"


@pytest.fixture
def listener(settings):
    """A program that hears what it is told, and answers with `status`."""
    settings.PRIVATE_SERVERS = True

    class Hears(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.heard.append((dict(self.headers), body))
            self.send_response(server.status)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hears)
    server.heard, server.status = [], 204
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def form(db):
    form, officer = a_received_form()
    form.officer = officer
    return form


def opened(form, server, by=None):
    address = f"http://127.0.0.1:{server.server_port}/avis"
    by = by or form.officer
    return open_webhook(programme=form.programme, form=form, name="Essai", address=address, by=by)


def arrives(form, identifier):
    receive_batch(form=form, file=an_instance(identifier, BODY), name="un.xml", by=form.officer)


def told(server):
    return [(said["event"], said["submission"]["instance_id"]) for said in (json.loads(b) for _h, b in server.heard)]


def again_now():
    Webhook.objects.update(next_at=None)
    tell_all()


@pytest.mark.parametrize("address", ["https://10.0.0.1/avis", "http://localhost:8000/", "https://[::1]/"])
def test_an_address_of_a_private_machine_is_refused_as_it_is_written(form, address):
    with pytest.raises(Refused):
        open_webhook(programme=form.programme, form=form, name="Essai", address=address, by=form.officer)


def test_each_change_is_told_once_and_signed(form, listener):
    arrives(form, "uuid:before")
    webhook = opened(form, listener)
    arrives(form, "uuid:1")
    tell_all()
    validate(submission=Submission.objects.get(instance_id="uuid:1"), by=a_user("me_officer", form.programme))
    tell_all()
    tell_all()

    assert told(listener) == [("created", "uuid:1"), ("reviewed", "uuid:1")]
    headers, body = listener.heard[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(webhook.given.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"


def test_what_is_not_heard_is_told_again_in_order(form, listener):
    opened(form, listener)
    listener.status = 503
    arrives(form, "uuid:1")
    arrives(form, "uuid:2")
    tell_all()
    tell_all()  # not before its time
    assert told(listener) == [("created", "uuid:1")]
    webhook = Webhook.objects.get()
    assert (webhook.failures, "503" in webhook.trouble, webhook.next_at > timezone.now()) == (1, True, True)
    assert broken_servers(form.programme, form.officer) == [webhook]

    listener.status = 200
    again_now()

    assert told(listener)[1:] == [("created", "uuid:1"), ("created", "uuid:2")]
    assert Webhook.objects.get(failures=0).trouble == ""


def test_a_program_learns_what_its_person_may_read(form, listener):
    Question.objects.filter(version__form=form, name="agent").update(identifies="direct")
    webhook = opened(form, listener)
    Webhook.objects.update(by=a_user("grants_officer", form.programme))
    arrives(form, "uuid:1")
    tell_all()
    close_webhook(webhook=webhook, by=form.officer)
    arrives(form, "uuid:2")
    tell_all()

    (said,) = [json.loads(body)["submission"] for _headers, body in listener.heard]
    assert ("agent" in said["answers"], said["hidden"]) == (False, ["agent"])


def test_a_private_address_or_one_in_clear_is_refused(form, listener, settings):
    with pytest.raises(Refused):
        open_webhook(programme=form.programme, form=None, name="A", address="http://exemple.org/", by=form.officer)
    opened(form, listener)
    settings.PRIVATE_SERVERS = False
    arrives(form, "uuid:1")
    tell_all()

    assert (listener.heard, Webhook.objects.get().failures) == ([], 1)


def test_a_private_machine_is_not_even_knocked_at(form, listener, settings):
    """Else what is refused would tell which ports of this network are open."""
    webhook = opened(form, listener)
    settings.PRIVATE_SERVERS = False
    said = {}
    for port in (listener.server_port, 9):
        webhook.address = f"http://127.0.0.1:{port}/"
        with pytest.raises(Refused) as refusal:
            post(webhook, "1", {})
        said[port] = refusal.value.message

    assert set(said.values()) == {PRIVATE}


@pytest.mark.parametrize(
    "address", ["::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:a00:1::1", "::ffff:10.0.0.1", "fec0::1"]
)
def test_an_address_that_leads_to_a_private_one_is_private(address):
    with pytest.raises(Refused):
        check_public(address, "exemple.org")


def test_the_secret_is_shown_once(client, form, listener):
    client.force_login(form.officer)
    answers = {"programme": form.programme_id, "name": "B", "address": f"http://127.0.0.1:{listener.server_port}/"}

    page = client.post("/submissions/webhooks/add/", answers)

    webhook = Webhook.objects.get()
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    assert page.context["webhook"].given in page.text
    assert page.context["webhook"].given not in client.get(f"/submissions/webhooks/{webhook.pk}/").text
    for _try in range(2):
        client.post(f"/submissions/webhooks/{webhook.pk}/try/")
    assert json.loads(listener.heard[0][1]) == {"event": "ping"}
    assert len({headers["webhook-id"] for headers, _body in listener.heard}) == 2  # a receiver drops what it had


def test_a_form_of_another_programme_is_refused(form, db):
    elsewhere, officer = a_received_form()
    a_membership(officer, "me_officer", form.programme)
    both = User.objects.get(pk=officer.pk)
    with pytest.raises(Refused, match="autre programme"):
        open_webhook(programme=form.programme, form=elsewhere, name="A", address="https://exemple.org/", by=both)
