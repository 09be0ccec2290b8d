"""What a report says, before any database."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from jalons.core.errors import Refused
from jalons.reporting.reports.rules import issuing, telling
from jalons.reporting.reports.rules.changes import changes
from jalons.reporting.reports.rules.document import Document, file_name
from jalons.reporting.reports.rules.frozen import freeze, thaw
from jalons.reporting.reports.rules.logframe import (
    MISSING,
    PUBLISHED,
    UNPUBLISHED,
    Agreement,
    Cell,
    Cut,
    Definition,
    Figure,
    Line,
    Logframe,
    Moment,
    Organisation,
    Period,
    Programme,
    Promise,
    Result,
    Value,
    Words,
    progress,
)

FIRST, SECOND = 1, 2
PUBLISHED_AT = datetime(2026, 7, 10, tzinfo=UTC)
SHEET = Definition(1, date(2026, 1, 1), {"fr": "Personnes"}, {}, "", {"fr": "personnes"}, "1", "increase")


def a_value(number, definition=1, cuts=(), **figure):
    return Value(1, definition, Figure(number, **figure), cuts, PUBLISHED_AT, PUBLISHED_AT)


def a_moment(period=FIRST, number=None, target=None, **value):
    targets = (Promise(target),) if target is not None else ()
    if number is None:
        return Moment(period, MISSING, targets)
    return Moment(period, PUBLISHED, targets, a_value(number, **value))


def a_line(*moments, key=1, sheet=SHEET, **fields):
    return Line(key, f"I{key}", sheet, moments=moments, **fields)


def a_logframe(*lines, period=FIRST, funder="UE"):
    periods = [Period(n, f"S{n}", {"fr": f"Semestre {n}"}, date(2026, 6 * n - 5, 1), date(2026, 6 * n, 28))
               for n in range(1, period + 1)]  # fmt: skip
    programme = Programme("prim2", "PRIM 2", {"fr": "Programme"}, {}, Organisation("EF", "Expertise France", "FR-1"),
                          date(2026, 1, 1), date(2028, 12, 31), "FR-1-P")  # fmt: skip
    result = Result("P1", "output", 0, {"fr": "Produit"}, {}, lines=lines)
    return Logframe(programme, period, tuple(periods), (result,), Agreement("C1", "C", Organisation(funder, funder)))


def causes(before, now):
    return [change.cause for change in changes(before, now)]


def test_a_logframe_comes_back_from_json_as_it_was():
    cut = Cut(("sex",), (Cell(("female",), Figure(3.0)),))
    words = Words("gerf", {"fr": "Cadre"}, "2.20", {"fr": "Personnes"}, {}, 0.5, own=True)
    baseline = (Promise(0.0, on=date(2026, 1, 1)),)
    logframe = a_logframe(a_line(a_moment(number=5.0, target=9.0, cuts=(cut,)), words=(words,), baselines=baseline))

    assert thaw(Logframe, freeze(logframe)) == logframe


def test_a_report_of_an_older_jalons_is_still_read():
    old = freeze(a_logframe(a_line(a_moment(number=5.0))))
    del old["results"][0]["lines"][0]["words"]
    old["results"][0]["lines"][0]["definition"]["unit"] = "personnes"
    old["no_longer_known"] = 1

    line = next(thaw(Logframe, old).lines())

    assert (line.words, line.definition.unit) == ((), {"fr": "personnes"})


def test_texts_lose_the_characters_that_no_xml_file_can_hold():
    assert freeze({"fr": "a\x0bb\ufffe"}) == {"fr": "ab"}


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (Moment(1, UNPUBLISHED), "non publiée"),
        (Moment(1, MISSING), "sans donnée"),
        (a_moment(number=0.0), "0"),
        (Moment(1, PUBLISHED, value=a_value(None)), "inconnue"),
    ],
)
def test_zero_unknown_unpublished_and_missing_are_four_different_words(told, text):
    assert telling.moment(told, "1") == text


def test_a_percentage_keeps_its_numerator_and_denominator():
    assert telling.figure(Figure(62.5, 50, 80), "2") == "62,5\u202f% (50 sur 80)"


def test_a_figure_about_people_without_sex_is_flagged():
    line = a_line(sheet=replace(SHEET, counts_people=True))

    assert list(telling.splits(a_value(5.0), line, {})) == ["non désagrégée par sexe"]


def test_people_of_unknown_sex_stay_beside_women_and_men():
    cells = [Cell((code,), Figure(number)) for code, number in (("female", 7.0), ("male", 5.0), ("?", 1.0))]

    assert telling.sexes(a_value(13.0, cuts=(Cut(("sex",), tuple(cells)),)), a_line()) == "F 7 · H 5 · non renseigné 1"


@pytest.mark.parametrize(
    ("baseline", "target", "value", "direction", "expected"),
    [
        (30.0, 10.0, 20.0, "decrease", 50.0),
        (100.0, 200.0, 80.0, "increase", -20.0),
        (0.0, 100.0, 150.0, "increase", 150.0),
        (None, 100.0, 50.0, "increase", None),
        (100.0, 100.0, 90.0, "increase", None),
    ],
)
def test_progress_knows_regression_falling_indicators_and_unknown_starts(baseline, target, value, direction, expected):
    line = a_line(
        a_moment(number=value, target=target), sheet=replace(SHEET, direction=direction),
        baselines=(Promise(baseline),),
    )  # fmt: skip

    assert progress(line, FIRST) == expected


def test_the_first_report_has_nothing_to_compare():
    assert changes(None, a_logframe(a_line())) == ()


def test_nothing_changed_says_nothing():
    logframe = a_logframe(a_line(a_moment(number=5.0, target=9.0)))

    assert causes(logframe, logframe) == []


def test_a_value_for_a_new_period_is_new():
    before = a_logframe(a_line(a_moment(number=5.0)))
    now = a_logframe(a_line(a_moment(number=5.0), a_moment(SECOND, 8.0)), period=SECOND)

    (change,) = changes(before, now)
    assert (change.cause, change.was, change.now) == ("value", "5 (Semestre 1)", "8")


def test_a_new_period_without_value_is_said():
    before = a_logframe(a_line(a_moment(number=5.0)))

    assert causes(before, a_logframe(a_line(a_moment(number=5.0), a_moment(SECOND)), period=SECOND)) == ["silent"]


def test_a_told_period_computed_again_is_a_correction_with_its_date():
    before = a_logframe(a_line(a_moment(number=5.0)))
    now = a_logframe(a_line(a_moment(number=4.0), a_moment(SECOND, 8.0)), period=SECOND)

    correction, value = changes(before, now)
    assert (correction.cause, correction.was, correction.now) == ("correction", "5", "4")
    assert correction.why == "publiée le 10 juillet 2026"
    assert value.cause == "value"


def test_a_correction_that_only_moves_the_counts_shows_them():
    before = a_logframe(a_line(a_moment(number=5.0, answered=5, asked=9)))
    now = a_logframe(a_line(a_moment(number=5.0, answered=5, asked=8)))

    (change,) = changes(before, now)
    assert (change.was, change.now) == ("5 (5 réponses sur 9 demandées)", "5 (5 réponses sur 8 demandées)")


def test_a_new_definition_is_said_with_its_reason_and_what_it_restates():
    second = replace(SHEET, number=2, title={"fr": "Personnes accueillies"}, reason="Doublons exclus")
    before = a_logframe(a_line(a_moment(number=5.0)))

    value, definition = changes(before, a_logframe(a_line(a_moment(number=4.0, definition=2), sheet=second)))
    assert (definition.cause, definition.why) == ("definition", "Doublons exclus")
    assert (definition.was, definition.now) == ("version 1 : Personnes", "version 2 : Personnes accueillies")
    assert value.cause == "restated"


def test_a_moved_target_or_baseline_is_said_in_total_and_by_cell():
    women = {"sex": "female"}
    before = a_logframe(a_line(a_moment(target=100.0), baselines=(Promise(1.0), Promise(1.0, cell=women))))
    now = a_logframe(a_line(a_moment(target=120.0), baselines=(Promise(1.0), Promise(2.0, cell=women))))

    told = [(change.cause, change.was, change.now) for change in changes(before, now)]
    assert told == [("baseline", "female : 1", "female : 2"), ("target", "100", "120")]


def test_a_cell_that_moves_under_the_same_total_is_said():
    def split(women):
        return a_logframe(a_line(a_moment(number=9.0, cuts=(Cut(("sex",), (Cell(("female",), Figure(women)),)),))))

    (change,) = changes(split(4.0), split(5.0))
    assert (change.cause, change.was, change.now) == ("breakdown", "female : 4", "female : 5")


def test_a_value_published_since_or_taken_back_is_said():
    silent, told = a_logframe(a_line(a_moment())), a_logframe(a_line(a_moment(number=5.0)))

    assert (causes(silent, told), causes(told, silent)) == (["published"], ["withdrawn"])


def test_indicators_that_come_and_go_are_said():
    one, other = a_logframe(a_line(a_moment(number=5.0))), a_logframe(a_line(a_moment(number=6.0), key=2))

    assert causes(one, other) == ["gone", "added"]


def test_a_new_factor_is_said():
    def mapped(factor):
        return a_logframe(a_line(words=(Words("gerf", {}, "2.20", {}, {}, factor),)))

    (change,) = changes(mapped(1.0), mapped(0.5))
    assert (change.cause, change.was, change.now) == ("mapping", "gerf 2.20 × 1", "gerf 2.20 × 0,5")


def refusal(drafted, today, prepared_by=1, issued_by=2):
    with pytest.raises(Refused) as refused:
        issuing.check_issue(prepared_by=prepared_by, issued_by=issued_by, drafted=drafted, today=today)
    return str(refused.value)


def test_whoever_prepared_does_not_issue():
    logframe = a_logframe(a_line(a_moment(number=5.0)))

    assert "autre personne" in refusal(logframe, logframe, issued_by=1)


def test_an_unpublished_value_stops_the_issue_and_is_named():
    logframe = a_logframe(a_line(Moment(FIRST, UNPUBLISHED)))

    assert "I1" in refusal(logframe, logframe)


def test_a_draft_overtaken_by_what_is_published_is_not_issued():
    drafted, today = a_logframe(a_line(a_moment(number=5.0))), a_logframe(a_line(a_moment(number=6.0)))

    assert "(I1)" in refusal(drafted, today)


def test_the_title_and_the_file_say_whose_report_it_is():
    logframe = a_logframe(a_line())

    assert issuing.title(logframe, 2) == "Rapport n° 2 sur le cadre logique, UE, Semestre 1"
    written = Document("t", 2, logframe, (), PUBLISHED_AT)
    assert file_name(written, "docx") == "rapport-prim2-ue-s1-n2.docx"
    assert file_name(replace(written, issued_at=None), "xml").startswith("projet-de-rapport-")
