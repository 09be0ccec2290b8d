from django.apps import AppConfig


class People(AppConfig):
    name = "jalons.collection.people"
    default_auto_field = "django.db.models.BigAutoField"
