"""Pages of background jobs: what runs, how far, why it failed, and the button to try again."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from jalons.core import jobs
from jalons.core.list_page import ListPage
from jalons.core.models import Job
from jalons.core.views import ActionPage, DetailPage


class JobList(ListPage):
    model = Job
    columns = ("label", "state", "by", "created_at", "finished_at", "why")
    filters = ("state",)
    search = ("label",)
    empty_text = _("Les imports et les calculs longs paraissent ici d’eux-mêmes, avec leur avancement.")


class JobDetail(DetailPage):
    """Asked again every two seconds by its own progress bar, until the job ends."""

    model = Job
    fields = ("by", "created_at", "started_at", "finished_at")

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        failed = self.object.state == Job.State.FAILED
        self.actions = (("retry", _("Relancer")),) if failed else ()
        return super().get_context_data(job=self.object, url=self.request.path, **extra)

    def get_template_names(self) -> list[str]:
        return ["components/job.html"] if self.request.htmx else super().get_template_names()


class JobRetry(ActionPage):
    model = Job
    action = jobs.retry
    title = _("Relancer")
    done = _("Tâche relancée.")
