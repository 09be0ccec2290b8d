from django.urls import path

from jalons.reporting.dashboards.views import home, indicator, indicators

app_name = "dashboards"
urlpatterns = [
    path("", home.home, name="home"),
    path("dashboards/indicators/", indicators.indicators, name="indicators"),
    path("dashboards/indicators/<int:pk>/", indicator.indicator, name="indicator"),
    path("dashboards/indicators/<int:pk>/chart/", indicator.picture, name="indicator-chart"),
    path("dashboards/indicators/<int:pk>/map/", indicator.place, name="indicator-map"),
]
