"""The register of persons of the demonstration: attendance sheets are declared, and read."""

from jalons.cli.demo.collection import officer
from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import latest_version
from jalons.collection.people import actions
from jalons.collection.people.rules.sources import propose

SHEETS, PARTICIPANTS = ("feuille_presence", "attendance"), "participants"


def count_once() -> None:
    """Each monitoring officer says that a row of a sheet is a person; all are put in the register."""
    for form in Form.objects.filter(code__in=SHEETS).select_related("programme").order_by("pk"):
        roles = propose(list(latest_version(form).questions.filter(table=PARTICIPANTS)), PARTICIPANTS)
        actions.declare_source(form=form, table=PARTICIPANTS, roles=roles, by=officer(form.programme.code))
    actions.feed()
