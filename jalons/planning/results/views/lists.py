"""Lists that indicators draw on: disaggregations, sources of verification, funders' catalogues."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from jalons.core.links import url_or_none
from jalons.core.list_page import ListPage
from jalons.core.removal import RemovePage
from jalons.core.views import ActionPage, DetailPage, FormPage
from jalons.planning.results import actions
from jalons.planning.results.chain import Result
from jalons.planning.results.forms import CatalogueFileForm, CatalogueForm, DimensionForm
from jalons.planning.results.models import Catalogue, CatalogueIndicator, Dimension, Indicator, VerificationSource


class ResultTable(ListPage):
    model = Result
    columns = ("title", "programme", "level", "code", "parent")
    filters = ("programme", "level")
    search = ("code", "title", "description")
    ordering = "position"


class IndicatorList(ListPage):
    model = Indicator
    columns = ("title", "result", "code", "unit", "responsible")
    filters = ("result__programme", "result__level", "current__frequency", "current__counts_people")
    search = ("code", "current__title", "current__definition", "current__responsible")
    ordering = "code"

    def get_queryset(self):
        return super().get_queryset().select_related("current", "result__programme")

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        measures = self.request.user.may("measurement")
        return super().get_context_data(broken_url=measures and url_or_none("measurement:broken-formulas"), **extra)


class DimensionList(ListPage):
    model = Dimension
    columns = ("label", "code", "kind", "about_people", "category_labels")
    search = ("code", "label")
    ordering = "code"


class DimensionDetail(DetailPage):
    model = Dimension
    fields = ("code", "label", "kind", "about_people", "category_labels")
    actions = (("remove", _("Retirer")),)


class DimensionEdit(FormPage):
    model = Dimension
    form_class = DimensionForm
    level = actions.set_dimension.needs

    def save(self, form: Any) -> Dimension:
        why = form.cleaned_data.get("why", "")
        return actions.set_dimension(dimension=form.save(commit=False), by=self.request.user, why=why)


class DimensionRemove(RemovePage):
    model = Dimension
    action = actions.remove


class VerificationSourceList(ListPage):
    model = VerificationSource
    columns = ("title", "code", "holder", "frequency", "programme")
    filters = ("programme",)
    search = ("code", "title", "holder")
    ordering = "code"


class VerificationSourceDetail(DetailPage):
    model = VerificationSource
    fields = ("programme", "code", "title", "holder", "frequency")
    actions = (("remove", _("Retirer")),)
    attach = True


class VerificationSourceEdit(FormPage):
    model = VerificationSource
    fields = ("programme", "code", "title", "holder", "frequency")

    def save(self, form: Any) -> VerificationSource:
        why = form.cleaned_data.get("why", "")
        return actions.set_source(source=form.save(commit=False), by=self.request.user, why=why)


class VerificationSourceRemove(RemovePage):
    model = VerificationSource
    action = actions.remove


class CatalogueList(ListPage):
    model = Catalogue
    columns = ("title", "code", "funder", "iati_vocabulary")
    filters = ("funder",)
    search = ("code", "title")
    ordering = "code"


class CatalogueDetail(DetailPage):
    model = Catalogue
    fields = ("title", "code", "funder", "iati_vocabulary", "uri")
    actions = (("import", _("Importer un fichier")), ("remove", _("Retirer")))
    sections = (("indicators", ("code", "title", "unit", "level", "additive")),)


class CatalogueEdit(FormPage):
    model = Catalogue
    form_class = CatalogueForm
    level = actions.set_catalogue.needs

    def save(self, form: Any) -> Catalogue:
        why = form.cleaned_data.get("why", "")
        return actions.set_catalogue(catalogue=form.save(commit=False), by=self.request.user, why=why)


class CatalogueImport(ActionPage):
    model = Catalogue
    form_class = CatalogueFileForm
    action = actions.import_catalogue
    title = _("Importer un catalogue")
    submit = _("Importer")
    done = _("Catalogue importé.")

    def arguments(self, form: CatalogueFileForm) -> dict[str, Any]:
        return {"catalogue": self.object, "entries": form.cleaned_data["file"]}


class CatalogueRemove(RemovePage):
    model = Catalogue
    action = actions.remove


class CatalogueIndicatorDetail(DetailPage):
    model = CatalogueIndicator
    fields = ("catalogue", "code", "title", "unit", "level", "additive")
    actions = (("remove", _("Retirer")),)
    parent = "catalogue"


class CatalogueIndicatorEdit(FormPage):
    model = CatalogueIndicator
    fields = ("catalogue", "code", "title", "unit", "level", "additive")
    level = actions.set_catalogue_indicator.needs
    parent = "catalogue"

    def save(self, form: Any) -> CatalogueIndicator:
        why = form.cleaned_data.get("why", "")
        return actions.set_catalogue_indicator(entry=form.save(commit=False), by=self.request.user, why=why)


class CatalogueIndicatorRemove(RemovePage):
    model = CatalogueIndicator
    action = actions.remove
    parent = "catalogue"
