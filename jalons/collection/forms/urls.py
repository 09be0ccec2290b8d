from django.urls import path

from jalons.collection.forms.views import pages as views
from jalons.collection.forms.views import picker, upload
from jalons.core.links import pages

app_name = "forms"
urlpatterns = [
    path("forms/add/", upload.add, name="form-add"),
    path("forms/add/adopt/", upload.adopt, name="form-adopt"),
    path("forms/add/confirm/", upload.confirm, name="form-confirm"),
    path("forms/add/repaired/<slug:key>/", upload.repaired, name="form-repaired"),
    path("forms/<int:pk>/compare/", views.compare, name="form-compare"),
    path("programmes/<int:pk>/questions/", picker.programme_questions, name="programme-questions"),
    path("versions/<int:pk>/download/", views.download, name="version-download"),
    *pages(
        "form",
        list=views.FormList,
        detail=views.FormDetail,
        declare=views.FormDeclare,
        mark=views.FormMark,
        publish=views.FormPublish,
        retire=views.FormRetire,
    ),
]
