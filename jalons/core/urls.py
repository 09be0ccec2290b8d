from django.urls import path

from jalons.core import job_pages, row_pages, search_page
from jalons.core.links import pages

app_name = "core"
urlpatterns = [
    path("search/", search_page.search, name="search"),
    path("history/<str:label>/<int:pk>/", row_pages.history, name="history"),
    path("documents/<str:label>/<int:pk>/add/", row_pages.attach, name="document-add"),
    path("documents/<int:pk>/remove/", row_pages.detach, name="document-remove"),
    path("documents/<int:pk>/", row_pages.download, name="document-download"),
    *pages("job", list=job_pages.JobList, detail=job_pages.JobDetail, retry=job_pages.JobRetry),
]
