from jalons.core import job_pages
from jalons.core.views import pages

app_name = "core"
urlpatterns = pages("job", list=job_pages.JobList, detail=job_pages.JobDetail, retry=job_pages.JobRetry)
