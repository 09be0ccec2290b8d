"""Steps of the sheets Programme and Périodes."""

from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError

from jalons.core.actions import recorded
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.core.refusals import keep, violated
from jalons.core.scope import ScopedModel
from jalons.foundation.programmes.models import FundingAgreement, Operator, Period, Programme
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


def set_period(run: Run, changes: list[Change]) -> None:
    """Add, change or remove a period."""
    [change] = changes
    period = run.fresh(Period, change, programme=run.programme, code=change.key[0])
    if change.kind == REMOVED:
        _remove(run, period)
        return
    fill(period, change.after, "kind", "accumulates", "label", "starts_on", "ends_on")
    reference = change.after["agreement"]
    period.agreement = reference and _agreement(run, reference) or None
    _keep(run, "period.set", period, Level.EDIT)


def _agreement(run: Run, reference: str) -> FundingAgreement:
    agreement = FundingAgreement.objects.filter(programme=run.programme, reference=reference).first()
    if agreement is None:
        raise Refused(
            _("La convention « %(code)s » n’existe pas. Créez-la dans la page du programme, ou videz la cellule."),
            field="agreement", code=reference,
        )  # fmt: skip
    return agreement


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


def _keep(run: Run, verb: str, row: ScopedModel, needs: Level) -> None:
    with recorded(verb, run.by) as leave:
        if not row.is_open_to(run.by, needs, app=APP):
            raise PermissionDenied(verb)
        keep(row)
        leave(row)


def _remove(run: Run, period: Period) -> None:
    with recorded("period.removed", run.by) as leave:
        if not period.is_open_to(run.by, Level.EDIT, app=APP):
            raise PermissionDenied("period.removed")
        try:
            Period.objects.filter(pk=period.pk).delete()
        except ProtectedError as error:
            raise Refused(violated(error)) from None
        leave(period)


STEPS = {specs.PROGRAMME: set_programme, specs.PERIODS: set_period}
