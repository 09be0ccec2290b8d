"""Steps of the sheets Programme, Bailleurs, Conventions and Périodes."""

from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError

from jalons.core.actions import recorded
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.core.refusals import keep, violated
from jalons.core.scope import Row
from jalons.foundation.programmes.models import Funder, FundingAgreement, Operator, Period, Programme
from jalons.foundation.programmes.rules.shares import read_shares
from jalons.foundation.territories.models import Territory
from jalons.reporting.exchange.importing.run import Run, fill
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.records import REMOVED, Change

APP = "programmes"


def set_programme(run: Run, changes: list[Change]) -> None:
    """Create or change the programme itself."""
    [change] = changes
    fields = change.after
    programme = run.programme or Programme()
    fill(programme, fields, "code", "short_name", "title", "purpose", "starts_on", "ends_on", *specs.PUBLICATION)
    for name in specs.SHARED_OUT:
        setattr(programme, name, read_shares(fields[name]))
    programme.operator = _operator(run, fields["operator"], fields["operator_name"])
    places = list(Territory.objects.filter(code__in=fields["territories"]))
    if lost := set(fields["territories"]) - {place.code for place in places}:
        raise Refused(_("« %(code)s » n’est pas un code de territoire."), field="territories", code=min(lost))
    _keep(run, "programme.set", programme, Level.EDIT if programme.pk else Level.DECIDE)
    programme.territories.set(places)
    run.programme = programme


def set_funder(run: Run, changes: list[Change]) -> None:
    """Add, change or remove who finances."""
    [change] = changes
    funder = run.fresh(Funder, change, code=change.key[0])
    if change.kind == REMOVED:
        _remove(run, "funder.removed", funder)
        return
    _keep(run, "funder.set", fill(funder, change.after, "name", "iati_identifier"), Level.EDIT)


def set_agreement(run: Run, changes: list[Change]) -> None:
    """Add, change or remove what a funder has promised."""
    [change] = changes
    agreement = run.fresh(FundingAgreement, change, programme=run.programme, reference=change.key[0])
    if change.kind == REMOVED:
        _remove(run, "fundingagreement.removed", agreement)
        return
    fill(agreement, change.after, "name", "amount", "currency", "starts_on", "ends_on")
    agreement.funder = run.find(Funder, specs.FUNDERS, "funder", code=change.after["funder"])
    _keep(run, "fundingagreement.set", agreement, Level.EDIT)


def set_period(run: Run, changes: list[Change]) -> None:
    """Add, change or remove a period."""
    [change] = changes
    period = run.fresh(Period, change, programme=run.programme, code=change.key[0])
    if change.kind == REMOVED:
        _remove(run, "period.removed", period)
        return
    fill(period, change.after, "kind", "accumulates", "label", "starts_on", "ends_on")
    reference = change.after["agreement"]
    own = {"programme": run.programme, "reference": reference}
    period.agreement = run.find(FundingAgreement, specs.AGREEMENTS, "agreement", **own) if reference else None
    _keep(run, "period.set", period, Level.EDIT)


def _operator(run: Run, code: str, name: str) -> Operator:
    operator = Operator.objects.filter(code=code).first()
    if operator:
        return operator
    if not name or not run.by.may(APP, Level.DECIDE):
        raise Refused(
            _("L’opérateur « %(code)s » est inconnu. L’administration l’ajoute, ou le crée ici en donnant son nom."),
            field="operator", code=code,
        )  # fmt: skip
    return Operator.objects.create(code=code, name=name)


def _keep(run: Run, verb: str, row: Row, needs: Level) -> None:
    with recorded(verb, run.by) as leave:
        if not row.is_open_to(run.by, needs, app=APP):
            raise PermissionDenied(verb)
        keep(row)
        leave(row)


def _remove(run: Run, verb: str, row: Row) -> None:
    with recorded(verb, run.by) as leave:
        if not row.is_open_to(run.by, Level.EDIT, app=APP):
            raise PermissionDenied(verb)
        try:
            type(row).objects.filter(pk=row.pk).delete()
        except ProtectedError as error:
            raise Refused(violated(error)) from None
        leave(row)


STEPS = {
    specs.PROGRAMME: set_programme, specs.FUNDERS: set_funder, specs.AGREEMENTS: set_agreement,
    specs.PERIODS: set_period,
}  # fmt: skip
