"""Background work of measurement."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jalons.core.jobs import job
from jalons.core.refusals import refusal_text
from jalons.evidence.measurement.actions import measure
from jalons.foundation.programmes.models import Programme


@job("measurement.measure")
def run(progress: Any, by: Any, programme: int) -> dict[str, str]:
    outcome = measure(programme=Programme.objects.get(pk=programme), by=by, progress=progress)
    parts = [_("%(changed)s valeurs nouvelles ou changées, %(same)s inchangées.")
             % {"changed": outcome.changed, "same": outcome.unchanged}]  # fmt: skip
    parts += [f"{indicator.code} : {refusal_text(fault)}" for indicator, fault in outcome.faults]
    return {"message": "\n".join(parts), "url": reverse("measurement:indicatorvalue-list")}
