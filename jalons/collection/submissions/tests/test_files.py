"""Files that phones send: those that are kept, and who may open them."""

import hashlib

import pytest

from jalons.collection.forms.actions import import_form, mark
from jalons.collection.submissions.actions import bring_in, open_device
from jalons.collection.submissions.attachments import may_open, of_version
from jalons.collection.submissions.models import Attachment, Submission
from jalons.collection.submissions.tests.builders import a_survey, an_instance
from jalons.collection.submissions.tests.test_openrosa import BODY, PHOTO, device, door, form, said, send
from jalons.core import documents
from tests.builders import a_user

__all__ = ["device", "form"]


@pytest.mark.parametrize(("code", "state", "status"), [("foyer", "retired", 403), ("unknown", "published", 404)])
def test_what_no_open_form_takes_leaves_no_file(client, device, form, code, state, status):
    form.state = state
    form.save()
    photo = PHOTO + code.encode()

    response = send(client, door(device), an_instance("uuid:1", BODY, form=code), [("un.jpg", photo)])

    assert response.status_code == status
    assert not documents.path(hashlib.sha256(photo).hexdigest()).exists()


def test_files_of_a_fiche_received_before_its_form_closed_still_come(client, device, form):
    content = an_instance("uuid:1", BODY)
    send(client, door(device), content)
    form.state = "retired"
    form.save()

    assert send(client, door(device), content, [("un.jpg", PHOTO)]).status_code == 202
    assert Attachment.objects.get().name == "un.jpg"


def test_a_fiche_that_the_phone_ciphers_is_told_whom_to_ask(client, device):
    assert "public_key" in said(send(client, door(device), b"<data id='foyer' encrypted='yes'/>"))


def test_a_correction_does_not_open_what_identified_someone_under_the_same_name(client, form):
    questions = (["image", "facade", "Façade"], ["image", "piece", "Pièce d’identité"])
    import_form(programme=form.programme, data=a_survey(*questions, version="2"), file_name="f.xlsx", by=form.officer)
    mark(form=form, marks={"facade": "no", "piece": "direct"}, by=form.officer)
    device = open_device(programme=form.programme, name="T", holder=form.officer, by=form.officer)
    first = an_instance("uuid:1", BODY + "<piece>a.jpg</piece><facade>b.jpg</facade>", version="2")
    second = an_instance("uuid:2", BODY + "<facade>a.jpg</facade>", deprecated="uuid:1", version="2")
    send(client, door(device), first, [("a.jpg", PHOTO + b"of a card"), ("b.jpg", PHOTO)])
    bring_in()
    reader = a_user("funder", form.programme)
    card, front = Attachment.objects.order_by("name")
    assert [may_open(reader, kept) for kept in (card, front)] == [False, True]

    send(client, door(device), second, [("a.jpg", PHOTO + b"of a house")])
    bring_in()

    held = Submission.objects.get()
    assert held.version == 2
    assert not may_open(reader, Attachment.objects.get(pk=card.pk))
    house = Attachment.objects.latest("pk")
    assert [of_version(held, name)["a.jpg"] for name in ("uuid:1", "uuid:2")] == [card, house]


@pytest.mark.parametrize("name", ["صورة\u200f.jpg", "👩\u200d👧.jpg", "capture 10\u202f12.jpg"])
def test_a_file_keeps_the_name_by_which_its_answer_gives_it(client, device, form, name):
    send(client, door(device), an_instance("uuid:1", BODY), [(name, PHOTO)])

    assert Attachment.objects.get().name == name
