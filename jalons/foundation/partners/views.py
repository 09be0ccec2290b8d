"""Pages of the directory: organisations, and the people one writes to."""

from django.utils.translation import gettext_lazy as _

from jalons.core.list_page import ListPage
from jalons.core.removal import RemovePage
from jalons.core.views import DetailPage, FormPage
from jalons.foundation.partners.forms import OrganisationForm
from jalons.foundation.partners.models import Contact, Organisation


class OrganisationList(ListPage):
    model = Organisation
    columns = ("name", "short_name", "kind", "territory", "name_ar")
    filters = ("kind",)
    search = ("name", "short_name", "name_ar", "purpose", "territory__name")
    ordering = "name"


class OrganisationDetail(DetailPage):
    model = Organisation
    fields = ("name", "short_name", "name_ar", "kind", "territory", "purpose")
    sections = (("contacts", ("name", "role", "email", "phone", "programme")),)
    attach = True


class OrganisationEdit(FormPage):
    model = Organisation
    form_class = OrganisationForm


class ContactList(ListPage):
    model = Contact
    columns = ("name", "role", "organisation", "programme", "email", "phone")
    filters = ("programme",)
    search = ("name", "role", "email", "organisation__name", "organisation__short_name")
    ordering = "name"
    empty_text = _("Notez les personnes à qui l’on écrit dans chaque organisation, avec leur fonction et leur adresse.")


class ContactDetail(DetailPage):
    model = Contact
    fields = ("name", "role", "organisation", "programme", "email", "phone")
    actions = (("remove", _("Retirer")),)


class ContactEdit(FormPage):
    model = Contact
    fields = ("programme", "organisation", "name", "role", "email", "phone")


class ContactRemove(RemovePage):
    model = Contact
    parent = "organisation"
