"""What tests of measurement start from: a form of participants with validated answers, indicators and periods."""

import io
import zipfile
from datetime import date
from itertools import count

from jalons.collection.forms.actions import declare, import_form
from jalons.collection.forms.tests.workbooks import a_form as a_workbook_form
from jalons.collection.submissions.actions import receive_batch, validate_all
from jalons.collection.submissions.models import Submission
from tests.builders import a_period, a_programme, a_user, an_indicator

SURVEY = (
    ["type", "name", "label", "relevant"],
    ["date", "jour", "Date de l’atelier", ""],
    ["select_one sexe", "sexe", "Sexe", ""],
    ["integer", "age", "Âge", ""],
    ["text", "personne", "Code de la personne", ""],
    ["decimal", "heures", "Heures suivies", ""],
    ["text", "enceinte", "Grossesse en cours", "${sexe} = 'f'"],
)
CHOICES = [["list_name", "name", "label"], ["sexe", "f", "Femme"], ["sexe", "h", "Homme"]]
SEX = {"sex": {"value": "${sexe}", "categories": {"f": "female", "h": "male"}}}
ANSWERS = (
    "uuid:1,2026-02-03,f,31,a,6.5",
    "uuid:2,2026-02-04,h,17,b,2",
    "uuid:3,2026-03-10,f,,a,",
    "uuid:4,2026-05-20,,45,c,8",
    "uuid:5,,h,50,d,3",
)


NUMBERS = count(1)
QUESTIONS = ("jour", "sexe", "age", "personne", "heures")


def an_instance(identifier, *answers):
    """What a phone sends: a correction bears its own identifier and names the instance that it corrects."""
    identifier, _sign, corrected = identifier.partition(">")
    body = "".join(f"<{q}>{a}</{q}>" for q, a in zip(QUESTIONS, answers, strict=True) if a)
    deprecated = f"<deprecatedID>{corrected}</deprecatedID>" if corrected else ""
    meta = f"<meta><instanceID>{identifier}</instanceID>{deprecated}</meta>"
    return f'<data id="atelier" version="1">{body}{meta}</data>'


class Story:
    """A programme with two quarters and a half-year since the beginning, a form, and people to measure and sign."""

    def __init__(self, answers=ANSWERS):
        self.programme = a_programme()
        self.officer, self.checker, self.manager = (
            a_user(role, self.programme) for role in ("me_officer", "me_officer", "project_manager")
        )
        self.first = a_period(self.programme, date(2026, 1, 1), date(2026, 3, 31), kind="quarter", code="T1")
        self.second = a_period(self.programme, date(2026, 4, 1), date(2026, 6, 30), kind="quarter", code="T2")
        self.since = a_period(
            self.programme, date(2026, 1, 1), date(2026, 6, 30), kind="cumulative", accumulates="quarter", code="C2"
        )
        header, *rows = SURVEY
        settings = [["form_title", "form_id", "version"], ["Atelier", "atelier", "1"]]
        data = a_workbook_form(*rows, header=header, choices=CHOICES, settings=settings)
        self.form = import_form(programme=self.programme, data=data, file_name="atelier.xlsx", by=self.officer).form
        declare(form=self.form, roles={"date": "jour"}, by=self.officer)
        self.receive(*answers)

    def receive(self, *rows):
        """Bring answers in from phones, all validated; a row with a known identifier corrects it."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for row in rows:
                archive.writestr(f"{next(NUMBERS)}.xml", an_instance(*row.split(",")))
        if rows:
            receive_batch(form=self.form, file=content.getvalue(), name="instances.zip", by=self.officer)
            waiting = Submission.objects.filter(form=self.form, state="received")
            validate_all(form=self.form, submissions=waiting, by=self.checker)

    def indicator(self, measure="count", *, splits=SEX, unit="1", aggregation="sum", **formula):
        """An indicator on the form."""
        record = {"source": {"form": "atelier"}, "measure": measure, "dimensions": splits} | formula
        return an_indicator(self.programme, formula=record, measure=unit, time_aggregation=aggregation)
