from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from jalons.core.errors import Refused
from jalons.core.models import Event
from jalons.foundation.programmes.actions import cut_periods, cut_reporting_periods
from tests.builders import a_period, a_programme, a_user, an_agreement


def test_cutting_again_adds_nothing_and_changes_nothing(db):
    programme = a_programme()
    officer = a_user("me_officer", programme)
    mine = a_period(programme, code="2026-T1", kind="quarter", label={"fr": "Mon trimestre"})
    cut_periods(programme=programme, by=officer)
    before = programme.periods.count()

    cut_periods(programme=programme, by=officer)

    assert programme.periods.count() == before == 28
    assert programme.periods.get(code="2026-T1").label == mine.label
    assert Event.objects.filter(verb="programme.cut", by=officer).count() == 2


def test_only_those_who_edit_the_programme_cut_it(db):
    programme, elsewhere = a_programme(), a_programme()
    for outsider in (a_user("funder", programme), a_user("project_manager", elsewhere), a_user()):
        with pytest.raises(PermissionDenied):
            cut_periods(programme=programme, by=outsider)
    assert not programme.periods.exists()


def test_reporting_periods_belong_to_their_agreement(db):
    programme = a_programme()
    agreement = an_agreement(programme, starts_on=date(2026, 4, 1), ends_on=date(2028, 3, 31))

    cut_reporting_periods(fundingagreement=agreement, months=12, by=a_user("project_manager", programme))

    assert [p.kind for p in agreement.period_set.all()] == ["reporting", "reporting"]


def test_an_agreement_without_dates_cannot_be_cut(db):
    programme = a_programme()
    with pytest.raises(Refused, match="dates"):
        cut_reporting_periods(
            fundingagreement=an_agreement(programme), months=12, by=a_user("project_manager", programme)
        )
