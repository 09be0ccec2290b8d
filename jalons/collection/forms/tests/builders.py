"""What tests of forms start from: a programme, someone of its team, a form brought in."""

from datetime import date
from itertools import count

from jalons.collection.forms.actions import import_form
from jalons.collection.forms.models import FormVersion
from jalons.collection.forms.tests.workbooks import a_form
from jalons.foundation.accounts.models import Membership, User
from jalons.foundation.programmes.models import Operator, Programme

NUMBERS = count(1)
SURVEY = (
    ["date", "jour", "Date de la visite"],
    ["text", "commune", "Commune"],
    ["select_one sexe", "sexe", "Sexe"],
    ["text", "nom", "Nom"],
)
CHOICES = [["list_name", "name", "label"], ["sexe", "f", "Femme"], ["sexe", "h", "Homme"]]


def a_programme() -> Programme:
    operator, _new = Operator.objects.get_or_create(code="EF", defaults={"name": "Expertise France"})
    code = f"prim{next(NUMBERS)}"
    return Programme.objects.create(
        code=code, short_name=code.upper(), title={"fr": "Régionaliser la politique migratoire"}, operator=operator,
        starts_on=date(2026, 4, 1), ends_on=date(2028, 10, 31),
    )  # fmt: skip


def a_person(role: str, programme: Programme) -> User:
    person = User.objects.create_user(f"p{next(NUMBERS)}@jalons.test", name="Samira")
    Membership.objects.create(user=person, role=role, programme=programme)
    return person


def a_visit_form(*rows, version="1", choices=CHOICES, **settings) -> bytes:
    """The workbook of a form called "visite"."""
    told = {"form_title": "Visite", "form_id": "visite", "version": version, **settings}
    settings = [list(told), list(told.values())]
    return a_form(*(rows or SURVEY), choices=choices, settings=settings)


def a_version(programme: Programme, by: User, data: bytes | None = None) -> FormVersion:
    return import_form(programme=programme, data=data or a_visit_form(), file_name="visite.xlsx", by=by)
