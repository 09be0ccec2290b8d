from datetime import date

import pytest

from jalons.core.errors import Refused
from jalons.foundation.programmes.rules.periods import cut, cut_reporting


def test_three_years_are_cut_into_all_calendar_periods():
    codes = [stretch.code for stretch in cut(date(2026, 1, 1), date(2028, 12, 31))]

    assert len(codes) == len(set(codes)) == 12 + 6 + 6 + 3 + 1


def test_periods_are_cut_short_by_the_programme_and_cover_it_without_hole_or_overlap():
    quarters = [s for s in cut(date(2026, 2, 10), date(2027, 5, 3)) if s.kind == "quarter"]

    assert (quarters[0].starts_on, quarters[-1].ends_on) == (date(2026, 2, 10), date(2027, 5, 3))
    assert all((b.starts_on - a.ends_on).days == 1 for a, b in zip(quarters, quarters[1:], strict=False))


def test_since_the_beginning_starts_with_the_programme():
    cumulative = [s for s in cut(date(2026, 2, 10), date(2027, 5, 3)) if s.kind == "cumulative"]

    assert {s.starts_on for s in cumulative} == {date(2026, 2, 10)}
    assert [s.ends_on for s in cumulative] == [date(2026, 6, 30), date(2026, 12, 31), date(2027, 5, 3)]
    assert {s.accumulates for s in cumulative} == {"half_year"}


def test_a_programme_of_one_day_has_one_quarter():
    assert [s.kind for s in cut(date(2026, 8, 31), date(2026, 8, 31))] == [
        "quarter", "half_year", "cumulative", "year", "whole",
    ]  # fmt: skip


def test_a_mistyped_year_is_refused_rather_than_cut_into_thousands():
    with pytest.raises(Refused):
        cut(date(2026, 1, 1), date(2206, 1, 1))


def test_reporting_periods_of_an_agreement_signed_on_the_31st_follow_short_months():
    found = cut_reporting("UE", date(2026, 8, 31), date(2027, 8, 30), 6)

    assert [(s.starts_on, s.ends_on) for s in found] == [
        (date(2026, 8, 31), date(2027, 2, 27)), (date(2027, 2, 28), date(2027, 8, 30)),
    ]  # fmt: skip
