"""Write docs/generated: the permission matrix, the states."""

from django.conf import settings
from django.core.management import BaseCommand
from django.utils.translation import override

from jalons.core import states
from jalons.foundation.accounts import matrix

PAGES = {"roles.md": matrix.markdown, "states.md": states.markdown}


class Command(BaseCommand):
    help = "Écrit docs/generated."

    def handle(self, **options) -> None:
        folder = settings.BASE / "docs" / "generated"
        folder.mkdir(parents=True, exist_ok=True)
        with override("fr"):
            for name, page in PAGES.items():
                (folder / name).write_text(page())
