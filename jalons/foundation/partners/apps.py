from django.apps import AppConfig


class Partners(AppConfig):
    name = "jalons.foundation.partners"
    default_auto_field = "django.db.models.BigAutoField"
