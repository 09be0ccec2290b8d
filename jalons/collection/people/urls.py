from django.urls import path

from jalons.collection.people.views import counts, overlap
from jalons.collection.people.views import pages as views
from jalons.core.links import pages

app_name = "people"
urlpatterns = [
    path("", counts.counts, name="counts"),
    path("persons/find/", views.find, name="person-find"),
    *pages("person", "persons", list=views.PersonList, detail=views.PersonDetail, erase=views.PersonErase),
    *pages("alias", "aliases", split=views.AliasSplit),
    *pages("pair", list=views.PairList, detail=views.PairDetail, decide=views.PairDecide, undo=views.PairUndo),
    path("sources/add/", views.choose, name="source-add"),
    path("forms/<int:pk>/source/", views.declare, name="source-declare"),
    *pages("source", list=views.SourceList, close=views.SourceClose),
    path("overlap/", overlap.overlap, name="overlap"),
    path("overlap/codes/", overlap.coded, name="overlap-codes"),
    path("overlap/tool/", overlap.tool, name="overlap-tool"),
    path("match/", counts.match, name="match"),
]
