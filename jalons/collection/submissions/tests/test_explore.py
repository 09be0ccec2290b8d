"""What people explore and download: only what they may, told in words, resumed where it stopped."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from jalons.collection.forms.actions import mark
from jalons.collection.forms.models import Form
from jalons.collection.submissions import figures
from jalons.collection.submissions.actions import make_export, validate
from jalons.collection.submissions.figures import frequency, round_step
from jalons.collection.submissions.models import Arrival, Attachment, Device, Export, Submission
from jalons.collection.submissions.selection import Selection
from jalons.collection.submissions.tests.households import SECRETS, households
from jalons.collection.submissions.views import explore
from jalons.core import documents
from jalons.core.filters import named
from jalons.core.history import timeline
from tests.builders import a_programme, a_user

PAGES = ("explore", "questions", "map", "photos", "export")


def url(name, form, query=""):
    return reverse(f"submissions:form-{name}", args=[form.pk]) + query


def read(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.fixture
def officer(db):
    return a_user("me_officer", a_programme())


@pytest.fixture
def form(officer, tmp_path):
    return households(officer, tmp_path)


@pytest.fixture
def reader(officer):
    return a_user("national_expert", officer.held[0].programme)


def test_the_table_tells_answers_in_words_and_which_absence_each_blank_is(client, form, officer):
    client.force_login(officer)

    page = read(client, url("explore", form))

    assert "Femme" in page and "200,5" in page and "non posée" in page
    assert "Ali" not in page, "a repeat has its own table"
    assert "Ali" not in read(client, url("explore", form, "?t=membre")), "a personal column is shown once chosen"
    client.post(url("columns", form), {"t": "membre", "c": ["prenom", "age"]})
    assert "Ali" in read(client, url("explore", form, "?t=membre"))


def test_who_has_no_right_never_reads_what_identifies_nor_guesses_it(client, form, reader):
    client.force_login(reader)
    client.post(url("columns", form), {"t": "", "c": ["nom", "remarque", "sexe"]})
    client.post(url("columns", form), {"t": "membre", "c": ["prenom", "age"]})

    for address in [*(url(name, form) for name in PAGES), url("explore", form, "?t=membre"),
                    url("explore", form, "?f=nom~contains~Fatima"), url("explore", form, "?s=nom")]:  # fmt: skip
        page = read(client, address)
        assert not [secret for secret in SECRETS if secret in page.replace("~contains~Fatima", "")], address
    assert client.get(url("questions", form, "?of=nom")).status_code == 404
    both = read(client, url("explore", form, "?f=nom~contains~Karim"))
    assert "2 soumissions" in both and "Ce filtre ne se lit pas" in both, "the count says nothing of the name"
    crossed = read(client, url("questions", form, "?of=sexe&by=nom"))
    assert "Karim" not in crossed


def test_a_table_sorts_as_long_as_it_can_and_says_when_it_cannot(client, form, officer, monkeypatch):
    client.force_login(officer)
    monkeypatch.setattr(Selection.count, "__defaults__", (1,))

    assert "?s=taille" in read(client, url("explore", form))

    monkeypatch.setattr(explore, "SORTED", 1)
    page = client.get(url("explore", form, "?s=taille"))
    assert not any(head["url"] for head in page.context["heads"]) and "filtrez pour trier" in page.content.decode()


def test_an_answer_that_would_hide_the_others_is_cut_in_a_table():
    assert explore.shortened("Agadir, près du marché") == "Agadir, près du marché"
    assert explore.shortened("mot " * 100) == "mot " * 50 + "…"
    assert explore.shortened("a" * 300 + " b") == "a" * 40 + "…"


def test_submissions_are_found_by_the_name_they_show_never_by_what_identifies(client, form, officer):
    form.versions.update(settings={"instance_name": "concat(${jour}, ' ', ${sexe}, ' ', ${nom})"})
    client.force_login(officer)

    def found(words):
        return [row["object"].instance_id for row in client.get(listed, {"q": words}).context["rows"]]

    listed = reverse("submissions:submission-list")
    assert (found("F 2026-03"), found("2026 x"), found("2026-03 x")) == (["uuid:a"], ["uuid:b"], [])
    assert found("Fatima") == []
    client.force_login(a_user("me_officer", a_programme()))
    assert found("2026") == []


def test_forms_too_large_for_their_names_to_be_read_are_said(client, form, officer, monkeypatch):
    client.force_login(officer)
    lists = reverse("submissions:submission-list")
    monkeypatch.setattr("jalons.collection.submissions.named.READ", -2)

    assert "Dans Foyer, qui a beaucoup" in read(client, lists + "?q=eau")
    assert "qui a beaucoup" not in read(client, lists)


def test_the_first_change_of_a_submission_says_what_it_was_before(form, officer):
    submission = Submission.objects.first()

    validate(submission=submission, by=a_user("project_manager", form.programme))

    changes = [(str(c["field"]), c["before"], c["after"]) for c in timeline(submission)[0]["changes"]]
    assert ("état", "reçue", "validée") in changes and len(changes) == 2, "and who reviewed it"


def test_values_that_identify_are_never_asked_by_an_address(client, form, officer):
    client.force_login(officer)

    page = read(client, url("explore", form, "?f=nom~contains~Karim"))

    assert "2 soumissions" in page and "Ce filtre ne se lit pas" in page
    assert "ne sert pas de filtre" in read(client, url("explore", form, "?q=nom"))
    assert "1 soumission<" in read(client, url("explore", form, "?q=revenu&op=empty"))


def test_filters_composed_on_the_page_stay_in_its_links(client, form, officer):
    client.force_login(officer)

    page = read(client, url("explore", form, "?q=besoins&op=has&v=eau"))

    assert "1 soumission<" in page and "f=besoins~has~eau" in page
    assert "Besoins : comprend l’un de De l&#x27;eau" in page


@pytest.mark.parametrize("query", ["?f=x~y", "?f=taille~between~a~b", "?after=1-", "?after=9" + "9" * 40, "?s=rien",
                                   "?start=hier", "?state=rien", "?q=taille&op=between&v=&v=", "?f=jour~is~1",
                                   "?t=rien", "?p=99999999", "?f=taille~is~1e999", "?f=%00"])  # fmt: skip
def test_an_odd_address_is_a_page_not_a_fault(client, form, officer, query):
    client.force_login(officer)

    for name in ("explore", "questions", "map", "photos"):
        read(client, url(name, form, query))


def test_frequencies_say_answered_of_asked_and_cross(form, officer):
    chosen = Selection(form, officer)

    sex = frequency(chosen, "sexe", "_state")
    needs = frequency(chosen, "besoins", "sexe")
    income = frequency(chosen, "revenu")
    ages = frequency(chosen, "membre.age")

    assert [(label, count) for label, count, _groups in sex.rows] == [("Femme", 1), ("x", 1)]
    assert sex.groups == ["reçue"]
    assert [(label, groups) for label, _count, groups in needs.rows] == [
        ("De l'eau", {"Femme": 1}), ("Un toit", {"Femme": 1, "x": 1})]  # fmt: skip
    assert (income.asked, income.answered) == (1, 1), "who was not asked is not counted"
    assert (ages.asked, ages.answered, ages.rows) == (2, 1, [("4", 1, {"": 1})])


def test_a_bar_that_no_number_fills_is_shown_empty_between_the_others(form, officer, monkeypatch):
    monkeypatch.setattr(figures, "FEW", 0)

    found = frequency(Selection(form, officer), "taille")

    assert [count for _label, count, _groups in found.rows] == [1, 0, 1]


def test_rows_of_the_same_name_are_told_apart_in_a_filter(form, tmp_path):
    other = a_user("me_officer", a_programme())
    (tmp_path / "other").mkdir()
    households(other, tmp_path / "other")

    assert [label for _pk, label in named(Form.objects.order_by("pk"))] == [
        f"Foyer · {form.programme}", f"Foyer · {other.held[0].programme}"]  # fmt: skip
    assert [label for _pk, label in named(Form.objects.filter(pk=form.pk))] == ["Foyer"]


@pytest.mark.parametrize(
    ("width", "whole", "step"), [(3.2, True, 5), (0.04, False, 0.05), (0, True, 1), (0.3, True, 1)]
)
def test_numbers_are_gathered_by_widths_that_people_count_in(width, whole, step):
    assert round_step(width, whole=whole) == pytest.approx(step)


def an_export(form, by):
    client = Client()
    client.force_login(by)
    asked = {"format": "csv", "labels": "0", "language": "fr", "choices": "both", "identities": "none",
             "states": ["received"]}  # fmt: skip
    response = client.post(url("export", form), asked)
    assert response.status_code == 302, response.content.decode()[:2000]
    return client, make_export(export=Export.objects.get(by=by), by=by)


def test_a_download_that_was_cut_goes_on_where_it_stopped(form, officer):
    client, export = an_export(form, officer)
    whole = export.path.read_bytes()
    address = reverse("submissions:export-download", args=[export.pk])

    first = client.get(address, headers={"accept-encoding": "gzip"})
    rest = client.get(address, headers={"range": "bytes=10-", "if-range": first["ETag"], "accept-encoding": "gzip"})
    other = client.get(address, headers={"range": "bytes=10-", "if-range": '"another"'})
    last = client.get(address, headers={"range": "bytes=-5"})
    beyond = client.get(address, headers={"range": f"bytes={len(whole)}-"})

    assert b"".join(first) == whole and first["Accept-Ranges"] == "bytes"
    assert first["Content-Disposition"] == f'attachment; filename="{export.file_name}"'
    assert (rest.status_code, b"".join(rest)) == (206, whole[10:])
    assert rest["Content-Range"] == f"bytes 10-{len(whole) - 1}/{len(whole)}"
    assert (other.status_code, b"".join(other)) == (200, whole)
    assert (last.status_code, b"".join(last)) == (206, whole[-5:])
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(whole)}")


def test_an_export_is_its_askers_alone_as_long_as_their_sight_is_the_same(form, officer):
    client, export = an_export(form, officer)
    pages = [reverse(f"submissions:export-{name}", args=[export.pk]) for name in ("detail", "download")]
    colleague = Client()
    colleague.force_login(a_user("project_manager", form.programme))

    assert [colleague.get(page).status_code for page in pages] == [404, 404]
    officer.memberships.update(role="national_expert")
    assert [client.get(page).status_code for page in pages] == [200, 404]
    officer.memberships.update(programme=a_programme())
    assert [client.get(page).status_code for page in pages] == [404, 404]


def test_a_question_marked_since_takes_back_the_files_of_who_may_not_read_it(form, officer, reader):
    files = {by: an_export(form, by) for by in (officer, reader)}

    mark(form=form, marks={"sexe": "indirect"}, by=officer)

    given = [client.get(reverse("submissions:export-download", args=[export.pk])).status_code
             for client, export in files.values()]  # fmt: skip
    assert given == [200, 404]


def a_file(form, by, name, content, kind="image/jpeg"):
    device = Device.objects.create(programme=form.programme, name=name, holder=by, user_name=name, key=name)
    submission = Submission.objects.get(instance_id="uuid:a")
    arrival = Arrival.objects.create(
        device=device, form=form, instance_id=name, sha256=name.encode(), size=1, state="in", submission=submission
    )
    sha256, size = documents.store([content])
    return Attachment.objects.create(arrival=arrival, name=name, media_type=kind, sha256=sha256, size=size)


def a_photo():
    buffer = io.BytesIO()
    picture = Image.new("RGB", (800, 600), "teal")
    exif = Image.Exif()
    exif[0x010E] = "chez Fatima"
    picture.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def test_a_photo_is_shown_small_and_whole_and_nothing_else_ever_runs(client, form, officer, reader):
    photo = a_file(form, officer, "p.jpg", a_photo())
    drawing = a_file(form, officer, "d.jpg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    client.force_login(officer)

    def answer(kept, name="download", query="?show=1"):
        return client.get(reverse(f"submissions:attachment-{name}", args=[kept.pk]) + query)

    shown, hidden, small = answer(photo), answer(drawing), answer(photo, "thumbnail")
    assert (shown["Content-Type"], shown["Content-Disposition"]) == ("image/jpeg", 'inline; filename="p.jpg"')
    assert (hidden["Content-Type"], hidden["Content-Disposition"]) == (
        "application/octet-stream", 'attachment; filename="d.jpg"')  # fmt: skip
    assert all("sandbox" in r["Content-Security-Policy"] and r["X-Content-Type-Options"] == "nosniff"
               for r in (shown, hidden))  # fmt: skip
    assert small["Cache-Control"] == shown["Cache-Control"] == "private, no-cache", "who reads next has other rights"
    content = b"".join(small)
    assert Image.open(io.BytesIO(content)).size == (320, 240) and b"Fatima" not in content
    assert answer(drawing, "thumbnail").status_code == 404
    small = reverse("submissions:attachment-thumbnail", args=[photo.pk])
    gallery, own = (
        read(client, url("photos", form)),
        reverse("submissions:submission-detail", args=[photo.submission.pk]),
    )
    assert small in gallery and "q.jpg : attendue, pas encore reçue" in gallery
    assert small in read(client, own)
    client.force_login(reader)
    assert [answer(photo, name).status_code for name in ("download", "thumbnail")] == [404, 404]


def test_the_codes_of_a_question_marked_personal_leave_at_once(client, form, officer, reader):
    client.force_login(reader)
    assert "Femme" in read(client, url("explore", form))

    mark(form=form, marks={"sexe": "indirect"}, by=officer)

    assert "Femme" not in read(client, url("explore", form))
