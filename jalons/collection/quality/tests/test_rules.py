"""Checks against vectors of the literature and cases that a hand can compute."""

from datetime import UTC, date, datetime

import pytest

from jalons.collection.quality.checking import rings
from jalons.collection.quality.rules import (
    agreement,
    collectors,
    likeness,
    outliers,
    parameters,
    places,
    proposals,
    sections,
    timing,
)
from jalons.collection.quality.rules.collectors import Pace
from jalons.collection.quality.rules.found import Filled
from jalons.collection.quality.rules.likeness import Sheet
from jalons.collection.quality.rules.states import check_handling
from jalons.collection.submissions.tests.schemas import a_schema
from jalons.core.errors import Refused

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
SURVEY = (
    ("start", "start", "", {}),
    ("end", "end", "", {}),
    ("jour", "date", "", {}),
    ("agent", "text", "", {}),
    ("point", "geopoint", "", {}),
    ("foyer/taille", "integer", "", {}),
    ("foyer/enfants", "integer", "", {}),
    ("foyer/revenu", "decimal", "", {}),
    *((f"avis/q{n}", "select_one", "", {"list_name": "accord"}) for n in range(1, 8)),
    ("membre/age", "integer", "membre", {}),
)
ACCORD = {"accord": [{"name": code, "labels": {"fr": code}} for code in ("oui", "non", "nsp")]}
SCHEMA = a_schema(SURVEY, ACCORD)


def filled(pk=1, *, received=NOON, places=(), collector="Samira", day=None, **answers):
    return Filled(pk, 1, answers, SCHEMA, collector, day, received, places)


def messages(found):
    return [one.message % one.values for one in found]


def test_modified_z_score_of_two_values_far_from_eight():
    around = outliers.spread([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3])

    # median 2.45, deviations .05 .05 .15 .15 .15 .15 .35 .35 5.75 5.85: MAD .15
    assert (around.count, around.median, round(around.mad, 10)) == (10, 2.45, 0.15)
    assert round(outliers.score(8.2, around), 2) == round(0.6745 * 5.75 / 0.15, 2) == 25.86
    assert round(outliers.score(2.6, around), 2) == 0.67


def test_when_most_answers_are_equal_the_mean_deviation_takes_the_place_of_the_mad():
    around = outliers.spread([1] * 9 + [6])

    assert around.mad == 0
    assert round(outliers.score(6, around), 2) == round(5 / (1.253314 * 0.5), 2)
    assert outliers.score(1, around) == 0


def test_nothing_is_far_from_answers_that_are_all_equal():
    assert outliers.score(7, outliers.spread([2] * 20)) is None


def test_far_answers_are_found_and_the_others_are_not():
    around = {"taille": outliers.spread([3, 4, 4, 5, 5, 5, 6, 6, 7, 4])}
    answers = [filled(1, taille=5), filled(2, taille=48), filled(3), filled(4, taille="beaucoup")]

    found = list(outliers.far({"questions": ["taille"]}, answers, around))

    assert [(one.pk, one.question, one.value) for one in found] == [(2, "taille", "48")]
    assert "médiane 5" in messages(found)[0]


def test_under_ten_answers_nothing_is_far():
    around = {"taille": outliers.spread([3, 4, 5])}

    assert not list(outliers.far({"questions": ["taille"]}, [filled(taille=900)], around))


def test_bounds_are_kept_by_numbers_only():
    bounds = {"question": "taille", "least": 1, "most": 20}
    rows = [filled(1, taille=0), filled(2, taille=21), filled(3, taille=20), filled(4)]

    assert [one.pk for one in outliers.outside(bounds, rows)] == [1, 2]


def test_a_point_in_a_concave_polygon():
    arrow = [(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)]

    assert places.inside((0.5, 1), arrow)
    assert places.inside((3.5, 1), arrow)
    assert not places.inside((2, 3), arrow)  # in its notch
    assert not places.inside((5, 1), arrow)


def test_points_in_and_out_of_real_regions():
    souss, oriental = rings()["09"], rings()["02"]

    assert places.away((-9.598, 30.428), souss) == 0  # Agadir
    assert places.away((-1.908, 34.681), oriental) == 0  # Oujda
    assert 600 < places.away((-1.908, 34.681), souss) < 900


def test_points_are_held_to_the_smallest_outline_known():
    outlines = {"09": [[(-10, 29), (-10, 31), (-8, 31), (-8, 29)]]}
    given = {"question": "point", "accuracy": 50}
    here, far = "30 -9 0 5", "34.7 -1.9 0 5"
    rows = [
        filled(1, places=("09.001", "09", "MA"), point=here), filled(2, places=("09",), point=far),
        filled(3, places=(), point=far), filled(4, places=("09",), point="0 0 0 0"),
        filled(5, places=("09",), point="30 -9 0 400"), filled(6, places=("09",), point="perdu"),
    ]  # fmt: skip

    assert [one.pk for one in places.astray(given, rows, outlines)] == [2, 4, 5]


def test_impossible_durations_and_moments():
    given = {"shortest": 5, "longest": 240, "night": [22, 5]}
    day = "2026-10-05T"
    rows = [
        filled(1, start=day + "09:00:00+01:00", end=day + "09:30:00+01:00"),
        filled(2, start=day + "09:00:00+01:00", end=day + "09:02:00+01:00"),
        filled(3, start=day + "09:00:00+01:00", end=day + "08:00:00+01:00"),
        filled(4, start=day + "02:00:00+01:00", end=day + "02:30:00+01:00"),
        filled(5, start="2026-10-04T09:00:00+01:00", end=day + "09:00:00+01:00"),
        filled(6, start=day + "17:00:00+01:00", end=day + "17:30:00+01:00"),  # received at 12:00 UTC
        filled(7, day=date(2026, 10, 6)),
        filled(8, start="jadis"),
    ]

    found = list(timing.impossible(given, rows))

    assert [(one.pk, one.message) for one in found] == [
        (2, timing.SHORT), (3, timing.BACKWARDS), (4, timing.NIGHT), (5, timing.LONG), (6, timing.AHEAD),
        (7, timing.FUTURE),
    ]  # fmt: skip


def a_sheet(pk, answers, block="Samira"):
    return Sheet(pk, 1, f"uuid:{pk}", block, tuple(answers))


def test_share_of_equal_answers_leaves_out_what_neither_answered():
    assert likeness.share_of_equal(["a", "b", "c", "d", None], ["a", "b", "c", "x", None]) == 0.75
    assert likeness.share_of_equal(["a", None], [None, "b"]) == 0
    assert likeness.share_of_equal([None], [None]) is None


def test_near_duplicates_are_told_once_against_the_nearest_earlier_one():
    base = list("abcdefghij")
    sheets = [a_sheet(1, base), a_sheet(2, [*base[:9], "x"]), a_sheet(3, list("klmnopqrst")), a_sheet(4, base, "Omar")]

    found = list(likeness.near(sheets, {2, 3, 4}, 0.9))

    assert [(one.pk, one.value) for one in found] == [(2, "uuid:1")]
    assert messages(found) == ["90 % de réponses égales à celles de uuid:1, sur 10 questions."]


def test_equal_submissions_name_the_first_and_blank_ones_equal_nothing():
    sheets = [a_sheet(1, ["f", 3]), a_sheet(2, ["f", 3.0]), a_sheet(3, [None, None]), a_sheet(4, [None, None])]

    assert [(one.pk, one.value) for one in likeness.same(sheets, {1, 2, 3, 4})] == [(2, "uuid:1")]


def test_the_same_answer_to_every_question_and_too_many_unknown():
    same = {f"q{n}": "oui" for n in range(1, 8)}
    unknown = {f"q{n}": code for n, code in enumerate(["nsp", "oui", "nsp", "non", "nsp", "oui", "nsp"], start=1)}
    rows = [filled(1, **same), filled(2, **unknown), filled(3, q1="oui", q2="oui")]

    found = list(collectors.repeated({"straight": 6, "unknown_share": 0.5}, rows))

    assert [(one.pk, one.message) for one in found] == [(1, collectors.STRAIGHT), (2, collectors.BLANK)]
    assert "7 questions" in messages(found)[0] and "57 %" in messages(found)[1]


def test_forms_beyond_so_many_a_day_and_collectors_faster_than_the_others():
    day = date(2026, 10, 5)
    slow = [Pace(n, 1, "Omar", day, 30.0) for n in range(1, 7)]
    fast = [Pace(n, 1, "Samira", day, 6.0) for n in range(7, 14)]

    many = list(collectors.too_many({"per_day": 6}, [*slow, *fast], {13}))
    quick = list(collectors.too_fast({"fast_share": 0.5}, [*slow, *fast], {6, 13}))

    assert [one.pk for one in many] == [13]
    assert [(one.pk, one.value) for one in quick] == [(13, "Samira")]


def test_a_part_without_any_answer_is_missing_and_one_with_a_condition_is_not():
    rows = [filled(1, taille=3, enfants=1, revenu=2.0), filled(2, taille=3, q1="oui"), filled(3, q2="non")]

    found = list(sections.missing({}, rows))

    assert [(one.pk, one.values["section"]) for one in found] == [(1, "avis"), (3, "foyer")]
    assert "avis" not in sections.sections(a_schema([(p, k, t, {**x, "relevant": "${taille} > 9"} if "avis" in p else x)
                                                     for p, k, t, x in SURVEY], ACCORD))  # fmt: skip


def test_a_rule_across_answers_is_broken_only_where_all_is_known():
    rows = [filled(1, taille=3, enfants=5), filled(2, taille=3, enfants=2), filled(3, taille=3)]

    found = list(agreement.broken({"expression": "${enfants} < ${taille}"}, rows))

    assert [one.pk for one in found] == [1]


def test_a_rule_over_the_rows_of_a_repeat_names_the_row():
    rows = [filled(1, taille=2, membre=[{"age": 30}, {"age": 130}])]

    found = list(agreement.broken({"expression": "${age} < 120"}, rows))

    assert [(one.question, one.rows, one.value) for one in found] == [("age", (1,), "130")]


@pytest.mark.parametrize(
    "rule", ["", "1 = 1", "${inconnue} > 2", "pulldata('a', 'b', 'c', ${taille}) = 1", "${taille} >"]
)
def test_a_rule_that_cannot_be_computed_is_refused(rule):
    with pytest.raises(Refused):
        parameters.checked("expression", {"expression": rule}, SCHEMA)


def test_keys_of_another_form_must_exist_or_must_not_or_must_agree():
    rows = [filled(1, agent="A1", taille=3), filled(2, agent="A2", taille=3), filled(3)]
    there = {"A1": {"4"}}

    def unmatched(**given):
        return [one.pk for one in agreement.unmatched({"question": "agent", **given}, rows, there)]

    assert unmatched(mode="exists") == [2]
    assert unmatched(mode="absent") == [1]
    assert unmatched(mode="agrees", agrees_here="taille", agrees_there="taille") == [1, 2]


def test_checks_are_proposed_from_the_questions_of_the_form():
    found = {one.kind: one for one in proposals.proposals(SCHEMA, {"collector": "agent", "date": "jour"})}

    assert set(found) == {"timing", "outlier", "twin", "near", "place", "collector", "section"}
    assert found["outlier"].parameters["questions"] == ["taille", "enfants", "revenu", "age"]
    assert found["collector"].parameters == {"straight": 6, "unknown_share": 0.3, "per_day": 25, "fast_share": 0.5}


def test_a_flag_is_closed_with_a_reason_and_once():
    check_handling(["open"], "explained", "vu avec la famille")
    with pytest.raises(Refused):
        check_handling(["open"], "explained", " ")
    with pytest.raises(Refused):
        check_handling(["open"], "explained", "r" * 1001)
    with pytest.raises(Refused):
        check_handling(["open", "cured"], "dismissed", "faux")
    with pytest.raises(Refused):
        check_handling([], "dismissed", "faux")


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("collector", {}, "straight"),
        ("timing", {"shortest": 50, "longest": 5}, "shortest"),
        ("key", {"question": "agent", "other": "nom", "mode": "agrees"}, "agrees_here"),
    ],
)
def test_a_check_that_would_hold_nothing_to_anything_is_refused(kind, given, field):
    with pytest.raises(Refused) as refusal:
        parameters.checked(kind, given, SCHEMA)

    assert refusal.value.field == field


def test_a_tie_with_a_question_that_the_other_form_does_not_ask_is_refused():
    parameters.check_other({"other": "agent"}, "Visites", SCHEMA)

    with pytest.raises(Refused) as refusal:
        parameters.check_other({"other": "nope"}, "Visites", SCHEMA)

    assert (refusal.value.field, refusal.value.values["form"]) == ("other", "Visites")
