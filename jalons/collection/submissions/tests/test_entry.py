"""Entry in the browser: what is kept in whose name, corrections with their reason, public links and their limits."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from jalons.collection.submissions import arrivals
from jalons.collection.submissions.actions import (
    bring_in,
    close_link,
    extend_link,
    open_browser,
    open_link,
    receive_batch,
    renew_device,
    validate,
)
from jalons.collection.submissions.models import Arrival, Device, EntryLink, Submission
from jalons.collection.submissions.rules.openrosa import key_digest
from jalons.collection.submissions.tests.builders import a_received_form, an_instance, two_regions
from jalons.collection.submissions.views import links
from jalons.core.errors import Refused
from tests.builders import a_user

BODY = "<jour>2026-03-02</jour><lieu>Souss-Massa</lieu><agent>Agent 1</agent><taille>3</taille>"


@pytest.fixture
def form(db):
    arrivals._sent.clear()
    arrivals._known.clear()
    form, officer = a_received_form()
    form.state = "published"
    form.save()
    form.officer, (form.souss, form.oriental) = officer, two_regions()
    return form


@pytest.fixture
def link(form):
    day = timezone.localdate() + timedelta(days=7)
    return open_link(form=form, name="Atelier d’Oujda", expires_on=day, most_a_day=5, by=form.officer)


def public(link, page=""):
    return reverse("submissions:entry-link", args=[link.given_token]) + page


def post(client, where, content, files=(), **headers):
    sent = {"xml_submission_file": SimpleUploadedFile("fiche.xml", content, "text/xml")}
    sent |= {name: SimpleUploadedFile(name, kept, "image/png") for name, kept in files}
    return client.post(where, sent, headers=headers)


def send(client, form, user, content, files=(), owner=None):
    client.force_login(user)
    where = reverse("submissions:entry-send", args=[form.pk])
    return post(client, where, content, files, **{"X-Jalons-Owner": owner or f"u{user.pk}"})


def test_a_sheet_filled_in_the_browser_is_kept_once_in_the_name_of_who_filled_it(client, form):
    agent = a_user("data_collector", form.programme, region=form.souss)
    sheet, photo = an_instance(body=BODY), [("p.png", b"\x89PNG\r\n\x1a\n a photo")]

    statuses = [send(client, form, agent, sheet, photo).status_code for _time in range(2)]
    bring_in()

    row = Submission.objects.get()
    arrival = row.arrivals.get()
    assert statuses == [201, 202]
    assert (row.author, arrival.device.kind, arrival.device.holder) == (agent, "browser", agent)
    assert arrival.attachments.get().name == "p.png"


def test_nothing_goes_in_the_name_of_another_account(client, form):
    agent, other = (a_user("data_collector", form.programme, region=form.souss) for _n in range(2))
    refused = send(client, form, other, an_instance(body=BODY), owner=f"u{agent.pk}")
    client.logout()
    away = post(client, reverse("submissions:entry-send", args=[form.pk]), an_instance(), **{"X-Jalons-Owner": "u1"})

    assert (refused.status_code, away.status_code, Arrival.objects.count()) == (401, 401, 0)
    assert client.get(reverse("submissions:entry-door")).status_code == 401


def test_who_may_not_bring_submissions_in_fills_nothing(client, form):
    reader = a_user("funder", form.programme)
    assert send(client, form, reader, an_instance(body=BODY)).status_code == 404
    assert client.get(reverse("submissions:entry-fill", args=[form.pk])).status_code == 404


def test_a_sheet_of_a_form_closed_meanwhile_is_refused_in_words_and_still_opens(client, form):
    agent = a_user("data_collector", form.programme, region=form.souss)
    form.state = "retired"
    form.save()

    refused = send(client, form, agent, an_instance(body=BODY))
    page = client.get(reverse("submissions:entry-fill", args=[form.pk]))

    assert refused.status_code == 403 and "pas ouvert à la collecte" in refused.json()["message"]
    assert page.context["page"]["shut"] and "La collecte de ce formulaire est close" in page.content.decode()
    assert b"/entry/%d/" % form.pk not in client.get(reverse("submissions:entry-list")).content


def test_who_lost_the_right_to_send_is_told_so_in_words(client, form):
    agent = a_user("data_collector", form.programme, region=form.souss)
    agent.memberships.all().delete()
    refused = send(client, form, agent, an_instance(body=BODY))
    assert refused.status_code == 404 and "ne vous est plus ouvert" in refused.json()["message"]


def test_a_correction_is_a_new_version_with_its_author_and_its_reason(client, form):
    agent = a_user("data_collector", form.programme, region=form.souss)
    send(client, form, agent, an_instance(body=BODY))
    bring_in()
    row = Submission.objects.get()
    validate(submission=row, by=form.officer)
    answer = client.get(reverse("submissions:entry-submission", args=[row.pk])).json()
    changed = an_instance("uuid:2", BODY.replace("3</taille>", "4</taille>"), deprecated=answer["corrects"])
    why = changed.replace(b"</meta>", "<reason>Taille mal notée</reason></meta>".encode())

    silent, said = send(client, form, agent, changed), send(client, form, agent, why)
    bring_in()

    row.refresh_from_db()
    assert (silent.status_code, said.status_code) == (400, 201)
    assert (row.version, row.standing, row.state) == (2, 1, "received")  # the validated one still counts
    assert (row.current.reason, row.current.by, row.current.answers["taille"]) == ("Taille mal notée", agent, 4)


def test_a_correction_of_what_is_not_open_to_oneself_is_refused(client, form):
    send(client, form, form.officer, an_instance(body=BODY))
    bring_in()
    away = a_user("data_collector", form.programme, region=form.oriental)
    meta = an_instance("uuid:2", BODY, deprecated="uuid:1").replace(b"</meta>", b"<reason>r</reason></meta>")

    assert send(client, form, away, meta).status_code == 403
    assert client.get(reverse("submissions:entry-submission", args=[Submission.objects.get().pk])).status_code == 404


def test_a_row_that_came_from_a_table_is_corrected_as_an_instance(client, form):
    rows = b"_uuid,jour,lieu,agent,taille\na1,2026-03-02,Souss-Massa,Agent,3\n"
    receive_batch(form=form, file=rows, name="e.csv", by=form.officer)
    client.force_login(form.officer)

    answer = client.get(reverse("submissions:entry-submission", args=[Submission.objects.get().pk])).json()

    assert "<taille>3</taille>" in answer["xml"] and answer["corrects"] in answer["xml"]


# Public links


def test_a_link_opens_one_form_alone_and_says_what_came_by_it(client, form, link):
    page = client.get(public(link))
    sent = post(client, public(link, "send/"), an_instance(body=BODY))
    bring_in()

    row = Submission.objects.get()
    assert page.status_code == 200 and b"shelves" not in page.content and form.officer.name not in page.content.decode()
    assert (sent.status_code, row.arrivals.get().device.name) == (201, "Atelier d’Oujda")
    client.force_login(form.officer)
    shown = client.get(reverse("submissions:submission-detail", args=[row.pk])).content.decode()
    assert "Arrivée par : lien public, « Atelier d’Oujda »." in shown


def test_a_name_typed_behind_a_link_signs_for_nobody(client, form, link):
    known = a_user("data_collector", form.programme, region=form.souss)
    post(client, public(link, "send/"), an_instance(body=BODY.replace("Agent 1", known.name)))
    bring_in()
    assert Submission.objects.get().author == form.officer  # who opened it does not review what came by it


def test_a_link_reads_and_corrects_nothing_that_was_received(client, form, link):
    send(client, form, form.officer, an_instance(body=BODY))
    bring_in()
    client.logout()

    corrects = post(client, public(link, "send/"), an_instance("uuid:2", BODY, deprecated="uuid:1"))
    elsewhere = post(client, public(link, "send/"), an_instance("uuid:3", BODY, form="autre"))

    assert (corrects.status_code, elsewhere.status_code) == (400, 400)
    assert client.get(reverse("submissions:submission-detail", args=[Submission.objects.get().pk])).status_code == 302


def test_an_expired_a_closed_and_an_unknown_link_are_refused_in_words(client, form, link):
    EntryLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    expired = client.get(public(link))
    late = post(client, public(link, "send/"), an_instance(body=BODY))
    EntryLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() + timedelta(days=1))
    close_link(entrylink=link, by=form.officer)
    closed = client.get(public(link))
    unknown = client.get(reverse("submissions:entry-link", args=["x"]))

    assert (expired.status_code, closed.status_code, unknown.status_code) == (410, 410, 404)
    assert "Ce lien a expiré" in expired.content.decode() and "a été fermé" in closed.content.decode()
    assert late.status_code == 403 and "Ce lien a expiré" in late.json()["message"]
    assert not Arrival.objects.exists()


def test_an_expired_or_closed_link_opens_again_at_the_same_address(client, form, link):
    EntryLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    page = client.get(public(link))
    assert page.context["page"]["owner"] == f"l{link.pk}" and "peut le prolonger" in page.content.decode()

    extend_link(entrylink=link, expires_on=timezone.localdate() + timedelta(days=2), by=form.officer)
    assert post(client, public(link, "send/"), an_instance(body=BODY)).status_code == 201

    close_link(entrylink=link, by=form.officer)
    assert "peut le rouvrir" in client.get(public(link)).content.decode()
    extend_link(entrylink=EntryLink.objects.get(), expires_on=timezone.localdate(), by=form.officer)
    assert client.get(public(link)).status_code == 200


def test_a_link_takes_only_so_much_a_minute_and_a_day(client, form, link, monkeypatch):
    monkeypatch.setattr(links, "MOST_A_MINUTE", 2)
    sent = [post(client, public(link, "send/"), an_instance(f"uuid:{n}", BODY)) for n in range(3)]
    assert [answer.status_code for answer in sent] == [201, 201, 429]
    assert "repartira dans une minute" in sent[-1].json()["message"]

    monkeypatch.setattr(links, "MOST_A_MINUTE", 100)
    more = [post(client, public(link, "send/"), an_instance(f"uuid:{n}", BODY)).status_code for n in range(3, 7)]
    assert more == [201, 201, 201, 429]


def test_the_secret_of_a_link_is_not_kept_and_opens_no_phone_s_door(client, form, link):
    kept = Device.objects.values().get(pk=link.pk)
    assert link.given_token not in str(kept)
    assert client.get(f"/openrosa/key/{link.given_token}/formList").status_code == 403
    with pytest.raises(Refused, match="pas un téléphone"):
        renew_device(device=Device.objects.get(pk=link.pk), by=form.officer)


def test_a_link_is_opened_for_a_published_form_and_a_near_day_only(form):
    far = timezone.localdate() + timedelta(days=400)
    with pytest.raises(Refused, match="dans un an"):
        open_link(form=form, name="L", expires_on=far, most_a_day=5, by=form.officer)
    form.state = "retired"
    with pytest.raises(Refused, match="publié"):
        open_link(form=form, name="L", expires_on=timezone.localdate(), most_a_day=5, by=form.officer)


def test_a_link_opens_nothing_as_a_phone(client, form, link):
    """Its digest is that of a word and the token: the same word in the address of a phone gives the same digest."""
    phone = f"/openrosa/key/link%20{link.given_token}/"
    sent = post(client, phone + "submission", an_instance(body=BODY))

    assert (client.get(phone + "formList").status_code, sent.status_code) == (403, 403)
    assert not Arrival.objects.exists()


def test_a_browser_opens_nothing_as_a_phone(client, form):
    agent = a_user("data_collector", form.programme, region=form.souss)
    browser = open_browser(form=form, by=agent)
    Device.objects.filter(pk=browser.pk).update(key=key_digest("known"))

    assert client.get("/openrosa/key/known/formList").status_code == 403


def test_what_a_link_refuses_leaves_no_file_on_the_disk(client, form, link, settings, tmp_path):
    settings.DOCUMENTS = tmp_path
    photo = [("p.png", b"\x89PNG\r\n\x1a\n a photo")]
    other, cut = an_instance(body=BODY, form="autre"), b"<data"
    correction = an_instance("uuid:2", body=BODY, deprecated="uuid:1")

    refused = [post(client, public(link, "send/"), one, photo).status_code for one in (other, cut, correction)]
    assert (refused, [*tmp_path.rglob("*.*"), *tmp_path.iterdir()]) == ([400, 400, 400], [])

    assert post(client, public(link, "send/"), an_instance(body=BODY), photo).status_code == 201
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
