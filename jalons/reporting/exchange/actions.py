"""Importing the workbook of a programme: what it would change, then changing it, all or nothing."""

from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from jalons.core import documents
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.foundation.programmes.models import Programme
from jalons.reporting.exchange.importing import programmes
from jalons.reporting.exchange.importing.order import perform
from jalons.reporting.exchange.importing.run import Run
from jalons.reporting.exchange.snapshot import snapshot
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.reader import read_workbook
from jalons.reporting.exchange.workbook.records import Note, Plan, Reading, compare, unknown_references


def check_workbook(*, content: bytes, by: Any) -> Plan:
    """What importing a workbook would do: tried for good, then undone.

    Error: Refused when the file cannot be read, or names no programme that `by` may change.
    """
    with transaction.atomic():
        plan, run = _prepare(content, by)
        perform(plan, run)
        transaction.set_rollback(True)
    return plan


@transaction.atomic
def import_workbook(*, content: bytes, by: Any, mark: str = "", name: str = "classeur.xlsx") -> Plan:
    """Do what a workbook says and keep the file. `mark` is that of the plan that was shown and confirmed, if any.

    Error: Refused when anything is wrong in it, or no longer as it was shown; then nothing is changed.
    """
    plan, run = _prepare(content, by)
    if mark and plan.mark != mark:
        raise Refused(_("Le programme a changé depuis cet aperçu. Relisez ce qui changerait, puis confirmez."))
    if plan.faults:
        _refuse(plan)
    if not plan.changes:
        return plan
    if run.programme:
        apply_workbook(programme=run.programme, plan=plan, run=run, by=by)
    else:
        _do(plan, run)
    documents.attach(target=run.programme, document=ContentFile(content, name), by=by)
    return plan


@action("workbook.applied", needs=Level.DECIDE)
def apply_workbook(*, programme: Programme, plan: Plan, run: Run, by: Any) -> Programme:
    """Add, change and remove what the rows of a workbook say. Definitions that change become new versions."""
    _do(plan, run)
    return programme


def _do(plan: Plan, run: Run) -> None:
    perform(plan, run)
    if plan.faults:
        _refuse(plan)


def _refuse(plan: Plan) -> None:
    first = plan.faults[0]
    raise Refused(
        _("Rien n’a été changé. Points à corriger dans le classeur : %(count)s. Le premier, feuille %(sheet)s, ligne "
          "%(row)s : %(reason)s"),
        count=len(plan.faults), sheet=first.sheet, row=first.row, reason=first.text,
    )  # fmt: skip


def _prepare(content: bytes, by: Any) -> tuple[Plan, Run]:
    reading = read_workbook(content)
    if any(fault.sheet == specs.PROGRAMME for fault in reading.faults):  # nobody knows which programme it is about
        return Plan(faults=list(reading.faults), notes=list(reading.notes)), Run(by, reading, None, {})
    programme = _programme(reading, by)
    current = snapshot(programme)
    plan = compare(current, reading)
    plan.faults += unknown_references(current, reading)
    if programme is None:
        _only_create(plan)
    return plan, Run(by, reading, programme, plan.idle, plan.notes)


def _programme(reading: Reading, by: Any) -> Programme | None:
    """The programme that a workbook is about, among those that `by` may change; None for one to be created.

    It is held until the end of the transaction: two workbooks never mix.
    """
    rows = list(reading.rows.get(specs.PROGRAMME, {}))
    if len(rows) != 1:
        raise Refused(_("La feuille « Programme » doit avoir une ligne complète, et une seule."))
    [(code,)] = rows
    open_to = Programme.objects.for_user(by, Level.DECIDE, app="exchange")
    found = Programme.objects.select_for_update().filter(pk__in=open_to.values("pk"), code=code).first()
    creates = by.may("programmes", Level.DECIDE) and not Programme.objects.filter(code=code).exists()
    if found is None and not creates:
        raise Refused(
            _("Aucun programme « %(code)s » ne vous est ouvert. Corrigez le code, ou demandez à l’administration."),
            code=code,
        )
    return found


def _only_create(plan: Plan) -> None:
    """A new programme has nobody yet: only its own row and its periods come in, the rest waits and is said."""
    own = [change for change in plan.changes if change.sheet in programmes.STEPS]
    if waiting := len(plan.changes) - len(own):
        message = _("Lignes en attente : %(count)s. Une fois le programme créé, une personne qui y tient le "
                    "suivi-évaluation importe ce même fichier.")  # fmt: skip
        plan.notes.append(Note(specs.PROGRAMME, message, {"count": waiting}))
    plan.changes = own
