"""What the interface says in Arabic and English: nothing missing, nothing guessed, every place kept."""

import re
from pathlib import Path

import polib
import pytest

LOCALE = Path(__file__).parents[1] / "locale"
PLACES = re.compile(r"%\(\w+\)[a-z]|%%")
PLURALS = {"ar": 6, "en": 2}
SHARE = 0.95


def places(text):
    return sorted(PLACES.findall(text))


def wrong_places(entry):
    """A plural form for one or two things may say the number in a word."""
    if not entry.msgid_plural:
        return bool(entry.msgstr) and places(entry.msgstr) != places(entry.msgid)
    forms = [entry.msgstr_plural[n] for n in sorted(entry.msgstr_plural)]
    own = places(entry.msgid_plural)
    return any(not set(places(form)) <= set(own) for form in forms) or bool(forms[-1]) and places(forms[-1]) != own


def incomplete_plural(entry, forms):
    given = [form for form in entry.msgstr_plural.values() if form]
    return bool(given) and len(given) != forms


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_catalogue_is_complete_certain_and_keeps_every_place(language):
    catalogue = polib.pofile(LOCALE / language / "LC_MESSAGES/django.po")
    plurals = [entry for entry in catalogue if entry.msgid_plural]
    assert not catalogue.fuzzy_entries()
    assert [entry.msgid for entry in catalogue if wrong_places(entry)] == []
    assert [entry.msgid for entry in plurals if incomplete_plural(entry, PLURALS[language])] == []
    missing = catalogue.untranslated_entries()
    assert len(missing) <= (1 - SHARE) * len(catalogue), [entry.msgid for entry in missing]


def test_french_says_zero_in_the_singular():
    catalogue = polib.pofile(LOCALE / "fr/LC_MESSAGES/django.po")
    assert "plural=(n > 1)" in catalogue.metadata["Plural-Forms"]
    assert all(entry.msgstr_plural == {0: entry.msgid, 1: entry.msgid_plural} for entry in catalogue)


def test_both_catalogues_answer_to_the_same_sentences():
    arabic, english = ({e.msgid for e in polib.pofile(LOCALE / code / "LC_MESSAGES/django.po")} for code in PLURALS)
    assert arabic ^ english == set()
