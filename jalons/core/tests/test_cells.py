import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from jalons.core.cells import cell, listed, number_text, shown
from jalons.core.fields import MOST, TranslatedText, french_required, short_enough, translated
from jalons.core.models import Job


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1892, "1 892"), (12.345678, "12,35"), (0.00123, "0,0012"), (Decimal("1234.50"), "1 234,50"),
     (Decimal("5000000.00"), "5 000 000"), (-0.7, "-0,7000"), (1e16, "10 000 000 000 000 000")],
)  # fmt: skip
def test_a_number_shows_what_is_worth_reading_of_it(value, text):
    with override("fr"):
        assert re.sub(r"\s", " ", number_text(value)) == text


def test_unknown_is_said_and_zero_is_zero():
    assert (shown(None).kind, shown("").kind, shown(0).value) == ("unknown", "unknown", "0")


def test_what_has_nothing_to_say_of_a_row_is_left_blank():
    done = Job(state="done", result={})

    assert (cell(done, "why").value, cell(done, "finished_at").value) == ("", "pas encore")


def test_a_code_shows_its_label_and_keeps_its_code():
    found = cell(Job(state="failed"), "state")

    assert (found.value, found.kind, found.code) == ("échoué", "code", "failed")


def test_dates_and_truth_are_written_for_people():
    with override("fr"):
        assert (shown(date(2026, 11, 22)).value, shown(True).value, shown(False).value) == ("22/11/2026", "oui", "non")


@pytest.mark.parametrize(("language", "told"), [("fr", "Tiznit, Nador"), ("ar", "Tiznit، Nador")])
def test_a_list_is_parted_as_the_reader_s_language_does(language, told):
    with override(language):
        assert listed(["Tiznit", "Nador"]) == told


def test_a_text_falls_back_to_french():
    assert translated({"fr": "Eau"}, "ar") == "Eau" and translated({"fr": "Eau", "ar": "ماء"}, "ar") == "ماء"
    assert translated(None) == ""


@pytest.mark.parametrize("value", [{}, {"ar": "ماء"}, {"fr": " "}, "Eau", ["Eau"], {"fr": 3}, {"fr": "Eau", "xx": "?"}])
def test_a_text_without_french_or_in_an_unknown_language_is_refused(value):
    with pytest.raises(ValidationError):
        french_required(value)


def test_a_form_keeps_only_the_languages_that_were_filled():
    assert TranslatedText().clean(["Eau", "", "Water"]) == {"fr": "Eau", "en": "Water"}
    assert TranslatedText(required=False).clean(["", "", ""]) is None


def test_a_text_longer_than_any_page_is_refused():
    short_enough({"fr": "x" * MOST, "ar": ""})

    with pytest.raises(ValidationError, match="10001"):
        short_enough({"fr": "x", "ar": "x" * (MOST + 1)})
