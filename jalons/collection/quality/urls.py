from django.urls import path

from jalons.collection.quality.views import checks, corrections, flags, follow_up
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
    path("forms/<int:pk>/history/", follow_up.form_history, name="form-history"),
    *pages("correction", list=corrections.CorrectionList),
    *pages("correctionfile", list=corrections.FileList),
    path("correctionfiles/add/", corrections.add_file, name="correctionfile-add"),
    path("correctionfiles/<int:pk>/", corrections.file_detail, name="correctionfile-detail"),
    path("correctionfiles/<int:pk>/apply/", corrections.apply_file, name="correctionfile-apply"),
    *pages("submission", correct=corrections.SubmissionCorrect),
    *pages(
        "expectation",
        list=follow_up.ExpectationList,
        add=follow_up.ExpectationAdd,
        edit=follow_up.ExpectationEdit,
        remind=follow_up.ExpectationRemind,
    ),
    *pages("sample", list=follow_up.SampleList, add=follow_up.SampleAdd, detail=follow_up.SampleDetail),
    *pages("sampleitem", mark=follow_up.SampleItemMark),
]
