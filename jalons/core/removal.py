"""Taking a row away: allowed while nothing depends on it, and never without a trace."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from jalons.core.actions import action
from jalons.core.levels import Level
from jalons.core.scope import Row
from jalons.core.views import ActionPage


@action("removed", needs=Level.EDIT)
def remove(*, row: Row, by: Any) -> Row:
    """Delete a row on which nothing depends; its history stays."""
    type(row).objects.filter(pk=row.pk).delete()
    return row


class RemovePage(ActionPage):
    action = remove
    title = _("Retirer")
    done = _("Retiré. L’historique en garde la trace.")
    submit = _("Retirer")
    danger = True

    def arguments(self, form: Any) -> dict[str, Any]:
        return {"row": self.object, **form.cleaned_data}

    def get_success_url(self, target: Any) -> str:
        return self.back_url(leaving=True)
