"""Every change to what a programme promised: chain, sheets of indicators, targets, mappings."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import CharField, ProtectedError, TextField

from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.fields import TranslatedField
from jalons.core.levels import Level
from jalons.core.refusals import keep, violated
from jalons.core.scope import Row
from jalons.core.texts import tidy
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Programme
from jalons.foundation.territories.models import Territory
from jalons.planning.results.chain import Assumption, Result
from jalons.planning.results.models import (
    Baseline,
    Catalogue,
    CatalogueIndicator,
    Dimension,
    Indicator,
    IndicatorVersion,
    Mapping,
    Target,
    VerificationSource,
)
from jalons.planning.results.rules import chain, definitions, formulas


@action("result.set", needs=Level.EDIT)
def set_result(*, result: Result, by: User) -> Result:
    """Add or change a link of the results chain."""
    if result.parent_id:
        _check_together(result, result.parent)
        chain.check_parent(result.code, result.level, result.parent.level, _ancestors(result.parent))
    return _keep(result)


@action("assumption.set", needs=Level.EDIT)
def set_assumption(*, assumption: Assumption, by: User) -> Assumption:
    """Add or change what must hold for a result to follow."""
    return _keep(assumption)


@action("verificationsource.set", needs=Level.EDIT)
def set_source(*, source: VerificationSource, by: User) -> VerificationSource:
    """Add or change where proofs are found."""
    return _keep(source)


@action("dimension.set", needs=Level.DECIDE)
def set_dimension(*, dimension: Dimension, by: User) -> Dimension:
    """Add or change a disaggregation; a category that a target, a baseline or a formula uses cannot go."""
    definitions.check_categories(dimension.categories, dimension.kind)
    kept = {category["code"] for category in dimension.categories}
    used = _categories_in_use(dimension.code) if dimension.kind != Dimension.Kind.TERRITORY else set()
    if lost := sorted(used - kept):
        raise Refused(
            _("La catégorie « %(code)s » sert à des cibles ou à des formules. Retirez-la d’abord de celles-ci."),
            field="categories", code=lost[0],
        )  # fmt: skip
    return _keep(dimension)


@action("indicator.set", needs=Level.EDIT)
def set_indicator(*, indicator: Indicator, by: User) -> Indicator:
    """Add an indicator under a result, or change its code, rank or result. Its sheet comes from `define`."""
    others = Indicator.objects.filter(result__programme=indicator.owner_id, code=indicator.code)
    if others.exclude(pk=indicator.pk).exists():
        raise Refused(_("Le code d’indicateur « %(code)s » existe déjà dans le programme. Choisissez-en un autre."),
                      field="code", code=indicator.code)  # fmt: skip
    return _keep(indicator)


@action("indicator.added", needs=Level.DECIDE)
def add_indicator(*, result: Result, code: str, sheet: dict[str, Any], by: User) -> Indicator:
    """Add an indicator under a result, with its first sheet, in force since the programme began."""
    row = set_indicator(indicator=Indicator(result=result, code=code, position=result.indicators.count() + 1), by=by)
    return define(indicator=row, sheet=sheet, valid_from=result.programme.starts_on, by=by)


@action("indicator.defined", needs=Level.DECIDE)
def define(*, indicator: Indicator, sheet: dict[str, Any], valid_from: date, reason: str = "", by: User) -> Indicator:
    """Give an indicator its sheet. What changes makes a new version, dated and with its reason; the same sheet, none.

    A direction stated where none was completes the version in force.
    """
    indicator = (
        Indicator.objects.select_for_update(of=("self",)).select_related("result", "current").get(pk=indicator.pk)
    )
    current, wanted = indicator.current, definitions.complete(sheet)
    changes = definitions.difference(current and current.sheet, wanted)
    if not changes:
        return indicator
    _check_sheet(indicator, wanted)
    if current and definitions.only_states_direction(changes):
        _state_direction(current, wanted["direction"])
        indicator.save(update_fields=["updated_at"])
        return indicator
    definitions.check_version(valid_from, reason, current and current.valid_from, date.today())
    mappings = indicator.mappings.filter(frozen_from__isnull=False).select_related("entry__catalogue")
    definitions.check_frozen(changes, {str(one.entry.catalogue): one.frozen_from for one in mappings})
    indicator.current = _keep(_version(indicator, wanted, valid_from, reason))
    indicator.save(update_fields=["current", "updated_at"])
    return indicator


@action("indicator.direction_confirmed", needs=Level.DECIDE)
def confirm_direction(*, indicator: Indicator, direction: str, reason: str = "", by: User) -> Indicator:
    """Say which way is better. A direction already confirmed only changes by a new version, with its reason."""
    if direction not in IndicatorVersion.Direction.values:
        raise Refused(
            _("« %(value)s » n’est pas un sens. Choisissez dans la liste."), field="direction", value=direction
        )
    sheet = {**indicator.current.sheet, "direction": direction}
    return define(indicator=indicator, sheet=sheet, valid_from=date.today(), reason=reason, by=by, why=reason)


@action("baseline.set", needs=Level.EDIT)
def set_baseline(*, baseline: Baseline, by: User) -> Baseline:
    """Say where an indicator stood before, in total or for one cell."""
    _check_points([baseline])
    return _keep(baseline)


@action("target.set", needs=Level.EDIT)
def set_target(*, target: Target, by: User) -> Target:
    """Say what is promised for a period, in total or for one cell."""
    _check_points([target])
    return _keep(target)


@action("promise.set", needs=Level.EDIT)
def set_points(*, programme: Programme, points: list[Target | Baseline], by: User) -> Programme:
    """The same for many figures at once, all of one programme; refused together when one of them is."""
    _check_points(points)
    for model, fields in ((Baseline, ["value", "on", "text"]), (Target, ["value", "text"])):
        rows = [point for point in points if type(point) is model]
        model.objects.bulk_create([row for row in rows if row._state.adding])
        model.objects.bulk_update([row for row in rows if row.pk and not row._state.adding], [*fields, "updated_at"])
    return programme


def refusals_of(points: list[Target | Baseline]) -> list[tuple[Target | Baseline, Refused]]:
    """What is wrong in each of these figures; nothing is saved."""
    cells = [(code, category) for point in points for code, category in point.cell.items()]
    known = {dimension.code: _categories(dimension, cells)
             for dimension in Dimension.objects.filter(code__in={code for code, _category in cells})}  # fmt: skip
    found = []
    for point in points:
        try:
            _check_point(point, known)
        except Refused as refusal:
            found.append((point, refusal))
    return found


@action("catalogue.set", needs=Level.DECIDE)
def set_catalogue(*, catalogue: Catalogue, by: User) -> Catalogue:
    """Add or change a funder's list of indicators."""
    return _keep(catalogue)


@action("catalogueindicator.set", needs=Level.DECIDE)
def set_catalogue_indicator(*, entry: CatalogueIndicator, by: User) -> CatalogueIndicator:
    """Add or change one indicator of a catalogue."""
    return _keep(entry)


@action("catalogue.imported", needs=Level.DECIDE)
def import_catalogue(*, catalogue: Catalogue, entries: list[dict[str, Any]], by: User) -> Catalogue:
    """Fill a catalogue from the lines of a file: adds and changes, removes nothing."""
    catalogue = _keep(catalogue)
    known = {entry.code: entry for entry in catalogue.indicators.all()}
    for fields in entries:
        entry = known.get(fields["code"]) or CatalogueIndicator(catalogue=catalogue)
        for name, value in fields.items():
            setattr(entry, name, value)
        known[entry.code] = _keep(entry)
    return catalogue


@action("mapping.set", needs=Level.EDIT)
def set_mapping(*, mapping: Mapping, by: User) -> Mapping:
    """Tell one of our indicators in a funder's words."""
    if mapping.valid_from and mapping.valid_to and mapping.valid_to < mapping.valid_from:
        raise Refused(_("La correspondance finit avant de commencer. Corrigez les dates."), field="valid_to")
    return _keep(mapping)


@action("promise.removed", needs=Level.DECIDE)
def remove(*, row: Row, by: User) -> Row:
    """Remove a row that nothing uses any more. An indicator goes with its sheet, targets and mappings."""
    if isinstance(row, Dimension | VerificationSource):
        _check_unused(row)
    try:
        if isinstance(row, Indicator):
            _empty(row)
        type(row).objects.filter(pk=row.pk).delete()
    except ProtectedError as error:
        raise Refused(violated(error)) from None
    return row


def load_dimensions() -> None:
    """Load the disaggregations that Jalons ships; those already there are left as people made them."""
    for fields in chain.SHIPPED_DIMENSIONS:
        Dimension.objects.get_or_create(code=fields["code"], defaults=fields)


def _version(indicator: Indicator, sheet: dict[str, Any], valid_from: date, reason: str) -> IndicatorVersion:
    stated = sheet["direction"]
    fields = {**sheet, "direction": stated or IndicatorVersion.Direction.INCREASE, "direction_confirmed": bool(stated)}
    return IndicatorVersion(
        indicator=indicator, number=indicator.versions.count() + 1, valid_from=valid_from,
        reason=tidy(reason), **fields,
    )  # fmt: skip


def _state_direction(version: IndicatorVersion, direction: str) -> None:
    version.direction, version.direction_confirmed = direction, True
    version.save(update_fields=["direction", "direction_confirmed", "updated_at"])


def _check_sheet(indicator: Indicator, sheet: dict[str, Any]) -> None:
    sources = VerificationSource.objects.filter(programme=indicator.result.programme_id)
    definitions.check_definition(
        sheet,
        set(Dimension.objects.filter(code__in=sheet["dimensions"]).values_list("code", flat=True)),
        set(sources.filter(code__in=sheet["sources"]).values_list("code", flat=True)),
    )


def _check_points(points: list[Target | Baseline]) -> None:
    for _point, refusal in refusals_of(points):
        raise refusal


def _check_point(point: Target | Baseline, known: dict[str, set[str]]) -> None:
    """Its period is of its programme, its cell is announced, its fields hold."""
    if isinstance(point, Target):
        _check_together(point, point.period)
    current = point.indicator.current
    definitions.check_cell(point.cell, known, current.dimensions if current else [])
    point.text = tidy(point.text)
    try:
        point.clean_fields(exclude=["indicator", "period"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(str(messages[0]), field=field) from None


def _categories(dimension: Dimension, cells: list[tuple[str, str]]) -> set[str]:
    if dimension.kind == Dimension.Kind.TERRITORY:
        asked = {category for code, category in cells if code == dimension.code}
        return set(Territory.objects.filter(code__in=asked).values_list("code", flat=True))
    return {category["code"] for category in dimension.categories}


def _categories_in_use(code: str) -> set[str]:
    promised = {
        category
        for model in (Target, Baseline)
        for category in model.objects.filter(cell__has_key=code).values_list(f"cell__{code}", flat=True).distinct()
    }
    current = Indicator.objects.filter(current__formula__dimensions__has_key=code)
    splits = current.values_list(f"current__formula__dimensions__{code}", flat=True)
    return promised.union(*(formulas.categories_of(split) for split in splits))


def _ancestors(result: Result | None) -> list[str]:
    """Codes of a result and of all that it contributes to."""
    codes: list[str] = []
    while result and result.code not in codes:
        codes.append(result.code)
        result = result.parent
    return codes


def _check_together(row: Row, other: Row) -> None:
    if row.owner_id != other.owner_id:
        raise Refused(_("« %(row)s » appartient à un autre programme."), row=str(other))


def _check_unused(row: Dimension | VerificationSource) -> None:
    field = "dimensions" if isinstance(row, Dimension) else "sources"
    users = Indicator.objects.filter(**{f"current__{field}__contains": [row.code]})
    if row.owner_id:
        users = users.filter(result__programme=row.owner_id)
    if indicator := users.first():
        raise Refused(_("« %(row)s » sert à l’indicateur %(code)s. Retirez-le d’abord de sa définition."),
                      row=str(row), code=indicator.code)  # fmt: skip


def _empty(indicator: Indicator) -> None:
    for rows in (indicator.baselines, indicator.targets, indicator.mappings):
        rows.all().delete()
    Indicator.objects.filter(pk=indicator.pk).update(current=None)
    indicator.versions.all().delete()


def _keep(row: Row) -> Any:
    """Save a row, tidied, once all its fields and constraints hold; it never leaves its programme."""
    if not row._state.adding and row.owner_id:
        _check_together(row, type(row).objects.get(pk=row.pk))
    for field in row._meta.concrete_fields:
        if isinstance(field, CharField | TextField | TranslatedField):
            setattr(row, field.attname, tidy(getattr(row, field.attname)))
    keep(row)
    return row
