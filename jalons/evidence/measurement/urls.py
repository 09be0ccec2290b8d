from django.urls import path

from jalons.core.links import pages
from jalons.evidence.measurement import touched, views

app_name = "measurement"
urlpatterns = [
    *pages(
        "indicatorvalue",
        list=views.IndicatorValueList,
        detail=views.IndicatorValueDetail,
        verify=views.IndicatorValueVerify,
        publish=views.IndicatorValuePublish,
        send_back=views.IndicatorValueSendBack,
    ),
    path("indicatorvalues/<int:pk>/trace/", views.indicatorvalue_trace, name="indicatorvalue-trace"),
    *pages("indicator", type=views.IndicatorType),
    path("indicators/<int:pk>/progress/", views.indicator_progress, name="indicator-progress"),
    path("indicators/broken/", views.broken_formulas, name="broken-formulas"),
    path("forms/<int:pk>/touched/", touched.form_touched, name="form-touched"),
    path("programmes/<int:pk>/try/", views.programme_try, name="programme-try"),
    *pages("programme", measure=views.ProgrammeMeasure, verify=views.ProgrammeVerify, publish=views.ProgrammePublish),
]
