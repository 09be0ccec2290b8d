import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from jalons.core.errors import Refused
from jalons.core.models import Event
from jalons.foundation.accounts.actions import (
    add_administrator,
    change_role,
    close_account,
    grant_role,
    remove_role,
    reopen_account,
)
from jalons.foundation.accounts.models import Membership, User
from jalons.foundation.accounts.roles import ROLES
from tests.builders import a_membership, a_programme, a_region, a_user, an_organisation


def a_new_person(email="nadia@example.org"):
    return User(email=email, name="Nadia")


@pytest.fixture
def programme(db):
    return a_programme()


@pytest.fixture
def manager(programme):
    return a_user("project_manager", programme)


def test_a_new_address_becomes_an_account_without_password(programme, manager):
    membership = Membership(user=a_new_person("Nadia@Example.org"), role="me_officer", programme=programme)

    grant_role(membership=membership, by=manager)

    user = User.objects.get(email="nadia@example.org")
    assert not user.has_usable_password()
    assert user.may("results")
    assert Event.objects.get(verb="membership.granted").by == manager


def test_a_known_address_keeps_its_account(programme, manager):
    known = a_user("me_officer", a_programme())

    grant_role(membership=Membership(user=a_new_person(known.email), role="funder", programme=programme), by=manager)

    assert set(known.memberships.values_list("role", flat=True)) == {"me_officer", "funder"}


@pytest.mark.parametrize("role", sorted(ROLES.keys() - {"administrator", "project_manager"}))
def test_no_other_role_gives_roles(programme, role):
    membership = Membership(user=a_new_person(), role="funder", programme=programme)

    with pytest.raises(PermissionDenied):
        grant_role(membership=membership, by=a_user(role, programme))


def test_a_project_manager_gives_no_role_in_another_programme(manager):
    with pytest.raises(PermissionDenied):
        grant_role(membership=Membership(user=a_new_person(), role="funder", programme=a_programme()), by=manager)


def test_a_project_manager_makes_no_administrator(programme, manager):
    held = a_membership(a_user(), "funder", programme)
    held.role, held.programme = "administrator", None

    with pytest.raises(PermissionDenied):
        grant_role(membership=Membership(user=a_new_person(), role="administrator"), by=manager)
    with pytest.raises(PermissionDenied):
        change_role(membership=held, by=manager)
    with pytest.raises(Refused, match="administra"):
        grant_role(membership=Membership(user=a_new_person(), role="administrator", programme=programme), by=manager)


def test_a_role_cannot_be_moved_to_another_programme_by_editing(programme, manager):
    held = a_membership(a_user(), "funder", programme)
    held.programme = a_programme()

    with pytest.raises(PermissionDenied):
        change_role(membership=held, by=manager)


@pytest.mark.parametrize(
    ("role", "limits", "sentence"),
    [
        ("regional_coordinator", {}, "région"),
        ("grantee", {}, "organisation"),
        ("project_manager", {"region": True}, "couvre tout"),
    ],
)
def test_a_role_is_limited_as_it_must_be(programme, manager, role, limits, sentence):
    limits = {"region": a_region()} if limits else {}

    with pytest.raises(Refused, match=sentence):
        grant_role(membership=Membership(user=a_user(), role=role, programme=programme, **limits), by=manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=a_user(), role=role, programme=programme, **limits)


def test_a_second_region_is_a_second_role_but_the_same_one_is_refused(programme, manager):
    held = a_membership(a_user(), "regional_coordinator", programme)
    again = {"user": held.user, "role": held.role, "programme": programme}

    grant_role(membership=Membership(**again, region=a_region()), by=manager)

    with pytest.raises(Refused, match="déjà ce rôle"):
        grant_role(membership=Membership(**again, region=held.region), by=manager)


def test_a_person_left_without_role_can_no_longer_sign_in_until_given_one(programme, manager):
    held = a_membership(a_user(), "funder", programme)

    remove_role(membership=held, by=manager)
    assert not User.objects.get(pk=held.user_id).is_active

    grant_role(
        membership=Membership(user=a_new_person(held.user.email), role="funder", programme=programme), by=manager
    )
    assert User.objects.get(pk=held.user_id).is_active


def test_the_last_administrator_stays(db):
    first = add_administrator("admin@example.org", "Admin")
    held = first.memberships.get()

    with pytest.raises(Refused, match="dernière"):
        remove_role(membership=held, by=first)

    second = add_administrator("autre@example.org", "Autre")
    remove_role(membership=held, by=second)
    assert list(Membership.objects.filter(role="administrator")) == [second.memberships.get()]


def test_administration_sees_no_contact_and_no_result_of_any_programme(db):
    administrator = add_administrator("admin@example.org", "Admin")

    assert not administrator.may("partners") and not administrator.may("submissions")


def test_an_inactive_person_may_do_nothing(programme):
    user = a_user("me_officer", programme)
    user.is_active = False

    assert not user.may("results")


def test_an_organisation_narrows_to_itself(programme):
    organisation = an_organisation()
    user = a_user("grantee", programme, organisation=organisation)

    assert [grant.organisation_id for grant in user.grants("submissions", 1)] == [organisation.pk]


def test_an_account_is_closed_with_a_reason_and_opened_again(programme, manager):
    held = a_membership(a_user(), "funder", programme)

    close_account(membership=held, by=manager, why="Départ")
    assert not User.objects.get(pk=held.user_id).is_active
    assert Event.objects.get(verb="membership.closed").why == "Départ"

    reopen_account(membership=held, by=manager)
    assert User.objects.get(pk=held.user_id).may("results")


def test_a_programme_shuts_out_no_one_who_works_for_another(programme, manager):
    held = a_membership(a_user("me_officer", a_programme()), "funder", programme)

    with pytest.raises(Refused, match="travaille aussi ailleurs"):
        close_account(membership=held, by=manager)

    close_account(membership=held, by=add_administrator("admin@example.org", "Admin"))
    with pytest.raises(Refused, match="travaille aussi ailleurs"):
        reopen_account(membership=held, by=manager)


def test_the_last_administrator_closes_no_door_behind_them(db):
    admin = add_administrator("admin@example.org", "Admin")

    with pytest.raises(Refused, match="dernière"):
        close_account(membership=admin.memberships.get(), by=admin)


def test_a_role_in_one_programme_opens_no_account_that_another_closed(programme, manager):
    known = a_user("me_officer", a_programme())
    close_account(membership=known.memberships.get(), by=a_user("administrator"))

    with pytest.raises(Refused, match="travaille aussi ailleurs"):
        grant_role(membership=Membership(user=known, role="funder", programme=programme), by=manager)

    known.refresh_from_db()
    assert (known.is_active, known.memberships.count()) == (False, 1)
