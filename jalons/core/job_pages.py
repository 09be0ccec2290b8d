"""Pages of background jobs: what runs, how far, why it failed, and the button to try again."""

from django.utils.translation import gettext_lazy as _

from jalons.core import jobs
from jalons.core.actions import action
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.models import Job
from jalons.core.views import ActionPage, DetailPage


@action("job.retried", needs=Level.EDIT)
def retry(*, job: Job, by):
    """Queue a failed job again."""
    return jobs.retry(job)


class JobList(ListPage):
    model = Job
    columns = ("label", "state", "by", "created_at", "finished_at", "reason")
    filters = ("state",)
    search = ("label",)


class JobDetail(DetailPage):
    model = Job
    fields = ("label", "state", "done", "total", "by", "created_at", "started_at", "finished_at", "reason")
    actions = (("retry", _("Relancer")),)


class JobRetry(ActionPage):
    model = Job
    action = retry
    done = _("Tâche relancée.")
