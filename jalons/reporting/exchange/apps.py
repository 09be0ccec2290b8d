from django.apps import AppConfig


class Exchange(AppConfig):
    name = "jalons.reporting.exchange"
    default_auto_field = "django.db.models.BigAutoField"
