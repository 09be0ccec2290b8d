from django.urls import path

from jalons.reporting.exchange import views

app_name = "exchange"
urlpatterns = [
    path("", views.workbook, name="workbook"),
    path("download/", views.download, name="download"),
    path("template/", views.template, name="template"),
    path("faults/", views.faults, name="faults"),
    path("apply/", views.apply, name="apply"),
]
