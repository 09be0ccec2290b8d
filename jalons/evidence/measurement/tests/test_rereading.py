"""What a new declaration of a form does to figures."""

import pytest

from jalons.collection.forms.actions import declare
from jalons.collection.submissions.actions import reread
from jalons.collection.submissions.models import Rereading
from jalons.evidence.measurement.actions import measure, verify
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.tests.builders import Story
from jalons.evidence.measurement.tracing import trace


@pytest.mark.slow
@pytest.mark.django_db
def test_a_new_declaration_begins_new_drafts_and_leaves_what_was_verified():
    story = Story()
    values = IndicatorValue.objects.filter(indicator=story.indicator(), period=story.first)
    measure(programme=story.programme, by=story.officer)
    before = verify(indicatorvalue=values.get(), by=story.checker)

    declare(form=story.form, roles={"date": ""}, by=story.officer)
    reread(rereading=Rereading.objects.create(form=story.form, by=story.officer), by=story.officer)
    measure(programme=story.programme, by=story.officer)

    after = values.latest("pk")
    before.refresh_from_db()
    assert (before.number, before.state) == (3, "verified")
    assert (after.number, after.state) == (None, "draft")  # without a day, nobody knows how many there were
    found = trace(before, story.officer)
    assert found.equal and found.since.again is None
    assert [change.kind for change in found.since.changes] == ["moved"] * 3
