from django.urls import path

from jalons.core.links import pages
from jalons.planning.results.views import chain, lists, sheets

app_name = "results"
urlpatterns = [
    path("results/", chain.result_list, name="result-list"),
    path("results/table/", lists.ResultTable.as_view(), name="result-table"),
    *pages("result", add=chain.ResultEdit, detail=chain.ResultDetail, edit=chain.ResultEdit, remove=chain.ResultRemove),
    path("results/<int:pk>/add-indicator/", sheets.add_indicator, name="result-add-indicator"),
    *pages(
        "assumption",
        add=chain.AssumptionEdit,
        detail=chain.AssumptionDetail,
        edit=chain.AssumptionEdit,
        remove=chain.AssumptionRemove,
    ),
    *pages(
        "indicator",
        list=lists.IndicatorList,
        detail=sheets.IndicatorDetail,
        edit=sheets.IndicatorEdit,
        direction=sheets.IndicatorDirection,
        target=sheets.IndicatorTarget,
        baseline=sheets.IndicatorBaseline,
        remove=sheets.IndicatorRemove,
    ),
    path("indicators/<int:pk>/define/", sheets.define, name="indicator-define"),
    *pages("target", remove=sheets.TargetRemove),
    *pages("baseline", remove=sheets.BaselineRemove),
    *pages(
        "mapping",
        add=sheets.MappingEdit,
        detail=sheets.MappingDetail,
        edit=sheets.MappingEdit,
        remove=sheets.MappingRemove,
    ),
    *pages(
        "dimension",
        list=lists.DimensionList,
        add=lists.DimensionEdit,
        detail=lists.DimensionDetail,
        edit=lists.DimensionEdit,
        remove=lists.DimensionRemove,
    ),
    *pages(
        "verificationsource",
        list=lists.VerificationSourceList,
        add=lists.VerificationSourceEdit,
        detail=lists.VerificationSourceDetail,
        edit=lists.VerificationSourceEdit,
        remove=lists.VerificationSourceRemove,
    ),
    *pages(
        "catalogue",
        list=lists.CatalogueList,
        add=lists.CatalogueEdit,
        detail=lists.CatalogueDetail,
        edit=lists.CatalogueEdit,
        **{"import": lists.CatalogueImport},
        remove=lists.CatalogueRemove,
    ),
    *pages(
        "catalogueindicator",
        add=lists.CatalogueIndicatorEdit,
        detail=lists.CatalogueIndicatorDetail,
        edit=lists.CatalogueIndicatorEdit,
        remove=lists.CatalogueIndicatorRemove,
    ),
]
