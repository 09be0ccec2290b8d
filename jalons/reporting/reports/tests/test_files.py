"""The files of a report, opened by what their readers use."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from zipfile import ZipFile

import docx
import openpyxl
import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from jalons.core.errors import Refused
from jalons.evidence.measurement.models import Disaggregation, IndicatorValue
from jalons.foundation.programmes import iati_codes
from jalons.foundation.programmes.iati_codes import codes
from jalons.planning.results.chain import Result
from jalons.reporting.reports import excel, iati, word
from jalons.reporting.reports.charts import charts, progress_charts
from jalons.reporting.reports.gathering import gather
from jalons.reporting.reports.rules.changes import changes
from jalons.reporting.reports.rules.document import Document
from jalons.reporting.reports.tests.story import a_story, publish, publish_first_half
from jalons.reporting.reports.word_template import TEMPLATE
from tests.shared_data import SHARED, needs_shared_data

OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
pytestmark = pytest.mark.slow


@pytest.fixture
def story(db):
    story = a_story()
    publish_first_half(story)
    return story


def written(story, *, period=None, **fields):
    logframe = gather(story.programme, story.agreement, period or story.first)
    return Document(**{"title": "Rapport n° 1", "number": 1, "logframe": logframe, "changes": (),
                       "issued_at": OCTOBER, "author": "Amina", "issued_by": "Salma", **fields})  # fmt: skip


def after_a_correction(story):
    before = written(story).logframe
    publish(story, story.people, story.first, 1310.0, at=OCTOBER)
    document = written(story, previous="Rapport n° 1")
    return Document(**{**document.__dict__, "changes": changes(before, document.logframe)})


def texts(content):
    """Every paragraph and cell of a Word file."""
    opened = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    return opened, [paragraph.text for paragraph in opened.paragraphs] + cells


def test_word_tells_the_logframe_in_french(story):
    opened, found = texts(word.write(written(story)))

    assert "1\u202f314\n1\u202f314 réponses sur 1\u202f400 demandées" in found
    assert "62,5\u202f%\n50 sur 80\n80 réponses sur 100 demandées" in found
    assert "sans donnée" in found
    assert "F 702\nH 598\nnon renseigné 14" in found
    assert "Hypothèses : H1 Les communes gardent leurs agents" in "\n".join(found)
    assert "657" in found  # the funder's half of 1 314
    assert opened.core_properties.created.date() == OCTOBER.date()
    assert opened.sections[0].page_width > opened.sections[0].page_height


def test_word_leaves_no_instruction_of_its_template(story):
    with ZipFile(io.BytesIO(word.write(after_a_correction(story)))) as archive:
        parts = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")]

    assert not any("{{" in part or "{%" in part for part in parts)
    assert any("tblHeader" in part for part in parts)


def test_word_lists_what_changed(story):
    _opened, found = texts(word.write(after_a_correction(story)))

    assert "valeur corrigée, pour une période déjà rapportée" in found
    assert "1\u202f310" in found


def test_pictures_of_word_are_told_in_words(story):
    opened, _found = texts(word.write(written(story)))
    told = [picture._inline.docPr.get("descr") for picture in opened.inline_shapes]

    assert "P1.1.a 110\u202f%" in told[0]
    assert told[1] == "Femmes et hommes : P1.1.a F 702, H 598, ? 14."


def test_an_outcome_without_any_progress_has_no_picture(story):
    assert not list(progress_charts(gather(story.programme, story.agreement, story.second)))
    assert not list(charts(gather(story.programme, story.agreement, story.second)))


def test_word_says_whose_report_it_is_and_by_whom(story):
    _opened, found = texts(word.write(written(story, version=2, supersedes="Rapport n° 1", reason="Doublons retirés")))
    facts = dict(zip(found, found[1:], strict=False))

    assert facts["Rapport"] == "n° 1, version 2"
    assert facts["Remplace"] == "Rapport n° 1. Motif : Doublons retirés"
    assert (facts["Préparé par"], facts["Émis par"]) == ("Amina", "Salma")
    assert facts["Convention"] == "n° NDICI/2026/1 · Convention de contribution"


def test_word_leads_each_figure_to_its_definition_its_moment_and_its_trace(story):
    opened, _found = texts(word.write(written(story)))
    annex = next(table for table in opened.tables if table.rows[0].cells[-1].text == "Trace n°")
    told = {row.cells[0].text: [cell.text for cell in row.cells] for row in annex.rows}
    value = IndicatorValue.objects.get(indicator=story.people)

    assert told["P1.1.a"][1:4] == [
        "1\u202f314", "1\u202f314 réponses sur 1\u202f400 demandées",
        "version 1, en vigueur depuis le 1er janvier 2026",
    ]  # fmt: skip
    assert told["P1.1.a"][-1] == str(value.pk) and "à" in told["P1.1.a"][4]


def test_word_shows_each_disaggregation_as_a_table(story):
    opened, found = texts(word.write(written(story)))
    table = next(table for table in opened.tables if table.rows[0].cells[-1].text == "ressortissants de pays tiers")

    assert [cell.text for cell in table.rows[1].cells] == ["P1.1.a", "900"]
    assert "groupe cible" in found and "lieu" in found


def test_text_that_looks_like_markup_or_template_stays_text(story):
    Result.objects.filter(code="P1.1").update(title={"fr": "<b>{{ title }}</b> & {% if %} =1+1"})
    document = written(story)

    assert "<b>{{ title }}</b> & {% if %} =1+1" in "\n".join(texts(word.write(document))[1])
    sheet = openpyxl.load_workbook(io.BytesIO(excel.write(document)))["Cadre logique"]
    assert "<b>{{ title }}</b> & {% if %} =1+1" in {cell.value for cell in sheet["C"]}
    assert b"&lt;b&gt;{{ title }}" in iati.write(document)


@pytest.mark.parametrize("write", [word.write, excel.write, iati.write])
def test_the_same_document_is_the_same_bytes(story, write):
    document = written(story)

    assert write(document) == write(document)


@pytest.mark.parametrize("write", [word.write, excel.write])
def test_office_files_say_when_a_report_was_issued_and_nothing_else(story, write):
    with ZipFile(io.BytesIO(write(written(story)))) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_draft_says_that_it_is_one(story):
    draft = written(story, issued_at=None)

    assert "Rapport n° 1 (projet, non émis)" in texts(word.write(draft))[1]
    assert "(projet, non émis)" in openpyxl.load_workbook(io.BytesIO(excel.write(draft)))["Cadre logique"]["A2"].value


def rows_of(content, sheet):
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(sheet).to_python()
    heads = rows[3] if len(rows) > 3 else rows[0]
    return [dict(zip(heads, row, strict=False)) for row in rows if row[: len(heads)] != heads]


def test_excel_holds_real_numbers_and_says_what_is_missing(story):
    lines = {row.get("Code"): row for row in rows_of(excel.write(written(story)), "Cadre logique")}

    assert lines["P1.1.a"]["Valeur"] == 1314 and lines["P1.1.a"]["Femmes"] == 702
    assert lines["OS1.a"]["Valeur"] == 0.625 and lines["OS1.a"]["Dénominateur"] == 80
    assert lines["OS1.a"]["Référence"] == "inconnue"
    assert lines["OG.a"]["Valeur"] == "sans donnée"
    assert lines["OS1.b"]["Progression"] == 0.5


def test_excel_prints_numbered_pages_with_heads_in_sight(story):
    book = openpyxl.load_workbook(io.BytesIO(excel.write(written(story))))

    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape" and sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "&P" in sheet.oddFooter.right.text or "P" in sheet.oddFooter.right.text
    assert book["Cadre logique"].freeze_panes == "C5"
    assert book["Cadre logique"].print_title_rows == "$4:$4"


def test_excel_tells_the_funder_numbers_and_the_trace_of_each_figure(story):
    content = excel.write(written(story))
    told = {row.get("Code"): row for row in rows_of(content, "Mots du bailleur")}
    figures = {row.get("Code"): row for row in rows_of(content, "Chiffres")}

    assert (told["2.20"]["Valeur"], told["2.20"]["Facteur"], told["2.20"]["Portée"]) == (657, 0.5, "part de l’UE")
    assert figures["P1.1.a"]["Version de la définition"] == 1
    assert figures["P1.1.a"]["Calculée le"].year == story.people.values.get().computed_at.year
    assert figures["OS1.c"]["Appréciation"] == "Trois réunions tenues, relevés publiés"


def test_excel_has_its_sheets_with_every_cell_of_every_cut(story):
    content = excel.write(after_a_correction(story))
    book = openpyxl.load_workbook(io.BytesIO(content))

    assert book.sheetnames == [
        "Rapport", "Cadre logique", "Mots du bailleur", "Désagrégations", "Ce qui a changé", "Chiffres", "Définitions",
    ]  # fmt: skip
    assert book["Cadre logique"].conditional_formatting
    changed = [row["Ce qui a changé"] for row in rows_of(content, "Ce qui a changé")]
    assert "valeur corrigée, pour une période déjà rapportée" in changed
    cuts = rows_of(excel.write(written(story, period=story.first)), "Désagrégations")
    assert all(cell is not None for row in cuts for cell in row.values())


def test_a_crossing_of_two_dimensions_is_in_excel(story):
    document = written(story)
    codes = {row["Code de la catégorie"]: row["Valeur"] for row in rows_of(excel.write(document), "Désagrégations")
             if "Code de la catégorie" in row}  # fmt: skip

    assert codes["female, rpt"] == 480 and codes["?"] == 14 and codes["MA-02"] == 1314


def iati_of(story, **fields):
    return etree.fromstring(iati.write(written(story, **fields)))


def test_iati_tells_the_total_then_each_cell_with_its_dimensions(story):
    root = iati_of(story)
    actuals = root.xpath("//indicator[title/narrative='Personnes migrantes accueillies']/period/actual")
    told = {tuple((d.get("name"), d.get("value")) for d in a.iter("dimension")): a.get("value") for a in actuals}

    assert told[()] == "1314"
    assert told[(("sex", "female"), ("target_group", "rpt"))] == "480"
    assert told[(("sex", "unknown"),)] == "14"


def test_few_people_leave_the_house_neither_in_iati_nor_in_excel(story):
    Disaggregation.objects.filter(dimensions=["sex"]).update(numbers=[3.0, 1297.0, 14.0])
    rows = rows_of(excel.write(written(story)), "Désagrégations")
    cells = {row["Code de la catégorie"]: row["Valeur"] for row in rows if "Code de la catégorie" in row}
    actuals = iati_of(story).xpath("//actual[dimension/@name='sex'][not(dimension/@name='target_group')]")

    assert (cells["female"], cells["?"], cells["male"]) == ("masqué", "masqué", 1297)
    assert [(a.find("dimension").get("value"), a.get("value")) for a in actuals] == [("male", "1297")]


def test_iati_names_an_indicator_once_per_vocabulary_the_funders_first(story):
    references = iati_of(story).xpath("//indicator/reference")

    assert [(r.get("vocabulary"), r.get("code")) for r in references] == [("99", "2.20"), ("9", "10.7.2")]


def test_iati_leaves_out_an_unknown_baseline_and_dates_the_others(story):
    baselines = iati_of(story).xpath("//baseline")

    assert [(b.get("year"), b.get("iso-date"), b.get("value")) for b in baselines] == [
        ("2026", None, "30"), ("2025", "2025-12-01", None), ("2026", "2026-01-01", "0"),
    ]  # fmt: skip
    assert "inconnue" in baselines[0].findtext("comment/narrative")


def test_iati_keeps_back_where_a_typed_number_comes_from(story):
    assert (story.rate.values.update(text="Registre de Fatima"), b"Fatima" in iati.write(written(story))) == (1, False)


def test_iati_tells_a_judgement_in_a_comment_without_value(story):
    (actual,) = iati_of(story).xpath("//indicator[@measure='5']/period/actual")
    assert actual.get("value") is None
    assert actual.findtext("comment/narrative") == "Trois réunions tenues, relevés publiés"


def test_iati_speaks_french_arabic_and_english(story):
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    narratives = {n.get(lang): n.text for n in iati_of(story).xpath("//result[@type='3']/title/narrative")}

    assert set(narratives) == {"fr", "ar", "en"}
    assert narratives["ar"] == "تساهم الهجرة في التنمية"


def test_iati_marks_falling_indicators_and_what_can_be_added(story):
    marks = [
        (i.get("measure"), i.get("ascending"), i.get("aggregation-status")) for i in iati_of(story).iter("indicator")
    ]

    assert marks == [("1", "1", "1"), ("2", "1", "0"), ("1", "0", "1"), ("5", "1", "0"), ("1", "1", "1")]


def test_iati_refuses_to_issue_what_the_schema_does_not_accept(story):
    with pytest.raises(Refused, match="2.03"):
        iati.check(b'<iati-activities version="2.03"><iati-activity/></iati-activities>')


@needs_shared_data
def test_iati_is_valid_against_the_published_schema(story):
    schema = etree.XMLSchema(etree.parse(SHARED / "iati-standard" / "schema-2.03" / "iati-activities-schema.xsd"))

    schema.assertValid(iati_of(story))


@needs_shared_data
def test_the_schema_shipped_is_the_published_one():
    for file in iati.SCHEMA.parent.glob("*.xsd"):
        assert file.read_bytes() == (SHARED / "iati-standard" / "schema-2.03" / file.name).read_bytes()


ACTIVITY = "/iati-activities/iati-activity"
CONTEXTS = ("//title", "//description", ACTIVITY, f"{ACTIVITY}/participating-org")


def rules():
    """The cases of the official rulesets that concern results, and those of the activity on identifiers and dates."""
    path = SHARED / "iati-standard" / "rulesets_MIT" / "rulesets" / "standard.json"
    every = json.loads(path.read_text()) if path.exists() else {}
    for context, kinds in every.items():
        if "/result/" in context or context in (
            "//title",
            "//description",
            "/iati-activities/iati-activity",
            "/iati-activities/iati-activity/participating-org",
        ):
            for kind, found in kinds.items():
                yield from ((context, kind, case) for case in found["cases"])


def dates(element, path):
    return element.xpath(path) if path != "NOW" else ["9999"]


def told(element, case):
    """The texts that a rule looks at."""
    return [v if isinstance(v, str) else v.text for path in case["paths"] for v in element.xpath(path)]


JUDGES = {
    "atleast_one": lambda e, case: any(e.xpath(path) for path in case["paths"]),
    "if_then": lambda e, case: not e.xpath(f"boolean({case['if']})") or e.xpath(f"boolean({case['then']})"),
    "no_more_than_one": lambda e, case: sum(len(e.xpath(path)) for path in case["paths"]) <= 1,
    "date_order": lambda e, case: all(a <= b for a in dates(e, case["less"]) for b in dates(e, case["more"])),
    "unique": lambda e, case: len(set(told(e, case))) == len(told(e, case)),
    "no_spaces": lambda e, case: all(text == text.strip() for text in told(e, case)),
    "startswith": lambda e, case: (
        case.get("idCondition")
        or told(e, case)[0].startswith(told(e, {"paths": case["prefix"]})[0] + case["separator"])
    ),
    "strict_sum": lambda e, case: (
        not e.xpath(f"boolean({case['condition']})") or (sum(map(Decimal, told(e, case))) == case["sum"])
    ),
    "range": lambda e, case: all(case["min"] <= float(text) <= case["max"] for text in told(e, case)),
    "regex_matches": lambda e, case: all(re.search(case["regex"], text) for text in told(e, case)),
}


@needs_shared_data
def test_iati_keeps_the_official_rules_on_results(story):
    root, judged = iati_of(story).getroottree(), 0
    for context, kind, case in rules():
        if kind in JUDGES:
            for element in root.xpath(context):
                assert JUDGES[kind](element, case), case.get("ruleInfo", {}).get("message", "")
                judged += 1

    assert judged > 90


@needs_shared_data
def test_codes_that_a_programme_may_bear_are_those_of_iati():
    for name in (iati_codes.STATUS, iati_codes.ORGANISATION, iati_codes.SECTOR, iati_codes.COLLABORATION,
                 iati_codes.FLOW, iati_codes.FINANCE, iati_codes.AID, iati_codes.TIED):  # fmt: skip
        path = SHARED / "iati-standard" / "codelists" / "en" / f"{name}.csv"
        active = {r["code"] for r in csv.DictReader(path.open(encoding="utf-8")) if r["status"] == "active"}
        assert codes(name) and set(codes(name)) <= active


def test_iati_says_sectors_countries_and_how_it_is_financed(story):
    activity = iati_of(story).find("iati-activity")

    assert [(e.get("code"), e.get("percentage"), e.get("vocabulary")) for e in activity.findall("sector")] == [
        ("15190", "60", "1"), ("15150", "40", "1"),
    ]  # fmt: skip
    assert [(e.get("code"), e.get("percentage")) for e in activity.findall("recipient-country")] == [
        ("MA", "80.5"), ("FR", "19.5"),
    ]  # fmt: skip
    assert activity.find("reporting-org").get("type") == "15"
    assert [activity.find(name).get("code") for name in iati.DEFAULTS] == ["1", "10", "110", "C01", "5"]


def test_the_only_country_of_a_programme_takes_the_whole_when_nobody_says_shares(story):
    story.programme.recipients, story.programme.sectors, story.programme.status = {}, {"15190": 100}, "3"
    activity = iati_of(story).find("iati-activity")

    assert [dict(e.attrib) for e in activity.findall("recipient-country")] == [{"code": "MA"}]
    assert [dict(e.attrib) for e in activity.findall("sector")] == [{"vocabulary": "1", "code": "15190"}]
    assert activity.find("activity-status").get("code") == "3"


def test_the_template_is_the_one_that_the_script_builds(tmp_path, monkeypatch):
    monkeypatch.setattr("jalons.reporting.reports.word_template.TEMPLATE", tmp_path / "logframe.docx")
    build = __import__("jalons.reporting.reports.word_template", fromlist=["build"]).build
    build()

    assert (tmp_path / "logframe.docx").read_bytes() == TEMPLATE.read_bytes()
