"""An attendance sheet filled in Excel: one submission for the event, one line per person."""

from datetime import date

import openpyxl
import pytest

from jalons.collection.forms.actions import adopt
from jalons.collection.forms.queries import latest_version
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.tests.builders import received
from jalons.collection.submissions.tests.filling import a_filled, opened
from jalons.collection.submissions.workbook.writer import blank
from tests.builders import a_programme, a_user

pytestmark = pytest.mark.django_db


def test_one_event_and_its_people_become_one_submission():
    programme = a_programme()
    officer = a_user("me_officer", programme)
    form = adopt(programme=programme, code="attendance", by=officer)
    model = blank(latest_version(form), "ar")
    paper: openpyxl.Workbook = opened(model)
    event = {"event_title": "تكوين", "event_date": date(2026, 11, 12), "activity": "تكوين", "event_region": "سوس ماسة",
             "facilitator": "Tamount", "filled_by": "Lahcen"}  # fmt: skip
    people = [{"family_name": "Benali", "given_name_ar": "خديجة", "sex": "أنثى", "year_of_birth": "١٩٩١"},
              {"family_name": "Diallo", "sex": "ذكر", "phone": "0612 00 00 11"}]  # fmt: skip

    received(form, a_filled(None, [event], people, content=model), officer, "presence.xlsx")

    answers = Submission.objects.get().current.answers
    assert (answers["event_date"], answers["activity"], answers["participant_count"]) == ("2026-11-12", "training", "2")
    assert [(p["family_name"], p["sex"], p.get("year_of_birth")) for p in answers["participants"]] == [
        ("Benali", "f", 1991), ("Diallo", "m", None)]  # fmt: skip
    printed = paper.worksheets[3]
    assert printed.page_setup.orientation == "landscape" and printed.print_title_rows
    assert "التوقيع\nSignature" in {cell.value for row in printed.iter_rows() for cell in row}
