"""Django's migrate, without labels in migrations."""

from django.core.management.commands import migrate

from jalons.core.autodetector import WithoutLabels


class Command(migrate.Command):
    autodetector = WithoutLabels
