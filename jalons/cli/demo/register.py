"""The register of persons of the demonstration: attendance sheets are declared, and read."""

from jalons.cli.demo.collection import officer
from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import latest_version
from jalons.collection.people import actions
from jalons.collection.people.rules.sources import propose

PARTICIPANTS = "participants"


def declare(code: str) -> None:
    """Each monitoring officer says that a row of a sheet is a person: an indicator may count them from then on."""
    for form in Form.objects.filter(code=code).select_related("programme").order_by("pk"):
        roles = propose(list(latest_version(form).questions.filter(table=PARTICIPANTS)), PARTICIPANTS)
        actions.declare_source(form=form, table=PARTICIPANTS, roles=roles, by=officer(form.programme.code))


def count_once() -> None:
    """The sheets of associations are declared too, and all that is not yet is put in the register."""
    declare("attendance")
    actions.feed()
