"""What is done in the background: persons told by what arrived are put in the register."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as procrastinate_app

from jalons.collection.people import actions
from jalons.core.jobs import Progress, job
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Operator


@job("people.match")
def match(*, progress: Progress, by: User, operator: int) -> dict[str, Any]:
    """Compare the whole register again."""
    actions.match_again(operator=Operator.objects.get(pk=operator), by=by)
    return {
        "message": _("Comparaison faite. Ce que quelqu’un a décidé n’a pas changé."),
        "url": reverse("people:counts"),
    }


@procrastinate_app.periodic(cron="* * * * *")
@procrastinate_app.task(name="people.feed", lock="people.feed", queueing_lock="people.feed")
def feed(timestamp: int) -> None:
    """Read the persons that submissions tell, within a minute of their arrival."""
    actions.feed()
