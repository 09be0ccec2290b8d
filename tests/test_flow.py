"""The whole path of one piece of data, read top to bottom."""

from datetime import date

from jalons.cli.demo.forms import workbook
from jalons.cli.evidence import trace as print_trace
from jalons.cli.reading import console
from jalons.collection.forms.actions import declare, import_form, publish
from jalons.collection.submissions.actions import receive_batch, reject, validate_all
from jalons.collection.submissions.models import Submission
from jalons.core.models import Event
from jalons.evidence.measurement import actions as values
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.tracing import trace
from jalons.reporting.reports import actions as reports
from tests.builders import a_period, a_programme, a_user, an_indicator

PRESENT = {"source": {"form": "feuille_presence"}, "measure": "count", "time": "sum"}
SHEET = "date_activite;commune;instanceID\n2026-02-03;09.001.01.01;uuid:a\n2026-02-04;09.001.01.01;uuid:b\n"


def test_an_answer_becomes_a_told_figure_and_can_be_walked_back(db):
    programme = a_programme()
    agent, officer, manager = (a_user(role, programme) for role in ("me_officer", "me_officer", "project_manager"))
    first_half = a_period(programme, date(2026, 1, 1), date(2026, 6, 30))
    sessions = an_indicator(programme, formula=PRESENT)

    form = import_form(programme=programme, data=workbook("feuille_presence"), file_name="f.xlsx", by=agent).form
    declare(form=form, roles={"date": "date_activite", "territory": "commune"}, by=agent)
    publish(form=form, by=officer)
    receive_batch(form=form, file=SHEET.encode(), name="export.csv", by=agent)
    received = Submission.objects.filter(form=form)
    validate_all(
        form=form, submissions=received.filter(instance_id="uuid:a"), by=officer
    )  # the other one must not count
    values.measure(programme=programme, by=officer)
    value = IndicatorValue.objects.get(indicator=sessions, period=first_half)
    values.verify(indicatorvalue=value, by=officer)
    values.publish(indicatorvalue=value, by=manager)
    report = reports.draft(programme=programme, period=first_half, by=officer)
    report = reports.issue(report=report, by=manager)
    found = trace(value, officer)

    assert (value.number, value.answered) == (1, 1)
    assert found.equal and [line.submission.instance_id for line in found.lines] == ["uuid:a"]
    assert sessions.code in str(report.figures) and report.files.count() >= 2
    assert list(Event.objects.order_by("pk").values_list("verb", flat=True)) == [
        "form.imported", "form.declared", "form.published", "batch.opened", "batch.received", "submissions.validated",
        "programme.measured", "value.verified", "value.published", "report.drafted", "report.issued",
    ]  # fmt: skip


CORRECTED = "date_activite;commune;instanceID\n2026-02-03;09.001.01.02;uuid:a\n"
LATE = "date_activite;commune;instanceID\n2026-02-06;09.001.01.01;uuid:c\n"


def test_a_published_figure_stands_and_what_has_changed_since_is_told(db):
    programme = a_programme()
    agent, officer, manager = (a_user(role, programme) for role in ("me_officer", "me_officer", "project_manager"))
    first_half = a_period(programme, date(2026, 1, 1), date(2026, 6, 30))
    sessions = an_indicator(programme, formula=PRESENT)
    form = import_form(programme=programme, data=workbook("feuille_presence"), file_name="f.xlsx", by=agent).form
    declare(form=form, roles={"date": "date_activite", "territory": "commune"}, by=agent)
    receive_batch(form=form, file=SHEET.encode(), name="export.csv", by=agent)
    received = Submission.objects.filter(form=form)
    validate_all(form=form, submissions=received, by=officer)
    values.measure(programme=programme, by=officer)
    value = IndicatorValue.objects.get(indicator=sessions, period=first_half)
    values.verify(indicatorvalue=value, by=officer)
    values.publish(indicatorvalue=value, by=manager)

    for content in (CORRECTED, LATE):
        receive_batch(form=form, file=content.encode(), name="export.csv", by=agent)
    validate_all(form=form, submissions=received.filter(state="received"), by=officer)
    reject(submission=received.get(instance_id="uuid:b"), reason="séance annulée", by=officer)
    found = trace(value, officer)
    with console.capture() as printed:
        print_trace(programme.code, sessions.code, first_half.code, by=officer.email)

    assert found.equal and [(line.submission.instance_id, line.version) for line in found.lines] == [
        ("uuid:a", 1), ("uuid:b", 1),
    ]  # fmt: skip
    assert [(change.submission.instance_id, change.kind) for change in found.since.changes] == [
        ("uuid:a", "corrected"), ("uuid:b", "rejected"), ("uuid:c", "late"),
    ]  # fmt: skip
    for told in ("égale", "corrigée depuis", "rejetée depuis", "séance annulée", "arrivée depuis"):
        assert told in printed.get()
