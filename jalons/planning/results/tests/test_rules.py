"""How far, which way, and what changed: missing figures first."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalons.core.errors import Refused
from jalons.planning.results.rules import chain, definitions
from jalons.planning.results.rules.progress import (
    PACES,
    TOLERANCE,
    awaits_confirmation,
    direction_in_force,
    elapsed,
    progress,
    propose_direction,
    state,
)

HALF = Decimal("0.5")
figures = st.one_of(st.none(), st.decimals(-10_000, 10_000, places=4), st.floats(), st.integers(-10_000, 10_000))


@pytest.mark.parametrize(
    ("baseline", "target", "value", "missing"),
    [(0, 100, None, "value"), (0, None, 50, "target"), (None, 100, 50, "baseline"), (None, None, None, "value")],
)
def test_what_is_missing_is_named_and_never_zero(baseline, target, value, missing):
    found = progress(baseline, target, value, "increase")

    assert (found.share, found.missing) == (None, missing)
    assert state(found, HALF) == "no_data"


def test_a_met_target_is_met_even_without_baseline():
    assert state(progress(None, 100, 100, "increase"), HALF) == "reached"
    assert state(progress(None, 30, 12, "decrease"), HALF) == "reached"


def test_less_is_better_counts_the_way_down():
    assert progress(90, 30, 60, "decrease").share == HALF
    assert state(progress(90, 30, 30, "decrease"), HALF) == "reached"


@pytest.mark.parametrize(
    ("baseline", "target", "value", "direction"), [(80, 100, 64, "increase"), (221, 0, 368, "decrease")]
)
def test_a_value_on_the_wrong_side_of_its_baseline_is_a_regression(baseline, target, value, direction):
    found = progress(baseline, target, value, direction)

    assert found.regressed
    assert found.share < 0
    assert state(found, HALF) == "regression"


def test_a_level_to_maintain_is_held_within_the_tolerance_and_otherwise_watched():
    assert state(progress(100, 100, 96, "maintain"), HALF) == "reached"
    assert state(progress(30, 30, 80, "maintain"), HALF) == "watch"
    assert state(progress(100, 100, 0, "maintain"), HALF) == "watch"


def test_a_confirmed_direction_tells_the_worse_side_of_a_level_to_keep():
    assert state(progress(100, 100, 0, "increase"), HALF) == "regression"
    assert state(progress(30, 30, 80, "decrease"), HALF) == "regression"


@pytest.mark.parametrize(
    ("value", "expected"), [(100, "reached"), (45, "on_track"), (44, "watch"), (35, "watch"), (34, "late"), (0, "late")]
)
def test_the_pace_is_read_against_the_time_elapsed(value, expected):
    assert state(progress(0, 100, value, "increase"), HALF) == expected


def test_nothing_is_late_before_the_first_day():
    assert state(progress(0, 100, 0, "increase"), Decimal(0)) == "on_track"


def test_every_threshold_names_its_source():
    assert all(step.source for step in (*PACES, TOLERANCE))


def test_time_is_clamped_to_the_period_and_unknown_without_its_ends():
    first, last = date(2026, 1, 1), date(2026, 12, 31)

    assert elapsed(first, last, date(2025, 6, 1)) == 0
    assert elapsed(first, last, date(2027, 6, 1)) == 1
    assert elapsed(None, last, first) is None


def test_a_direction_is_proposed_from_the_figures_until_a_person_says():
    assert propose_direction(40, 30) == "decrease"
    assert awaits_confirmation(False, 40, 30)
    assert direction_in_force("increase", False, 40, 30) == "decrease"
    assert direction_in_force("increase", True, 40, 30) == "increase"
    assert direction_in_force("increase", False, None, 30) == "increase"


@given(figures, figures, figures, st.sampled_from(["increase", "decrease", "maintain"]))
def test_any_figures_give_a_state(baseline, target, value, direction):
    assert state(progress(baseline, target, value, direction), HALF)


def test_a_sheet_differs_only_by_what_can_be_read():
    before = definitions.complete({"title": {"fr": "Emploi", "ar": ""}, "unit": {"fr": "personnes"}})
    same = definitions.complete({"title": {"fr": " Emploi "}, "unit": {"fr": "personnes"}, "method": ""})

    assert definitions.difference(before, same) == []
    assert [c.field for c in definitions.difference(before, {**same, "unit": {"fr": "emplois"}})] == ["unit"]


def test_the_formula_carries_the_aggregations_of_its_sheet():
    sheet = definitions.complete({"time_aggregation": "latest", "formula": {"measure": "count"}})

    assert sheet["formula"] == {"measure": "count", "time": "latest", "place": "sum"}


@pytest.mark.parametrize(
    "categories",
    [
        [{"code": "?", "label": {"fr": "x"}}],
        [{"code": "a|b", "label": {"fr": "x"}}],
        [{"code": "a", "label": {"fr": "x"}}, {"code": "a", "label": {"fr": "y"}}],
        [{"code": "a", "label": {"ar": "x"}}],
    ],
)
def test_categories_that_cells_could_not_hold_are_refused(categories):
    with pytest.raises(Refused):
        definitions.check_categories(categories, "category")


def test_bands_may_not_overlap():
    bands = [{"code": "a", "label": {"fr": "a"}, "from": 0, "to": 14}, {"code": "b", "label": {"fr": "b"}, "from": 14}]

    with pytest.raises(Refused):
        definitions.check_categories(bands, "bands")


def test_the_shipped_dimensions_hold_together():
    for dimension in chain.SHIPPED_DIMENSIONS:
        definitions.check_categories(dimension["categories"], dimension["kind"])


def test_an_output_contributes_upward_and_never_to_itself():
    chain.check_parent("P1", "output", "outcome", ["E1"])
    with pytest.raises(Refused):
        chain.check_parent("E1", "outcome", "output", ["P1"])
    with pytest.raises(Refused):
        chain.check_parent("P1", "output", "outcome", ["E1", "P1"])
