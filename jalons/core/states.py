"""The states that things go through, in the three languages: docs/generated/states.md."""

from collections.abc import Callable

from django.apps import apps
from django.utils.translation import override

LANGUAGES = ("fr", "ar", "en")


def markdown() -> str:
    """A table for each kind of thing that has states, in the order in which it goes through them."""
    kinds = [model for model in apps.get_models() if model.__module__.startswith("jalons.") and hasattr(model, "State")]
    tables = [_table(model) for model in sorted(kinds, key=lambda model: model._meta.label)]
    return "\n\n".join(["# États", "Écrit par `manage.py write_generated`. Rien ne se corrige ici.", *tables]) + "\n"


def _table(model: type) -> str:
    lines = [f"## {_said(lambda: model._meta.verbose_name, 'fr').capitalize()} (`{model._meta.label}`)", ""]
    lines += ["| code | français | العربية | English |", "|---|---|---|---|"]
    for state in model.State:
        lines.append(
            f"| `{state.value}` | {' | '.join(_said(lambda told=state: told.label, one) for one in LANGUAGES)} |"
        )
    return "\n".join(lines)


def _said(words: Callable[[], str], language: str) -> str:
    with override(language):
        return str(words())
