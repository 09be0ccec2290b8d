from django.urls import path

from jalons.collection.quality.views import checks, flags
from jalons.core.links import pages

app_name = "quality"
urlpatterns = [
    *pages("flag", list=flags.FlagList),
    path("flags/answer/", flags.answer, name="flag-answer"),
    path("submissions/<int:pk>/flags/", flags.of_submission, name="submission-flags"),
    *pages(
        "check",
        list=checks.CheckList,
        add=checks.CheckAdd,
        detail=checks.CheckDetail,
        change=checks.CheckChange,
        retire=checks.CheckRetire,
    ),
    *pages("form", list=checks.FormList),
    path("forms/<int:pk>/", checks.of_form, name="form-checks"),
]
