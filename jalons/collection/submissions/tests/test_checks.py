"""What draws attention, what was asked, which territory: on answers, without a database."""

from datetime import datetime

import pytest

from jalons.collection.submissions.rules.checks import Flag, examine, rulebook
from jalons.collection.submissions.rules.territory import Lineage, gazetteer, resolve
from jalons.collection.submissions.tests.schemas import FORM, a_schema

BOOK = rulebook(a_schema())
NOON = datetime.fromisoformat("2026-10-02T12:00")


def told(answers, flat=False, book=BOOK):
    return examine(book, answers, flat=flat, now=NOON)


def test_a_broken_constraint_a_stranger_choice_and_a_missing_answer_are_flagged_where_they_are():
    found = told({"membre": [{"age": 20}, {"age": 130, "sexe": "x"}]})

    assert sorted(found.flags) == [
        Flag("choice", "sexe", (1,), "x"), Flag("constraint", "age", (1,), "130"), Flag("required", "taille"),
    ]  # fmt: skip


def test_an_unreadable_answer_is_not_called_missing():
    assert [flag.check for flag in told({"taille": None}).flags] == []


def test_a_question_that_its_condition_closed_was_not_asked():
    asked = told({"taille": 1, "membre": [{"age": 8}, {"age": 30}]}).asked

    assert asked[""][0].not_asked == ["revenu"]
    assert [row.not_asked for row in asked["membre"]] == [["travail"], ["travail"]]


def test_a_condition_beyond_what_is_computed_leaves_asked_unknown_and_is_said():
    found = told({"taille": 2, "membre": [{"age": 30, "trajet": [{"pays": "ES"}]}]})

    assert found.asked["trajet"][0].maybe_asked == ["carte"]
    assert [path for path, _expression in BOOK.beyond] == ["membre/trajet/carte"]


def test_a_blank_in_a_table_does_not_tell_whether_the_question_was_asked():
    asked = told({"jour": "2026-10-02", "membre": [{"age": 8}, {"nom": "Omar"}]}, flat=True).asked

    assert "commune" in asked[""][0].maybe_asked
    assert "revenu" in asked[""][0].maybe_asked
    assert asked["membre"][0].not_asked == ["travail"]
    assert "travail" in asked["membre"][1].maybe_asked


def test_calculations_that_came_blank_are_computed_from_given_answers_only():
    answers = {"taille": 3, "membre": [{"age": 8}, {"age": 40}]}

    computed = told(answers, flat=True).computed

    assert (answers["total"], answers["membre"][0]["mineur"], answers["mineurs"]) == ("6", "1", "1")
    assert computed == ["total", "membre/mineur", "mineurs"]


def test_a_calculation_writes_its_result_as_a_form_does():
    said = {"choisis": "${besoins}", "grand": "${taille} > 2"}
    book = rulebook(a_schema([*FORM, *((name, "calculate", "", {"calculation": e}) for name, e in said.items())]))
    answers = {"taille": 3, "besoins": ["eau", "toit"]}

    told(answers, flat=True, book=book)

    assert (answers["choisis"], answers["grand"]) == ("eau toit", "true")


def test_a_sum_over_rows_that_did_not_come_is_unknown_not_zero():
    answers = {"taille": 3, "membre": [{"age": 8}, {"nom": "Omar"}]}

    assert "mineurs" not in told(answers, flat=True).computed
    assert "mineurs" not in told({"taille": 3}, flat=True).computed


def test_a_calculation_is_made_only_where_its_condition_holds_and_nobody_is_held_to_answer_it():
    """As JavaRosa does, the engine of ODK Collect."""
    column = {"calculation": "21", "relevant": "${taille} > 5", "required": "yes"}
    book = rulebook(a_schema([*FORM, ("plafond", "calculate", "", column)]))
    small, large = {"taille": 3}, {"taille": 8}

    computed = [told(answers, flat=True, book=book).computed for answers in (small, large)]

    assert ["plafond" in names for names in computed] == [False, True] and large["plafond"] == "21"
    assert not [flag for flag in told({"taille": 8}, book=book).flags if flag.question == "plafond"]


def test_calculations_of_a_phone_are_never_touched():
    answers = {"taille": 3}

    told(answers)

    assert "total" not in answers


def test_a_condition_reads_the_rows_around_and_below():
    form = [*FORM, ("fin", "text", "", {"relevant": "sum(${age}) > 30"})]
    book = rulebook(a_schema(form))

    young = told({"taille": 2, "membre": [{"age": 8}]}, book=book)
    older = told({"taille": 2, "membre": [{"age": 8}, {"age": 40}]}, book=book)

    assert ("fin" in young.asked[""][0].not_asked, "fin" in older.asked[""][0].not_asked) == (True, False)


def test_a_constraint_on_the_day_is_held_to_the_day_of_the_form():
    book = rulebook(a_schema([("jour", "date", "", {"constraint": ". <= today()"})]))

    assert told({"jour": "2026-10-03"}, book=book).flags == [Flag("constraint", "jour", (), "2026-10-03")]
    assert told({"jour": "2026-10-02"}, book=book).flags == []


def test_the_same_answer_is_held_again_to_another_day_and_to_other_answers():
    form = [
        ("jour", "date", "", {"constraint": ". <= today()"}),
        ("taille", "integer", "", {"constraint": ". >= ${enfants}"}),
        ("enfants", "integer", "", {}),
    ]
    book = rulebook(a_schema(form))
    kept, yesterday = {"jour": "2026-10-02", "taille": 3, "enfants": 2}, NOON.replace(day=1)

    assert told(kept, book=book).flags == []
    assert told({**kept, "enfants": 4}, book=book).flags == [Flag("constraint", "taille", (), "3")]
    assert examine(book, kept, flat=False, now=yesterday).flags == [Flag("constraint", "jour", (), "2026-10-02")]


def test_what_a_table_leaves_open_a_phone_has_settled_whichever_comes_first():
    book = rulebook(a_schema())
    answers = {"jour": "2026-10-02"}

    for _again in range(2):
        assert "revenu" in told(dict(answers), flat=True, book=book).asked[""][0].maybe_asked
        assert "revenu" in told(dict(answers), book=book).asked[""][0].not_asked


PLACES = gazetteer(
    [
        (1, "MA", "country", {"fr": "Maroc", "ar": "المغرب"}, None),
        (2, "09", "region", {"fr": "Souss-Massa", "ar": "سوس - ماسة"}, 1),
        (3, "09.001", "province", {"fr": "Agadir-Ida-Ou-Tanane", "ar": "أكادير إداوتنان"}, 2),
        (4, "09.001.01.05", "commune", {"fr": "Agadir", "ar": "أكادير"}, 3),
        (5, "02", "region", {"fr": "Oriental", "ar": "الشرق"}, 1),
        (6, "02.411", "province", {"fr": "Oujda-Angad", "ar": "وجدة أنجاد"}, 5),
        (7, "02.411.01.01", "commune", {"fr": "Ouled M'hamed"}, 6),
        (8, "09.001.05.01", "commune", {"fr": "Oulad M’Hamed"}, 3),
        (9, "09.541", "province", {"fr": "Taroudannt"}, 2),
        (10, "09.541.01.11", "commune", {"fr": "Taroudannt"}, 9),
        (11, "02.411.01.02", "commune", {"fr": "Ouled M'hamed"}, 6),
    ]
)
AGADIR = Lineage(4, 3, 2, 1)


@pytest.mark.parametrize(
    ("said", "lineage"),
    [
        ("09.001.01.05", AGADIR), ("09.001.01.05.", AGADIR), ("090010105", AGADIR), ("90010105", AGADIR),
        ("Agadir", AGADIR), ("AGADIR ", AGADIR), ("أكادير", AGADIR), ("اكادير", AGADIR), ("Commune d’Agadir", AGADIR),
        ("MA-09", Lineage(2, None, 2, 1)), ("souss massa", Lineage(2, None, 2, 1)), ("9", Lineage(2, None, 2, 1)),
        ("MA", Lineage(1, None, None, 1)), ("Région de l'Oriental", Lineage(5, None, 5, 1)),
        ("Taroudannt", Lineage(9, 9, 2, 1)), ("Ouled M'hamed", Lineage()), ("Atlantide", Lineage()), ("", Lineage()),
    ],
)  # fmt: skip
def test_a_territory_is_found_by_code_or_name_and_never_guessed(said, lineage):
    assert resolve(PLACES, [said]) == lineage


def test_the_label_of_a_choice_names_the_territory_when_its_code_does_not():
    assert resolve(PLACES, ["sm", "Souss-Massa"]).region == 2


def test_an_answer_given_outside_its_condition_draws_attention_on_its_row():
    found = told({"taille": 1, "revenu": 900.0, "membre": [{"age": 30}, {"age": 8, "travail": "berger"}]})

    assert found.flags == [Flag("relevant", "revenu", (), "900.0"), Flag("relevant", "travail", (1,), "berger")]
    assert told({"taille": 2, "revenu": 900.0}).flags == []


@pytest.mark.parametrize("flat", [True, False])
def test_a_condition_that_nobody_can_tell_leaves_its_answer_alone(flat):
    answers = {"taille": 2, "membre": [{"age": 30, "trajet": [{"pays": "ES", "carte": "oui"}]}]}
    assert told(answers, flat=flat).flags == []
    assert [flag.check for flag in told({"revenu": 900.0}, flat=True).flags if flag.check == "relevant"] == []


@pytest.mark.parametrize(("day", "checks"), [
    ("0001-01-01", ["unlikely"]), ("9999-12-31", ["unlikely"]), ("1899-12-31", ["unlikely"]),
    ("1921-05-02", []), ("2026-10-02", []), ("2099-12-31", []),
])  # fmt: skip
def test_a_day_that_nobody_lives_is_kept_and_draws_attention(day, checks):
    for _twice in range(2):
        assert [flag.check for flag in told({"taille": 1, "jour": day}).flags] == checks
