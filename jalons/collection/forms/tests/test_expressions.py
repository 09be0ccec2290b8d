"""Expressions: what is read, what is refused and how, what a blank does on the phone and in a measure."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineError, CalamineWorkbook

from jalons.collection.forms.rules.evaluation import EMPTY, UNKNOWN, Place, Scope, asked, evaluate
from jalons.collection.forms.rules.expressions import Apply, Literal, Question, Unreadable, names, parse
from jalons.collection.forms.rules.functions import FUNCTIONS, Unsupported
from tests.shared_data import SHARED, needs_shared_data

CONDITIONS = {"relevant", "relevance", "constraint", "calculation", "choice_filter", "repeat_count"}


def known(text, **answers):
    return evaluate(parse(text), Place(answers))


def on_phone(text, **answers):
    return evaluate(parse(text), Place(answers, blank=EMPTY))


def test_operators_bind_as_in_xpath():
    assert known("1 + 2 * 3 - 4 div 2 = 5 and not(2 > 3 or false())") is True


def test_names_may_hold_dots_and_dashes_that_are_not_operators():
    assert names(parse("${prise.en-charge_1.2} -1 > ${b}-${c}")) == {"prise.en-charge_1.2", "b", "c"}


def test_the_words_of_operators_may_be_names_where_a_value_is_expected():
    assert parse("selected(${or}, 'and') and ${div} div 2 = 1").function == "and"


def test_a_sum_of_three_hundred_terms_is_one_node():
    assert parse(" + ".join("${a}" for _ in range(300))) == Apply("+", (Question("a"),) * 300)


def test_curly_quotes_close_a_text_as_straight_ones_do():
    assert parse("${a} = ‘oui’") == Apply("=", (Question("a"), Literal("oui")))
    assert parse("${a} = 'l’eau'") == Apply("=", (Question("a"), Literal("l’eau")))


def test_yes_alone_is_the_word_that_pyxform_converts():
    assert parse("yes") == Apply("true") and parse("FALSE") == Apply("false")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("${age} >", "n’est pas finie"),
        ("(${age} > 3", "n’est pas finie"),
        ("${age} >= 140,5", "décimales avec un point"),
        ("${age} == 3", "Employez and, or, = et !="),
        ("$(age) + 1", "Une question s’écrit ${nom}"),
        ("${age + 1", "Fermez l’accolade"),
        ("because pyxform doesn't know", "caractère 9"),
        ("", "n’est pas finie"),
        ("not(" * 400 + "1" + ")" * 400, "trop imbriquée"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place_and_a_remedy(text, says):
    with pytest.raises(Unreadable) as refusal:
        parse(text)

    assert says in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "in_a_measure", "on_the_phone"),
    [
        ("${x} = '1'", None, False),
        ("${x} != '1'", None, True),
        ("${x} > 5", None, False),
        ("not(${x} > 5)", None, True),
        ("not(selected(${x}, 'a'))", None, True),
        ("${x} = ''", True, True),
        ("'' != ${x}", False, False),
        ("${x} > 5 and ${y} = 'b'", False, False),
        ("${x} > 5 or ${y} = 'a'", True, True),
        ("coalesce(${x}, 3)", 3.0, 3.0),
        ("if(${x} > 1, 'a', 'b')", None, "b"),
        ("count-selected(${x})", None, 0),
        ("string-length(${x}) > 0", None, False),
        ("${y} = 'a' and ${z} >= 2", True, True),
    ],
)
def test_a_blank_is_unknown_in_a_measure_and_an_empty_text_on_the_phone(text, in_a_measure, on_the_phone):
    answers = {"x": "", "y": "a", "z": "2"}

    assert known(text, **answers) is in_a_measure if in_a_measure is None else known(text, **answers) == in_a_measure
    assert on_phone(text, **answers) == on_the_phone


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10 mod 3", 1.0),
        ("-10 mod 3", -1.0),
        ("7 div 2", 3.5),
        ("1 div 0", None),
        ("int(-2.7)", -2.0),
        ("round(2.5)", 3.0),
        ("round(-2.5)", -2.0),
        ("round(3.14159, 2)", 3.14),
        ("abs(-4)", 4.0),
        ("pow(2, 10)", 1024.0),
        ("pow(10, 400)", None),
        ("min(3, 1, 2)", 1.0),
        ("max(3, ${blank})", None),
        ("concat('a', 5, true())", "a5true"),
        ("selected-at('a b c', 1)", "b"),
        ("selected-at('a b c', 7)", None),
        ("substr('jalons', 0, 3)", "jal"),
        ("regex('0612345678', '[0-9]{10}')", True),
        ("regex('x0612345678', '[0-9]{10}')", False),
        ("date('2026-03-01') - date('2026-02-01')", 28.0),
        ("'2026-03-01' > '2026-02-01'", True),
        ("date('2026-02-30')", None),
        ("format-date('2026-03-01', '%d/%m/%Y')", "01/03/2026"),
        ("decimal-date-time('1970-01-02T12:00:00')", 1.5),
        ("number('12a')", None),
        ("string(3.0)", "3"),
        ("boolean(${blank})", None),
    ],
)
def test_functions_compute_what_the_standard_says(text, value):
    assert known(text, blank="") == value


def test_choices_come_as_a_text_or_as_a_list():
    assert known("selected(${a}, 'x') and selected(${b}, 'x')", a="w x", b=["x", "y"])
    assert not known("selected(${a}, 'x')", a="xx yy")


def test_today_is_given_never_read_from_a_clock():
    node = parse("${birth} <= today()")

    assert evaluate(node, Place({"birth": "2020-01-01"}, now=datetime(2026, 1, 1))) is True  # noqa: DTZ001
    with pytest.raises(Unsupported):
        evaluate(node, Place({"birth": "2020-01-01"}))


def test_a_row_reads_its_own_answers_then_those_around_it():
    home = {"region": "oriental", "members": [{"age": "40", "sex": "f"}, {"age": "3", "sex": "m"}]}
    child = Scope(home["members"][1], home, position=2)

    assert evaluate(parse("${age} < 5 and ${region} = 'oriental'"), Place(child)) is True
    assert evaluate(parse("position(..)"), Place(child)) == 2
    assert evaluate(parse("indexed-repeat(${age}, ${members}, 1) - ${age}"), Place(child)) == 37.0


def test_a_question_of_a_repeat_seen_from_above_is_the_list_of_its_answers():
    home = Scope({"members": [{"age": "40"}, {"age": ""}, {"age": "3"}]})

    assert evaluate(parse("sum(${age})"), Place(home)) == 43.0
    assert evaluate(parse("max(${age})"), Place(home)) == 40.0
    assert evaluate(parse("count(${age})"), Place(home)) == 3
    assert evaluate(parse("count-non-empty(${age})"), Place(home)) == 2
    assert evaluate(parse("join(', ', ${age})"), Place(home)) == "40, , 3"


def test_a_question_is_asked_unless_its_condition_says_no_or_cannot_be_told():
    assert asked(None, {}) is True
    assert asked(parse("${pregnant} = 'yes'"), {"pregnant": "yes"}) is True
    assert asked(parse("${pregnant} = 'yes'"), {}) is False
    assert asked(parse("instance('x')/root/item[name = ${a}]/label = 'b'"), {"a": "1"}) is None
    assert asked(parse("unknownFunction(${a})"), {"a": "1"}) is None
    assert asked(parse("regex(${a}, '(')"), {"a": "1"}) is None
    assert asked(parse("regex(${a}, '(a|aa)+b')"), {"a": "a" * 500}) is None  # it would take years


def test_an_unsupported_function_says_its_name_and_what_to_do():
    with pytest.raises(Unsupported) as refusal:
        known("pulldata('villages', 'name', 'code', ${v})", v="1")

    assert refusal.value.name == "pulldata()" and "calcul du formulaire" in str(refusal.value)


VALUES = st.one_of(st.none(), st.sampled_from(["", "a", "a b", "12", "2026-01-31", "NaN"]), st.floats(), st.booleans())


@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(VALUES, max_size=3), st.sampled_from([UNKNOWN, EMPTY]))
def test_no_function_fails_whatever_the_answers(function, values, blank):
    node = Apply(function, tuple(Question(f"q{i}") for i in range(len(values))))

    try:
        result = evaluate(node, Place({f"q{i}": value for i, value in enumerate(values)}, blank=blank))
    except Unsupported:
        return
    assert isinstance(result, bool | int | float | str | date | list | None)


@given(st.text(alphabet="${}abc '\"=<>()+-*/[],.0123456789andorivm", max_size=40))
def test_any_text_is_read_or_refused_politely(text):
    try:
        parse(text)
    except Unreadable:
        return


def real_expressions():
    for path in sorted((SHARED / "xlsforms").rglob("*.xls*")):
        try:
            rows = CalamineWorkbook.from_path(path).get_sheet_by_name("survey").to_python()
        except CalamineError:
            continue
        heads = [str(cell).strip().lower().removeprefix("bind::") for cell in rows[0]] if rows else []
        for row in rows[1:]:
            cells = zip(heads, map(str, row), strict=False)
            yield from (cell for head, cell in cells if head in CONDITIONS and cell.strip())


@needs_shared_data
@pytest.mark.slow
def test_the_expressions_of_real_forms_are_read_and_nearly_all_computed():
    texts, unread, uncomputed = list(real_expressions()), [], []

    for text in texts:
        try:
            evaluate(parse(text), Place(Scope({}, position=1), now=datetime(2026, 1, 1), blank=EMPTY))  # noqa: DTZ001
        except Unreadable:
            unread.append(text)
        except Unsupported:
            uncomputed.append(text)

    assert len(texts) > 2000
    assert len(unread) / len(texts) < 0.004  # every one of them is a fault of its form
    assert len(uncomputed) / len(texts) < 0.03  # choice filters, which name columns of lists, and pulldata
