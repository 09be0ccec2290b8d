"""A value is walked back to the versions that counted, whatever has changed since; and the changes are told."""

from datetime import date

import pytest

from jalons.collection.submissions.actions import receive_batch, reject, validate
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.projection import copies
from jalons.collection.submissions.rebuilding import rebuild
from jalons.evidence.measurement import actions
from jalons.evidence.measurement.actions import measure
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.telling import Bringing
from jalons.evidence.measurement.tests.builders import Story, an_instance
from jalons.evidence.measurement.tests.test_actions import MEASURES
from jalons.evidence.measurement.tracing import trace
from jalons.planning.results.models import IndicatorVersion
from tests.builders import a_region, a_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def story():
    return Story()


def measured(story):
    measure(programme=story.programme, by=story.officer)


def published(story, indicator, period):
    value = IndicatorValue.objects.get(indicator=indicator, period=period)
    actions.verify(indicatorvalue=value, by=story.checker)
    return actions.publish(indicatorvalue=value, by=story.manager)


def submission(name):
    return Submission.objects.get(instance_id=name)


def sent(story, row):
    """An instance that waits for its validation."""
    content = an_instance(*row.split(",")).encode()
    receive_batch(form=story.form, file=content, name="instance.xml", by=story.officer)


def everything_moves(story):
    """A correction, a late submission, a rejection, a correction that waits, and a validation that comes and goes."""
    story.receive("uuid:1b>uuid:1,2026-02-03,h,30,e,16.5", "uuid:9,2026-02-20,h,20,z,10")
    reject(submission=submission("uuid:2"), reason="doublon", by=story.checker)
    sent(story, "uuid:3b>uuid:3,2026-03-10,h,40,a,4")
    reject(submission=submission("uuid:4"), reason="essai", by=story.checker)
    validate(submission=submission("uuid:4"), by=story.checker)


@pytest.mark.parametrize("name", MEASURES)
def test_a_published_value_is_given_again_by_what_counted_whatever_has_changed_since(story, name):
    indicator = story.indicator(name, **MEASURES[name])
    measured(story)
    values = [published(story, indicator, period) for period in (story.first, story.second, story.since)]
    everything_moves(story)
    measured(story)

    for value in values:
        assert trace(value, story.officer).equal
        for cell in value.disaggregations.get().cells:
            assert trace(value, story.officer, {"sex": cell}).equal, (value, cell)


@pytest.mark.parametrize("name", MEASURES)
def test_a_total_since_the_beginning_is_given_again_when_its_parts_were_never_signed(story, name):
    aggregation = {"distinct": "recompute", "average": "average", "share": "average"}.get(name, "latest")
    unit = "2" if name == "share" else "1"
    indicator = story.indicator(name, aggregation=aggregation, unit=unit, **MEASURES[name])
    measured(story)
    value = published(story, indicator, story.since)
    everything_moves(story)
    measured(story)  # the drafts of the quarters are written over

    assert trace(value, story.officer).equal
    for cell in value.disaggregations.get().cells:
        assert trace(value, story.officer, {"sex": cell}).equal, (value, cell)


def test_a_trace_shows_the_version_that_counted(story):
    hours = story.indicator("sum", value="${heures}")
    measured(story)
    value = published(story, hours, story.first)
    everything_moves(story)

    found = trace(value, story.officer)

    assert [(line.submission.instance_id, line.version, line.rows[0].terms) for line in found.lines] == [
        ("uuid:1", 1, (6.5,)), ("uuid:2", 1, (2.0,)),
    ]  # fmt: skip


def test_a_trace_tells_line_by_line_what_has_changed_since(story):
    everyone = story.indicator()
    measured(story)
    value = published(story, everyone, story.first)
    everything_moves(story)

    since = trace(value, story.officer).since
    women = trace(value, story.officer, {"sex": "female"}).since

    assert since.again == 3  # uuid:1 corrected, uuid:3 whose correction waits, and uuid:9
    assert trace(value, story.officer).waiting == 1
    assert [(c.submission.instance_id, c.kind, len(c.then), len(c.now), c.reason) for c in since.changes] == [
        ("uuid:1", "corrected", 1, 1, ""), ("uuid:2", "rejected", 1, 0, "doublon"),
        ("uuid:9", "late", 0, 1, ""),
    ]  # fmt: skip
    assert [(c.submission.instance_id, c.kind) for c in women.changes] == [("uuid:1", "corrected")]


def test_a_correction_received_before_the_calculation_and_validated_after_is_told_as_a_correction(story):
    everyone = story.indicator()
    sent(story, "uuid:3b>uuid:3,2026-03-10,h,40,a,4")
    measured(story)
    value = published(story, everyone, story.first)
    assert trace(value, story.officer).waiting == 1 and trace(value, story.officer).since is None

    validate(submission=submission("uuid:3"), by=story.checker)

    found = trace(value, story.officer, {"sex": "female"})
    assert found.equal and found.waiting == 0
    assert [(c.submission.instance_id, c.kind) for c in found.since.changes] == [("uuid:3", "corrected")]


def test_what_waited_for_its_validation_is_not_late(story):
    sent(story, "uuid:8,2026-02-03,f,30,q,1")
    everyone = story.indicator()
    measured(story)
    value = published(story, everyone, story.first)

    validate(submission=submission("uuid:8"), by=story.checker)

    (change,) = trace(value, story.officer).since.changes
    assert (change.submission.instance_id, change.kind) == ("uuid:8", "validated")


def test_when_nothing_has_changed_nothing_is_told(story):
    everyone = story.indicator()
    measured(story)

    assert trace(IndicatorValue.objects.get(indicator=everyone, period=story.first), story.officer).since is None


def test_a_definition_that_changed_is_told_with_what_it_gives_today(story):
    adults = story.indicator(filter="${age} >= 18")
    old = adults.current
    measured(story)
    value = published(story, adults, story.first)
    new = IndicatorVersion.objects.create(
        indicator=adults, number=2, valid_from=date(2026, 1, 1), reason="seuil", title=old.title, unit=old.unit,
        measure="1", formula=old.formula | {"filter": "${age} >= 16"},
    )  # fmt: skip

    found = trace(IndicatorValue.objects.get(pk=value.pk), story.officer)

    assert found.equal and found.again == 1
    assert (found.since.definition, found.since.again, found.since.redefined) == (new, 1, 2)


def test_parts_of_a_total_are_shown_as_they_were_and_as_they_are(story):
    hours = story.indicator("sum", value="${heures}")
    measured(story)
    value = published(story, hours, story.since)
    everything_moves(story)
    measured(story)

    found = trace(value, story.officer)

    first, second = found.tiles
    assert (first.then.number, first.now.number, first.has_changed) == (8.5, 26.5, True)
    assert (second.then.number, second.has_changed) == (8, False)
    assert (found.number, found.since.again) == (16.5, 34.5)


def test_what_counted_comes_back_when_the_tables_are_made_again(story):
    hours = story.indicator("sum", value="${heures}")
    measured(story)
    value = published(story, hours, story.first)
    everything_moves(story)
    before = trace(value, story.officer)

    rebuild(story.form)

    after = trace(value, story.officer)
    assert after.equal and (after.rows, after.since.again) == (before.rows, before.since.again)


def test_each_value_of_a_life_is_given_again_by_what_counted_at_its_moment(story):
    hours, values = story.indicator("sum", value="${heures}"), []
    for change in (
        lambda: None,
        lambda: story.receive("uuid:1b>uuid:1,2026-02-03,f,31,a,7"),
        lambda: reject(submission=submission("uuid:1"), reason="doublon", by=story.checker),
        lambda: validate(submission=submission("uuid:1"), by=story.checker),
        lambda: story.receive("uuid:1c>uuid:1b,2026-05-03,f,31,a,7"),
    ):
        change()
        measured(story)
        values.append(IndicatorValue.objects.filter(indicator=hours, period=story.first).latest("computed_at"))
        actions.verify(indicatorvalue=values[-1], by=story.checker)

    assert [value.number for value in values] == [8.5, 9, 2, 9, 2]
    assert all(trace(value, story.officer).equal for value in values)


def test_who_may_not_open_submissions_sees_that_they_changed_and_not_which(story):
    everyone = story.indicator()
    measured(story)
    value = published(story, everyone, story.first)
    everything_moves(story)

    far = a_user("regional_coordinator", story.programme, region=a_region())
    found = trace(value, far)

    assert found.equal and found.total == 3
    assert all(line.submission is None for line in found.lines)
    assert all(change.submission is None and not change.reason for change in found.since.changes)


def test_distinct_values_are_numbered_and_not_told(story):
    people = story.indicator("distinct", value="${personne}")
    measured(story)
    value = IndicatorValue.objects.get(indicator=people, period=story.first)
    bringing = Bringing(value)

    said = [bringing.said(line.rows) for line in trace(value, story.officer).lines]

    assert said == ["n° 1", "n° 2", "n° 1"] and value.number == 2


def test_copies_in_files_are_erased_when_what_they_copy_no_longer_counts(story):
    everyone = story.indicator()
    measured(story)
    assert list(copies(story.form).glob("*/*"))

    reject(submission=submission("uuid:1"), reason="doublon", by=story.checker)

    assert not list(copies(story.form).glob("*/*"))
    measured(story)
    assert IndicatorValue.objects.get(indicator=everyone, period=story.first).number == 2


def test_copies_of_a_period_that_is_no_more_are_erased_at_the_next_measure(story):
    story.indicator()
    measured(story)
    (folder,) = copies(story.form).iterdir()
    stray = folder / "2020-01-01_2020-03-31"
    stray.write_bytes(b"answers")

    measured(story)

    assert not stray.exists() and list(folder.iterdir())
