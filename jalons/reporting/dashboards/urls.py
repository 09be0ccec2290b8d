from django.urls import path

from jalons.reporting.dashboards.views import home, indicators

app_name = "dashboards"
urlpatterns = [
    path("", home.home, name="home"),
    path("dashboards/indicators/", indicators.indicators, name="indicators"),
]
