"""Field types that the whole house shares."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jalons.core.years import FIRST_YEAR, LAST_YEAR

LANGUAGES = ("fr", "ar", "en")
OWN_NAMES = {"fr": "Français", "ar": "العربية", "en": "English"}


class CodeField(models.CharField):
    """A short code chosen from a list.

    Labels stay out of migrations: renaming or adding a choice changes no table.
    """

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for label in ("choices", "verbose_name", "help_text"):
            kwargs.pop(label, None)
        return name, path, args, kwargs


MOST = 10_000  # signs of a text in one language; more than a page is a document to attach


def short_enough(value: dict) -> None:
    """Refuse a text that no page, sheet or cell could show."""
    longest = max((len(text) for text in value.values()), default=0) if isinstance(value, dict) else 0
    if longest > MOST:
        raise ValidationError(
            _("Ce texte a %(length)s signes ; %(most)s au plus. Résumez-le et joignez le reste en document."),
            params={"length": longest, "most": MOST},
        )


BRIEF = 60  # signs of a text that stands beside a figure


def brief(value: dict) -> None:
    """Refuse a text too long to stand beside a figure."""
    longest = max(map(len, value.values()), default=0)
    if longest > BRIEF:
        raise ValidationError(
            _("Ce texte a %(length)s signes ; %(most)s au plus. Raccourcissez."),
            params={"length": longest, "most": BRIEF},
        )


def french_required(value: dict) -> None:
    """Refuse a text without its French version, or in a language that Jalons does not know."""
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValidationError(_("Un texte est attendu dans chaque langue."))
    if not value.get("fr", "").strip():
        raise ValidationError(_("Le texte français est nécessaire."))
    if unknown := set(value) - set(LANGUAGES):
        raise ValidationError(_("Langue inconnue : %(language)s."), params={"language": ", ".join(sorted(unknown))})


class TranslatedField(models.JSONField):
    """A text in several languages: {"fr": …, "ar": …, "en": …}; French is required."""

    default_validators = [french_required, short_enough]

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": TranslatedText, **options, "encoder": None, "decoder": None})


class DayInput(forms.DateInput):
    """The browser's own calendar, which speaks ISO whatever the language."""

    input_type = "date"

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


def plausible_day(day: date | None) -> None:
    """Refuse a day typed in a year that no programme is of: a digit is missing or too many."""
    if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(
            _("L’année %(year)s n’est pas vraisemblable : donnez une date de %(first)s à %(last)s."),
            params={"year": day.year, "first": FIRST_YEAR, "last": LAST_YEAR},
        )


def typed_day(field: forms.DateField) -> None:
    """Have a day typed in the browser's calendar, in a plausible year."""
    field.widget = DayInput()
    field.validators = [*field.validators, plausible_day]


class TranslatedInput(forms.MultiWidget):
    """One box per language, named in that language."""

    template_name = "core/translated_input.html"
    use_fieldset = True

    def __init__(self, attrs: Any = None) -> None:
        boxes = {
            code: forms.Textarea({"rows": 2, "lang": code, "dir": "auto", "title": name})
            for code, name in OWN_NAMES.items()
        }
        super().__init__(boxes, attrs)

    def decompress(self, value: Any) -> Any:
        return [(value or {}).get(code, "") for code in LANGUAGES]


class TranslatedText(forms.MultiValueField):
    """What a form asks for a text in several languages; French is the one that may be required."""

    widget = TranslatedInput

    def __init__(self, *, encoder: Any = None, decoder: Any = None, **options: Any) -> None:
        boxes = [forms.CharField(required=False) for _code in LANGUAGES]
        super().__init__(boxes, require_all_fields=False, **options)

    def compress(self, texts: Any) -> Any:
        found = {code: text for code, text in zip(LANGUAGES, texts, strict=False) if text}
        if found and "fr" not in found:
            raise ValidationError(_("Le texte français est nécessaire."))
        return found or None


def translated(value: dict | None, language: str | None = None) -> str:
    """The text in the reader's language, else in French; an empty string when there is none."""
    value = value or {}
    return value.get((language or get_language() or "fr")[:2]) or value.get("fr") or next(iter(value.values()), "")
