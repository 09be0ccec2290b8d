from django.apps import AppConfig


class Territories(AppConfig):
    name = "jalons.foundation.territories"
    default_auto_field = "django.db.models.BigAutoField"
