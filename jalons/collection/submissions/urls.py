from django.urls import path

from jalons.collection.submissions.views import batches, connections, phones, standing, workbooks
from jalons.collection.submissions.views import pages as views
from jalons.core.links import pages

app_name = "submissions"
urlpatterns = [
    path("submissions/review/", views.review, name="submission-review"),
    path("submissions/<int:pk>/received/<int:number>/", views.received, name="submission-received"),
    *pages(
        "submission",
        list=views.SubmissionList,
        detail=views.SubmissionDetail,
        validate=views.SubmissionValidate,
        reject=views.SubmissionReject,
    ),
    path("batches/add/", batches.add, name="batch-add"),
    path("batches/<int:pk>/", batches.detail, name="batch-detail"),
    path("batches/<int:pk>/receive/", batches.receive, name="batch-receive"),
    path("batches/<int:pk>/reopen/", batches.reopen, name="batch-reopen"),
    path("batches/<int:pk>/to-correct/", batches.to_correct, name="batch-to-correct"),
    path("batches/<int:pk>/file/", batches.original, name="batch-file"),
    *pages("batch", "batches", list=batches.BatchList, withdraw=batches.BatchWithdraw),
    path("forms/<int:pk>/standing/", standing.standing, name="form-standing"),
    path("forms/<int:pk>/workbook/", workbooks.workbook, name="form-workbook"),
    path("forms/<int:pk>/workbook/<slug:language>/", workbooks.workbook_file, name="form-workbook-file"),
    *pages("form", reread=standing.FormReread),
    *pages("rereading", detail=standing.RereadingDetail),
    *pages(
        "device",
        list=phones.DeviceList,
        add=phones.DeviceAdd,
        detail=phones.DeviceDetail,
        edit=phones.DeviceEdit,
        renew=phones.DeviceRenew,
        close=phones.DeviceClose,
        reopen=phones.DeviceReopen,
    ),
    *pages(
        "arrival",
        list=phones.ArrivalList,
        detail=phones.ArrivalDetail,
        admit=phones.ArrivalAdmit,
        dismiss=phones.ArrivalDismiss,
    ),
    path("connections/<int:pk>/check/", connections.check, name="connection-check"),
    path("connections/<int:pk>/projects/", connections.projects, name="connection-projects"),
    *pages(
        "connection",
        list=connections.ConnectionList,
        add=connections.ConnectionAdd,
        detail=connections.ConnectionDetail,
        edit=connections.ConnectionEdit,
        renew=connections.ConnectionRenew,
        close=connections.ConnectionClose,
        deploy=connections.ConnectionDeploy,
    ),
    path("ties/<int:pk>/pull/", connections.pull, name="tie-pull"),
    *pages(
        "tie",
        detail=connections.TieDetail,
        follow=connections.TieFollow,
        refresh=connections.TieRefresh,
        untie=connections.TieUntie,
    ),
    *pages("counterpart", settle=connections.CounterpartSettle),
    path("enclosures/<int:pk>/", connections.enclosed, name="enclosure-download"),
    path("arrivals/<int:pk>/content/", phones.content, name="arrival-content"),
    path("attachments/<int:pk>/", phones.attached, name="attachment-download"),
]
