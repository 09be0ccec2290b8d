"""What tests of submissions start from: a form with a repeat brought in, territories, files to bring."""

from jalons.collection.forms.actions import declare, import_form
from jalons.collection.forms.models import Form
from jalons.collection.forms.tests.workbooks import a_form as a_workbook_form
from jalons.collection.submissions.actions import receive_batch
from jalons.collection.submissions.models import Batch
from tests.builders import a_programme, a_territory, a_user

SURVEY = (
    ["type", "name", "label", "relevant", "constraint", "required", "calculation"],
    ["date", "jour", "Date de la visite", "", "", "", ""],
    ["text", "lieu", "Région", "", "", "yes", ""],
    ["text", "agent", "Qui collecte", "", "", "", ""],
    ["integer", "taille", "Taille du foyer", "", ". > 0", "yes", ""],
    ["select_multiple besoins", "besoins", "Besoins", "${taille} > 1", "", "", ""],
    ["calculate", "double", "Double", "", "", "", "${taille} * 2"],
    ["text", "nom", "Nom de la personne", "", "", "", ""],
    ["begin_repeat", "membre", "Membre", "", "", "", ""],
    ["text", "prenom", "Prénom", "", "", "", ""],
    ["integer", "age", "Âge", "", ". >= 0 and . < 120", "", ""],
    ["end_repeat", "membre", "", "", "", "", ""],
)
CHOICES = [["list_name", "name", "label"], ["besoins", "eau", "De l’eau"], ["besoins", "toit", "Un toit"]]


def a_survey(*extra, version="1", settings=None) -> bytes:
    """The workbook of a form called "foyer"; more questions make another version."""
    header, *rows = SURVEY
    settings = settings or [["form_title", "form_id", "version"], ["Foyer", "foyer", version]]
    return a_workbook_form(*rows, *extra, header=header, choices=CHOICES, settings=settings)


def a_received_form(programme=None, officer=None) -> tuple[Form, object]:
    """A form that declares its territory, date and collector, and the person who keeps its monitoring."""
    programme = programme or a_programme()
    officer = officer or a_user("me_officer", programme)
    form = import_form(programme=programme, data=a_survey(), file_name="foyer.xlsx", by=officer).form
    roles = {"territory": "lieu", "date": "jour", "collector": "agent"}
    declare(form=form, roles=roles, personal=["nom"], by=officer)
    return form, officer


def two_regions():
    """Souss-Massa and Oriental, in Morocco."""
    country = a_territory("country", code="MA", name={"fr": "Maroc"})
    return [
        a_territory("region", country, code=code, name={"fr": name})
        for code, name in (("09", "Souss-Massa"), ("02", "Oriental"))
    ]


def a_csv(*rows, header="_uuid,jour,lieu,agent,taille,besoins,nom") -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def an_instance(identifier="uuid:1", body="", deprecated="", version="1", form="foyer") -> bytes:
    corrects = f"<deprecatedID>{deprecated}</deprecatedID>" if deprecated else ""
    meta = f"<meta><instanceID>{identifier}</instanceID>{corrects}</meta>"
    return f'<data id="{form}" version="{version}">{body}{meta}</data>'.encode()


def received(form, content, by, name="export.csv", **more) -> Batch:
    return receive_batch(form=form, file=content, name=name, by=by, **more)


def counts(batch):
    return {name: batch.report[name] for name in ("received", "updated", "unchanged", "refused")}
