"""Pages of programmes and of what frames them, and the choice of the one in sight."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jalons.core.levels import Level
from jalons.core.links import url_or_none
from jalons.core.list_page import ListPage
from jalons.core.removal import RemovePage
from jalons.core.views import ActionPage, DetailPage, FormPage
from jalons.foundation.programmes import actions
from jalons.foundation.programmes.forms import LeastPeopleForm, ProgrammeForm, PublicationForm, RhythmForm
from jalons.foundation.programmes.models import (
    Component,
    Funder,
    FundingAgreement,
    Office,
    Operator,
    Period,
    Programme,
)
from jalons.foundation.programmes.queries import chosen_programme, periods_of, programmes_of


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Put another programme or another period in sight, and go back to the page."""
    if code := request.POST.get("programme"):
        request.session["programme"] = _named(programmes_of(request), code).pk
        request.session.pop("period", None)
    programme = chosen_programme(request)
    if (code := request.POST.get("period")) and programme:
        request.session["period"] = _named(periods_of(request, programme), code).pk
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else "/")


def _named(rows: list, code: str):
    row = next((row for row in rows if row.code == code), None)
    if row is None:
        raise Http404
    return row


class ProgrammeList(ListPage):
    model = Programme
    columns = ("short_name", "title", "operator", "starts_on", "ends_on", "code")
    filters = ("operator",)
    search = ("code", "short_name", "title")
    ordering = "code"
    template_name = "programmes/programme_list.html"

    def get_context_data(self, **extra):
        creates = self.may(Level.DECIDE)
        return super().get_context_data(workbook_url=creates and url_or_none("exchange:workbook"), **extra)


class ProgrammeDetail(DetailPage):
    model = Programme
    fields = (
        "title", "purpose", "operator", "places", "starts_on", "ends_on", "code", "iati_identifier", "sector_shares",
        "recipient_shares", "aid_terms", "least_people",
    )  # fmt: skip
    actions = (("cut-periods", _("Découper en périodes")), ("publication", _("Fiche IATI")),
               ("least-people", _("Seuil des petits nombres")))  # fmt: skip
    sections = (
        ("components", ("code", "title")),
        ("agreements", ("reference", "name", "funder", "amount", "currency", "starts_on", "ends_on")),
        ("offices", ("name", "city", "region")),
        ("periods", ("label", "kind", "starts_on", "ends_on", "code")),
    )
    attach = True


class ProgrammeAdd(FormPage):
    model = Programme
    form_class = ProgrammeForm
    level = Level.DECIDE


class ProgrammeEdit(FormPage):
    model = Programme
    form_class = ProgrammeForm


class ProgrammePublication(FormPage):
    model = Programme
    form_class = PublicationForm
    title = _("Fiche IATI")


class ProgrammeCutPeriods(ActionPage):
    model = Programme
    action = actions.cut_periods
    title = _("Découper en périodes")
    submit = _("Découper")
    done = _("Trimestres, semestres, années et cumuls ajoutés.")


class ProgrammeLeastPeople(ActionPage):
    """The threshold under which a cell is masked to those who read aggregates only, with the reason of a change."""

    model = Programme
    action = actions.set_least_people
    form_class = LeastPeopleForm
    title = _("Seuil des petits nombres de personnes")
    submit = _("Changer")
    done = _("Seuil changé. Les pages le suivent dès maintenant ; les rapports émis gardent le leur.")

    def get_initial(self):
        return {"least_people": self.object.least_people}


class ComponentForm(FormPage):
    model = Component
    fields = ("programme", "code", "title")
    parent = "programme"


class ComponentDetail(DetailPage):
    model = Component
    fields = ("programme", "code", "title")
    actions = (("remove", _("Retirer")),)
    parent = "programme"


class ComponentRemove(RemovePage):
    model = Component
    parent = "programme"


class OfficeForm(FormPage):
    model = Office
    fields = ("programme", "name", "city", "region")
    parent = "programme"


class OfficeDetail(DetailPage):
    model = Office
    fields = ("programme", "name", "city", "region")
    actions = (("remove", _("Retirer")),)
    parent = "programme"


class OfficeRemove(RemovePage):
    model = Office
    parent = "programme"


class FundingAgreementList(ListPage):
    model = FundingAgreement
    columns = ("reference", "name", "funder", "programme", "amount", "currency", "starts_on", "ends_on")
    filters = ("programme", "funder", "ends_on")
    search = ("reference", "name", "funder__name")
    ordering = "reference"


class FundingAgreementForm(FormPage):
    model = FundingAgreement
    fields = ("programme", "funder", "reference", "name", "amount", "currency", "starts_on", "ends_on")
    parent = "programme"


class FundingAgreementDetail(DetailPage):
    model = FundingAgreement
    fields = ("programme", "funder", "reference", "name", "amount", "currency", "starts_on", "ends_on")
    actions = (("cut-periods", _("Périodes de rapport")), ("remove", _("Retirer")))
    sections = (("period", ("label", "code", "starts_on", "ends_on")),)
    parent = "programme"
    attach = True


class FundingAgreementCutPeriods(ActionPage):
    model = FundingAgreement
    action = actions.cut_reporting_periods
    form_class = RhythmForm
    title = _("Périodes de rapport")
    submit = _("Découper")
    done = _("Périodes de rapport ajoutées.")


class FundingAgreementRemove(RemovePage):
    model = FundingAgreement
    parent = "programme"


class PeriodList(ListPage):
    model = Period
    columns = ("label", "kind", "programme", "starts_on", "ends_on", "code")
    filters = ("programme", "kind", "agreement")
    search = ("code", "label")
    ordering = "starts_on"


class PeriodForm(FormPage):
    model = Period
    fields = ("programme", "kind", "accumulates", "code", "label", "starts_on", "ends_on", "agreement")
    parent = "programme"


class PeriodDetail(DetailPage):
    model = Period
    fields = ("programme", "label", "kind", "accumulates", "code", "starts_on", "ends_on", "agreement")
    actions = (("remove", _("Retirer")),)
    parent = "programme"


class PeriodRemove(RemovePage):
    model = Period
    parent = "programme"


class OperatorList(ListPage):
    model = Operator
    columns = ("name", "code", "iati_identifier")
    search = ("name", "code")
    ordering = "name"


class OperatorDetail(DetailPage):
    model = Operator
    fields = ("name", "code", "iati_identifier", "organisation_type")
    sections = (("programme", ("short_name", "starts_on", "ends_on")),)


class OperatorForm(FormPage):
    """Operators answer for personal data: only the administration names them."""

    model = Operator
    fields = ("code", "name", "iati_identifier", "organisation_type")
    level = Level.DECIDE


class FunderList(ListPage):
    model = Funder
    columns = ("name", "code", "iati_identifier")
    search = ("name", "code")
    ordering = "name"


class FunderDetail(DetailPage):
    model = Funder
    fields = ("name", "code", "iati_identifier")
    sections = (("fundingagreement", ("reference", "name", "programme", "amount", "currency")),)


class FunderForm(FormPage):
    model = Funder
    fields = ("code", "name", "iati_identifier")
