from django.urls import path

from jalons.reporting.exchange.views import programme, values

app_name = "exchange"
urlpatterns = [
    path("", programme.workbook, name="workbook"),
    path("download/", programme.download, name="download"),
    path("template/", programme.template, name="template"),
    path("faults/", programme.faults, name="faults"),
    path("apply/", programme.apply, name="apply"),
    path("values/", values.workbook, name="values"),
    path("values/download/", values.download, name="values-download"),
    path("values/faults/", values.faults, name="values-faults"),
    path("values/apply/", values.apply, name="values-apply"),
]
