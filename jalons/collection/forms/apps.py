from django.apps import AppConfig


class Forms(AppConfig):
    name = "jalons.collection.forms"
    default_auto_field = "django.db.models.BigAutoField"
