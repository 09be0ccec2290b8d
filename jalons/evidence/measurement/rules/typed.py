"""A typed value made whole: its total from its places, what is unknown in each cut, and words of several authors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jalons.core.errors import Refused, _
from jalons.evidence.measurement.rules.aggregation import Figure, aggregate_places
from jalons.evidence.measurement.rules.formula import UNKNOWN

Cells = dict[str, Figure]
Cuts = dict[tuple[str, ...], Cells]
RECOMPUTE = "recompute"
PLACES, PLACES_BY_SEX, SEX = ("territory",), ("sex", "territory"), ("sex",)
GROUPS, GROUPS_BY_SEX = ("target_group",), ("sex", "target_group")
ROUNDING = 1e-9


@dataclass(frozen=True)
class Said:
    """What a person types of a value: its figure, where it comes from, its cuts, its source of verification, its proof.

    document: an uploaded file.
    """

    figure: Figure
    text: str
    cuts: Cuts = field(default_factory=dict)
    source: str = ""
    document: Any = None


def place_of(cell: str) -> str:
    """The place of a cell whose last dimension is the territory.

    Source: order of the dimensions of a typed value: the territory comes last.

    >>> place_of("female|12"), place_of("12")
    ('12', '12')
    """
    return cell.rpartition("|")[2]


def merged(before: Cuts, given: Cuts) -> Cuts:
    """The places typed before, then those typed now; what is typed again as it was keeps its rank. Who types places
    alone leaves the target groups as they were.

    Missing: a place given without a number is taken out; it is unknown again.
    Source:  several people fill one value, each their region; "latest" is the place typed last.

    >>> merged({PLACES: {"1": Figure(3), "2": Figure(4)}}, {PLACES: {"1": Figure(5)}})[PLACES]["1"].number
    5
    """
    told = {place_of(cell) for dims in (PLACES, PLACES_BY_SEX) for cell in given.get(dims, {})}
    found = {dims: cells for dims, cells in given.items() if dims not in (PLACES, PLACES_BY_SEX)}
    if told and not found:
        found = {dims: _known(before.get(dims, {})) for dims in (GROUPS, GROUPS_BY_SEX)}
    for dims in (PLACES, PLACES_BY_SEX):
        old, new = before.get(dims, {}), given.get(dims, {})
        kept = {c: f for c, f in _known(old).items() if place_of(c) not in told or new.get(c) == f}
        found[dims] = kept | {c: f for c, f in new.items() if f.number is not None}
    return {dims: cells for dims, cells in found.items() if cells}


def _known(cells: Cells) -> Cells:
    """Cells that somebody gave, without the unknown that was left."""
    return {cell: figure for cell, figure in cells.items() if UNKNOWN not in cell.split("|")}


def whole(figure: Figure, cuts: Cuts, how: str, *, percentage: bool = False) -> tuple[Figure, Cuts]:
    """The total and the cuts of a typed value: the places make the total, cells that are not said are unknown.

    how: how places make one value; "recompute" leaves the total to be typed.

    Unit:    a percentage is its numerator over its denominator, whatever is typed beside them.
    Missing: a place, a sex or a group that nobody gave is unknown, never zero; it is told in the cell "?".
    Error:   Refused when parts exceed their whole, or when a typed total contradicts its places.
    Source:  product law: aggregation over place is a choice of its own; M13, people by target group and sex.
    """
    cuts = {dims: {c: f for c, f in cells.items() if f.number is not None} for dims, cells in cuts.items()}
    if percentage and figure.denominator and figure.numerator is not None:
        figure = replace(figure, number=100 * figure.numerator / figure.denominator)
    if places := _places(cuts):
        figure = _total(figure, places, how, percentage)
        cuts[PLACES] = places
    by_sex = {} if how == RECOMPUTE else cuts.get(PLACES_BY_SEX, {})
    if by_sex:
        cuts[SEX] = {sex: aggregate_places(parts, how) for sex, parts in _of_each_sex(by_sex).items()}
    for dims in (GROUPS_BY_SEX, GROUPS) if by_sex else (GROUPS_BY_SEX, GROUPS, SEX):
        figure = _with_unknown(figure, cuts, dims)
    _add_margins(cuts)
    return figure, {dims: cells for dims, cells in cuts.items() if cells}


def _places(cuts: Cuts) -> Cells:
    """The value of each place, its women and men added up when that is all that was given."""
    places, by_sex = dict(cuts.get(PLACES, {})), cuts.get(PLACES_BY_SEX, {})
    for place in dict.fromkeys(map(place_of, by_sex)):
        said = _sum(f for cell, f in by_sex.items() if place_of(cell) == place)
        total = places.setdefault(place, Figure(said)).number
        _check_parts(said, total, f"place_{place}_number")
    for place, figure in places.items() if by_sex else ():
        rest = figure.number - _sum(f for cell, f in by_sex.items() if place_of(cell) == place)
        if rest > ROUNDING:
            by_sex[f"{UNKNOWN}|{place}"] = Figure(rest)
    return places


def _of_each_sex(by_sex: Cells) -> dict[str, list[Figure]]:
    found: dict[str, list[Figure]] = {}
    for cell, figure in by_sex.items():
        found.setdefault(cell.split("|")[0], []).append(figure)
    return found


def _total(figure: Figure, places: Cells, how: str, percentage: bool) -> Figure:
    if how == RECOMPUTE:
        return figure
    found = aggregate_places(list(places.values()), how, scale=100.0 if percentage else 1.0, percentage=percentage)
    if figure.number is not None and abs(figure.number - (found.number or 0)) > ROUNDING:
        raise Refused(_("Les lieux font %(number)s. Laissez la valeur d’ensemble vide, ou corrigez les lieux."),
                      field="number", number=f"{found.number:g}")  # fmt: skip
    return found


def _with_unknown(figure: Figure, cuts: Cuts, dims: tuple[str, ...]) -> Figure:
    """What a cut of people leaves unsaid goes to its unknown cell; without a total, the cut is the total."""
    cells = cuts.get(dims)
    if not cells or any(f.denominator is not None for f in cells.values()):
        return figure
    said = _sum(cells.values())
    if figure.number is None:
        return Figure(said)
    _check_parts(said, figure.number, "number")
    if figure.number - said > ROUNDING:
        cells["|".join([UNKNOWN] * len(dims))] = Figure(figure.number - said)
    return figure


def _add_margins(cuts: Cuts) -> None:
    """Groups alone, and sexes alone, from the groups by sex."""
    for place, dims in enumerate((SEX, GROUPS)):
        if cuts.get(dims):
            continue
        sums: dict[str, float] = {}
        for cell, figure in cuts.get(GROUPS_BY_SEX, {}).items():
            code = cell.split("|")[place]
            sums[code] = sums.get(code, 0) + figure.number
        cuts[dims] = {code: Figure(number) for code, number in sums.items()}


def _check_parts(said: float, total: float, field: str) -> None:
    if said - total > ROUNDING:
        raise Refused(_("Les parts font %(said)s, plus que la valeur %(total)s. Corrigez l’une ou les autres."),
                      field=field, said=f"{said:g}", total=f"{total:g}")  # fmt: skip


def _sum(figures: Iterable[Figure]) -> float:
    return sum(figure.number for figure in figures)


def check_reach(level: str, keys: set[str], allowed: Mapping[str, str], narrowed: str, *, more: bool) -> None:
    """Refuse places that are not the programme's or not this person's; and a whole, from who only has a region.

    level: of the places that the definition cuts by, empty when it does not. narrowed: the regions that limit this
    person, empty when nothing does. more: whether a total or another cut is typed beside the places.

    Source:  mission: the regional coordinator answers for their region.
    """
    if keys and not level:
        raise Refused(_("La définition de cet indicateur ne répartit pas par territoire : saisissez sa valeur."))
    if narrowed and not level:
        raise Refused(
            _("Votre rôle se limite à %(region)s, et cet indicateur ne se saisit pas par lieu. Demandez à la personne "
              "chargée du suivi-évaluation."),
            region=narrowed,
        )  # fmt: skip
    if narrowed and more:
        raise Refused(_("Votre rôle se limite à %(region)s : saisissez ses lieux, l’ensemble s’en déduit."),
                      field="number", region=narrowed)  # fmt: skip
    if strange := sorted(keys - set(allowed)):
        raise Refused(_("Ce lieu n’est pas de ceux que vous pouvez saisir pour cet indicateur."),
                      field=f"place_{strange[0]}_number")  # fmt: skip


def words(before: str, region: str, said: str) -> str:
    """What is said of a value by several regions: one line each, the others' lines left as they are.

    Missing: without a region, what is said replaces everything.
    Source:  ours; whoever answers for the whole reads and edits all the lines.

    >>> words("Oriental : registre", "Souss-Massa", "fiches")
    'Oriental : registre\\nSouss-Massa : fiches'
    """
    if not region:
        return said
    mine = f"{region} : "
    lines = [line for line in before.splitlines() if line.strip() and not line.startswith(mine)]
    return "\n".join([*lines, mine + " ".join(said.split())])


def own_words(said: str, region: str) -> str:
    """What was said before, for who edits it: everything, or the line of one's own region.

    Missing: a region that has said nothing yet has an empty line.
    Source:  as `words`.

    >>> own_words("Oriental : registre\\nSouss-Massa : fiches", "Souss-Massa")
    'fiches'
    """
    mine = f"{region} : "
    lines = [line.removeprefix(mine) for line in said.splitlines() if line.startswith(mine)]
    return "".join(lines) if region else said
