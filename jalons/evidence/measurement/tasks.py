"""Background work of measurement."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from jalons.core.jobs import job
from jalons.evidence.measurement.actions import measure
from jalons.foundation.programmes.models import Programme
from jalons.planning.results.forms import fault_in_words

LEFT_OUT = gettext_noop(
    "« %(source)s » : %(undated)s lignes validées sans date et %(outside)s datées hors de toutes les périodes ne "
    "comptent nulle part. Complétez leur date, ou créez la période."
)


@job("measurement.measure")
def run(progress: Any, by: Any, programme: int) -> dict[str, str]:
    outcome = measure(programme=Programme.objects.get(pk=programme), by=by, progress=progress)
    parts = [_("%(changed)s valeurs nouvelles ou changées, %(same)s inchangées.")
             % {"changed": outcome.changed, "same": outcome.unchanged}]  # fmt: skip
    parts += [f"{indicator.code} : {fault_in_words(fault)[1]}" for indicator, fault in outcome.faults]
    parts += [_(LEFT_OUT) % vars(rows) for rows in outcome.left_out]
    return {"message": "\n".join(parts), "url": reverse("measurement:indicatorvalue-list")}
