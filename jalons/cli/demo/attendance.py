"""Attendance sheets that an association fills in the workbook of the form, and sends."""

import io
from datetime import date, datetime, time
from typing import Any

from jalons.cli.demo.collection import officer
from jalons.cli.demo.content import read
from jalons.cli.demo.foundation import person
from jalons.collection.forms import actions as forms
from jalons.collection.forms.models import FormVersion
from jalons.collection.forms.queries import latest_version
from jalons.collection.submissions import actions as submissions
from jalons.collection.submissions.rules.filled import PARENT
from jalons.collection.submissions.workbook.layout import layout
from jalons.collection.submissions.workbook.writer import Writer
from jalons.foundation.programmes.models import Programme

PROGRAMME, SENDER = "prim-2", "grantee"
PEOPLE = ("family_name", "given_name", "family_name_ar", "given_name_ar", "sex", "year_of_birth", "commune",
          "organisation", "phone")  # fmt: skip


def send_sheets() -> None:
    """The form is adopted and opened; one workbook comes in, the next waits for its faults to be seen."""
    by, sender = officer(PROGRAMME), person(SENDER)
    form = forms.adopt(programme=Programme.objects.get(code=PROGRAMME), code="attendance", by=by)
    forms.publish(form=form, by=by)
    version = latest_version(form)
    for wave in ("sent", "waiting"):
        content = workbook(version, read("attendance")[wave])
        batch = submissions.open_batch(
            form=form, file=io.BytesIO(content), name=f"presence_tamount_{wave}.xlsx", by=sender
        )
        if wave == "sent":
            submissions.receive(batch=batch, by=sender)


def workbook(version: FormVersion, written: dict[str, Any]) -> bytes:
    """The workbook of a version, with what is written in it."""
    plan = layout(version, "fr")
    paths = {question.name: question.path for question in version.questions.all()}
    events = [{paths[name]: _cell(value) for name, value in event.items()} for event in written["events"]]
    people = [
        {PARENT: number, **{paths[name]: value for name, value in zip(PEOPLE, line, strict=True)}}
        for number, *line in written["participants"]
    ]
    return Writer(plan, "fr", {"": events, "participants": people}).bytes()


def _cell(value: Any) -> Any:
    return datetime.combine(value, time()).isoformat() if isinstance(value, date) else value
