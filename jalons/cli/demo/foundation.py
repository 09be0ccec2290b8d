"""Who the demonstration is about: operators, funders, programmes, partners, people and their roles."""

from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from jalons.cli.demo.accounts import address, password
from jalons.cli.demo.content import read, rows
from jalons.cli.demo.framework import presentation
from jalons.core.actions import recorded
from jalons.core.fields import LANGUAGES
from jalons.core.scope import Row
from jalons.foundation.accounts.actions import add_administrator, grant_role
from jalons.foundation.accounts.models import Membership, User
from jalons.foundation.partners.models import Contact, Organisation
from jalons.foundation.programmes.actions import cut_periods
from jalons.foundation.programmes.models import Component, Funder, FundingAgreement, Office, Operator, Programme
from jalons.foundation.territories.models import Territory
from jalons.reporting.exchange.actions import import_workbook
from jalons.reporting.exchange.workbook.writer import write_workbook


def load_foundation() -> None:
    """Everything that must be there before the first promise is written."""
    administrator = _administrator()
    for operator in read("programmes")["operators"]:
        _keep(Operator(**operator), administrator)
    for funder in read("programmes")["funders"]:
        _keep(Funder(code=funder["code"], name=funder["name"], iati_identifier=funder.get("iati", "")), administrator)
    for programme in read("programmes")["programmes"]:
        _programme(programme, administrator)
    for line in rows("organisations"):
        _keep(Organisation(**line | {"territory": _territory(line["territory"])}), administrator)
    for line in rows("contacts"):
        _contact(line, administrator)
    _people(administrator)


def person(name: str) -> User:
    """The account of a person of people.toml, by role or by the name before the @."""
    return User.objects.get(email=address({"email": name}))


def _administrator() -> User:
    """The first account of an installation: nobody is there yet to have opened it."""
    (first, *_others) = read("people")["people"]
    user = add_administrator(address(first), first["name"])
    _show(user, 1)
    return user


def _programme(programme: dict[str, Any], by: User) -> None:
    import_workbook(content=write_workbook(presentation(programme["code"])), by=by, name=f"{programme['code']}.xlsx")
    kept = Programme.objects.get(code=programme["code"])
    cut_periods(programme=kept, by=by)
    for component in programme["components"]:
        title = {language: component[language] for language in LANGUAGES}
        _keep(Component(programme=kept, code=component["code"], title=title), by)
    for office in programme["offices"]:
        _keep(Office(programme=kept, **office | {"region": _territory(office.get("region", ""))}), by)
    for agreement in programme["agreements"]:
        funder = Funder.objects.get(code=agreement["funder"])
        _keep(FundingAgreement(programme=kept, **agreement | {"funder": funder}), by)


def _contact(line: dict[str, str], by: User) -> None:
    programme = Programme.objects.get(code=line["programme"])
    organisation = Organisation.objects.get(name=line["organisation"])
    _keep(Contact(name=line["name"], role=line["role"], programme=programme, organisation=organisation), by)


def _people(by: User) -> None:
    people = read("people")
    for number, someone in enumerate(people["people"][1:], start=2):
        _show(_member(someone, by), number)
    for someone in people["colleagues"]:  # they give programmes their four eyes; nobody signs in as them
        _member(someone, by)


def _member(someone: dict[str, Any], by: User) -> User:
    """The account of a person, with their role in each of their programmes."""
    organisation = Organisation.objects.get(name=someone["organisation"]) if "organisation" in someone else None
    held = {"role": someone["role"], "region": _territory(someone.get("region", "")), "organisation": organisation}
    for programme in Programme.objects.filter(code__in=someone["programmes"]):
        user = User(email=address(someone), name=someone["name"])
        grant_role(membership=Membership(user=user, programme=programme, **held), by=by)
    return User.objects.get(email=address(someone))


def _show(user: User, number: int) -> None:
    """Give an account the password that everyone sees; hashing it slowly would only make the demonstration wait."""
    hasher = PBKDF2PasswordHasher()
    user.password = hasher.encode(password(number), hasher.salt(), iterations=1_000)
    user.save(update_fields=["password"])


def _territory(code: str) -> Territory | None:
    return Territory.objects.get(code=code) if code else None


def _keep(row: Row, by: User) -> None:
    """Add a row as its page would: checked, saved and recorded."""
    with recorded(f"{row._meta.model_name}.added", by) as leave:
        row.full_clean()
        row.save()
        leave(row)
