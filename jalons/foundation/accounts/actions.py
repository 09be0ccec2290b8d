"""Giving roles and taking them back."""

from django.db import transaction

from jalons.core.actions import action, recorded
from jalons.core.levels import Level
from jalons.core.refusals import keep
from jalons.foundation.accounts.models import Membership, User
from jalons.foundation.accounts.rules import (
    ADMINISTRATOR,
    check_giver,
    check_one_administrator_remains,
    check_whole_person,
)


@action("membership.granted", needs=Level.DECIDE)
def grant_role(*, membership: Membership, by: User) -> Membership:
    """Give a role to a person; an e-mail address not yet known makes an account without a password."""
    check_giver(membership.role, _roles(by))
    membership.user = _account(membership.user, by)
    keep(membership)
    return membership


@action("membership.changed", needs=Level.DECIDE)
def change_role(*, membership: Membership, by: User) -> Membership:
    """Change the role of a person, or the region or organisation that narrows it."""
    stored = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    check_giver(membership.role, _roles(by))
    if stored.role != membership.role:
        check_one_administrator_remains(stored.role, _administrators())
    keep(membership)
    return membership


@action("membership.removed", needs=Level.DECIDE)
def remove_role(*, membership: Membership, by: User) -> Membership:
    """Take a role back; a person left without any can no longer sign in."""
    check_one_administrator_remains(membership.role, _administrators())
    Membership.objects.filter(pk=membership.pk).delete()
    if not membership.user.memberships.exists():
        _set_active(membership.user, active=False)
    return membership


@action("membership.invited", needs=Level.DECIDE)
def invite(*, membership: Membership, by: User) -> Membership:
    """Record that the person is sent a link to choose a password; the page sends it."""
    return membership


@action("membership.closed", needs=Level.DECIDE)
def close_account(*, membership: Membership, by: User) -> Membership:
    """Keep a person from signing in, whatever their roles, from now on."""
    check_whole_person(_elsewhere(membership.user, by))
    for held in membership.user.memberships.all():
        check_one_administrator_remains(held.role, _administrators())
    _set_active(membership.user, active=False)
    return membership


@action("membership.restored", needs=Level.DECIDE)
def reopen_account(*, membership: Membership, by: User) -> Membership:
    """Let a person sign in again, with the roles and the password they had."""
    check_whole_person(_elsewhere(membership.user, by))
    _set_active(membership.user, active=True)
    return membership


@transaction.atomic
def add_administrator(email: str, name: str) -> User:
    """Make an administrator, for whoever holds the machine. Not an @action: no one is signed in at the command line."""
    user = _account(User(email=email, name=name))
    with recorded("membership.granted", user) as leave:
        membership, _created = Membership.objects.get_or_create(user=user, role=ADMINISTRATOR, programme=None)
        leave(membership)
    return user


def _account(user: User, by: User | None = None) -> User:
    """The account of this e-mail address, opened again if it was closed, or made.

    by: who gives the role; no one at the command line. A role in one programme opens none that another one closed.
    """
    known = User.objects.filter(email=user.email.lower()).first()
    if known and not known.is_active:
        check_whole_person(_elsewhere(known, by) if by else 0)
        _set_active(known, active=True)
    if known:
        return known
    user.email = user.email.lower()
    user.set_unusable_password()
    keep(user)
    return user


def _elsewhere(user: User, by: User) -> int:
    """How many roles this person has that `by` does not decide over."""
    return user.memberships.exclude(pk__in=Membership.objects.for_user(by, Level.DECIDE)).count()


def _set_active(user: User, *, active: bool) -> None:
    user.is_active = active
    user.save(update_fields=["is_active", "updated_at"])


def _roles(user: User) -> set[str]:
    return {membership.role for membership in user.held}


def _administrators() -> int:
    return Membership.objects.filter(role=ADMINISTRATOR, user__is_active=True).count()
