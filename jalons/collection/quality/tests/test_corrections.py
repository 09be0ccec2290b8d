"""Corrections: always new versions, refused where the log no longer says what the submission says."""

import io
import json

import openpyxl
import pytest
from django.urls import reverse

from jalons.collection.quality import actions, log, watching
from jalons.collection.quality.models import Check, Correction, CorrectionFile
from jalons.collection.quality.rules import cleaning_log
from jalons.collection.submissions.models import Flag, Submission
from jalons.collection.submissions.rules import asked
from jalons.collection.submissions.tests.builders import (
    a_csv,
    a_received_form,
    an_instance,
    received,
    two_regions,
)
from jalons.core.errors import Refused
from tests.builders import a_user

HEAD = "uuid,question,old_value,new_value,change_type,issue,feedback"
ROW = "u1,2026-10-01,Souss-Massa,Samira,48,eau,Aïcha"


@pytest.fixture
def kept(db):
    two_regions()
    return a_received_form()


def a_log(form, by, *lines, head=HEAD):
    content = "\n".join([head, *lines]).encode()
    return actions.open_log(form=form, file=io.BytesIO(content), name="journal.csv", by=by)


def applied(form, by, *lines, **more):
    return actions.apply_log(correctionfile=a_log(form, by, *lines, **more), by=by).report


def counted(report):
    return {name: report[name] for name in ("change", "done", "keep", "remove", "refused") if report[name]}


def answers(name="u1"):
    held = Submission.objects.get(instance_id=name)
    return held.current.answers


def test_a_log_makes_one_new_version_of_each_submission_and_tells_who_what_and_why(kept):
    form, officer = kept
    received(form, a_csv(ROW, ROW.replace("u1", "u2")), officer)

    report = applied(form, officer, "u1,taille,48,8,change_response,faute de frappe,vu au téléphone",
                     "u1,nom,Aïcha,,blank_response,à effacer,", "u2,foyer,48,8,,autre,")  # fmt: skip

    held = Submission.objects.get(instance_id="u1")
    assert counted(report) == {"change": 2, "refused": 1}
    assert (held.version, held.state) == (2, "received")
    assert (answers()["taille"], answers().get("nom"), answers()["double"]) == (8, None, "16")
    assert held.current.reason == "faute de frappe; à effacer"
    assert json.loads(bytes(held.current.content))["corrections"][0]["new"] == "8"
    one = Correction.objects.get(question="taille")
    assert (one.old_value, one.new_value, one.why, one.by, one.version) == ("48", "8", "faute de frappe", officer, 2)
    assert report["refusals"][0]["place"] == "journal · 4"


def test_the_same_log_twice_changes_nothing(kept):
    form, officer = kept
    received(form, a_csv(ROW), officer)
    lines = ["u1,taille,48,8,change_response,faute,", "u1,nom,Aïcha,Aïcha,no_action,vérifié,"]
    applied(form, officer, *lines)

    report = applied(form, officer, *lines)

    assert counted(report) == {"done": 2}
    assert Submission.objects.get().version == 2 and Correction.objects.count() == 2


def test_two_lines_that_say_the_same_of_an_answer_correct_it_once(kept):
    form, officer = kept
    received(form, a_csv(ROW), officer)

    report = applied(form, officer, "u1,taille,48,8,,faute,", "u1,taille,48,8,,contrainte non respectée,")

    assert (counted(report), answers()["taille"]) == ({"change": 1, "done": 1}, 8)


def test_a_new_value_left_blank_erases_nothing_unless_it_is_said(kept):
    form, officer = kept
    received(form, a_csv(ROW), officer)

    plan = log.plan(
        form, log.read(a_log(form, officer, "u1,taille,48,,change_response,à voir,").sha256, "j.csv"), officer
    )

    assert plan.lines[0].refusal.message == cleaning_log.NO_VALUE


def test_an_old_value_that_no_longer_matches_is_refused_with_its_place(kept):
    form, officer = kept
    received(form, a_csv(ROW), officer)
    file = a_log(form, officer, "u1,taille,47,8,change_response,faute,")

    with pytest.raises(Refused):
        actions.apply_log(correctionfile=file, by=officer)
    (line,) = log.plan(form, log.read(file.sha256, file.file_name), officer).lines

    assert (line.place, line.refusal.message) == ("journal · 2", cleaning_log.MOVED)
    assert line.refusal.values == {"log": "47", "now": "48"}
    assert Submission.objects.get().version == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("u9,taille,48,8,,faute,", log.UNKNOWN),
        (",taille,48,8,,faute,", cleaning_log.NO_UUID),
        ("u1,inconnue,48,8,,faute,", cleaning_log.NO_QUESTION),
        ("u1,taille,48,huit,,faute,", "Un nombre entier est attendu."),
        ("u1,taille,48,8,,,", cleaning_log.NO_REASON),
        ("u1,besoins,eau,lune,,faute,", cleaning_log.STRANGER),
        ("u1,double,96,16,,faute,", asked.COMPUTED),
        ("u1,age,30,31,,faute,", cleaning_log.NO_ROW),
        ("u1,taille,48,8,repeindre,faute,", cleaning_log.NO_KIND),
    ],
)
def test_a_line_that_cannot_be_applied_says_why(kept, line, message):
    form, officer = kept
    received(form, a_csv(ROW), officer)
    file = a_log(form, officer, line)

    (found,) = log.plan(form, log.read(file.sha256, file.file_name), officer).lines

    assert found.refusal.message == message


def test_french_heads_and_excel_are_read(kept):
    form, officer = kept
    received(form, a_csv(ROW), officer)
    book = openpyxl.Workbook()
    book.active.append(["Identifiant", "Question", "Ancienne valeur", "Nouvelle valeur", "Nature", "Motif"])
    book.active.append(["u1", "taille", 48, 8, "Réponse changée", "faute"])
    file = io.BytesIO()
    book.save(file)
    file.seek(0)

    kept_file = actions.open_log(form=form, file=file, name="journal.xlsx", by=officer)
    actions.apply_log(correctionfile=kept_file, by=officer)

    assert answers()["taille"] == 8


def test_titles_above_the_headings_and_sheets_before_the_log_are_passed_over(kept):
    form, officer = kept
    received(form, a_csv(ROW), officer)
    book = openpyxl.Workbook()
    book.active.append(["Lisez-moi"])
    book.active.append(["Ce classeur corrige la vague de mars."])
    sheet = book.create_sheet("Feuil2")
    for row in (["Nettoyage, vague de mars"], [], HEAD.split(","), ["u1", "taille", 48, 8, None, "faute", None],
                ["u9", "taille", 48, 8, None, "faute", None]):  # fmt: skip
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    content.seek(0)

    file = actions.open_log(form=form, file=content, name="vague.xlsx", by=officer)
    report = actions.apply_log(correctionfile=file, by=officer).report

    assert (counted(report), answers()["taille"]) == ({"change": 1, "refused": 1}, 8)
    assert report["refusals"][0]["place"] == "Feuil2 · 5"


def test_a_file_without_the_columns_of_a_log_is_refused(kept):
    form, officer = kept

    with pytest.raises(Refused):
        a_log(form, officer, "u1,48", head="uuid,taille")
    assert not CorrectionFile.objects.exists()


def test_an_instance_is_corrected_in_its_xml_with_its_repeats_and_calculations(kept):
    form, officer = kept
    members = "".join(f"<membre><prenom>A</prenom><age>{age}</age></membre>" for age in (30, 310))
    body = f"<jour>2026-10-01</jour><lieu>Souss-Massa</lieu><taille>48</taille><double>96</double>{members}"
    received(form, an_instance("uuid:x1", body), officer, name="i.xml")

    report = applied(form, officer, "uuid:x1,taille,48,8,change_response,faute,,", "uuid:x1,age,310,31,,faute,,2",
                     head=HEAD + ",index")  # fmt: skip

    held = Submission.objects.get()
    content = bytes(held.current.content).decode()
    assert counted(report) == {"change": 2}
    assert (held.instance_id, held.version) == ("uuid:x1", 2)
    assert [row["age"] for row in held.current.answers["membre"]] == [30, 31]
    assert held.current.answers["double"] == "16" and "<double>16</double>" in content
    assert "<deprecatedID>uuid:x1</deprecatedID>" in content
    assert "48" in bytes(held.versions.get(number=1).content).decode()


def test_a_corrected_answer_closes_its_flag_and_what_still_fails_is_flagged_again(kept):
    form, officer = kept
    Check.objects.create(form=form, name={"fr": "Taille"}, kind="range", valid_from="2026-01-01",
                         parameters={"question": "taille", "most": 20})  # fmt: skip
    received(form, a_csv(ROW, ROW.replace("u1", "u2")), officer)
    watching.check_new()

    applied(form, officer, "u1,taille,48,8,,faute,", "u2,taille,48,30,,faute,")
    watching.check_new()

    found = Flag.objects.filter(check_code="range").order_by("submission", "version")
    assert [(f.submission.instance_id, f.version, f.state) for f in found] == [
        ("u1", 1, "corrected"), ("u2", 1, "corrected"), ("u2", 2, "open"),
    ]  # fmt: skip


def test_a_validated_version_counts_until_its_correction_is_reviewed(kept):
    form, officer = kept
    received(form, a_csv(ROW), officer)
    Submission.objects.update(state="validated", author=None)

    actions.correct(submission=Submission.objects.get(), question="taille", new_value="8", reason="faute", by=officer)

    held = Submission.objects.get()
    assert (held.version, held.standing, held.state) == (2, 1, "received")


def test_correcting_asks_for_a_reason_and_for_another_answer(kept):
    form, officer = kept
    received(form, a_csv(ROW), officer)
    held = Submission.objects.get()

    for value, reason in (("48", "rien"), ("8", " ")):
        with pytest.raises(Refused):
            actions.correct(submission=held, question="taille", new_value=value, reason=reason, by=officer)


def test_a_submission_set_aside_by_a_log_is_rejected_by_another_person_only(kept):
    form, officer = kept
    received(form, a_csv(ROW), officer)
    other = a_user("me_officer", form.programme)

    own = applied(form, officer, "u1,taille,48,8,,faute,", "u1,,,,remove_survey,fiche d’essai,")
    report = applied(form, other, "u1,,,,remove_survey,fiche d’essai,")

    assert counted(own) == {"change": 1, "refused": 1}
    assert counted(report) == {"remove": 1}
    assert Submission.objects.get().state == "rejected"


def test_what_a_log_sets_aside_is_seen_before_and_said_after(kept, client):
    form, officer = kept
    received(form, a_csv(ROW), officer)
    other = a_user("me_officer", form.programme)
    file = a_log(form, other, "u1,,,,remove_survey,doublon,")
    client.force_login(other)

    page = client.get(reverse("quality:correctionfile-detail", args=[file.pk])).content.decode()
    said = client.post(reverse("quality:correctionfile-apply", args=[file.pk]), follow=True).content.decode()

    assert "Fiche écartée" in page and "doublon" in page
    assert "Fiches écartées : 1" in said and "rien à corriger" not in said


def test_what_is_out_of_ones_region_cannot_be_corrected(kept):
    form, officer = kept
    received(form, a_csv(ROW), officer)
    away = a_user("regional_coordinator", form.programme)
    file = a_log(form, officer, "u1,taille,48,8,,faute,")

    (line,) = log.plan(form, log.read(file.sha256, file.file_name), away).lines

    assert line.refusal.message == log.NOT_YOURS
