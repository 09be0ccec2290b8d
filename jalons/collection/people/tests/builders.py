"""What tests of the register start from: an attendance sheet with participants, declared as a source of persons."""

from itertools import count

from jalons.collection.forms.actions import declare, import_form, publish
from jalons.collection.forms.tests.workbooks import a_form as a_workbook_form
from jalons.collection.people import actions
from jalons.collection.people.models import Link, Person
from jalons.collection.submissions.actions import receive_batch
from tests.builders import a_programme, a_user

HEADER = ["type", "name", "label"]
SURVEY = (
    ["date", "jour", "Date de l’activité"],
    ["begin_repeat", "participants", "Participants"],
    ["text", "nom", "Nom de famille"],
    ["text", "prenom", "Prénom"],
    ["text", "sexe", "Sexe"],
    ["text", "annee_naissance", "Année de naissance"],
    ["text", "commune", "Commune"],
    ["text", "telephone", "Téléphone"],
    ["end_repeat", "participants", ""],
)
ROLES = {"given": "prenom", "family": "nom", "sex": "sexe", "year": "annee_naissance", "commune": "commune",
         "phone": "telephone"}  # fmt: skip
NUMBER = count(1)


def a_sheet(programme=None, officer=None, code="presence"):
    """A form with a repeat of participants, and who keeps the monitoring."""
    programme = programme or a_programme()
    officer = officer or a_user("me_officer", programme)
    settings = [["form_title", "form_id", "version"], ["Présence", code, "1"]]
    data = a_workbook_form(*SURVEY, header=HEADER, settings=settings)
    form = import_form(programme=programme, data=data, file_name="presence.xlsx", by=officer).form
    declare(form=form, roles={"date": "jour"}, by=officer)
    publish(form=form, by=officer)
    return form, officer


def a_source(form, officer, **more):
    return actions.declare_source(form=form, table="participants", roles=ROLES, by=officer, **more)


def told(form, officer, *people, day="2026-05-04", identifier=None, deprecated=""):
    """A sheet arrives; people: (family, given, sex, year, commune, phone)."""
    number = next(NUMBER)
    lines = "".join(
        "<participants>"
        + "".join(f"<{tag}>{value}</{tag}>" for tag, value in zip(
            ("nom", "prenom", "sexe", "annee_naissance", "commune", "telephone"), person, strict=False))
        + "</participants>"
        for person in people
    )  # fmt: skip
    corrects = f"<deprecatedID>{deprecated}</deprecatedID>" if deprecated else ""
    meta = f"<meta><instanceID>{identifier or f'uuid:{number}'}</instanceID>{corrects}</meta>"
    content = f'<data id="{form.code}" version="1"><jour>{day}</jour>{lines}{meta}</data>'.encode()
    return receive_batch(form=form, file=content, name=f"presence-{number}.xml", by=officer)


def persons():
    """Persons that some telling is of, with the names written of each."""
    found = {}
    for link in Link.objects.filter(until=None).select_related("alias", "person").order_by("alias"):
        found.setdefault(link.person, []).append(link.alias.name)
    return sorted(found.values())


def the_person(name):
    return Person.objects.get(links__alias__given=name, links__until=None)
