"""Exports and instances that no one here wrote, brought in whole."""

import pytest
from django.db import connection

from jalons.collection.forms.actions import import_form
from jalons.collection.submissions.actions import receive_batch
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.projection import table_name
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
