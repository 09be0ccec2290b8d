"""The register kept up to date: candidates of new tellings, their likeness, and the persons that come of it."""

import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.db import connection
from django.db.models import Q

from jalons.collection.people import linkage
from jalons.collection.people.models import Alias, Link, Pair, Person
from jalons.collection.people.rules import scoring
from jalons.collection.people.rules.clusters import GREY, Facts, Outcome, Scored, assign
from jalons.collection.people.rules.weights import NAMES
from jalons.collection.people.tellings import record_of
from jalons.collection.submissions import moments
from jalons.foundation.programmes.models import Programme

FEW = 1_000  # new tellings looked for one by one; beyond, the whole register goes through Splink
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no letter that is read as another
COLUMN = {"commune": "place"}  # of a blocking rule -> of an alias
ARROW = ["id", *(COLUMN.get(name, name) for name in linkage.SCHEMA.names[1:])]

LOOK = """
select least(n.id, a.id), greatest(n.id, a.id)
  from people_alias n join people_alias a on a.operator_id = n.operator_id and {agree} and a.id <> n.id
 where n.id = any(%(new)s) and n.operator_id = %(operator)s
"""
TELL = """
update people_person p
   set name = left(trim(said.name), 250), sex = coalesce(said.sex, ''), year = said.year
  from (select l.person_id, (array_agg(a.given || ' ' || a.family order by a.id desc))[1] as name,
               mode() within group (order by a.sex) as sex, mode() within group (order by a.year) as year
          from people_link l join people_alias a on a.id = l.alias_id
         where l.person_id = any(%s) and l.until is null
         group by l.person_id) said
 where p.id = said.person_id and p.state <> 'erased'
"""
MOOT = """
update people_pair p set state = '{state}', updated_at = now()
  from people_link a, people_link b, people_alias one, people_alias other
 where p.operator_id = %s and p.state = '{before}' and one.id = p.one_id and other.id = p.other_id
   and a.alias_id = p.one_id and b.alias_id = p.other_id and a.until is null and b.until is null
   and a.person_id {agree} b.person_id and not one.is_erased and not other.is_erased
"""


def hold(operator: int) -> datetime:
    """Keep measurements of an operator's programmes out, before any other lock: who is who is about to change."""
    return moments.hold(Programme.objects.filter(operator=operator).values_list("pk", flat=True))


def enrol(operator: int, new: Sequence[int]) -> Outcome:
    """Find whose each new telling is: a person known, a new one, or a doubt for someone to decide.

    What someone decided stays: their links are known persons, and their pairs apart are kept apart.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('people'), %s)", [operator])
    decided = set(Link.objects.filter(alias__in=new, until=None, by__isnull=False).values_list("alias", flat=True))
    loose = [pk for pk in new if pk not in decided]
    Pair.objects.filter(Q(one__in=loose) | Q(other__in=loose), state=Pair.State.OPEN, links=None).delete()
    scored = few(operator, loose) if len(loose) <= FEW else many(operator, set(loose))
    return settle(operator, loose, scored)


def candidates(operator: int, new: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of a new telling and another one that agree on what is looked for."""
    parts = []
    for rule in linkage.BLOCKING:
        agree = " and ".join(f"a.{name} = n.{name}" for name in (COLUMN.get(c, c) for c in rule))
        parts.append(LOOK.format(agree=agree))
    with connection.cursor() as cursor:
        cursor.execute(" union ".join(parts), {"new": list(new), "operator": operator})
        return cursor.fetchall()


def few(operator: int, new: Sequence[int]) -> list[Scored]:
    """Pairs of a few new tellings, scored one by one."""
    found = candidates(operator, new)
    records = {a.pk: record_of(a) for a in Alias.objects.filter(pk__in={pk for pair in found for pk in pair})}
    measure = Measure(operator, [records[pk] for pair in found for pk in pair])
    scored = ((one, other, measure(records[one], records[other])) for one, other in found)
    return sorted(pair for pair in scored if pair[2] >= GREY)


class Measure:
    """How likely two records of an operator are to be of one person, by how common their names are there."""

    def __init__(self, operator: int, records: Collection[Any]) -> None:
        self.total = Alias.objects.filter(operator=operator).count()
        self.counts: dict[str, dict[str, int]] = {}
        for name in NAMES:
            told = [said for r in records if (said := getattr(r, name))]
            for column in ("form", "key"):
                wanted = {getattr(said, column) for said in told}
                self.counts[f"{name}_{column}"] = _count(operator, name, column, wanted, {said.key for said in told})

    def __call__(self, one: Any, other: Any) -> float:
        agreed = scoring.levels(one, other)
        return scoring.probability(agreed, self.common(agreed, one), scoring.prior(self.total))

    def common(self, agreed: dict[str, str | None], record: Any) -> dict[str, float]:
        """How common the names that agree are."""
        found = {}
        for name in NAMES:
            if agreed[name] in ("same", "sound"):
                column = "form" if agreed[name] == "same" else "key"
                count = self.counts[f"{name}_{column}"].get(getattr(getattr(record, name), column), 1)
                found[name] = scoring.frequency(name, agreed[name], count, self.total)
        return found


def _count(operator: int, name: str, column: str, wanted: Collection[str], keys: Collection[str]) -> dict[str, int]:
    """How many tellings have each form or key of a name; all are found by their key, which has an index."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {name}_{column}, count(*) from people_alias where operator_id = %s and {name}_key = any(%s) "  # noqa: S608
            f"and {name}_{column} = any(%s) group by 1",
            [operator, list(keys), list(wanted)],
        )
        return dict(cursor.fetchall())


def many(operator: int, new: Collection[int]) -> list[Scored]:
    """Pairs of many new tellings, by Splink over the whole register."""
    return [pair for pair in linkage.pairs(table(operator), GREY) if pair[0] in new or pair[1] in new]


def table(operator: int) -> pa.Table:
    """The register of an operator as Splink reads it."""
    rows = Alias.objects.filter(operator=operator).values_list(*ARROW).iterator(chunk_size=50_000)
    columns = list(zip(*rows, strict=True)) or [()] * len(ARROW)
    arrays = [pa.array(values, type=kind) for values, kind in zip(columns, linkage.SCHEMA.types, strict=True)]
    return pa.Table.from_arrays(arrays, schema=linkage.SCHEMA)


def settle(operator: int, new: Sequence[int], scored: list[Scored]) -> Outcome:
    """Write who is who: links of new tellings, persons that come with them, doubts."""
    touched = {pk for pair in scored for pk in pair[:2]} | set(new)
    mates = Link.objects.filter(until=None, person__links__alias__in=touched, person__links__until=None)
    before = dict(mates.values_list("alias", "person"))
    known = {alias: person for alias, person in before.items() if alias not in set(new)}
    apart = list(Pair.objects.filter(operator=operator, state=Pair.State.APART).values_list("one", "other"))
    outcome = assign(scored, known, apart, _facts(touched | set(known)))
    _write(operator, new, _persons(operator, _groups(new, known, outcome), known, before), outcome)
    return outcome


def _facts(aliases: Collection[int]) -> dict[int, Facts]:
    rows = Alias.objects.filter(pk__in=aliases).values_list("pk", "year", "is_age", "identifier")
    exact = ((pk, None if is_age else year, identifier) for pk, year, is_age, identifier in rows)
    return {pk: (year or 9999, year or 0, identifier) for pk, year, identifier in exact}


def _groups(new: Sequence[int], known: Mapping[int, int], outcome: Outcome) -> list[list[int]]:
    """The tellings of each person that new ones come to, those that resemble none alone."""
    groups = [group for group in outcome.groups if any(pk not in known for pk in group)]
    together = {pk for group in groups for pk in group}
    return groups + [[pk] for pk in new if pk not in together]


def _persons(
    operator: int, groups: Iterable[list[int]], known: Mapping[int, int], before: Mapping[int, int]
) -> dict[int, int]:
    """The person of each telling of some groups: the one known there, else whom most were of, else a new one."""
    found, fresh, taken = {}, [], set(known.values())
    for group in groups:
        person = next((known[pk] for pk in group if pk in known), None)
        once = Counter(before[pk] for pk in group if before.get(pk, 0) and before[pk] not in taken)
        if person is None and once:
            person = once.most_common(1)[0][0]
        if person is None:
            fresh.append(group)
        else:
            taken.add(person)
            found |= dict.fromkeys(group, person)
    named = Alias.objects.in_bulk([max(group) for group in fresh])
    persons = [a_person(operator, named[max(group)]) for group in fresh]
    for group, person in zip(fresh, Person.objects.bulk_create(persons, batch_size=2_000), strict=True):
        found |= dict.fromkeys(group, person.pk)
    return found


def _write(operator: int, new: Sequence[int], person_of: Mapping[int, int], outcome: Outcome) -> None:
    aliases = Alias.objects.in_bulk([*new, *(pk for pair in outcome.by.values() for pk in pair[:2])])
    now, links = moments.now(), []
    ending = Link.objects.filter(alias__in=new, until=None)
    held = set(ending.values_list("person", flat=True))
    ending.update(until=now)
    for pk in new:
        pair = outcome.by.get(pk)
        against = pair and aliases[pair[1] if pair[0] == pk else pair[0]]
        links.append(Link(
            operator_id=operator, alias_id=pk, person_id=person_of[pk], score=pair and pair[2], against=against,
            agreed=_agreed(aliases[pk], against) if against else {}, is_named=aliases[pk].pair is not None, since=now,
        ))  # fmt: skip
    Link.objects.bulk_create(links, batch_size=2_000)
    tell(found := {link.person_id for link in links})
    empty(held - found)
    doubt(operator, outcome.grey)
    moot(operator)


def moot(operator: int) -> None:
    """Close the doubts whose two tellings came to one person by another way; open again those that no longer do."""
    with connection.cursor() as cursor:
        cursor.execute(MOOT.format(agree="=", state="closed", before="open"), [operator])
        cursor.execute(MOOT.format(agree="<>", state="open", before="closed"), [operator])


def tell(persons: Collection[int]) -> None:
    """Say of persons what their tellings say: the last name written, the sex and the year most often told."""
    with connection.cursor() as cursor:
        cursor.execute(TELL, [list(persons)])


def empty(persons: Collection[int]) -> None:
    """Say of persons of whom nothing is told any more that they are nobody: what they were called is of others now."""
    left = Person.objects.filter(pk__in=persons, state=Person.State.PRESENT).exclude(links__until=None)
    Person.objects.filter(pk__in=list(left.values_list("pk", flat=True))).update(
        state=Person.State.EMPTIED, name="", sex="", year=None
    )


def a_person(operator: int, alias: Alias) -> Person:
    """A person yet unsaved, told as one alias tells it."""
    code = "P-" + "".join(secrets.choice(LETTERS) for _ in range(8))
    return Person(operator_id=operator, code=code, name=alias.name, sex=alias.sex or "", year=alias.year)


def doubt(operator: int, grey: Iterable[Scored]) -> None:
    """Pairs for someone to decide; those already decided keep their decision."""
    pairs = list(grey)
    aliases = Alias.objects.in_bulk({pk for pair in pairs for pk in pair[:2]})
    rows = [
        Pair(
            operator_id=operator, one_id=one, other_id=other, score=score, agreed=_agreed(aliases[one], aliases[other])
        )
        for one, other, score in pairs
    ]
    Pair.objects.bulk_create(rows, batch_size=2_000, ignore_conflicts=True)


def _agreed(one: Alias, other: Alias) -> dict[str, str]:
    levels = scoring.levels(record_of(one), record_of(other))
    return {name: level for name, level in levels.items() if level}
