"""What is done to the register: sources declared, persons told apart or together by someone, forgotten."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import pghistory
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q

from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import schema
from jalons.collection.people import forgetting, register, tellings
from jalons.collection.people.models import Alias, Link, Pair, Person, Source
from jalons.collection.people.rules.decisions import check_decision, check_erasing, check_reason, check_undoing
from jalons.collection.people.rules.sources import check_roles
from jalons.collection.submissions.feed import changes
from jalons.collection.submissions.models import Submission
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User
from jalons.foundation.partners.models import Organisation
from jalons.foundation.programmes.models import Operator, Programme

log = logging.getLogger(__name__)
# what an alias no longer holds of someone forgotten
PERSONAL = ("sex", "year", "birth", "phone", "place", "identifier", "given_form", "given_key", "family_form",
            "family_key", "pair")  # fmt: skip
MOST = 20_000  # tellings enrolled in one transaction
MOST_CHANGED = 2_000  # submissions read in one transaction


@action("people_source.declared", needs=Level.DECIDE)
def declare_source(
    *, form: Form, table: str, roles: Mapping[str, str], organisation: Organisation | None = None, by: User
) -> Source:
    """Say which questions of a form, or of one of its repeats, tell of persons. They are read in the background."""
    columns = schema(form).get(table)
    if columns is None:
        raise Refused(_("Ce formulaire n’a pas de répétition « %(table)s »."), table=table)
    chosen = {role: name for role, name in roles.items() if name}
    around = schema(form)[""].values() if chosen.get("partner") else ()
    check_roles(chosen, [column.name for column in (*columns.values(), *around)])
    kept = {"roles": chosen, "organisation": organisation, "by": by, "state": Source.State.OPEN}
    source, is_new = Source.objects.update_or_create(form=form, table=table, defaults=kept)
    if not is_new:  # what was read with other questions is read again
        source.aliases.filter(is_erased=False).update(version=0)
        Source.objects.filter(pk=source.pk).update(cursor="")
    return source


@action("people_source.retired", needs=Level.DECIDE)
def close_source(*, source: Source, by: User) -> Source:
    """Read no more persons from a source. Those that it told stay."""
    source.state = Source.State.CLOSED
    source.save(update_fields=["state", "updated_at"])
    return source


def feed(programme: Programme | None = None) -> int:
    """Read what sources tell and was not read yet; how many tellings were read. Called in the background.

    programme: before its measurement: all that its sources tell, not only what changed since last time.
    """
    count, sources = 0, Source.objects.filter(state=Source.State.OPEN)
    sources = sources.filter(form__programme=programme) if programme else sources
    for source in sources.select_related("form__programme").order_by("pk"):
        try:
            goes_on = True
            while goes_on:
                read, goes_on = _read_all(source) if programme else _read_changes(source)
                count += read
        except (OperationalError, InterfaceError):
            raise  # PostgreSQL is away: the next minute reads them
        except Exception as fault:  # one source does not keep the others waiting; its values stay out of the log
            log.error("persons of source %s were not read: %s", source.pk, type(fault).__name__)
    return count


def _read_changes(source: Source) -> tuple[int, bool]:
    """Read the submissions that changed after those read last; whether there is more."""
    rows = Submission.objects.filter(form=source.form_id)
    changed, cursor, goes_on = changes(rows, source.cursor, MOST_CHANGED)
    if not changed:
        return 0, False
    read, is_cut = _read(source, [submission.pk for submission in changed])
    if not is_cut:
        source.cursor = cursor
        Source.objects.filter(pk=source.pk).update(cursor=cursor)
    return read, goes_on or is_cut


def _read_all(source: Source) -> tuple[int, bool]:
    return _read(source, None)


def _read(source: Source, among: Sequence[int] | None) -> tuple[int, bool]:
    """Read tellings not read yet and say whose they are; how many, and whether some are left."""
    operator, new, read, rows = source.form.programme.operator_id, [], 0, [None]
    with transaction.atomic(), pghistory.context(verb="people.matched"):  # by nobody
        register.hold(operator)
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtext('people'), %s)", [operator])
        while len(new) < MOST and (rows := tellings.unread(source, among)):
            read += len(rows)
            new += tellings.keep(rows)
        if new:
            register.enrol(operator, new)
    return read, bool(rows)


@action("people.matched", needs=Level.DECIDE)
def match_again(*, operator: Operator, by: User) -> Operator:
    """Compare the whole register again. What someone decided stays as decided."""
    register.hold(operator.pk)
    loose = Link.objects.filter(operator=operator, until=None, by=None, alias__is_erased=False)
    register.enrol(operator.pk, list(loose.values_list("alias", flat=True)))
    return operator


@action("people.coded", needs=Level.EDIT)
def give_codes(*, operator: Operator, by: User) -> Programme:
    """Keep that the coded register was given to someone, in the journal of their programme; the key is not kept."""
    grants = {grant.programme_id for grant in by.grants("people", Level.EDIT)}
    return Programme.objects.filter(operator=operator, pk__in=grants).order_by("pk")[0]


@action("pair.decided", needs=Level.DECIDE)
def decide(*, pair: Pair, verdict: str, by: User, reason: str = "") -> Pair:
    """Hold two tellings to be of one person, of two, or unknown. No later comparison changes it."""
    now = register.hold(pair.operator_id)
    pair = Pair.objects.select_for_update(of=("self",)).get(pk=pair.pk)
    check_decision(pair.state, verdict)
    _settle(pair, verdict, now, by, reason)
    if verdict == Pair.State.SAME:
        _reunite(pair, now)
    register.moot(pair.operator_id)
    return pair


def _settle(pair: Pair, state: str, now: datetime | None, by: User | None, reason: str = "") -> None:
    """Write a decision, or that there is none; the links that it makes begin with it."""
    pair.state, pair.decided_by, pair.decided_at, pair.why = state, by, now, reason
    pair.save()


def _reunite(pair: Pair, now: datetime) -> None:
    """All that was told of the more recent person is of the other one from now on."""
    one, other = _person_of(pair.one_id), _person_of(pair.other_id)
    if one == other:
        return
    kept, left = sorted((one, other), key=lambda person: person.pk)
    moving = Link.objects.filter(person=left, until=None)
    _move(pair, kept, moving, now)
    own = Link.objects.filter(person=kept, until=None, by=None, alias__in=(pair.one_id, pair.other_id))
    _move(pair, kept, own, now)
    left.state, left.merged_into = Person.State.MERGED, kept
    left.save()


def _person_of(alias: int) -> Person:
    return Person.objects.get(links__alias=alias, links__until=None)


def _move(pair: Pair, person: Person, links: Iterable[Link], now: datetime) -> None:
    """End links and begin others, to a person, by the decision of a pair."""
    rows = list(links)
    Link.objects.filter(pk__in=[link.pk for link in rows]).update(until=now)
    Link.objects.bulk_create(
        Link(operator_id=pair.operator_id, alias_id=link.alias_id, person=person, by=pair.decided_by, pair=pair,
             score=pair.score, agreed=pair.agreed, is_named=link.is_named, since=now)
        for link in rows
    )  # fmt: skip


@action("pair.undone", needs=Level.DECIDE)
def undo(*, pair: Pair, by: User) -> Pair:
    """Take a decision back: each telling goes back to whom it was of, and the pair waits again."""
    now = register.hold(pair.operator_id)
    pair = Pair.objects.select_for_update(of=("self",)).get(pk=pair.pk)
    check_decision(pair.state, Pair.State.OPEN)
    fresh, touched = list(pair.links.filter(since__gte=pair.decided_at)), set()
    check_undoing([link.pk for link in fresh], [link.pk for link in fresh if link.until is None])
    for link in fresh:
        before = Link.objects.filter(alias=link.alias_id, pk__lt=link.pk).order_by("-pk").first()
        touched |= {link.person_id, before.person_id}
        _again(link, before, now)
    register.tell(touched)
    register.empty(touched)
    _settle(pair, Pair.State.OPEN, None, None)
    register.moot(pair.operator_id)
    return pair


def _again(link: Link, before: Link, now: datetime) -> None:
    """Give a telling back to the person it was of."""
    Link.objects.filter(pk=link.pk).update(until=now)
    gone = (Person.State.MERGED, Person.State.EMPTIED)
    Person.objects.filter(pk=before.person_id, state__in=gone).update(state=Person.State.PRESENT, merged_into=None)
    before.pk, before.since, before.until, before._state.adding = None, now, None, True
    before.save()


@action("alias.split", needs=Level.DECIDE)
def split(*, alias: Alias, by: User, reason: str = "") -> Pair:
    """Hold one telling to be of another person than the one it was put with."""
    now = register.hold(alias.operator_id)
    link = Link.objects.select_for_update().get(alias=alias, until=None)
    others = Link.objects.filter(person=link.person_id, until=None).exclude(alias=alias)
    if not others.exists():
        raise Refused(_("Cette personne n’a qu’une mention : il n’y a rien à en séparer."))
    beside = link.against_id or others.values_list("alias", flat=True).first()
    one, other = sorted((alias.pk, beside))
    pair, _new = Pair.objects.get_or_create(
        one_id=one, other_id=other, defaults={"operator": alias.operator, "score": link.score, "agreed": link.agreed}
    )
    person = register.a_person(alias.operator_id, alias)
    person.save()
    _settle(pair, Pair.State.APART, now, by, reason)
    _move(pair, person, [link], now)
    register.tell([person.pk, link.person_id])
    return pair


@action("person.erased", needs=Level.DECIDE)
def erase(*, person: Person, why_erased: str, by: User) -> Person:
    """Forget a person: what identifies them is gone for good, here and in the submissions; they still count."""
    now = register.hold(person.operator_id)
    person = Person.objects.select_for_update(of=("self",)).select_related("merged_into").get(pk=person.pk)
    check_erasing(person.state, str(person.merged_into))
    aliases = Alias.objects.filter(links__person=person, links__until=None).select_related("submission", "source__form")
    check_reason(why_erased, [alias.name for alias in aliases])
    if aliases.exclude(pk__in=Alias.objects.for_user(by, Level.DECIDE).values("pk")).exists():
        raise Refused(_("Cette personne est connue aussi hors de ce qui vous est ouvert, dans une autre région ou chez "
                        "un autre partenaire : demandez-le à quelqu’un qui suit tout le programme."))  # fmt: skip
    forgetting.forget(list(aliases), now, by, why_erased)
    keys = list(aliases.values_list("pk", flat=True))
    blank = dict.fromkeys(PERSONAL)
    Alias.objects.filter(pk__in=keys).update(
        given="", family="", commune="", is_erased=True, given_heard=0, given_barred=0, family_heard=0,
        family_barred=0, **blank,
    )  # fmt: skip
    Pair.objects.filter(Q(one__in=keys) | Q(other__in=keys), state=Pair.State.OPEN).update(state=Pair.State.CLOSED)
    left = Person.objects.filter(links__alias__in=keys).exclude(links__until=None)  # whom they were of before
    Person.objects.filter(pk__in=left.values("pk")).update(name="", sex="", year=None)
    person.name, person.year, person.state = "", None, Person.State.ERASED  # a sex alone names nobody: counts stand
    person.save()
    return person
