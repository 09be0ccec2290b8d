import errno
import io
import zipfile

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jalons.core import documents, uploads
from jalons.core.errors import Refused
from jalons.core.models import Document, Event
from tests.builders import a_form, a_programme, a_region, a_submission, a_user, an_organisation

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"0" * 100


def an_upload(content=PDF, name="convention.pdf"):
    return SimpleUploadedFile(name, content)


def a_zip(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "application/vnd.oasis.opendocument.text" if name == "mimetype" else "x")
    return file.getvalue()


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DOCUMENTS = tmp_path / "documents"
    return settings.DOCUMENTS


@pytest.fixture
def programme(db):
    return a_programme()


@pytest.fixture
def manager(programme, client):
    user = a_user("project_manager", programme)
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "application/pdf"), (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "image/png"), ("nom;âge\n".encode(), "text/plain"),
        (b"MZ\x90\x00" + b"\x00" * 60, documents.PROGRAM), (b"\x7fELF\x02" + b"\x00" * 60, documents.PROGRAM),
        (b"#!/bin/sh\nrm -rf /", documents.SCRIPT), (b"\xef\xbb\xbf <html><script>", documents.PAGE),
        (b"<!DOCTYPE html>", documents.PAGE), (b"\x00\x01\x02\x03" * 9, documents.UNKNOWN_TYPE),
        (a_zip("word/document.xml"), documents.IN_ZIP["word/"]), (a_zip("xl/workbook.xml"), documents.IN_ZIP["xl/"]),
        (a_zip("mimetype"), "application/vnd.oasis.opendocument.text"), (a_zip("photo.jpg"), "application/zip"),
        (b"PK\x03\x04damaged", documents.UNKNOWN_TYPE),
    ],
)  # fmt: skip
def test_a_type_is_read_from_the_content(content, kind):
    assert documents.media_type(io.BytesIO(content)) == kind


@pytest.mark.parametrize("name", ["rapport.pdf", "photo.jpg", "tableau.xlsx"])
def test_a_program_under_another_name_is_refused(programme, manager, name):
    with pytest.raises(Refused, match="programme ou une page"):
        documents.attach(target=programme, document=an_upload(b"MZ\x90\x00" + b"0" * 60, name), by=manager)
    assert not Document.objects.exists()


def test_an_empty_or_too_large_file_is_refused(programme, manager, monkeypatch):
    with pytest.raises(Refused, match="vide"):
        documents.attach(target=programme, document=an_upload(b""), by=manager)
    monkeypatch.setattr(documents, "LIMIT", 10)
    with pytest.raises(Refused, match="dépasse"):
        documents.attach(target=programme, document=an_upload(), by=manager)


def test_the_same_content_is_kept_once(programme, manager, folder):
    documents.attach(target=programme, document=an_upload(name="a.pdf"), by=manager)
    documents.attach(target=programme, document=an_upload(name="b.pdf"), by=manager)
    documents.attach(target=an_organisation(), document=an_upload(name="c.pdf"), by=manager)

    assert Document.objects.count() == 2
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1
    assert documents.read(Document.objects.first().sha256) == PDF


def test_a_file_that_stops_halfway_leaves_nothing(folder):
    def broken():
        yield b"debut"
        raise OSError

    with pytest.raises(OSError):
        documents.store(broken())
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_a_full_disk_is_said_and_leaves_nothing(folder):
    def too_much():
        yield b"a"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(Refused, match="disque"):
        documents.store(too_much())

    assert not [file for file in folder.rglob("*") if file.is_file()]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("a\r\nb.pdf", "ab.pdf"),
        ("", "document"),
        ("é" * 300, "é" * 200),
    ],
)
def test_a_name_says_nothing_of_the_sender_s_disk(name, kept):
    assert documents.safe_name(name) == kept


def test_a_document_is_joined_then_downloaded_as_a_file(client, manager, programme):
    page = client.get(reverse("programmes:programme-detail", args=[programme.pk]))
    client.post(page.context["attach_url"], {"document": an_upload(name="Convention signée.pdf"), "why": "Signature"})

    answer = client.get(Document.objects.get().url)

    assert answer["Content-Disposition"].startswith("attachment") and "sign%C3%A9e" in answer["Content-Disposition"]
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "application/pdf")
    assert b"".join(answer) == PDF
    assert Event.objects.get().why == "Signature"


def test_a_refused_file_is_said_beside_the_field(client, manager, programme):
    url = reverse("core:document-add", args=["programmes.programme", programme.pk])

    answer = client.post(url, {"document": an_upload(b"<html>", "page.pdf")})

    assert answer.status_code == 422 and "page web" in str(answer.context["form"].errors["document"])


def test_a_document_is_open_to_whoever_may_see_what_it_is_attached_to(client, db):
    programme, here = a_programme(), a_region()
    manager = a_user("project_manager", programme)
    submission = a_submission(a_form(programme), manager, region=here)
    documents.attach(target=submission, document=an_upload(), by=manager)
    url = Document.objects.get().url

    found = {}
    for name, user in {
        "same region": a_user("regional_coordinator", programme, region=here),
        "other region": a_user("regional_coordinator", programme),
        "no right on submissions": a_user("funder", programme),
        "other programme": a_user("project_manager", a_programme()),
    }.items():
        client.force_login(user)
        found[name] = client.get(url).status_code

    assert found == {"same region": 200, "other region": 404, "no right on submissions": 404, "other programme": 404}


def test_a_request_that_would_fill_the_disk_is_refused_before_it_is_read(client, manager, programme, monkeypatch):
    monkeypatch.setattr(uploads, "LIMIT", 1000)
    url = reverse("core:document-add", args=["programmes.programme", programme.pk])

    assert client.post(url, {"document": an_upload(PDF * 20)}).status_code == 400
    assert not Document.objects.exists()


def test_a_document_is_taken_off_by_whoever_may_edit_with_a_reason(client, manager, programme):
    documents.attach(target=programme, document=an_upload(name="Brouillon.pdf"), by=manager)
    document = Document.objects.get()
    page = reverse("programmes:programme-detail", args=[programme.pk])
    remove = reverse("core:document-remove", args=[document.pk])
    assert remove in client.get(page).content.decode()

    assert client.post(remove, {"why": ""}).status_code == 422
    client.post(remove, {"why": "Mauvaise version"})

    assert remove not in client.get(page).content.decode()
    assert client.get(document.url).status_code == client.get(remove).status_code == 404
    history = client.get(reverse("core:history", args=["programmes.programme", programme.pk])).content.decode()
    assert "Document retiré" in history and "Brouillon.pdf" in history and "Mauvaise version" in history
    assert documents.read(document.sha256) == PDF


def test_a_document_taken_off_may_come_back_as_a_new_one(manager, programme):
    first = documents.attach(target=programme, document=an_upload(), by=manager)
    documents.detach(target=programme, sha256=first.sha256, by=manager, why="Erreur")

    again = documents.attach(target=programme, document=an_upload(), by=manager)

    assert list(documents.documents_of(programme)) == [again] and again != first
    with pytest.raises(Refused, match="plus joint"):
        documents.detach(target=programme, sha256="0" * 64, by=manager)


def test_whoever_only_reads_takes_nothing_off(client, programme, manager):
    document = documents.attach(target=programme, document=an_upload(), by=manager)
    client.force_login(a_user("funder", programme))

    assert client.get(reverse("core:document-remove", args=[document.pk])).status_code == 404
    with pytest.raises(PermissionDenied):
        documents.detach(target=programme, sha256=document.sha256, by=a_user("funder", programme))


def test_the_name_of_a_document_is_open_to_those_who_see_what_it_is_attached_to(client, db):
    programme = a_programme()
    manager = a_user("project_manager", programme)
    submission = a_submission(a_form(programme), manager, region=a_region())
    document = documents.attach(target=submission, document=an_upload(), by=manager)
    client.force_login(a_user("funder", programme))

    assert client.get(reverse("core:history", args=["core.document", document.pk])).status_code == 404
