"""What a value is made of, on the page of its indicator: regions, target groups by sex, words with their documents."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from jalons.core import writing
from jalons.core.cells import listed
from jalons.core.documents import documents_of
from jalons.core.levels import Level
from jalons.evidence.measurement import places
from jalons.evidence.measurement.disclosure import withheld
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules.contribution import REGION
from jalons.evidence.measurement.rules.formula import UNKNOWN
from jalons.evidence.measurement.rules.typed import GROUPS_BY_SEX, PLACES
from jalons.evidence.measurement.storage import cells_of
from jalons.evidence.measurement.telling import masked, names
from jalons.foundation.programmes.models import Period
from jalons.reporting.dashboards.queries import Value
from jalons.reporting.dashboards.views.lines import Sight


def breakdown(found: dict[str, Any], sight: Sight, user: Any) -> dict[str, Any]:
    """The regions, the groups and the missing places of the value in sight; nothing while there is none."""
    rows = IndicatorValue.objects.for_user(user).select_related("definition", "indicator__result__programme")
    value = rows.filter(pk=found.get("value_pk")).first()
    if value is None:
        return {}
    hidden, least = withheld(value, user), sight.programme.least_people
    return {"regions": regions(value, found, sight, user), "coverage": places.coverage(value),
            "groups": groups(value, found, sight, user),
            "regions_note": masked(len(hidden.get((REGION,), ())), least),
            "groups_note": masked(len(hidden.get(GROUPS_BY_SEX, ())), least)}  # fmt: skip


def regions(value: IndicatorValue, found: dict[str, Any], sight: Sight, user: Any) -> list[dict[str, Any]]:
    """The figure of each region with the way to its proof, those of this person first, what has no place last."""
    mine = user.regions("measurement", Level.VIEW, sight.programme.pk) or set()
    trace = reverse("measurement:indicatorvalue-trace", args=[value.pk])
    rows = sorted(places.rolled_up(value), key=lambda row: (row.place.pk not in mine, row.place.code))
    withheld_cells = withheld(value, user)
    hidden = withheld_cells.get((REGION,), set())
    shown = [
        {"name": str(row.place), "number": _("masqué"), "url": "", "mine": row.place.pk in mine}
        if str(row.place.pk) in hidden else
        {"name": str(row.place), "number": writing.measured(row.figure.number, found["percent"], sight.language),
         "url": f"{trace}?{urlencode({REGION: row.place.pk})}", "mine": row.place.pk in mine}
        for row in rows
    ]  # fmt: skip
    nowhere = cells_of(value).get(PLACES, {}).get(UNKNOWN)
    if shown and nowhere and nowhere.number:
        is_kept = UNKNOWN in withheld_cells.get(PLACES, ())
        number = _("masqué") if is_kept else writing.measured(nowhere.number, found["percent"], sight.language)
        url = "" if is_kept else f"{trace}?territory=%3F"
        shown += [{"name": _("non renseigné"), "number": number, "url": url, "mine": False}]
    return shown


def of_own_region(found: dict[str, Any], sight: Sight, user: Any) -> str:
    """The figure of the regions that limit this person; empty when nothing limits them, or when it is not known."""
    if not user.regions("measurement", Level.VIEW, sight.programme.pk):
        return ""
    rows = breakdown(found, sight, user).get("regions", ())
    return listed(_(" : ").join((str(row["name"]), row["number"])) for row in rows if row["mine"] and row["number"])


def groups(value: IndicatorValue, found: dict[str, Any], sight: Sight, user: Any) -> dict[str, Any] | None:
    """People by target group, in rows, and sex, in columns; None when they were not told apart by both."""
    cells = cells_of(value).get(GROUPS_BY_SEX)
    if not cells:
        return None
    labels, hidden = names(set(GROUPS_BY_SEX), set()), withheld(value, user).get(GROUPS_BY_SEX, set())
    known = {tuple(cell.split("|")): figure.number for cell, figure in cells.items()}
    sexes, kinds = (
        [code for dimension, code in labels if dimension == wanted and any(key[at] == code for key in known)]
        for at, wanted in enumerate(GROUPS_BY_SEX)
    )
    sexes, kinds = (sorted(codes, key=lambda code: code == UNKNOWN) for codes in (sexes, kinds))

    def written(sex: str, kind: str) -> str:
        if f"{sex}|{kind}" in hidden:
            return _("masqué")
        return writing.measured(known.get((sex, kind)), found["percent"], sight.language)

    return {
        "heads": [labels["sex", sex] for sex in sexes],
        "rows": [(labels["target_group", kind], [written(sex, kind) for sex in sexes]) for kind in kinds],
    }


def told(found: dict[str, Any], values: dict[int, Value], user: Any) -> list[dict[str, Any]]:
    """What was said in words of each period on its own, latest first, with the documents that prove it."""
    said = {period: value for period, value in values.items() if value.text and value.number is None}
    rows = IndicatorValue.objects.for_user(user).in_bulk([value.pk for value in said.values()])
    return [
        {"period": str(period), "text": said[period.pk].text, "documents": documents_of(rows[said[period.pk].pk]),
         "url": reverse("measurement:indicatorvalue-detail", args=[said[period.pk].pk])}
        for period in sorted(found["periods"], key=lambda p: (p.ends_on, p.kind), reverse=True)
        if period.pk in said and said[period.pk].pk in rows and period.kind != Period.Kind.CUMULATIVE
    ]  # fmt: skip
