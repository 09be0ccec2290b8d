"""What a cell or an element gives to its question."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalons.collection.submissions.rules.answers import READERS, Unreadable, bare, convert, truth
from jalons.collection.submissions.rules.schema import Item, choice_list
from jalons.collection.submissions.tests.schemas import LISTS


def asked(kind, list_name=None):
    return Item("q", "q", "q", "", "q", kind, 0, choice_list(LISTS[list_name]) if list_name else None)


@pytest.mark.parametrize(
    ("kind", "raw", "answer"),
    [
        ("integer", "12", 12), ("integer", 12.0, 12), ("integer", "1 234", 1234), ("integer", "١٢", 12),
        ("integer", "3,0", 3), ("integer", "-4", -4), ("decimal", "1 234,5", 1234.5), ("decimal", "1.234,5", 1234.5),
        ("decimal", "0.5", 0.5), ("decimal", "٣٫٥", 3.5), ("date", "2026-10-02", "2026-10-02"),
        ("date", "02/10/2026", "2026-10-02"), ("date", "2.1.2026", "2026-01-02"),
        ("date", "lundi 2 octobre 2026", "2026-10-02"),
        ("date", "٢ أكتوبر ٢٠٢٦", "2026-10-02"), ("date", 46297, "2026-10-02"),
        ("date", "46297", "2026-10-02"), ("date", datetime.fromisoformat("2026-10-02T08:00"), "2026-10-02"),
        ("date", date(2026, 10, 2), "2026-10-02"), ("date", "2026-10-02T08:00:00.000+01:00", "2026-10-02"),
        ("dateTime", "2024-07-30T15:50:17+0200", "2024-07-30T15:50:17+02:00"),
        ("dateTime", "30/07/2024 15:50", "2024-07-30T15:50:00"), ("dateTime", "2024-07-30", "2024-07-30T00:00:00"),
        ("geopoint", "30.42 -9.58 12 4", "30.42 -9.58 12 4"), ("geopoint", "30.42, -9.58", "30.42 -9.58"),
        ("text", 12.0, "12"), ("text", "  ", None), ("text", True, "1"), ("calculate", 0.25, "0.25"),
    ],
)  # fmt: skip
def test_every_way_of_writing_an_answer_is_read(kind, raw, answer):
    assert convert(asked(kind), raw) == answer


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("integer", "douze"), ("integer", "1.5"), ("integer", "1_000"), ("integer", "9" * 40), ("integer", "inf"),
        ("decimal", "1,2,3"), ("decimal", "nan"), ("date", "31/02/2026"), ("date", "12/31/2026"), ("date", "demain"),
        ("dateTime", "2026-10-02T08:00:00+20:00"), ("dateTime", "02/10/2026 25:00"), ("geopoint", "ici"),
        ("geopoint", "95 10"), ("geopoint", "30"), ("date", 3_000_000),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_with_what_was_expected(kind, raw):
    with pytest.raises(Unreadable, match="attendu|trop grand"):
        convert(asked(kind), raw)


@pytest.mark.parametrize(("raw", "code"), [("f", "f"), ("Féminin", "f"), ("أنثى", "f"), (" m ", "m"), ("x", "x")])
def test_one_choice_comes_as_its_code_or_its_label_in_any_language(raw, code):
    assert convert(asked("select_one", "sexe"), raw) == code


@pytest.mark.parametrize(
    ("raw", "codes"),
    [("eau toit", ["eau", "toit"]), ("De l’eau; Un toit", ["eau", "toit"]), ("Un toit", ["toit"]), ("eau eau", ["eau"]),
     ("eau lune", ["eau", "lune"])],
)  # fmt: skip
def test_several_choices_come_as_codes_or_as_labels(raw, codes):
    assert convert(asked("select_multiple", "besoins"), raw) == codes


def test_a_choice_column_says_yes_no_or_nothing():
    said = [truth(raw) for raw in (1.0, "TRUE", "Vrai", 0, "0", "", None)]

    assert said == [True, True, True, False, False, None, None]


@given(st.sampled_from(sorted(READERS)), st.text() | st.floats() | st.integers() | st.booleans() | st.datetimes())
def test_any_cell_is_an_answer_or_a_refusal_never_a_fault(kind, raw):
    try:
        answer = convert(asked(kind), raw)
    except Unreadable:
        return
    assert answer is None or isinstance(answer, str | int | float | list)


UNSEEN = st.text(" \t\u00a0\u200b\u200e\u200f\ufeff\u2066\u2069", max_size=4)
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@given(st.integers(-(10**9), 10**9), UNSEEN, UNSEEN, st.booleans())
def test_a_number_is_the_same_in_any_digits_and_whatever_nobody_sees(number, before, after, in_arabic):
    text = str(number).translate(ARABIC) if in_arabic else str(number)

    assert convert(asked("integer"), bare(before + text + after)) == number


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), UNSEEN, st.sampled_from(["/", "-", "."]), st.booleans())
def test_a_day_typed_as_text_is_the_same_in_any_digits(day, around, mark, in_arabic):
    text = day.strftime(f"%d{mark}%m{mark}%Y")

    assert convert(asked("date"), bare(around + (text.translate(ARABIC) if in_arabic else text))) == day.isoformat()


@given(st.sampled_from(sorted(READERS)), st.text() | st.integers() | st.floats())
def test_an_answer_read_again_is_the_same(kind, raw):
    try:
        answer = convert(asked(kind), raw)
    except Unreadable:
        return

    assert convert(asked(kind), answer if not isinstance(answer, list) else " ".join(answer)) == answer


YES_NO = choice_list([{"name": "oui", "labels": {"fr": "Oui", "ar": "نعم"}}, {"name": "non", "labels": {"fr": "Non"}}])
REGIONS = choice_list([{"name": "09", "labels": {"fr": "Souss-Massa"}}, {"name": "02", "labels": {"fr": "Oriental"}}])


@pytest.mark.parametrize(("raw", "code"), [
    ("Oui", "oui"), (" oui ", "oui"), ("نعم", "oui"), (True, "oui"), (False, "non"), ("VRAI", "oui"), ("FALSE", "non"),
    (1.0, "oui"), ("لا", "non"), ("peut-être", "peut-être"),
])  # fmt: skip
def test_a_ticked_cell_answers_a_question_of_yes_and_no(raw, code):
    assert convert(Item("q", "q", "q", "", "q", "select_one", 0, YES_NO), raw) == code


@pytest.mark.parametrize(("raw", "code"), [(9.0, "09"), ("9", "09"), ("2", "02"), ("009", "09"), ("7", "7")])
def test_a_code_finds_the_zeros_that_excel_took_from_it(raw, code):
    assert convert(Item("q", "q", "q", "", "q", "select_one", 0, REGIONS), raw) == code


@pytest.mark.parametrize(("kind", "raw", "answer"), [
    ("integer", "1\u202f234", 1234), ("integer", "1’234", 1234), ("integer", "\u200f١٢\u200f", 12),
    ("decimal", "1.234,5", 1234.5), ("decimal", "٣٫٥", 3.5), ("date", "2026/10/02", "2026-10-02"),
    ("date", " 02 / 10 / 2026", "2026-10-02"), ("date", "٠٢/١٠/٢٠٢٦", "2026-10-02"), ("date", 46297.0, "2026-10-02"),
])  # fmt: skip
def test_numbers_and_days_are_read_as_people_type_them(kind, raw, answer):
    assert convert(Item("q", "q", "q", "", "q", kind, 0, None), raw) == answer
