from jalons.core.links import pages
from jalons.reporting.reports import views

app_name = "reports"
urlpatterns = [
    *pages(
        "report",
        list=views.ReportList,
        add=views.ReportAdd,
        detail=views.ReportDetail,
        refresh=views.ReportRefresh,
        issue=views.ReportIssue,
        discard=views.ReportDiscard,
        reissue=views.ReportReissue,
        preview=views.ReportPreview,
    ),
    *pages("reportfile", download=views.FileDownload),
]
