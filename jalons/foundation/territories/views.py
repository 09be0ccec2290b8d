"""Pages of territories: to find a place, its official code and who lives there."""

from jalons.core.list_page import ListPage
from jalons.core.views import DetailPage
from jalons.foundation.territories.models import Territory


class TerritoryList(ListPage):
    model = Territory
    columns = ("name", "level", "code", "parent", "population", "households")
    filters = ("level",)
    search = ("name", "code")
    ordering = "code"


class TerritoryDetail(DetailPage):
    model = Territory
    fields = ("level", "code", "parent", "population", "households")
    sections = (("children", ("name", "level", "code", "population", "households")),)
