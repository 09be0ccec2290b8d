from jalons.core.links import pages
from jalons.foundation.territories import views

app_name = "territories"
urlpatterns = pages("territory", "territories", list=views.TerritoryList, detail=views.TerritoryDetail)
