"""What the reader of a quarterly report must find: the whole beside the quarter, corrections first, proofs, marks."""

import io
from datetime import date

import docx
import openpyxl
import pytest

from jalons.core.actions import recorded
from jalons.core.models import Document as Joined
from jalons.evidence.measurement.models import IndicatorValue
from jalons.planning.results.models import Dimension, Target
from jalons.reporting.reports import excel, word
from jalons.reporting.reports.actions import draft
from jalons.reporting.reports.gathering import document, gather
from jalons.reporting.reports.rules.changes import changes
from jalons.reporting.reports.tests.story import JULY, a_story, publish, publish_first_half
from tests.builders import a_period

pytestmark = pytest.mark.slow


@pytest.fixture
def story(db):
    story = a_story()
    publish_first_half(story)
    return story


def told(story, period=None):
    return gather(story.programme, story.agreement, period or story.first)


def line(logframe, indicator):
    return next(found for found in logframe.lines() if found.key == indicator.pk)


def files(story):
    """The Word file as text with its footer, and the Excel workbook, of a draft."""
    written = document(draft(programme=story.programme, agreement=story.agreement, period=story.first, by=story.author))
    opened = docx.Document(io.BytesIO(word.write(written)))
    cells = [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    text = "\n".join([*(paragraph.text for paragraph in opened.paragraphs), *cells])
    book = openpyxl.load_workbook(io.BytesIO(excel.write(written)))
    return text, opened.sections[0].footer.paragraphs[0].text, book


def test_the_value_since_the_beginning_stands_beside_the_final_target(story):
    ends = story.first.ends_on
    since = a_period(story.programme, date(2026, 1, 1), ends, kind="cumulative", accumulates="half_year")
    publish(story, story.people, since, 2100.0)

    text, _footer, book = files(story)
    head, *rows = book["Cadre logique"].iter_rows(min_row=4, values_only=True)
    row = next(row for row in rows if row[1] == "P1.1.a")

    assert "à terme : 2\u202f400" in text and "depuis le début : 2\u202f100" in text
    assert row[head.index("Valeur depuis le début")] == 2100 and row[head.index("Valeur")] == 1314


def test_corrections_come_before_new_values(story):
    before = told(story)
    publish(story, story.people, story.second, 900.0)
    publish(story, story.share, story.first, 60.0, at=JULY.replace(month=9))
    now = gather(story.programme, story.agreement, story.second, [story.first.pk])

    causes = [change.cause for change in changes(before, now)]

    assert causes[0] == "correction" and causes.index("value") > causes.index("correction")


def test_the_reason_of_a_whole_import_reaches_each_of_its_changes(story):
    before = told(story)
    target = Target.objects.get(indicator=story.people, period=story.first, cell={})

    with recorded("programme.edited", story.author, "Avenant n° 2"), recorded("target.edited", story.author):
        Target.objects.filter(pk=target.pk).update(value=1500)
    found = next(change for change in changes(before, told(story)) if change.cause == "target")

    assert found.why == "Avenant n° 2"


def test_age_bands_keep_their_natural_order(story):
    Dimension.objects.create(
        code="age", label={"fr": "âge"}, kind="category",
        categories=[{"code": code, "label": {"fr": code}} for code in ("5-17", "18-59", "60+")],
    )  # fmt: skip
    cells = {"18-59": 700.0, "5-17": 300.0, "60+": 200.0, "?": 114.0}
    IndicatorValue.objects.filter(indicator=story.people).delete()
    publish(story, story.people, story.first, 1314.0, cuts=[(["age"], cells)])

    (cut,) = line(told(story), story.people).at(story.first.pk).value.cuts

    assert [cell.codes[0] for cell in cut.cells] == ["5-17", "18-59", "60+", "?"]


def test_a_typed_value_tells_its_source_and_its_documents(story):
    value = IndicatorValue.objects.get(indicator=story.people)
    IndicatorValue.objects.filter(pk=value.pk).update(source="SV1")
    Joined.objects.create(
        sha256="0" * 64, name="registre-juin.pdf", media_type="application/pdf", size=9, target=value._meta.label,
        target_id=value.pk, programme_id=story.programme.pk, by=story.author,
    )  # fmt: skip

    text, _footer, book = files(story)
    rows = [row[-1] for row in book["Chiffres"].iter_rows(min_row=5, values_only=True)]

    assert "SV1 Registre d’accueil · registre-juin.pdf" in text
    assert "SV1 Registre d’accueil · registre-juin.pdf" in rows


@pytest.mark.parametrize("demonstration", [True, False])
def test_invented_data_are_marked_on_the_cover_and_at_every_foot(story, settings, demonstration):
    settings.DEMONSTRATION = demonstration

    text, footer, book = files(story)
    sheets = [str(sheet.cell(2, 1).value) + str(sheet.oddFooter.left.text) for sheet in book.worksheets]

    assert text.count("Données fictives") == (2 if demonstration else 0)
    assert ("Données fictives" in footer) is demonstration
    assert all(sheet.count("Données fictives") == (2 if demonstration else 0) for sheet in sheets)
