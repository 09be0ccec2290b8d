"""What is read of the register: how many were told, how many persons that makes, whom partners have in common."""

from collections.abc import Callable, Collection
from typing import Any

from django.db.models import Case, CharField, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, ExtractQuarter, ExtractYear, NullIf

from jalons.collection.people.models import Alias, Link, Pair, Person, Source
from jalons.collection.people.rules import counts
from jalons.collection.people.rules.names import read, split
from jalons.core.fields import translated
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Operator, Programme

UNKNOWN = ""
TEAM = "\x1f"  # before the name of a programme, whose own team saw the person
TOLD = ("rejected", "withdrawn")  # states of submissions whose persons do not count
PARTNER = Coalesce(
    NullIf("alias__partner", Value("")),
    "alias__submission__organisation__name",
    "alias__source__organisation__name",
    Concat(Value(TEAM), "alias__source__form__programme__short_name"),
)
QUARTER = Case(
    When(alias__submission__collected_on=None, then=Value(UNKNOWN)),
    default=Concat(
        Cast(ExtractYear("alias__submission__collected_on"), CharField()), Value("-T"),
        Cast(ExtractQuarter("alias__submission__collected_on"), CharField()),
    ),
)  # fmt: skip
GROUPS = {"form": F("alias__source"), "partner": PARTNER, "period": QUARTER, "sex": F("person__sex")}


def operators(user: User, level: Level = Level.VIEW) -> QuerySet[Operator]:
    """The operators in whose register this person holds a level."""
    programmes = {grant.programme_id for grant in user.grants("people", level)}
    return Operator.objects.filter(programme__in=programmes - {None}).distinct()


def least_people(operator: Operator) -> int:
    """How many persons a number counts at least to be told: the most careful of the operator's programmes."""
    return max(Programme.objects.filter(operator=operator).values_list("least_people", flat=True), default=5)


def standing(user: User, operator: Operator, programme: int | None = None) -> QuerySet[Link]:
    """Links that hold now, of tellings that count: neither rejected, nor withdrawn, nor replaced by a correction."""
    current = Q(alias__version=Coalesce("alias__submission__standing", "alias__submission__version"))
    rows = Link.objects.for_user(user).filter(operator=operator, until=None)
    rows = rows.exclude(alias__submission__state__in=TOLD).filter(current | Q(alias__is_erased=True))
    return rows.filter(alias__source__form__programme=programme) if programme else rows


def named(rows: QuerySet[Link]) -> QuerySet[Link]:
    """Those that tell of someone by name; a forgotten person is still someone."""
    return rows.filter(is_named=True)


def total(rows: QuerySet[Link], doubts: list[tuple[int, int]]) -> list[counts.Count]:
    """All together; nothing when nobody was told."""
    return _counted(rows, doubts, Value("total"), str)


def grouped(rows: QuerySet[Link], doubts: list[tuple[int, int]], by: str, label: Callable) -> list[counts.Count]:
    """The same by form, partner, period or sex. A person told in two groups is in both."""
    return _counted(rows, doubts, GROUPS[by], label)


def _counted(rows: QuerySet[Link], doubts: list[tuple[int, int]], by: Any, label: Callable) -> list[counts.Count]:
    rows = rows.annotate(group=by).order_by()
    declared = dict(rows.values_list("group").annotate(n=Count("pk")))
    known = named(rows)
    persons = {group: (n, told) for group, n, told in known.values_list("group").annotate(
        n=Count("person", distinct=True), told=Count("pk"))}  # fmt: skip
    doubtful = {pk for pair in doubts for pk in pair}
    inside: dict[Any, set[int]] = {}
    for group, person in known.filter(person__in=doubtful).values_list("group", "person").distinct():
        inside.setdefault(group, set()).add(person)
    found = []
    for group, rows_told in sorted(declared.items(), key=lambda item: str(item[0])):
        most, told = persons.get(group, (0, 0))
        mine = inside.get(group, set())
        less = counts.fewer(pair for pair in doubts if mine.issuperset(pair))
        found.append(counts.Count(label(group), rows_told, most, most - less, rows_told - told))
    return found


def doubts(operator: Operator) -> list[tuple[int, int]]:
    """Persons that may be one, two by two: what waits for a decision, and what nobody could decide."""
    holder = Link.objects.filter(until=None)
    pairs = Pair.objects.filter(operator=operator, state__in=(Pair.State.OPEN, Pair.State.UNDECIDED)).annotate(
        first=Subquery(holder.filter(alias=OuterRef("one")).values("person")[:1], output_field=IntegerField()),
        second=Subquery(holder.filter(alias=OuterRef("other")).values("person")[:1], output_field=IntegerField()),
    )
    found = pairs.order_by().values_list("first", "second")
    return [(a, b) for a, b in found if a and b and a != b]


def shared(rows: QuerySet[Link]) -> dict[tuple[str, str], int]:
    """How many persons each two partners have in common; each with itself: how many it has."""
    held: dict[int, set[str]] = {}
    for person, partner in named(rows).annotate(group=PARTNER).order_by().values_list("person", "group").distinct():
        held.setdefault(person, set()).add(partner)
    found: dict[tuple[str, str], int] = {}
    for partners in held.values():
        for one in partners:
            for other in partners:
                found[one, other] = found.get((one, other), 0) + 1
    return found


def last_told(user: User, operator: Operator) -> QuerySet[Alias]:
    """How each person of a register was last told, among those open to this person."""
    links = Link.objects.for_user(user, Level.EDIT).filter(operator=operator, until=None, alias__is_erased=False)
    latest = links.order_by("person_id", "-alias_id").distinct("person_id").values("alias")
    return Alias.objects.filter(pk__in=latest)


def found(user: User, said: str) -> QuerySet[Person]:
    """Persons told under a name, in any spelling and script: both names in any order, or one of them, whole."""
    whole, keys = read(said), {name.key for part in split(said) if (name := read(part))}
    if whole is None:
        return Person.objects.none()
    same = Q(given_key=whole.key) | Q(family_key=whole.key)
    if len(keys) > 1:
        same |= Q(given_key__in=keys, family_key__in=keys)
    told = Alias.objects.for_user(user, Level.EDIT).filter(same)
    held = Link.objects.filter(until=None, alias__in=told).values("person")
    return Person.objects.for_user(user, Level.EDIT).filter(pk__in=held).order_by("name", "pk")


def as_told(persons: Collection[Person], user: User) -> None:
    """Say of persons what is told of them where `user` sees: a name, a sex or a year told elsewhere stays there."""
    if not any(grant.region_id or grant.organisation_id for grant in user.grants("people", Level.EDIT)):
        return
    open_to = Link.objects.for_user(user, Level.EDIT).filter(person__in=[p.pk for p in persons], until=None)
    told: dict[int, list[Alias]] = {}
    for link in open_to.select_related("alias").order_by("-alias"):
        told.setdefault(link.person_id, []).append(link.alias)
    for person in persons:
        aliases = told.get(person.pk, [])
        person.name = aliases[0].name if aliases else ""
        person.sex = next((a.sex for a in aliases if a.sex), "")
        person.year = next((a.year for a in aliases if a.year), None)


def waiting(user: User, operator: Operator) -> QuerySet[Pair]:
    """Pairs that wait for a decision and are open to this person, likeliest first."""
    return Pair.objects.for_user(user, Level.DECIDE).filter(operator=operator, state=Pair.State.OPEN)


def doubts_of(person: Person, user: User) -> QuerySet[Pair]:
    """Pairs that wait for a decision, or that nobody could decide, and that are about a person."""
    mine = Link.objects.filter(person=person, until=None).values("alias")
    pairs = Pair.objects.for_user(user, Level.DECIDE).filter(state__in=(Pair.State.OPEN, Pair.State.UNDECIDED))
    return pairs.filter(Q(one__in=mine) | Q(other__in=mine))


def source_labels(operator: Operator) -> dict[int, str]:
    """What each source is called."""
    sources = Source.objects.filter(form__programme__operator=operator).select_related("form__programme")
    return {s.pk: f"{s.form.programme.short_name} · {translated(s.form.title)}" for s in sources}
