"""What is remembered of files made by someone else: seen, and forgotten."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from jalons.collection.submissions.models import Correspondence
from jalons.collection.submissions.views.matching import described
from jalons.core.list_page import ListPage
from jalons.core.removal import RemovePage
from jalons.core.views import DetailPage


class CorrespondenceList(ListPage):
    model = Correspondence
    columns = ("name", "form", "by", "used_at")
    filters = ("form",)
    search = ("name",)
    empty_text = _("Aucun fichier d’une autre forme n’a encore été importé.")


class CorrespondenceDetail(DetailPage):
    model = Correspondence
    fields = ("form", "name", "by", "used_at")
    actions = (("remove", _("Oublier")),)

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        version = self.object.form.versions.order_by("-number").first()
        return super().get_context_data(**described(self.object, version), **extra)


class CorrespondenceRemove(RemovePage):
    model = Correspondence
    title = _("Oublier cette correspondance")
    submit = _("Oublier")
    done = _("Oubliée : le prochain fichier de cette forme sera relié de nouveau, colonne par colonne.")
