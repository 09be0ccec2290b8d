from django.apps import AppConfig


class Reports(AppConfig):
    name = "jalons.reporting.reports"
    default_auto_field = "django.db.models.BigAutoField"
