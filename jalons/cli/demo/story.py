"""The demonstration from end to end, in the order in which a programme lives it."""

import time
from collections.abc import Callable

from django.db import transaction

from jalons.cli.demo import attendance, collection, evidence, phones, quality
from jalons.cli.demo.accounts import address
from jalons.cli.demo.content import read
from jalons.cli.demo.deliveries import Delivery, deliveries
from jalons.cli.demo.foundation import load_foundation, person
from jalons.cli.demo.framework import content
from jalons.cli.demo.register import count_once, declare
from jalons.core.errors import Refused, _
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import FundingAgreement, Period, Programme
from jalons.reporting.exchange.actions import import_workbook
from jalons.reporting.exchange.workbook.writer import write_workbook
from jalons.reporting.reports import actions as reports

Tell = Callable[[str], None]
# periods told in the first reports; those closed since; those still open, whose values wait to be verified or published
TOLD = ("2025-T3", "2025-T4", "2025-S2", "2025-S2-cumul", "2026-T1", "2026-T2", "2026-S1", "2026-S1-cumul", "2025")
CLOSED, OPEN = ("2026-T3",), ("2026-T4", "2026-S2", "2026-S2-cumul", "2026")


@transaction.atomic
def load(progress: Tell = print) -> None:
    """Load the demonstration whole, or leave it as it is when it is there already.

    Error: Refused in a database where somebody works: the demonstration's passwords are known to all.
    """
    if (
        Programme.objects.filter(code__in=programmes()).exists()
        and User.objects.filter(email=address(_first())).exists()
    ):
        return
    if User.objects.exists() or Programme.objects.exists():
        raise Refused(_("Cette base sert déjà. La démonstration ne se charge que dans une base vide."))
    files, first = deliveries(), time.monotonic()
    for words, step in (
        ("Programmes, partenaires et comptes", load_foundation),
        ("Formulaires", lambda: open_forms(files)),
        ("Cadres logiques, indicateurs et cibles", promise),
        ("Soumissions jusqu’en juin 2026", lambda: receive(files, 1)),
        ("Valeurs et rapports du premier semestre", first_half),
        ("Soumissions jusqu’en novembre 2026", lambda: receive(files, 2)),
        ("Définition révisée, valeurs et rapport du troisième trimestre", second_half),
        ("Feuilles de présence sur Excel", attendance.send_sheets),
        ("Feuilles de présence envoyées d’une tablette", phones.send),
        ("Contrôles de qualité, corrections, contre-vérification", quality.check),
        ("Personnes comptées une fois", count_once),
    ):
        began = time.monotonic()
        step()
        progress(f"{words} : {time.monotonic() - began:.1f} s")
    progress(f"Démonstration chargée en {time.monotonic() - first:.1f} s")


def programmes() -> list[str]:
    """Codes of the programmes of the demonstration."""
    return [programme["code"] for programme in read("programmes")["programmes"]]


def open_forms(files: list[Delivery]) -> None:
    """The forms that files come by; each row of an attendance sheet is a person."""
    collection.open_forms({(file.programme, file.form) for file in files})
    declare("feuille_presence")


def promise() -> None:
    """Each monitoring officer imports the workbook of their programme."""
    for programme in programmes():
        _import(programme, f"{programme}.xlsx")


def receive(files: list[Delivery], wave: int) -> None:
    """The files of one wave come in, then are reviewed."""
    for file in files:
        if file.wave == wave:
            collection.receive(file)
    for programme in programmes():
        collection.review(programme)


def first_half() -> None:
    """The past is measured, verified, published and told to funders."""
    for programme in programmes():
        evidence.measure(programme, TOLD)
        evidence.verify(programme, TOLD)
        evidence.publish(programme, TOLD)
    tell("tpm", "AFD", "2025-S2")
    for programme, funder in (("prim-2", "AFD"), ("thamm-plus", "UE"), ("tpm", "AFD")):
        tell(programme, funder, "2026-S1")


def second_half() -> None:
    """A definition changed, the past is measured again, the present waits to be verified."""
    _import("prim-2", "prim-2-definitions-revisees.xlsx", revised=True)
    for programme in programmes():
        evidence.measure(programme, (*TOLD, *CLOSED, *OPEN))
        evidence.verify(programme, (*TOLD, *CLOSED))
        evidence.publish(programme, (*TOLD, *CLOSED))
        evidence.verify(programme, OPEN, indicator__code__startswith="P1")
    tell("prim-2", "AFD", "2026-T3")
    prepare("prim-2", "UE", "2026-S2-cumul")


def tell(programme: str, funder: str, period: str) -> None:
    """One person prepares a report, another issues it."""
    report = prepare(programme, funder, period)
    reports.issue(report=report, by=person(read("senders")["reports"][programme]["issues"]))


def prepare(programme: str, funder: str, period: str) -> reports.Report:
    """A report to a funder, as a draft."""
    kept = Programme.objects.get(code=programme)
    return reports.draft(
        programme=kept,
        period=Period.objects.get(programme=kept, code=period),
        agreement=FundingAgreement.objects.get(programme=kept, funder__code=funder),
        by=person(read("senders")["reports"][programme]["prepares"]),
    )


def _import(programme: str, name: str, *, revised: bool = False) -> None:
    file = write_workbook(content(programme, revised=revised))
    import_workbook(content=file, by=collection.officer(programme), name=name)


def _first() -> dict[str, str]:
    return read("people")["people"][0]
