"""The demonstration forms convert, in French and Arabic, and every expression in them can be computed here."""

import pytest

from jalons.cli.demo.forms import FORM_IDS, workbook
from jalons.collection.forms.rules.coverage import coverage
from jalons.collection.forms.rules.expressions import parse
from jalons.collection.forms.rules.reading import XlsForm, read_form

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=FORM_IDS)
def form(request):
    return read_form(workbook(request.param), f"{request.param}.xlsx")


def test_a_demonstration_form_converts_without_any_remark(form):
    assert isinstance(form, XlsForm)
    assert (form.remarks, form.doubts) == ((), ())
    assert form.form_id in FORM_IDS


def test_a_demonstration_form_is_complete_in_french_and_arabic(form):
    assert [(language.code, language.share()) for language in coverage(form)] == [("fr", 1), ("ar", 1)]


def test_every_expression_of_a_demonstration_form_is_understood(form):
    for question in form.questions:
        for expression in (question.relevant, question.constraint, question.calculation):
            if expression:
                parse(expression)


def test_provinces_are_those_of_the_two_regions_with_their_official_codes(form):
    provinces = {choice.name: choice.labels for choice in form.lists["province"]}

    assert len(provinces) == 14
    assert provinces["09.541"]["fr"] == "Taroudannt"
    assert all(labels["ar"] for labels in provinces.values())


def test_the_same_sources_give_the_same_bytes():
    assert workbook("visite_accueil") == workbook("visite_accueil")
