"""The permission matrix as people read it: on its page and in docs/generated/roles.md."""

from typing import Any

from django.utils.translation import gettext as _

from jalons.core.levels import Level
from jalons.foundation.accounts.roles import APP_LABELS, LABELS, NEEDS_ORGANISATION, NEEDS_REGION, ROLES, TOLD_ONLY


def words() -> dict[Level, str]:
    """What each level lets one do."""
    return {Level.NONE: "–", Level.VIEW: _("voir"), Level.EDIT: _("modifier"), Level.DECIDE: _("décider")}


def heads() -> list[str]:
    return [str(APP_LABELS[app]) for app in APP_LABELS]


def rows() -> list[dict[str, Any]]:
    """One line per role: its name, what narrows it, and its level in each app."""
    said = words()
    return [
        {
            "role": str(LABELS[role]),
            "limit": _limit(role),
            "levels": [(level, _published(role, app) or said[level]) for app, level in levels.items()],
        }
        for role, levels in ROLES.items()
    ]


def markdown() -> str:
    """The whole matrix, for docs/generated/roles.md."""
    lines = [[_("rôle"), _("limité à"), *heads()], ["---"] * (len(APP_LABELS) + 2)]
    lines += [[row["role"], row["limit"], *(word for _level, word in row["levels"])] for row in rows()]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    note = "Écrit par `manage.py write_generated` depuis `accounts/roles.py` ; ne pas modifier ici."
    return f"# Rôles et droits\n\n{note}\n\n{table}\n"


def _published(role: str, app: str) -> str:
    """What is said of values to those who read only the published ones."""
    return _("voir ce qui est publié") if app == "measurement" and role in TOLD_ONLY else ""


def _limit(role: str) -> str:
    if role in NEEDS_REGION:
        return _("une région")
    return _("une organisation") if role in NEEDS_ORGANISATION else ""
