"""What changes a promise: allowed, refused, recorded."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from jalons.core.errors import Refused
from jalons.core.models import Event
from jalons.planning.results import actions
from jalons.planning.results.chain import Assumption, Result
from jalons.planning.results.models import (
    Baseline,
    Catalogue,
    CatalogueIndicator,
    Dimension,
    Indicator,
    Mapping,
    Target,
    VerificationSource,
)
from tests.builders import a_period, a_programme, a_result, a_user, a_value, an_indicator

COUNT = {"source": {"form": "f"}, "measure": "count", "dimensions": {"territory": {"level": "province"}}}
SHEET = {"title": {"fr": "Personnes formées"}, "unit": {"fr": "personnes"}, "dimensions": ["sex"]}
BY_PROVINCE = {**SHEET, "dimensions": ["sex", "territory"], "formula": COUNT}


@pytest.fixture
def programme(db):
    actions.load_dimensions()
    return a_programme()


@pytest.fixture
def officer(programme):
    return a_user("me_officer", programme)


def test_dimensions_are_loaded_once_and_left_as_people_made_them(programme):
    Dimension.objects.filter(code="sex").update(label={"fr": "Genre"})

    actions.load_dimensions()

    assert Dimension.objects.get(code="sex").label == {"fr": "Genre"}
    assert set(Dimension.objects.values_list("code", flat=True)) == {"age", "sex", "target_group", "territory"}


def test_an_indicator_gets_its_sheet_then_versions_with_reasons(programme, officer):
    indicator = an_indicator(programme, unit={"fr": "jours"})

    defined = actions.define(
        indicator=indicator, sheet=SHEET, valid_from=date(2026, 3, 1), reason="Unité corrigée", by=officer
    )

    assert (defined.current.number, defined.unit, defined.current.reason) == (2, "personnes", "Unité corrigée")
    assert defined.versions.count() == 2
    assert Event.objects.get(verb="indicator.defined").programme_id == programme.pk


def test_the_same_sheet_makes_no_version(programme, officer):
    indicator = actions.set_indicator(indicator=Indicator(result=a_result(programme), code="I1"), by=officer)
    first = actions.define(indicator=indicator, sheet=SHEET, valid_from=programme.starts_on, by=officer)

    again = actions.define(indicator=indicator, sheet={**SHEET, "method": " "}, valid_from=date.today(), by=officer)

    assert (first.current, again.current) == (again.current, first.current)
    assert first.current.number == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"valid_from": date(2025, 1, 1)}, "valid_from"),
        ({"valid_from": date.today() + timedelta(1)}, "valid_from"),
        ({"sheet": {**SHEET, "title": {"ar": "أشخاص"}}}, "title"),
        ({"sheet": {**SHEET, "unit": {"ar": "أشخاص"}}}, "unit"),
        ({"sheet": {**SHEET, "dimensions": ["shoe_size"]}}, "dimensions"),
        ({"sheet": {**SHEET, "sources": ["S9"]}}, "sources"),
        ({"sheet": {**SHEET, "frequency": "daily"}}, "frequency"),
        ({"sheet": {**SHEET, "place_level": "region"}}, "place_level"),
        ({"sheet": {**BY_PROVINCE, "place_level": "region"}}, "place_level"),
        ({"sheet": {**BY_PROVINCE, "place_aggregation": "latest"}}, "place_aggregation"),
    ],
)
def test_a_definition_that_cannot_hold_is_refused_with_its_field(programme, officer, change, field):
    indicator = an_indicator(programme)
    given = {"sheet": SHEET, "valid_from": date(2026, 3, 1), "reason": "Précision", **change}

    with pytest.raises(Refused) as refusal:
        actions.define(indicator=indicator, by=officer, **given)

    assert refusal.value.field == field
    assert indicator.versions.count() == 1


def test_stating_a_direction_that_nobody_had_stated_makes_no_version(programme, officer):
    indicator = an_indicator(programme)

    confirmed = actions.confirm_direction(indicator=indicator, direction="decrease", by=officer)

    assert (confirmed.current.direction, confirmed.current.direction_confirmed) == ("decrease", True)
    assert confirmed.versions.count() == 1


def test_a_confirmed_direction_changes_only_with_a_reason(programme, officer):
    indicator = an_indicator(programme, direction="increase", direction_confirmed=True)

    with pytest.raises(Refused):
        actions.confirm_direction(indicator=indicator, direction="decrease", by=officer)
    changed = actions.confirm_direction(
        indicator=indicator, direction="decrease", reason="Erreur de saisie", by=officer
    )

    assert (changed.current.number, changed.current.direction) == (2, "decrease")


def test_an_indicator_code_is_unique_in_its_programme(programme, officer):
    first = an_indicator(programme)

    with pytest.raises(Refused) as refusal:
        actions.set_indicator(indicator=Indicator(result=a_result(programme), code=first.code), by=officer)

    assert refusal.value.field == "code"


def test_a_target_is_set_for_a_cell_that_the_definition_announces(programme, officer):
    indicator, period = an_indicator(programme, dimensions=["sex", "territory"]), a_period(programme)

    target = actions.set_target(
        target=Target(indicator=indicator, period=period, cell={"sex": "female"}, value=40), by=officer
    )

    assert target.pk
    for cell in ({"sex": "neither"}, {"age": "0-14"}, {"territory": "nowhere"}):
        with pytest.raises(Refused) as refusal:
            actions.set_target(target=Target(indicator=indicator, period=period, cell=cell, value=1), by=officer)
        assert refusal.value.field == "cell"


def test_nothing_crosses_from_one_programme_to_another(programme, officer):
    other = a_programme()

    with pytest.raises(PermissionDenied):
        actions.set_result(result=Result(programme=other, code="X", level="output", title={"fr": "X"}), by=officer)
    with pytest.raises(PermissionDenied):
        actions.set_target(target=Target(indicator=an_indicator(other), period=a_period(other), value=1), by=officer)
    moved = a_result(programme)
    moved.programme = other
    with pytest.raises((Refused, PermissionDenied)):
        actions.set_result(result=moved, by=officer)
    with pytest.raises(Refused):
        target = Target(indicator=an_indicator(programme), period=a_period(other), value=1)
        actions.set_target(target=target, by=officer)


def test_a_baseline_may_be_unknown_with_a_comment(programme, officer):
    baseline = Baseline(indicator=an_indicator(programme), value=None, text="Diagnostic prévu en mars")

    assert actions.set_baseline(baseline=baseline, by=officer).value is None


def test_assumptions_sources_and_mappings_are_kept(programme, officer):
    result, indicator = a_result(programme), an_indicator(programme)
    catalogue = actions.set_catalogue(catalogue=Catalogue(code="odd", title={"fr": "ODD"}), by=officer)
    entry = actions.set_catalogue_indicator(
        entry=CatalogueIndicator(catalogue=catalogue, code="10.7.2", title={"fr": "Politiques"}), by=officer
    )

    actions.set_assumption(
        assumption=Assumption(result=result, code="H1", text={"fr": "Le cadre légal tient."}), by=officer
    )
    actions.set_source(source=VerificationSource(programme=programme, code="S1", title={"fr": "Listes"}), by=officer)
    actions.set_mapping(mapping=Mapping(indicator=indicator, entry=entry), by=officer)

    assert (result.assumptions.count(), indicator.mappings.count(), programme.verification_sources.count()) == (1, 1, 1)
    with pytest.raises(Refused):
        actions.remove(row=entry, by=officer)


@pytest.mark.parametrize("change", [{"title": {"fr": "Autre"}}, {"measure": "2"}, {"dimensions": ["age"]}])
def test_what_a_funder_froze_no_longer_changes(programme, officer, change):
    """Trap 10: OPSYS freezes name, type and disaggregations of an approved indicator."""
    indicator = actions.add_indicator(result=a_result(programme), code="I1", sheet=SHEET, by=officer)
    catalogue = Catalogue.objects.create(code="opsys", title={"fr": "OPSYS"})
    entry = CatalogueIndicator.objects.create(catalogue=catalogue, code="1", title={"fr": "Personnes"})
    mapping = Mapping(indicator=indicator, entry=entry, frozen_from=date(2026, 2, 1))
    actions.set_mapping(mapping=mapping, by=officer)
    told = {"indicator": indicator, "valid_from": date.today(), "reason": "Relu", "by": officer}

    with pytest.raises(Refused, match="OPSYS.*01/02/2026"):
        actions.define(sheet=SHEET | change, **told)
    actions.define(sheet=SHEET | {"method": "Comptage"}, **told)
    mapping.frozen_from = None
    actions.set_mapping(mapping=mapping, by=officer)

    assert actions.define(sheet=SHEET | change, **told).current.number == 3


def test_an_indicator_goes_with_its_sheet_but_not_with_its_values(programme, officer):
    period = a_period(programme)
    measured, idle = an_indicator(programme), an_indicator(programme)
    a_value(measured, period, officer)
    Target.objects.create(indicator=idle, period=period, value=3)

    actions.remove(row=idle, by=officer)
    with pytest.raises(Refused):
        actions.remove(row=measured, by=officer)

    assert list(Indicator.objects.filter(result__programme=programme)) == [measured]
    assert measured.versions.count() == 1


def test_a_category_that_a_target_uses_cannot_go(programme, officer):
    indicator = an_indicator(programme, dimensions=["sex"])
    Target.objects.create(indicator=indicator, period=a_period(programme), cell={"sex": "female"}, value=3)
    sex = Dimension.objects.get(code="sex")
    sex.categories = sex.categories[1:]

    with pytest.raises(Refused):
        actions.set_dimension(dimension=sex, by=officer)
    with pytest.raises(Refused):
        actions.remove(row=sex, by=officer)


def test_a_band_that_a_formula_uses_cannot_go(programme, officer):
    split = {"value": "${age}", "bands": [["15-24", 15, 24]]}
    formula = {"source": {"form": "suivi", "repeat": None}, "measure": "count", "dimensions": {"age": split}}
    an_indicator(programme, dimensions=["age"], formula=formula)
    ages = Dimension.objects.get(code="age")
    youth = [one for one in ages.categories if one["code"] == "15-24"]

    ages.categories = youth
    actions.set_dimension(dimension=ages, by=officer)
    ages.categories = []
    with pytest.raises(Refused, match="15-24"):
        actions.set_dimension(dimension=ages, by=officer)


def test_a_catalogue_import_adds_and_changes_and_removes_nothing(programme, officer):
    lines = [
        {"code": "A1", "title": {"fr": "Un"}, "unit": {"fr": "personnes"}},
        {"code": "A2", "title": {"fr": "Deux"}},
    ]
    catalogue = actions.import_catalogue(
        catalogue=Catalogue(code="afd", title={"fr": "AFD"}), entries=lines, by=officer
    )

    actions.import_catalogue(catalogue=catalogue, entries=[{"code": "A2", "title": {"fr": "Deux bis"}}], by=officer)

    assert [e.title["fr"] for e in catalogue.indicators.all()] == ["Un", "Deux bis"]


@pytest.mark.parametrize("role", ["regional_coordinator", "funder", "administrator"])
def test_who_only_reads_changes_nothing(programme, role):
    reader = a_user(role, programme)

    with pytest.raises(PermissionDenied):
        actions.define(indicator=an_indicator(programme), sheet=SHEET, valid_from=date.today(), reason="x", by=reader)
    with pytest.raises(PermissionDenied):
        actions.set_dimension(dimension=Dimension(code="d", label={"fr": "D"}, kind="category"), by=reader)
