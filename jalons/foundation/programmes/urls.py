from django.urls import path

from jalons.core.links import pages
from jalons.foundation.programmes import views

app_name = "programmes"
urlpatterns = [
    path("switch/", views.switch, name="switch"),
    *pages(
        "programme",
        list=views.ProgrammeList,
        add=views.ProgrammeAdd,
        detail=views.ProgrammeDetail,
        edit=views.ProgrammeEdit,
        publication=views.ProgrammePublication,
        cut_periods=views.ProgrammeCutPeriods,
        least_people=views.ProgrammeLeastPeople,
    ),
    *pages(
        "component",
        add=views.ComponentForm,
        detail=views.ComponentDetail,
        edit=views.ComponentForm,
        remove=views.ComponentRemove,
    ),
    *pages("office", add=views.OfficeForm, detail=views.OfficeDetail, edit=views.OfficeForm, remove=views.OfficeRemove),
    *pages(
        "fundingagreement",
        "agreements",
        list=views.FundingAgreementList,
        add=views.FundingAgreementForm,
        detail=views.FundingAgreementDetail,
        edit=views.FundingAgreementForm,
        cut_periods=views.FundingAgreementCutPeriods,
        remove=views.FundingAgreementRemove,
    ),
    *pages(
        "period",
        list=views.PeriodList,
        add=views.PeriodForm,
        detail=views.PeriodDetail,
        edit=views.PeriodForm,
        remove=views.PeriodRemove,
    ),
    *pages(
        "operator",
        list=views.OperatorList,
        add=views.OperatorForm,
        detail=views.OperatorDetail,
        edit=views.OperatorForm,
    ),
    *pages("funder", list=views.FunderList, add=views.FunderForm, detail=views.FunderDetail, edit=views.FunderForm),
]
