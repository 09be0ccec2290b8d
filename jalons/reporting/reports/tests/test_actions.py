"""Prepare, prepare again, issue: what is allowed, refused, recorded, and what never moves."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from jalons.core import documents
from jalons.core.errors import Refused
from jalons.core.models import Event
from jalons.evidence.measurement.models import IndicatorValue
from jalons.planning.results.models import Target
from jalons.reporting.reports import actions
from jalons.reporting.reports.gathering import document, gather, told_in
from jalons.reporting.reports.keeping import Altered, kept
from jalons.reporting.reports.models import Report, ReportFile
from jalons.reporting.reports.rendering import WRITERS
from jalons.reporting.reports.rules.logframe import MISSING, UNPUBLISHED
from jalons.reporting.reports.tests.story import JULY, a_story, publish, publish_first_half, redefine
from tests.builders import a_programme, a_user, a_value

OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
pytestmark = pytest.mark.slow


@pytest.fixture
def story(db):
    story = a_story()
    publish_first_half(story)
    return story


def a_draft(story, period=None, **parts):
    parts = {"agreement": story.agreement, "by": story.author, **parts}
    return actions.draft(programme=story.programme, period=period or story.first, **parts)


def an_issued(story, period=None):
    return actions.issue(report=a_draft(story, period), by=story.issuer)


def line(report, code):
    return next(line for line in told_in(report).lines() if line.code == code)


def test_a_draft_tells_only_what_is_published(story):
    a_value(story.silent, story.first, story.author, number=3)

    report = a_draft(story)
    assert line(report, "P1.1.a").at(story.first.pk).value.figure.number == 1314
    assert line(report, "OG.a").at(story.first.pk).state == UNPUBLISHED
    assert line(report, "OG.a").at(story.first.pk).value is None


def test_the_last_published_value_is_told(story):
    publish(story, story.people, story.first, 1300.0, at=OCTOBER)

    assert line(a_draft(story), "P1.1.a").at(story.first.pk).value.figure.number == 1300


def test_a_newer_draft_does_not_silence_a_published_value(story):
    a_value(story.people, story.first, story.author, number=9)

    assert line(a_draft(story), "P1.1.a").at(story.first.pk).value.figure.number == 1314


def test_a_value_that_is_not_a_number_is_unknown(story):
    publish(story, story.silent, story.first, float("nan"))

    assert line(a_draft(story), "OG.a").at(story.first.pk).value.figure.number is None


def test_a_place_is_told_by_its_official_code_and_its_name(story):
    logframe = told_in(a_draft(story))
    cuts = {
        cut.dimensions: cut
        for cut in next(row for row in logframe.lines() if row.code == "P1.1.a").at(story.first.pk).value.cuts
    }

    assert cuts["territory",].cells[0].codes == ("MA-02",)
    assert logframe.dimensions["territory"].categories["MA-02"]["ar"] == "الشرق"


def test_the_funders_own_catalogue_comes_first(story):
    words = line(a_draft(story), "P1.1.a").words

    assert [(w.catalogue, w.own) for w in words] == [("gerf", True), ("afd", False), ("odd", False)]


def test_gathering_takes_as_many_queries_for_ten_indicators_as_for_five(story, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        gather(story.programme, story.agreement, story.first)
    for indicator in (story.people, story.share):
        publish(story, indicator, story.second, 5.0, cuts=[(["territory"], {str(story.region.pk): 5.0})])
    with django_assert_max_num_queries(20):
        gather(story.programme, story.agreement, story.second, [story.first.pk])


def test_issuing_is_recorded_and_keeps_three_files(story):
    report = an_issued(story)

    assert (report.state, report.number, report.issued_by) == ("issued", 1, story.issuer)
    assert [file.format for file in report.files.all()] == ["docx", "xlsx", "xml"]
    events = Event.objects.filter(target="reports.Report").order_by("pk")
    assert list(events.values_list("verb", flat=True)) == ["report.drafted", "report.issued"]


def test_the_same_bytes_come_back_after_the_data_have_changed(story):
    report = an_issued(story)
    before = [documents.read(file.sha256) for file in report.files.all()]
    publish(story, story.people, story.first, 1.0, at=OCTOBER)
    redefine(story.share, title={"fr": "Autre chose"})
    Target.objects.filter(indicator=story.people).update(value=5)
    story.programme.title = {"fr": "Nouveau titre"}
    story.programme.save()

    again = document(Report.objects.get(pk=report.pk))
    written = [WRITERS[file.format](again) for file in report.files.all()]
    assert written == before == [kept(file.sha256) for file in report.files.all()]


def test_a_file_that_the_disk_has_altered_is_not_handed_over(story):
    file = an_issued(story).files.first()
    documents.path(file.sha256).write_bytes(b"autre chose")

    with pytest.raises(Altered):
        kept(file.sha256)


@pytest.mark.parametrize("change", ["update", "delete", "file", "file_update", "file_delete"])
def test_the_database_itself_refuses_to_change_an_issued_report(story, change):
    report = an_issued(story)
    file = report.files.first()
    acts = {
        "update": lambda: Report.objects.filter(pk=report.pk).update(figures={}),
        "delete": lambda: Report.objects.filter(pk=report.pk)._raw_delete("default"),
        "file": lambda: ReportFile.objects.create(report=report, format="pdf", name="x", sha256="0" * 64, size=1),
        "file_update": lambda: ReportFile.objects.filter(pk=file.pk).update(sha256="0" * 64),
        "file_delete": lambda: ReportFile.objects.filter(pk=file.pk)._raw_delete("default"),
    }

    with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
        acts[change]()


def test_whoever_prepared_cannot_issue_but_another_may(story):
    report = a_draft(story)

    with pytest.raises(Refused, match="autre personne"):
        actions.issue(report=report, by=story.author)
    assert actions.issue(report=report, by=story.issuer).state == "issued"


def test_whoever_refreshes_becomes_the_author(story):
    report = actions.refresh(report=a_draft(story), by=story.issuer)

    with pytest.raises(Refused, match="autre personne"):
        actions.issue(report=report, by=story.issuer)


def test_an_unpublished_value_stops_the_issue_and_nothing_is_half_done(story):
    a_value(story.silent, story.first, story.author, number=3)
    report = a_draft(story)

    with pytest.raises(Refused, match=r"non publiées : OG\.a"):
        actions.issue(report=report, by=story.issuer)
    assert not report.files.exists()


def test_a_draft_that_time_has_overtaken_is_refreshed_before_issue(story):
    report = a_draft(story)
    publish(story, story.people, story.first, 1300.0, at=OCTOBER)

    with pytest.raises(Refused, match=r"P1\.1\.a"):
        actions.issue(report=report, by=story.issuer)
    actions.refresh(report=report, by=story.author)
    assert actions.issue(report=report, by=story.issuer).state == "issued"


def test_the_next_report_says_what_changed(story):
    an_issued(story)
    publish(story, story.people, story.first, 1310.0, at=OCTOBER)
    publish(story, story.people, story.second, 2000.0, at=OCTOBER)

    report = an_issued(story, story.second)
    told = [(change.cause, change.indicator, change.was, change.now) for change in document(report).changes]
    assert report.number == 2
    assert ("correction", "P1.1.a", "1\u202f314", "1\u202f310") in told
    assert ("value", "P1.1.a", "1\u202f314 (1er semestre 2026)", "2\u202f000") in told
    assert line(report, "OS1.a").at(story.second.pk).state == MISSING


def test_an_issued_report_is_neither_refreshed_nor_issued_again(story):
    report = an_issued(story)

    for act in (actions.refresh, actions.issue):
        with pytest.raises(Refused, match="ne change plus"):
            act(report=report, by=story.verifier)


def test_one_draft_at_a_time_for_an_agreement_and_a_period(story):
    a_draft(story)

    with pytest.raises(Refused, match="brouillon existe déjà"):
        a_draft(story)


def test_a_previous_report_must_have_been_issued_to_the_same_reader(story):
    issued, draft = an_issued(story), a_draft(story, story.second)

    with pytest.raises(Refused, match="brouillon"):
        a_draft(story, story.whole, previous=draft)
    with pytest.raises(Refused, match="autre convention"):
        a_draft(story, story.whole, agreement=None, previous=issued)


def test_parts_of_another_programme_are_refused(story):
    other = a_programme()
    author = a_user("me_officer", story.programme)
    other.memberships.create(user=author, role="me_officer")

    with pytest.raises(Refused, match="autre programme"):
        actions.draft(programme=other, period=story.first, by=author)


@pytest.mark.parametrize("role", ["funder", "finance_assistant"])
def test_only_those_who_may_edit_prepare(story, role):
    with pytest.raises(PermissionDenied):
        a_draft(story, by=a_user(role, story.programme))


def test_without_identifiers_there_is_no_iati_file(story):
    story.programme.iati_identifier = ""
    story.programme.save()

    assert [file.format for file in an_issued(story).files.all()] == ["docx", "xlsx"]


def test_values_of_the_told_definition_keep_it_when_a_new_version_is_in_force(story):
    redefine(story.people, title={"fr": "Personnes accueillies sans doublon"})

    assert line(a_draft(story), "P1.1.a").definition.number == 1
    assert IndicatorValue.objects.filter(indicator=story.people).count() == 1
    assert line(a_draft(story, story.second), "P1.1.a").definition.number == 2


def test_the_day_of_publication_is_that_of_the_programme(story):
    assert line(a_draft(story), "P1.1.a").at(story.first.pk).value.published_at == JULY


def test_a_draft_is_discarded_with_its_trace_and_an_issued_report_never(story):
    issued, draft = an_issued(story), a_draft(story, story.second)
    key = draft.pk
    actions.discard(report=draft, by=story.author)

    assert list(Report.objects.all()) == [issued]
    assert Event.objects.get(verb="report.discarded").target_id == key
    with pytest.raises(Refused, match="ne change plus"):
        actions.discard(report=issued, by=story.author)


def test_a_next_version_supersedes_the_former_and_leaves_its_bytes(story):
    first = an_issued(story)
    bytes_of_first = [kept(file.sha256) for file in first.files.all()]
    publish(story, story.people, story.first, 1310.0, at=OCTOBER)

    draft = actions.reissue(report=first, reason="Doublons retirés", by=story.author)
    second = actions.issue(report=draft, by=story.issuer)

    assert (second.number, second.version, second.supersedes) == (1, 2, first)
    assert second.title.startswith("Rapport n° 1, version 2, sur le cadre logique")
    assert [change.cause for change in document(second).changes] == ["correction"]
    assert [kept(file.sha256) for file in first.files.all()] == bytes_of_first
    assert second.files.get(format="docx").name.endswith("-n1-v2.docx")
    with pytest.raises(Refused, match="plus récente"):
        actions.reissue(report=first, reason="Encore", by=story.author)


def test_the_report_after_a_next_version_is_compared_with_it(story):
    first = an_issued(story)
    actions.issue(report=actions.reissue(report=first, reason="Faute", by=story.author), by=story.issuer)

    report = a_draft(story, story.second)
    assert (report.number, report.version, report.previous.version) == (2, 1, 2)


def test_a_next_version_says_why_and_starts_from_an_issued_report(story):
    with pytest.raises(Refused, match="pourquoi"):
        actions.reissue(report=an_issued(story), reason="  ", by=story.author)
    with pytest.raises(Refused, match="brouillon"):
        actions.reissue(report=a_draft(story, story.second), reason="Faute", by=story.author)


def test_a_long_work_says_how_far_it_is(story):
    told = []
    report = actions.draft(
        programme=story.programme, agreement=story.agreement, period=story.first, by=story.author,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    actions.issue(report=report, by=story.issuer, progress=lambda done, total: told.append((done, total)))

    assert told == [(0, 5), (1, 3), (2, 3), (3, 3)]
