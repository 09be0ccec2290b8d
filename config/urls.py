"""Where every page is plugged."""

from django.urls import include, path

from config import api
from jalons.core import gallery
from jalons.foundation.accounts.views import change_address, choose_language

urlpatterns = [
    path("sign-in/email/", change_address),
    path("sign-in/", include("allauth.urls")),
    path("language/", choose_language, name="set_language"),
    path("components/", gallery.components, name="components"),
    path("core/", include("jalons.core.urls")),
    path("territories/", include("jalons.foundation.territories.urls")),
    path("programmes/", include("jalons.foundation.programmes.urls")),
    path("partners/", include("jalons.foundation.partners.urls")),
    path("accounts/", include("jalons.foundation.accounts.urls")),
    path("results/", include("jalons.planning.results.urls")),
    path("forms/", include("jalons.collection.forms.urls")),
    path("submissions/", include("jalons.collection.submissions.urls")),
    path("people/", include("jalons.collection.people.urls")),
    path("quality/", include("jalons.collection.quality.urls")),
    path("api/v1/", api.urls),
    path("api/<path:rest>", api.nothing),
    path("measurement/", include("jalons.evidence.measurement.urls")),
    path("reports/", include("jalons.reporting.reports.urls")),
    path("exchange/", include("jalons.reporting.exchange.urls")),
    path("", include("jalons.reporting.dashboards.urls")),
]

handler400 = "jalons.core.pages.bad_request"
handler403 = "jalons.core.pages.forbidden"
handler404 = "jalons.core.pages.not_found"
handler429 = "jalons.core.pages.too_many"  # asked by allauth
handler500 = "jalons.core.pages.fault"
