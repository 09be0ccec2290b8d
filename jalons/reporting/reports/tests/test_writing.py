"""A measured number reads the same wherever it is told."""

import io

import docx
import openpyxl
import pytest
from django.urls import reverse

from jalons.evidence.measurement.models import IndicatorValue
from jalons.reporting.reports import excel, word
from jalons.reporting.reports.gathering import gather
from jalons.reporting.reports.rules.document import Document
from jalons.reporting.reports.tests.story import JULY, a_story, publish
from tests.builders import a_user

pytestmark = pytest.mark.slow


@pytest.fixture
def story(db, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    story = a_story()
    publish(story, story.rate, story.first, 46.6326, answered=80, asked=100)
    publish(story, story.share, story.first, 62.0, answered=80, asked=100)
    return story


def pages(story, indicator):
    value = IndicatorValue.objects.get(indicator=indicator)
    return [
        reverse("dashboards:indicators"),
        reverse("dashboards:indicator", args=[indicator.pk]),
        reverse("measurement:indicator-progress", args=[indicator.pk]),
        reverse("measurement:indicatorvalue-list"),
        reverse("measurement:indicatorvalue-detail", args=[value.pk]),
        reverse("measurement:indicatorvalue-trace", args=[value.pk]),
    ]


def test_a_number_is_the_same_text_on_every_page(story, client):
    client.force_login(a_user("me_officer", story.programme))

    for indicator, text in ((story.rate, "46,6"), (story.share, "62,0\u202f%")):
        for address in pages(story, indicator):
            page = client.get(address).content.decode()
            assert f">{text}<" in page, (address, text)
            assert "46,63" not in page


def test_a_target_is_written_as_the_values_it_is_held_to(story, client):
    client.force_login(a_user("me_officer", story.programme))

    for name in ("results:indicator-detail", "dashboards:indicator"):
        assert "80,0\u202f%" in client.get(reverse(name, args=[story.share.pk])).content.decode()
    assert "80,0\u202f%" in client.get(reverse("results:result-list")).content.decode()


def test_the_files_of_a_report_write_numbers_as_the_pages_do(story):
    logframe = gather(story.programme, story.agreement, story.first)
    document = Document("Rapport n° 1", 1, logframe, (), issued_at=JULY)
    tables = docx.Document(io.BytesIO(word.write(document))).tables
    cells = "\n".join(cell.text for table in tables for row in table.rows for cell in row.cells)
    sheet = openpyxl.load_workbook(io.BytesIO(excel.write(document)))["Chiffres"]
    shown = {row[0].value: row[2] for row in sheet.iter_rows(min_row=5)}

    assert "46,6\n" in cells and "62,0\u202f%\n" in cells and "46,63" not in cells
    assert (shown["OS1.b"].value, shown["OS1.b"].number_format) == (46.6326, "#,##0.0")
    assert (shown["OS1.a"].value, shown["OS1.a"].number_format) == (0.62, "0.0%")
