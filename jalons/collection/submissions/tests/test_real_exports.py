"""Exports and instances that no one here wrote, brought in whole."""

import json

import pandas
import pytest
from django.db import connection
from lxml import etree

from jalons.collection.forms.actions import import_form
from jalons.collection.submissions.actions import receive_batch
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.projection import table_name
from jalons.collection.submissions.rebuilding import rebuild
from jalons.collection.submissions.rules import instances
from jalons.core.errors import Refused
from tests.builders import a_programme, a_user
from tests.shared_data import SHARED, needs_shared_data

pytestmark = [needs_shared_data, pytest.mark.django_db, pytest.mark.slow]
MSNA_FORM = SHARED / "xlsforms/impact-humind-msna_MIT/REACH_2024_MSNA-kobo-tool_draft_v11.xlsx"
MSNA_DATA = SHARED / "submissions/impact-msna-dummy_MIT/dummy_raw_data.xlsx"
REPEATS = ("roster", "edu_ind", "health_ind", "nut_ind")


def count(form, repeat=""):
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from projection.{table_name(form.pk, repeat)}")
        return cursor.fetchone()[0]


@pytest.fixture
def msna():
    programme = a_programme()
    officer = a_user("me_officer", programme)
    version = import_form(programme=programme, data=MSNA_FORM.read_bytes(), file_name="msna.xlsx", by=officer)
    return version.form, officer


def test_a_household_survey_with_four_repeats_comes_in_whole(msna):
    form, officer = msna

    batch = receive_batch(form=form, file=MSNA_DATA.read_bytes(), name="dummy.xlsx", by=officer)

    assert batch.report["received"] == batch.report["rows"] == 241
    assert batch.report["refusals"] == []
    assert count(form) == Submission.objects.count() == 241
    assert [count(form, repeat) for repeat in REPEATS] == [965] * 4
    check_answers(form)


def check_answers(form):
    """Each typed answer is the cell that came, as pandas reads it from the same workbook."""
    sheets = pandas.read_excel(MSNA_DATA, sheet_name=["main", "roster"], engine="calamine", dtype=object)

    with connection.cursor() as cursor:
        cursor.execute(
            f"select s.instance_id, f.hh_size, f.setting, f.aap_priority_challenge, f.fsl_fcs_cereal"
            f"  from projection.{table_name(form.pk)} f join submissions_submission s on s.id = f._submission"
        )
        found = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(f"select sum(ind_age), count(ind_age) from projection.{table_name(form.pk, 'roster')}")
        ages = cursor.fetchone()
    for row in sheets["main"].to_dict("records"):
        size, setting, challenges, cereal = found[row["uuid"]]
        assert (size, cereal) == tuple(None if pandas.isna(row[n]) else row[n] for n in ("hh_size", "fsl_fcs_cereal"))
        assert setting == (None if pandas.isna(row["setting"]) else row["setting"])
        assert challenges == (
            None if pandas.isna(row["aap_priority_challenge"]) else row["aap_priority_challenge"].split()
        )
    roster = sheets["roster"]["ind_age"].dropna()
    assert ages == (roster.sum(), len(roster))


def test_the_survey_again_changes_nothing_and_rebuilding_gives_the_same(msna):
    form, officer = msna
    receive_batch(form=form, file=MSNA_DATA.read_bytes(), name="dummy.xlsx", by=officer)
    before = {repeat: picture(form, repeat) for repeat in ("", *REPEATS)}

    again = receive_batch(form=form, file=MSNA_DATA.read_bytes(), name="dummy.xlsx", by=officer)
    rebuild(form)

    assert (again.report["unchanged"], again.report["updated"]) == (241, 0)
    assert {repeat: picture(form, repeat) for repeat in ("", *REPEATS)} == before


def picture(form, repeat):
    with connection.cursor() as cursor:
        table = table_name(form.pk, repeat)
        cursor.execute(f"select md5(string_agg(t::text, '|' order by _submission, _row)) from projection.{table} t")
        return cursor.fetchone()


INSTANCES = SHARED / "submissions/iaso_MIT/iaso/tests/fixtures"
PAIRS = [  # instance, its form
    (INSTANCES / "odk_instance_repeat_group.xml", "iaso_MIT/odk_instance_repeat_group_form.xlsx"),
    (INSTANCES / "edit_existing_submission.xml", "iaso_MIT/edit_existing_submission_xlsform.xlsx"),
]


@pytest.mark.parametrize(("instance", "workbook"), PAIRS, ids=lambda path: str(path).rpartition("/")[2])
def test_instances_of_real_forms_come_in(instance, workbook):
    programme = a_programme()
    officer = a_user("me_officer", programme)
    form = import_form(
        programme=programme, data=(SHARED / "xlsforms" / workbook).read_bytes(), file_name="f.xlsx", by=officer
    ).form

    batch = receive_batch(form=form, file=instance.read_bytes(), name=instance.name, by=officer)

    version = Submission.objects.get().current
    assert batch.report["received"] == count(form) == 1
    assert bytes(version.content) == instance.read_bytes()
    assert len(version.answers) > 5
    texts = {text.strip() for text in etree.parse(instance).getroot().itertext() if text.strip()}
    kept = json.dumps([version.answers, version.unread, version.instance_id], ensure_ascii=False)
    assert sum(text in kept for text in texts) > 0.7 * len(texts)


def test_every_real_instance_is_read_or_refused_with_a_reason():
    read = 0
    for path in SHARED.glob("submissions/*/**/*.xml"):
        content = path.read_bytes()
        try:
            instances.header(instances.parse(content), content)
            read += 1
        except Refused as refusal:
            assert str(refusal)
    assert read > 40
