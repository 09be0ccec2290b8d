"""What is invented looks real, and is the same each time."""

from collections import Counter

import pytest

from jalons.cli.demo.forms import FORM_IDS
from jalons.cli.demo.invented import capacity, desk, everything, follow_up, pathway, presence
from jalons.cli.demo.invented.chance import LAST_DAY, Chance
from jalons.cli.demo.invented.faults import SHARE, with_faults


@pytest.fixture(scope="module")
def forms():
    return list(everything())


@pytest.mark.slow
def test_about_three_thousand_forms_of_five_kinds(forms):
    assert 2900 < len(forms) < 3100
    assert {form.form for form in forms} == set(FORM_IDS)


@pytest.mark.slow
def test_the_same_seed_tells_the_same_story(forms):
    assert list(everything()) == forms


@pytest.mark.slow
def test_about_four_forms_in_a_hundred_are_at_fault():
    sound = [*presence.sheets(), *capacity.assessments(), *follow_up.interviews(), *desk.visits(), *pathway.updates()]
    known = {form.instance: form.answers for form in sound}
    damaged = [form for form in with_faults(sound) if known.get(form.instance) != form.answers]

    assert 0.6 * SHARE < len(damaged) / len(sound) < 1.4 * SHARE


@pytest.mark.slow
def test_nothing_happens_after_the_last_day(forms):
    assert max(form.at.date() for form in forms) <= LAST_DAY


@pytest.mark.slow
def test_each_form_has_its_own_identifier(forms):
    assert Counter(form.instance for form in forms).most_common(1)[0][1] == 1


def test_chance_keeps_working_days():
    chance = Chance("days")

    assert all(chance.day(LAST_DAY.replace(month=4), LAST_DAY).weekday() < 5 for _ in range(50))
