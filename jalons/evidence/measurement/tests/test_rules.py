"""What a formula may say, how it is refused, how it is told, and how values are put together."""

from datetime import date

import numpy as np
import pytest

from jalons.evidence.measurement.rules import binary, partitions
from jalons.evidence.measurement.rules.aggregation import Figure, aggregate
from jalons.evidence.measurement.rules.compile import Column, Source
from jalons.evidence.measurement.rules.contribution import contribution, faults
from jalons.evidence.measurement.rules.formula import Faulty, read_formula
from jalons.evidence.measurement.rules.kernel import Kernel, medians, stable_order
from jalons.evidence.measurement.rules.plan import plans
from jalons.evidence.measurement.rules.proof import Row, recompute
from jalons.evidence.measurement.rules.sentences import Words, sentence

TODAY = date(2026, 11, 1)
ROOT = {
    "region": Column(1, "region", "select_one", frozenset({"souss", "oriental"})),
    "vu": Column(1, "vu", "datetime"),
}
COLUMNS = ROOT | {
    "sexe": Column(0, "sexe", "select_one", frozenset({"f", "h"})),
    "age": Column(0, "age", "integer"),
    "heures": Column(0, "heures", "decimal"),
    "langues": Column(0, "langues", "select_multiple", frozenset({"ar", "fr"})),
    "nom": Column(0, "nom", "text"),
    "double": Column(0, "double", "homonym"),
}
SOURCE = Source("suivi", ("projection.form_1_p", "projection.form_1"), COLUMNS, "p")


def a_record(**changes):
    return {"source": {"form": "suivi", "repeat": "p"}, "measure": "count"} | changes


@pytest.mark.parametrize(
    ("changes", "place", "says"),
    [
        ({"measure": "somme"}, "measure", "choisissez parmi"),
        ({"measure": None}, "measure", "choisissez parmi"),
        ({"source": "suivi"}, "source", "manque"),
        ({"source": {}}, "source › form", "manque"),
        ({"measure": "sum"}, "value", "attend une expression"),
        ({"value": "${age}"}, "value", "ne sert pas à la mesure « count »"),
        ({"filtre": "${age} > 3"}, "filtre", "n’est pas une clé"),
        ({"filter": "${age} >"}, "filter", "n’est pas finie"),
        ({"scale": -1}, "scale", "nombre positif"),
        ({"time": "total"}, "time", "choisissez parmi"),
        ({"dimensions": []}, None, None),
        ({"dimensions": ["sex"]}, "dimensions", "ensemble de clés"),
        ({"dimensions": {"sex": {"value": "${sexe}"}}}, "dimensions › sex › categories", "manque"),
        ({"dimensions": {"a|b": {"level": "region"}}}, "dimensions › a|b", "ne peut ni être vide"),
        (
            {"dimensions": {"sex": {"value": "${sexe}", "categories": {"f": "?"}}}},
            "dimensions › sex",
            "ne peut pas nommer",
        ),
        ({"dimensions": {"t": {"level": "village"}}}, "dimensions › t › level", "choisissez parmi"),
        (
            {"dimensions": {"age": {"value": "${age}", "bands": [["0-14", 0]]}}},
            "dimensions › age › bands",
            "chaque tranche",
        ),
        (
            {"dimensions": {"age": {"value": "${age}", "bands": [["0-15", 0, 15], ["15+", 15, None]]}}},
            "dimensions › age › bands",
            "« 15+ » commence avant la fin de « 0-15 »",
        ),
    ],
)
def test_a_formula_is_refused_with_its_place_and_a_remedy(changes, place, says):
    if place is None:
        assert read_formula(a_record(**changes)).splits == ()
        return
    with pytest.raises(Faulty) as refusal:
        read_formula(a_record(**changes))

    assert refusal.value.place == place and says in str(refusal.value)


@pytest.mark.parametrize("record", [None, [], "count", 3])
def test_anything_but_a_record_is_refused(record):
    with pytest.raises(Faulty):
        read_formula(record)


@pytest.mark.parametrize(
    ("changes", "place", "says"),
    [
        ({"filter": "${absente} = 1"}, "filter", "La question « absente » n’existe pas dans le formulaire « suivi »"),
        ({"filter": "${sexe} = 'femme'"}, "filter", "« femme » n’est pas un choix de « sexe ». Ses choix : f, h."),
        ({"filter": "selected(${langues}, 'en')"}, "filter", "n’est pas un choix de « langues »"),
        ({"filter": "${langues} = 'ar'"}, "filter", "selected(${…}, 'choix')"),
        ({"filter": "${age} = 'dix'"}, "filter", "Caractère 10 : un texte ne convient pas là où il faut un nombre"),
        ({"filter": "${nom}"}, "filter", "un texte ne convient pas là où il faut une condition"),
        ({"filter": "${vu} > '2026-02-30'"}, "filter", "un texte ne convient pas là où il faut une date"),
        ({"filter": ". > 3"}, "filter", "« . » n’a pas de sens"),
        ({"filter": "instance('x')/root/a = 1"}, "filter", "ne se lit pas dans une formule"),
        ({"filter": "pulldata('a', 'b', 'c', ${nom}) = 1"}, "filter", "« pulldata » ne se mesure pas"),
        ({"filter": "int(1, 2) = 1"}, "filter", "n’a pas le bon nombre de termes (2)"),
        ({"filter": "${double} = '1'"}, "filter", "Plusieurs questions du formulaire s’appellent « double »"),
        ({"filter": "regex(${nom}, '(')"}, "filter", "motif de regex()"),
        ({"filter": "format-date(${vu}, '%b') = 'x'"}, "filter", "format de date"),
        ({"filter": "if(${age} > 3, ${nom}, 1) = 1"}, "filter", "mélange des valeurs"),
        ({"measure": "sum", "value": "${nom} + ${langues}"}, "value", "plusieurs choix"),
        ({"measure": "sum", "value": "${sexe} = 'x'"}, "value", "n’est pas un choix"),
        ({"date": "nom"}, "date", "n’est pas une question de date"),
        (
            {"dimensions": {"l": {"value": "${langues}", "categories": {"ar": "ar"}}}},
            "dimensions › l",
            "plusieurs choix",
        ),
    ],
)
def test_a_formula_that_does_not_fit_its_form_is_refused_with_its_place(changes, place, says):
    (fault,) = faults(a_record(**changes), SOURCE, TODAY)

    assert fault.place == place and says in str(fault)


def test_every_fault_of_a_formula_is_told_at_once():
    record = a_record(filter="${x} = 1", date="y", dimensions={"z": {"value": "${z}", "categories": {}}})

    assert [fault.place for fault in faults(record, SOURCE, TODAY)] == ["filter", "date", "dimensions › z"]


def test_a_formula_is_told_in_a_sentence_with_the_words_of_the_form():
    record = a_record(
        measure="share",
        numerator="${heures} >= 6",
        denominator="${sexe} = 'f'",
        filter="${region} = 'souss' and (${age} > 17 or ${langues} != '')",
        dimensions={"age": {"value": "${age}", "bands": [["0+", 0, None]]}},
    )
    words = Words(
        {"heures": "Heures suivies", "region": "Région", "langues": "Langues parlées"},
        {("sexe", "f"): "Femme", ("region", "souss"): "Souss-Massa"},
        form="Suivi",
        repeat="participants",
        splits={"age": "âge"},
    )

    assert sentence(read_formula(record), words) == (
        "Part des réponses où « Heures suivies » est au moins 6 parmi celles où « sexe » est « Femme » du formulaire "
        "« Suivi », une ligne par « participants », où « Région » est « Souss-Massa » et (« age » est supérieur à 17 "
        "ou « Langues parlées » a une réponse). Réparti par âge."
    )


@pytest.mark.parametrize(
    ("how", "percentage", "figures", "number"),
    [
        ("sum", False, [Figure(3), Figure(None), Figure(4)], 7),
        ("average", False, [Figure(3), Figure(5)], 4),
        ("latest", False, [Figure(3), Figure(5), Figure(None)], 5),
        ("maximum", False, [Figure(3), Figure(9), Figure(5)], 9),
        ("minimum", False, [Figure(3), Figure(9)], 3),
        ("sum", False, [Figure(None)], None),
        ("average", True, [Figure(50, 1, 2), Figure(100, 8, 8)], 90),
        ("sum", True, [Figure(50, 1, 2), Figure(100, 8, 8)], 90),
        ("average", True, [Figure(50), Figure(100)], None),
        ("latest", True, [Figure(50), Figure(100)], 100),
        ("sum", False, [], None),
    ],
)
def test_figures_are_put_together_as_their_sheet_says_and_percentages_are_never_averaged(
    how, percentage, figures, number
):
    assert aggregate(figures, how, scale=100, percentage=percentage).number == number


def test_cases_add_up_and_are_unknown_as_soon_as_one_is():
    told = [Figure(1, answered=3, asked=4), Figure(2, answered=1, asked=None)]

    assert aggregate(told, "sum") == Figure(3, answered=4, asked=None)


def test_a_picked_figure_keeps_its_own_cases():
    told = [Figure(50, 1, 2, 2, 2), Figure(100, 3, 3, 3, 5)]

    assert aggregate(told, "maximum", percentage=True) == told[1]


def test_the_highest_number_of_all_periods_rests_on_the_cases_of_all():
    told = [Figure(3, answered=136, asked=136), Figure(3, answered=351, asked=360)]

    assert aggregate(told, "maximum") == Figure(3, answered=487, asked=496)
    assert aggregate(told, "latest") == told[1]


@pytest.mark.parametrize(
    ("changes", "terms", "number"),
    [
        ({"measure": "count"}, [(), ()], 2),
        ({"measure": "count"}, [], 0),
        ({"measure": "distinct", "value": "${nom}"}, [("a",), ("b",), ("a",)], 2),
        ({"measure": "sum", "value": "${age}"}, [(1.5,), (2,)], 3.5),
        ({"measure": "sum", "value": "${age}"}, [], 0),
        ({"measure": "average", "value": "${age}"}, [], None),
        ({"measure": "median", "value": "${age}"}, [(1,), (9,), (2,), (4,)], 3),
        ({"measure": "latest", "value": "${age}"}, [(1,), (9,)], 9),
        ({"measure": "maximum", "value": "${age}"}, [], None),
        ({"measure": "share", "numerator": "${age}", "denominator": "true()"}, [(1, 1), (0, 1)], 50),
        ({"measure": "share", "numerator": "${age}", "denominator": "true()"}, [], None),
    ],
)
def test_the_rows_shown_give_the_value_again(changes, terms, number):
    rows = [Row(n, n, 0, term) for n, term in enumerate(terms)]

    assert recompute(read_formula(a_record(**changes)), rows) == number


def tables_of(record, lines, columns=None):
    """Kernel tables of one formula. lines: answers by question, for rows that all fall in one day."""
    made = contribution(read_formula(record), SOURCE, TODAY)
    (plan,) = plans({"it": made})
    names = [column.name for column in plan.columns.values()]
    splits = [line.pop("_splits", ["?"] * len(plan.splits)) for line in lines]
    rows = [(*split, *(line.get(name) for name in names), 7) for split, line in zip(splits, lines, strict=True)]
    return list(Kernel(plan, partitions.build(plan, rows)).tables())


def test_without_a_row_a_total_is_unknown_not_zero():
    (table,) = tables_of(a_record(filter="${age} > 17"), [])

    assert np.isnan(table.numbers).all() and table.answered.tolist() == table.asked.tolist() == [[0]]


def test_a_blank_leaves_the_number_and_lowers_the_answers_not_the_asked():
    table = tables_of(a_record(filter="${age} > 17"), [{"age": 20}, {"age": 3}, {}])[0]

    assert (table.numbers[0, 0], table.answered[0, 0], table.asked[0, 0]) == (1, 2, 3)


def test_what_was_not_asked_leaves_the_asked_too():
    table = tables_of(a_record(filter="${age} > 17"), [{"age": 20}, {"_not_asked": ["age"]}])[0]

    assert (table.answered[0, 0], table.asked[0, 0]) == (1, 1)


def test_nobody_can_tell_how_many_were_asked_when_one_is_doubtful():
    table = tables_of(a_record(filter="${age} > 17"), [{"age": 20}, {"_maybe_asked": ["age"]}])[0]

    assert table.answered[0, 0] == 1 and np.isnan(table.asked[0, 0])


def test_an_average_of_nobody_is_unknown_and_a_sum_of_nobody_concerned_is_zero():
    lines = [{"age": 3, "heures": 2.0}]
    average = tables_of(a_record(measure="average", value="${heures}", filter="${age} > 17"), lines)[0]
    total = tables_of(a_record(measure="sum", value="${heures}", filter="${age} > 17"), lines)[0]

    assert np.isnan(average.numbers[0, 0]) and total.numbers[0, 0] == 0


def test_the_latest_value_is_that_of_the_last_known_row():
    lines = [{"heures": 5.0}, {"heures": 8.0}, {}]

    assert tables_of(a_record(measure="latest", value="${heures}"), lines)[0].numbers[0, 0] == 8


def test_every_split_is_cut_alone_and_all_are_crossed():
    record = a_record(
        dimensions={
            "sex": {"value": "${sexe}", "categories": {"f": "female", "h": "male"}},
            "age": {"value": "${age}", "bands": [["0-17", 0, 17], ["18+", 18, None]]},
        }
    )
    lines = [{"_splits": ["female", "18+"]}, {"_splits": ["female", "0-17"]}, {"_splits": ["?", "18+"]}]

    found = {
        table.dimensions: dict(zip(table.cells, table.numbers[0], strict=True)) for table in tables_of(record, lines)
    }

    assert found == {
        (): {"": 3},
        ("sex",): {"female": 2, "?": 1},
        ("age",): {"18+": 2, "0-17": 1},
        ("sex", "age"): {"female|18+": 1, "female|0-17": 1, "?|18+": 1},
    }


def test_ages_between_two_whole_bands_fall_in_the_lower():
    record = a_record(dimensions={"age": {"value": "${heures}", "bands": [["0-14", 0, 14], ["15+", 15, None]]}})

    made = contribution(read_formula(record), SOURCE, TODAY)

    assert "< CAST(15.0 AS DOUBLE PRECISION)" in made.splits["age"].sql("postgres")


def test_formulas_that_share_rows_share_one_plan_and_their_filters_are_computed_once():
    records = [a_record(filter="${age} > 17"), a_record(measure="sum", value="${heures}", filter="${age} > 17")]
    made = {str(n): contribution(read_formula(record), SOURCE, TODAY) for n, record in enumerate(records)}

    (plan,) = plans(made)

    assert len(plan.program.steps) < sum(len(plans({k: v})[0].program.steps) for k, v in made.items())


def test_a_damaged_partition_is_built_again(tmp_path):
    path = tmp_path / "2026"
    path.write_bytes(b'{"stamp": "x"')

    assert partitions.load(path) is None and partitions.load(tmp_path / "none") is None


def test_medians_and_orders_hold_for_many_values():
    chance = np.random.default_rng(1)
    values, cells = chance.random(5000), chance.integers(0, 70_000, 5000)

    expected = {cell: np.median(values[cells == cell]) for cell in np.unique(cells)}
    found = medians(values, cells, 70_000)

    assert {cell: found[cell] for cell in expected} == pytest.approx(expected)
    assert (cells[stable_order(cells)] == np.sort(cells)).all()


def test_a_matrix_is_written_as_postgresql_reads_it():
    row = binary.matrix(np.array([[1.0, np.nan]]), binary.INT8)[0]

    assert row.hex(" ", 4).endswith("00000008 00000000 00000001 ffffffff")
