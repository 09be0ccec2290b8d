"""What changes the frame of a programme beyond a single row."""

from collections.abc import Iterable
from typing import Any

from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.foundation.programmes.models import FundingAgreement, Period, Programme
from jalons.foundation.programmes.rules import periods
from jalons.foundation.programmes.rules.small_numbers import check_least


@action("programme.cut", needs=Level.EDIT)
def cut_periods(*, programme: Programme, by: Any) -> Programme:
    """Add the calendar periods that a programme lacks; those that exist are left as they are."""
    _add(programme, periods.cut(programme.starts_on, programme.ends_on))
    return programme


@action("fundingagreement.cut", needs=Level.EDIT)
def cut_reporting_periods(*, fundingagreement: FundingAgreement, months: int, by: Any) -> FundingAgreement:
    """Add the reporting periods that an agreement lacks, every so many months."""
    agreement = fundingagreement
    if not (agreement.starts_on and agreement.ends_on):
        raise Refused(_("Donnez d’abord à la convention ses dates de début et de fin."))
    stretches = periods.cut_reporting(agreement.reference, agreement.starts_on, agreement.ends_on, months)
    _add(agreement.programme, stretches, agreement=agreement)
    return agreement


@action("programme.veiled", needs=Level.DECIDE)
def set_least_people(*, programme: Programme, least_people: int, by: Any) -> Programme:
    """From now on a cell of fewer people is masked to those who read aggregates only; issued reports stay as they are.

    The history of the programme keeps each threshold, since when, by whom and why.
    """
    check_least(least_people, programme.least_people)
    programme.least_people = least_people
    programme.save(update_fields=["least_people", "updated_at"])
    return programme


def _add(programme: Programme, stretches: Iterable[periods.Stretch], **fields: Any) -> None:
    known = set(programme.periods.values_list("code", flat=True))
    Period.objects.bulk_create(
        Period(programme=programme, **vars(stretch), **fields) for stretch in stretches if stretch.code not in known
    )
