"""Write docs/generated/roles.md from the matrix."""

from django.conf import settings
from django.core.management import BaseCommand
from django.utils.translation import override

from jalons.foundation.accounts.matrix import markdown


class Command(BaseCommand):
    help = "Écrit docs/generated/roles.md."

    def handle(self, **options) -> None:
        file = settings.BASE / "docs" / "generated" / "roles.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        with override("fr"):
            file.write_text(markdown())
