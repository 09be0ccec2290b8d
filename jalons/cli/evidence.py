"""Commands that compute, walk a figure back, and tell."""

from typing import Annotated

import typer
from django.utils import translation
from rich.markup import escape
from rich.table import Table

from jalons.cli.reading import By, Code, console, one, person, progress
from jalons.cli.reading import programme as named
from jalons.core.errors import Refused
from jalons.evidence.measurement.actions import measure as compute
from jalons.evidence.measurement.queries import standing_value
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.tasks import LEFT_OUT
from jalons.evidence.measurement.telling import CHANGES, Bringing, cases, figure, formula
from jalons.evidence.measurement.tracing import Line, Since, Trace
from jalons.evidence.measurement.tracing import trace as path_of
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import FundingAgreement, Period
from jalons.planning.results.forms import fault_in_words
from jalons.planning.results.models import Indicator
from jalons.reporting.reports import actions as reports


def measure(code: Code, by: By) -> None:
    """Calcule les indicateurs d’un programme, pour toutes ses périodes ; ce qui a changé devient un brouillon."""
    user = person(by)
    with progress("Indicateurs") as advance:
        outcome = compute(programme=named(code, user), by=user, progress=advance)
    console.print(f"Valeurs nouvelles ou changées : {outcome.changed} ; inchangées : {outcome.unchanged}.")
    for indicator, fault in outcome.faults:
        console.print(f"[red]{indicator.code}[/] {_said(fault, user)}")
    for rows in outcome.left_out:
        console.print(f"[yellow]{LEFT_OUT % vars(rows)}[/]")
    if outcome.faults:
        raise Refused("Indicateurs qui n’ont pas pu être calculés : %(count)s. Les autres sont à jour.",
                      count=len(outcome.faults))  # fmt: skip


def _said(fault: Refused, reader: User) -> str:
    """What is wrong in a formula, with the names of the sheet's fields, in the language of whoever asks."""
    with translation.override(reader.language):
        return escape(fault_in_words(fault)[1])


def trace(
    code: Code, indicator: Annotated[str, typer.Argument(metavar="INDICATEUR", help="Code de l’indicateur.")],
    period: Annotated[str, typer.Argument(metavar="PÉRIODE", help="Code de la période.")], by: By,
) -> None:  # fmt: skip
    """D’où vient ce chiffre : la valeur, sa définition, sa formule, les soumissions qui l’ont faite."""
    user = person(by)
    programme = named(code, user)
    row = one(Indicator.objects.for_user(user).filter(result__programme=programme), "Aucun indicateur", code=indicator)
    span = one(Period.objects.filter(programme=programme), "Aucune période", code=period)
    value = standing_value(row, span)
    if value is None or not value.is_open_to(user):
        raise Refused("Pas encore de valeur pour %(indicator)s en %(period)s.", indicator=indicator, period=period)
    found = path_of(value, user)
    console.print(f"[bold]{row}[/] · {span} · {value.get_state_display()} · {value.definition}")
    measure, kept = value.definition.measure, found.figure
    told = (f"valeur {figure(kept.number, measure) or 'inconnue'}", cases(kept))
    console.print(" · ".join(filter(None, told)))
    console.print(value.text or formula(value.definition))
    if found.fault:
        console.print(f"[red]Cette valeur ne peut plus être recalculée.[/] {_said(found.fault, user)}")
        return
    bringing = Bringing(value)
    _print_rows(found, bringing)
    verdict = "égale" if found.equal else "DIFFÉRENTE"
    counted = "" if found.tiles else f"soumissions : {found.total} ; lignes : {len(found.rows)} ; "
    console.print(f"{counted}recalculée : {figure(found.again, measure)} ({verdict})")
    if found.waiting:
        console.print(f"Corrections à revoir : {found.waiting} ; la version validée compte jusque-là.")
    if found.since:
        _print_since(found.since, bringing)


def _print_rows(found: Trace, bringing: Bringing) -> None:
    for tile in found.tiles:
        changed = f" ; aujourd’hui {_known(tile.now)}" if tile.has_changed else ""
        console.print(f"{tile.period} : {_known(tile.then)}{changed}")
    if found.lines and not found.is_open:
        console.print("Vos droits n’ouvrent pas les soumissions : elles sont comptées sans être montrées.")
    elif found.lines:
        table = Table("soumission", "version", "lignes", "date", "apporte")
        for line in found.lines:
            table.add_row(*_named(line), bringing.said(line.rows))
        console.print(table)


def _known(kept: Figure | None) -> str:
    return figure(kept and kept.number) or "inconnue"


def _named(line: Line) -> tuple[str, ...]:
    if line.submission is None:
        return "hors de votre portée", "", str(len(line.rows)), ""
    day = str(line.submission.collected_on or "")
    return line.submission.instance_id, str(line.version), str(len(line.rows)), day


def _print_since(since: Since, bringing: Bringing) -> None:
    """What has changed since the value was computed."""
    console.print(f"Depuis : avec les données d’aujourd’hui, la même formule donne {_known(Figure(since.again))}.")
    if since.definition:
        console.print(f"La définition a changé : {since.definition} ; elle donne {_known(Figure(since.redefined))}.")
    if since.is_open:
        table = Table("soumission", "ce qui a changé", "apportait", "apporte")
        for change in since.changes:
            name = change.submission.instance_id if change.submission else "hors de votre portée"
            why = " : ".join(filter(None, [str(CHANGES[change.kind]), change.reason]))
            table.add_row(name, why, bringing.said(change.then) or "—", bringing.said(change.now) or "—")
        console.print(table)


def report(
    code: Code,
    period: Annotated[str, typer.Option(help="Code de la période.")],
    by: By,
    agreement: Annotated[str, typer.Option(help="Référence de la convention ; tous les bailleurs sans elle.")] = "",
    issued_by: Annotated[str, typer.Option(help="Émet aussitôt le rapport, au nom d’une autre personne.")] = "",
) -> None:
    """Prépare un rapport de cadre logique ; émis, il est figé : Word, Excel et IATI, toujours les mêmes octets."""
    user = person(by)
    programme = named(code, user)
    agreements = FundingAgreement.objects.filter(programme=programme)
    draft = reports.draft(
        programme=programme,
        period=one(Period.objects.filter(programme=programme), "Aucune période", code=period),
        agreement=one(agreements, "Aucune convention", reference=agreement) if agreement else None,
        by=user,
    )
    if issued_by:
        draft = reports.issue(report=draft, by=person(issued_by))
    console.print(f"{draft} : {draft.get_state_display()}")
    for file in draft.files.all():
        console.print(f"  {file.name}  {file.sha256}")
