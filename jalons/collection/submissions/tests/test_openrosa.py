"""Phones at the door: what they list, fetch and send, and what is acknowledged."""

import base64
import hashlib
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from lxml import etree

from jalons.collection.submissions import arrivals
from jalons.collection.submissions.actions import (
    admit,
    bring_in,
    close_device,
    dismiss,
    open_device,
    receive_batch,
    renew_device,
    validate,
)
from jalons.collection.submissions.models import Arrival, Attachment, Submission
from jalons.collection.submissions.rules import openrosa
from jalons.collection.submissions.tests.builders import a_received_form, an_instance, two_regions
from jalons.core import documents
from jalons.core.errors import Refused
from tests.builders import a_user

FAULT = """
create function no_one() returns trigger language plpgsql
  as $$ begin raise exception using message = 'a fault', errcode = '{code}'; end $$;
create trigger no_one before insert on {table} for each row
  when (new.instance_id = 'uuid:1') execute function no_one();
"""
PHOTO = b"\xff\xd8\xff\xe0 a photo"
BODY = "<jour>2026-03-02</jour><lieu>Souss-Massa</lieu><agent>Agent 1</agent><taille>3</taille>"


@pytest.fixture
def form(db):
    form, officer = a_received_form()
    form.state = "published"
    form.save()
    form.officer = officer
    form.souss, form.oriental = two_regions()
    return form


@pytest.fixture
def device(form):
    arrivals._sent.clear()
    arrivals._known.clear()
    holder = a_user("data_collector", form.programme, region=form.souss)
    return open_device(programme=form.programme, name="Tablette 1", holder=holder, by=form.officer)


def door(device):
    return f"/openrosa/key/{device.given_key}"


def send(client, where, content, files=(), **extra):
    parts = {"xml_submission_file": SimpleUploadedFile("fiche.xml", content, "text/xml")}
    parts |= {name: SimpleUploadedFile(name, kept, "image/jpeg") for name, kept in files}
    return client.post(f"{where}/submission?deviceID=d1", parts, **extra)


def said(response):
    return etree.fromstring(response.content)[0].text


def test_a_phone_lists_the_published_forms_of_its_programme(client, device, form):
    a_received_form()[0]  # of another programme

    response = client.get(f"{door(device)}/formList")

    tree = etree.fromstring(response.content)
    assert [re.sub("{.*}", "", e.tag) for e in tree[0]][:4] == ["formID", "name", "version", "hash"]
    assert [e.findtext("{*}formID") for e in tree] == ["foyer"]
    assert (response["X-OpenRosa-Version"], response["Content-Type"]) == ("1.0", "text/xml; charset=utf-8")
    url = tree.findtext(".//{*}downloadUrl")
    fetched = client.get(url)
    assert "md5:" + hashlib.md5(fetched.content).hexdigest() == tree.findtext(".//{*}hash")


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_acknowledges_nothing_and_says_so(client, device, form):
    with connection.cursor() as cursor:
        cursor.execute(FAULT.format(table="submissions_arrival", code="53100"))
    try:
        refused = send(client, door(device), an_instance("uuid:1", BODY))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop function no_one cascade")

    assert (refused.status_code, said(refused)) == (507, documents.FULL_DISK)
    assert send(client, door(device), an_instance("uuid:1", BODY)).status_code == 201
    assert Arrival.objects.count() == 1


def test_a_draft_or_a_closed_form_is_not_listed_and_takes_nothing(client, device, form):
    form.state = "retired"
    form.save()

    assert b"<xform>" not in client.get(f"{door(device)}/formList").content
    assert send(client, door(device), an_instance()).status_code == 403
    assert not Arrival.objects.exists()


def test_what_is_sent_is_kept_as_it_came_then_comes_in(client, device, form):
    content = an_instance("uuid:1", BODY)

    head = client.head(f"{door(device)}/submission")
    response = send(client, door(device), content)

    assert (head.status_code, head["X-OpenRosa-Accept-Content-Length"]) == (204, "100000000")
    assert response.status_code == 201
    assert b"submit_success" in response.content
    assert bytes(Arrival.objects.get().content) == content
    assert bring_in() == 1
    submission = Submission.objects.get()
    assert (submission.instance_id, submission.state, str(submission.region)) == ("uuid:1", "received", "Souss-Massa")
    assert submission.author == device.holder
    assert bytes(submission.versions.get().content) == content
    arrival = Arrival.objects.get()
    assert (arrival.state, arrival.content, arrival.submission) == ("in", None, submission)


def test_the_same_again_is_acknowledged_and_kept_once(client, device, form):
    content = an_instance("uuid:1", BODY)
    statuses = [send(client, door(device), content).status_code for _n in range(2)]
    bring_in()
    statuses.append(send(client, door(device), content).status_code)
    bring_in()

    assert statuses == [201, 202, 202]
    assert Submission.objects.get().version == 1


def test_another_content_under_the_same_identifier_waits_for_a_person(client, device, form):
    send(client, door(device), an_instance("uuid:1", BODY))
    bring_in()

    refused = [send(client, door(device), an_instance("uuid:1", BODY + "<nom>A</nom>")) for _n in range(2)]

    assert [response.status_code for response in refused] == [409, 409]
    assert bring_in() == 0
    kept = Arrival.objects.get(state="conflict")
    admit(arrival=kept, by=form.officer)
    assert Submission.objects.get().version == 2


def test_what_came_by_a_file_is_not_overwritten_by_a_phone(client, device, form):
    receive_batch(form=form, file=an_instance("uuid:1", BODY), name="un.xml", by=form.officer)

    assert send(client, door(device), an_instance("uuid:1", BODY)).status_code == 201
    assert send(client, door(device), an_instance("uuid:1", "<taille>8</taille>")).status_code == 409


def test_an_edit_is_a_new_version_and_the_validated_one_counts_meanwhile(client, device, form):
    send(client, door(device), an_instance("uuid:1", BODY))
    bring_in()
    validate(submission=Submission.objects.get(), by=form.officer)

    send(client, door(device), an_instance("uuid:2", BODY + "<nom>B</nom>", deprecated="uuid:1"))
    bring_in()

    submission = Submission.objects.get()
    assert (submission.version, submission.standing, submission.state) == (2, 1, "received")


def test_photos_come_in_several_posts_that_repeat_the_fiche(client, device, form):
    content = an_instance("uuid:1", BODY)
    for name in ("un.jpg", "deux.jpg", "un.jpg"):
        assert send(client, door(device), content, [(name, PHOTO + name.encode())]).status_code in (201, 202)

    names = list(Attachment.objects.values_list("name", flat=True))
    assert names == ["un.jpg", "deux.jpg"]
    kept = Attachment.objects.first()
    assert (documents.read(kept.sha256), kept.media_type) == (PHOTO + b"un.jpg", "image/jpeg")


def test_a_post_cut_short_is_not_acknowledged(client, device, form):
    body = (
        b'--b\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="a.xml"\r\n\r\n'
        + an_instance("uuid:1", BODY)
        + b'\r\n--b\r\nContent-Disposition: form-data; name="p.jpg"; filename="p.jpg"\r\n\r\n\xff\xd8 half of a pho'
    )
    response = client.generic("POST", f"{door(device)}/submission", body, "multipart/form-data; boundary=b")

    assert response.status_code == 400
    assert not Arrival.objects.exists()
    assert not [path for path in documents.Path(documents.settings.DOCUMENTS).iterdir() if path.is_file()]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"<data", 400), (b"", 400), (b"<!DOCTYPE data [<!ENTITY a 'b'>]><data id='foyer'>&a;</data>", 400),
        (b"<data id='unknown'/>", 404), (b"<data/>", 400), (b"\0" * 10, 400),
        (b"<data id='foyer' encrypted='yes'/>", 400),
    ],
)  # fmt: skip
def test_what_is_no_instance_is_refused_in_words(client, device, form, content, status):
    response = send(client, door(device), content)

    assert (response.status_code, bool(said(response))) == (status, True)
    assert not Arrival.objects.exists()


def test_refusals_speak_the_language_of_the_phone(client, device):
    french, arabic = (
        client.get("/openrosa/formList", headers={"Accept-Language": language}) for language in ("fr", "ar")
    )

    assert said(french) == "Identifiant ou mot de passe inconnu."
    assert said(arabic) != said(french)


def test_a_device_signs_by_basic_or_digest_and_nothing_else_opens(client, device):
    given = base64.b64encode(f"{device.user_name}:{device.given_password}".encode()).decode()
    asked = client.get("/openrosa/formList")
    nonce = re.search('nonce="([^"]+)"', asked["WWW-Authenticate"])[1]
    parts = {"uri": "/openrosa/formList", "nonce": nonce, "qop": "auth", "nc": "00000001", "cnonce": "abc"}

    def digest(password):
        ha1, ha2 = openrosa.secret(device.user_name, password), openrosa.md5(b"GET:/openrosa/formList")
        response = openrosa.md5(f"{ha1}:{nonce}:00000001:abc:auth:{ha2}".encode())
        told = {"username": device.user_name, "realm": "Jalons", **parts, "response": response}
        return "Digest " + ", ".join(f'{name}="{value}"' for name, value in told.items())

    tries = {
        f"Basic {given}": 200, "Basic !": 401, "Basic " + base64.b64encode(b"x:y").decode(): 401,
        digest(device.given_password): 200, digest("wrong"): 401, "Digest username=": 401, "": 401,
    }  # fmt: skip
    assert {
        header: client.get("/openrosa/formList", headers={"Authorization": header}).status_code for header in tries
    } == tries
    assert client.head("/openrosa/submission", headers={"Authorization": f"Basic {given}"}).status_code == 204


def test_a_closed_device_and_former_credentials_open_nothing(client, device, form):
    before = door(device)
    renewed = renew_device(device=device, by=form.officer)
    assert client.get(f"{before}/formList").status_code == 403
    assert client.get(f"{door(renewed)}/formList").status_code == 200

    close_device(device=renewed, by=form.officer)
    assert client.get(f"{door(renewed)}/formList").status_code == 403


@pytest.mark.parametrize("change", ["role", "account"])
def test_a_device_stops_with_the_rights_of_its_holder(client, device, change):
    if change == "role":
        device.holder.memberships.all().delete()
    else:
        device.holder.is_active = False
        device.holder.save()

    assert send(client, door(device), an_instance("uuid:1", BODY)).status_code == 403


def test_rights_lost_after_sending_keep_what_was_sent_aside(client, device, form):
    send(client, door(device), an_instance("uuid:1", BODY))
    device.holder.memberships.all().delete()

    bring_in()

    kept = Arrival.objects.get()
    assert (kept.state, Submission.objects.count()) == ("aside", 0)
    assert "droit" in kept.reason["message"]
    assert send(client, door(device), an_instance("uuid:1", BODY)).status_code == 403
    admit(arrival=kept, by=form.officer)
    assert Submission.objects.get().author == form.officer


def test_a_coordinator_s_phone_brings_only_its_region(client, form):
    holder = a_user("regional_coordinator", form.programme, region=form.oriental)
    device = open_device(programme=form.programme, name="T", holder=holder, by=form.officer)

    assert send(client, door(device), an_instance("uuid:1", BODY)).status_code == 201
    bring_in()

    assert (Arrival.objects.get().state, Submission.objects.count()) == ("aside", 0)
    dismiss(arrival=Arrival.objects.get(), reason="Autre région", by=form.officer)
    with pytest.raises(Refused):
        admit(arrival=Arrival.objects.get(), by=form.officer)


@pytest.mark.parametrize("code", ["P0001", "54000"])  # raised by a function; a limit exceeded
def test_one_that_fails_does_not_keep_the_others_waiting(client, device, form, code):
    for number in range(3):
        send(client, door(device), an_instance(f"uuid:{number}", BODY))
    with connection.cursor() as cursor:
        cursor.execute(FAULT.format(table="submissions_submission", code=code))

    bring_in()

    assert sorted(Arrival.objects.values_list("instance_id", "state")) == [
        ("uuid:0", "in"), ("uuid:1", "aside"), ("uuid:2", "in"),
    ]  # fmt: skip


def test_a_device_beyond_its_quota_waits_for_tomorrow(client, device, form):
    device.most_a_day = 1
    device.save()
    assert send(client, door(device), an_instance("uuid:1", BODY)).status_code == 201
    arrivals._sent.clear()

    assert send(client, door(device), an_instance("uuid:2", BODY)).status_code == 413


def test_files_that_a_form_names_are_fetched_with_it(client, device, form):
    version = form.versions.get()
    version.xform += '<instance id="c" src="jr://file-csv/communes.csv"/>'
    version.save()
    documents.attach(
        target=form, document=SimpleUploadedFile("communes.csv", b"name,label\n1,Oujda\n"), by=form.officer
    )

    listed = etree.fromstring(client.get(f"{door(device)}/formList").content)
    manifest = etree.fromstring(client.get(listed.findtext(".//{*}manifestUrl")).content)
    fetched = client.get(manifest.findtext(".//{*}downloadUrl"))

    assert b"".join(fetched) == b"name,label\n1,Oujda\n"
    assert manifest.findtext(".//{*}hash") == "md5:" + hashlib.md5(b"name,label\n1,Oujda\n").hexdigest()
    assert client.get(f"{door(device)}/forms/{version.pk}/files/other.csv").status_code == 404


def test_who_does_not_decide_opens_no_device_and_nobody_without_rights_holds_one(form):
    viewer = a_user("funder", form.programme)
    with pytest.raises(Refused):
        open_device(programme=form.programme, name="T", holder=viewer, by=form.officer)
    collector = a_user("data_collector", form.programme)
    with pytest.raises(Exception, match="device.opened"):
        open_device(programme=form.programme, name="T", holder=collector, by=collector)


def test_a_phone_is_prepared_in_the_browser_and_its_credentials_are_shown_once(client, form):
    a_received_form()  # another programme, whose people are not offered
    holder = a_user("data_collector", form.programme, region=form.souss)
    client.force_login(form.officer)

    offered = client.get("/submissions/devices/add/").context["form"].fields["holder"].queryset
    answers = {"programme": form.programme_id, "name": "Tablette 2", "holder": holder.pk}
    page = client.post("/submissions/devices/add/", answers)

    assert set(offered) == {holder, form.officer}
    device = page.context["device"]
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    assert device.given_password in page.text
    assert "data:image/svg+xml" in page.text
    again = client.get(f"/submissions/devices/{device.pk}/").text
    assert device.given_password not in again and device.given_key not in again
    assert "porte déjà ce nom" in client.post("/submissions/devices/add/", answers).text
    renewed = client.post(f"/submissions/devices/{device.pk}/renew/").context["device"]
    assert client.get(f"{door(renewed)}/formList").status_code == 200
    assert client.get(f"{door(device)}/formList").status_code == 403


def test_a_coordinator_prepares_no_phone_that_sends_beyond_their_region(form):
    coordinator = a_user("regional_coordinator", form.programme, region=form.oriental)
    near, far = (a_user("data_collector", form.programme, region=r) for r in (form.oriental, form.souss))

    def prepare(holder):
        return open_device(programme=form.programme, name=f"T {holder.pk}", holder=holder, by=coordinator)

    assert prepare(near).holder == near
    for holder in (far, form.officer):
        with pytest.raises(Refused, match="plus que votre région"):
            prepare(holder)
