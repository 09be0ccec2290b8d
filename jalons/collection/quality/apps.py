from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "jalons.collection.quality"
    default_auto_field = "django.db.models.BigAutoField"
