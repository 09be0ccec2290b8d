"""Django's makemigrations, without labels in migrations."""

from django.core.management.commands import makemigrations

from jalons.core.autodetector import WithoutLabels


class Command(makemigrations.Command):
    autodetector = WithoutLabels
