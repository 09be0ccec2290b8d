"""Bringing in, again, in another version."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from jalons.collection.forms.actions import import_form
from jalons.collection.submissions import reading
from jalons.collection.submissions.actions import (
    open_batch,
    receive,
    receive_instances,
    start,
    validate,
)
from jalons.collection.submissions.models import Batch, Submission, SubmissionVersion
from jalons.collection.submissions.tests.builders import (
    a_csv,
    a_received_form,
    a_survey,
    an_instance,
    counts,
    received,
    two_regions,
)
from jalons.core.errors import Refused
from jalons.core.jobs import run
from jalons.core.models import Event
from tests.builders import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def foyer():
    two_regions()
    return a_received_form()


def flags(submission):
    return sorted(submission.flags.filter(version=submission.version).values_list("check_code", "question"))


def archive(*contents, **named):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in [*((f"{n}.xml", c) for n, c in enumerate(contents)), *named.items()]:
            file.writestr(name, content)
    return buffer.getvalue()


def test_a_row_is_kept_as_it_came_read_and_placed(foyer):
    form, officer = foyer

    batch = received(form, a_csv("a1,02/10/2026,souss massa,Lina,3,eau toit,Amina"), officer)

    submission = Submission.objects.get()
    assert counts(batch) == {"received": 1, "updated": 0, "unchanged": 0, "refused": 0}
    assert (submission.instance_id, submission.state, submission.collector) == ("a1", "received", "Lina")
    assert (str(submission.region), str(submission.collected_on)) == ("Souss-Massa", "2026-10-02")
    assert submission.current.answers == {
        "jour": "2026-10-02", "lieu": "souss massa", "agent": "Lina", "taille": 3, "besoins": ["eau", "toit"],
        "nom": "Amina", "double": "6",
    }  # fmt: skip
    assert submission.current.computed == ["double"]
    assert b'"jour": "02/10/2026"' in bytes(submission.current.content)


def test_the_same_file_again_changes_nothing(foyer):
    form, officer = foyer
    content = a_csv("a1,2026-10-02,09,,3,,", "a2,2026-10-03,02,,4,,")
    received(form, content, officer)

    again = received(form, content, officer)

    assert counts(again) == {"received": 0, "updated": 0, "unchanged": 2, "refused": 0}
    assert SubmissionVersion.objects.count() == 2


def test_another_export_of_the_same_answers_changes_nothing(foyer):
    form, officer = foyer
    received(form, a_csv("a1,2026-10-02,09,3", header="_uuid,jour,lieu,taille"), officer)

    again = received(form, a_csv("7,a1,02/10/2026,09,3", header="_index,_uuid,jour,lieu,taille"), officer)

    assert counts(again)["unchanged"] == 1


def test_other_answers_make_a_new_version_that_waits_for_review(foyer):
    form, officer = foyer
    received(form, a_csv("a1,2026-10-02,09,Lina,3,,"), officer)
    validate(submission=Submission.objects.get(), by=a_user("me_officer", form.programme))

    batch = received(form, a_csv("a1,2026-10-02,02,Lina,5,,"), officer)

    submission = Submission.objects.get()
    assert (batch.report["updated"], batch.report["reopened"]) == (1, 1)
    assert (submission.state, submission.version, submission.reviewed_by) == ("received", 2, None)
    assert str(submission.region) == "Oriental"
    assert [v.answers["taille"] for v in submission.versions.all()] == [3, 5]
    assert [v.reason for v in submission.versions.all()] == ["", "réimport"]


def test_one_identifier_twice_in_a_file_keeps_both_and_says_so(foyer):
    form, officer = foyer

    received(form, a_csv("a1,2026-10-02,09,,3,,", "a1,2026-10-02,09,,9,,"), officer)

    submission = Submission.objects.get()
    assert [v.answers["taille"] for v in submission.versions.all()] == [3, 9]
    assert flags(submission) == [("duplicate", "")]


def test_simple_checks_leave_their_flags(foyer):
    form, officer = foyer

    received(form, a_csv("a1,demain,Atlantide,,0,lune,"), officer)

    submission = Submission.objects.get()
    assert flags(submission) == [
        ("choice", "besoins"), ("constraint", "taille"), ("date", "jour"), ("relevant", "besoins"),
        ("territory", "lieu"), ("type", "jour"),
    ]  # fmt: skip
    assert submission.flag_count == 6
    assert submission.region is None
    assert submission.current.unread[0]["value"] == "demain"


def test_a_day_that_has_not_come_yet_is_flagged(foyer):
    form, officer = foyer
    days = [localdate() + timedelta(days=days) for days in (1, 2, 20_000)]

    received(form, a_csv(*(f"a{n},{day},Souss-Massa,,2,eau," for n, day in enumerate(days))), officer)

    found = [flags(submission) for submission in Submission.objects.order_by("instance_id")]
    assert found == [[], [("unlikely", "jour")], [("unlikely", "jour")]]


def test_instances_of_a_phone_come_in_with_their_corrections_in_order(foyer):
    form, officer = foyer
    first = an_instance("uuid:1", "<lieu>09</lieu><taille>3</taille><membre><age>8</age></membre>")
    corrected = an_instance("uuid:2", "<lieu>09</lieu><taille>4</taille>", deprecated="uuid:1")
    again = an_instance("uuid:3", "<lieu>09</lieu><taille>5</taille>", deprecated="uuid:2")

    batch = received(form, archive(again, corrected, first), officer, "instances.zip")

    submission = Submission.objects.get()
    assert (batch.kind, counts(batch)["received"], counts(batch)["updated"]) == ("xml", 1, 2)
    assert (submission.instance_id, submission.version) == ("uuid:1", 3)
    assert [v.answers["taille"] for v in submission.versions.all()] == [3, 4, 5]
    assert bytes(submission.versions.first().content) == first


def test_an_original_that_comes_after_its_correction_does_not_count(foyer):
    form, officer = foyer
    received(form, an_instance("uuid:2", "<taille>4</taille>", deprecated="uuid:1"), officer, "b.xml")

    received(form, an_instance("uuid:1", "<taille>3</taille>"), officer, "a.xml")

    submission = Submission.objects.get()
    assert (submission.instance_id, submission.version, submission.current.answers["taille"]) == ("uuid:1", 1, 4)
    assert submission.versions.count() == 2


def test_what_is_no_instance_of_the_form_is_refused_with_its_place_and_the_rest_comes_in(foyer):
    form, officer = foyer
    content = archive(
        an_instance("uuid:1", "<taille>3</taille>"),
        an_instance("uuid:2", form="autre"),
        b"<data",
        **{"photo.jpg": b"x"},
    )

    batch = received(form, content, officer, "instances.zip")

    assert counts(batch) == {"received": 1, "updated": 0, "unchanged": 0, "refused": 3}
    assert [one["place"] for one in batch.report["refusals"]] == ["1.xml", "2.xml", "photo.jpg"]


def test_an_archive_that_unpacks_beyond_all_measure_leaves_nothing(foyer, monkeypatch):
    form, officer = foyer
    monkeypatch.setattr(reading, "MOST_UNPACKED", 5_000)

    with pytest.raises(Refused, match="se déplie"):
        received(form, archive(*(an_instance(f"uuid:{n}", " " * 1_000) for n in range(9))), officer, "lot.zip")

    assert not Submission.objects.exists()


def test_a_folder_of_instances_is_one_batch(foyer, tmp_path):
    form, officer = foyer
    (tmp_path / "agadir").mkdir()
    (tmp_path / "agadir" / "1.xml").write_bytes(an_instance("uuid:1", "<taille>3</taille>"))
    (tmp_path / "2.xml").write_bytes(an_instance("uuid:2", "<taille>3</taille>"))

    assert counts(receive_instances(form=form, folder=tmp_path, by=officer))["received"] == 2
    assert counts(receive_instances(form=form, folder=tmp_path, by=officer))["unchanged"] == 2


def test_each_row_is_read_against_the_version_it_names(foyer):
    form, officer = foyer
    second = a_survey(["text", "quartier", "Quartier", "", "", "", ""], version="2")
    import_form(programme=form.programme, data=second, file_name="foyer.xlsx", by=officer)

    received(form, a_csv("a1,3,Talborjt,1", "a2,3,Talborjt,2", header="_uuid,taille,quartier,__version__"), officer)

    old, new = (s.current for s in Submission.objects.order_by("instance_id"))
    assert ("quartier" in old.answers, "quartier" in new.answers) == (False, True)
    assert old.unread[0]["path"] == "quartier"
    assert (old.form_version.version, new.form_version.version) == ("1", "2")


@pytest.mark.parametrize(
    ("name", "content"),
    [("vide.csv", b""), ("photo.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 50), ("autre.csv", b"espece;poids\nthon;12\n"),
     ("bombe.xml", b"<!DOCTYPE d [<!ENTITY a 'b'>]><data id='foyer'>&a;</data>"),
     ("autre.xml", an_instance(form="autre")), ("page.html", b"<html><body>non</body></html>")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_leaves_nothing(foyer, name, content):
    form, officer = foyer

    with pytest.raises(Refused):
        received(form, content, officer, name)

    assert not Batch.objects.exists()
    assert not Submission.objects.exists()


def test_a_file_that_breaks_half_way_leaves_nothing(foyer):
    form, officer = foyer
    rows = [f"a{n},2026-10-02,09,,3,," for n in range(1500)]

    with pytest.raises(Refused, match="ligne"):
        received(form, a_csv(*rows, 'x,"' + "y" * 140_000 + '",09,,3,,'), officer)

    assert not Submission.objects.exists()


def test_names_of_files_are_labels_and_never_paths(foyer):
    form, officer = foyer

    batch = received(form, a_csv("a1,2026-10-02,09,,3,,"), officer, "../../etc/passwd\x00.csv")

    assert batch.file_name == "passwd.csv"


def test_formulas_are_texts(foyer):
    form, officer = foyer

    received(form, a_csv("a1,2026-10-02,09,,3,,\"=cmd|' /C calc'!A0\""), officer)

    assert Submission.objects.get().current.answers["nom"] == "=cmd|' /C calc'!A0"


def test_a_batch_is_brought_in_once(foyer):
    form, officer = foyer
    batch = received(form, a_csv("a1,2026-10-02,09,,3,,"), officer)

    with pytest.raises(Refused, match="déjà"):
        receive(batch=batch, by=officer)


def test_a_large_import_is_followed_as_a_task(foyer):
    form, officer = foyer
    batch = open_batch(form=form, file=io.BytesIO(a_csv("a1,2026-10-02,09,,3,,")), name="x.csv", by=officer)

    batch = start(batch=batch, by=officer)
    job = run(batch.job)

    assert (job.state, Submission.objects.count()) == ("done", 1)
    assert "1 reçues" in job.result["message"]


def test_acts_are_recorded_once_per_batch_and_carry_no_answer(foyer):
    form, officer = foyer

    received(form, a_csv("a1,2026-10-02,09,,3,,Amina", "a2,2026-10-02,09,,3,,Omar"), officer)

    acts = Event.objects.filter(verb__startswith="batch").values_list("verb", flat=True)
    assert list(acts) == ["batch.opened", "batch.received"]
    assert "Amina" not in str(Batch.objects.get().report)
