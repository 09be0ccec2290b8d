"""A column of shares: {"15190": 60, "15150": 40}, written "15190=60; 15150=40" in forms."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from jalons.core.errors import Refused
from jalons.core.refusals import refusal_text
from jalons.foundation.programmes.rules.shares import read_shares, write_shares


class SharesText(forms.CharField):
    """What a form asks for shares."""

    def __init__(self, *, encoder: Any = None, decoder: Any = None, **options: Any) -> None:
        super().__init__(**options)

    def prepare_value(self, value: Any) -> str:
        return write_shares(value) if isinstance(value, dict) else value or ""

    def to_python(self, value: Any) -> dict[str, float]:
        try:
            return read_shares(super().to_python(value))
        except Refused as refusal:
            raise ValidationError(refusal_text(refusal)) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class SharesField(models.JSONField):
    """Percentages by code; empty when nobody said them."""

    def formfield(self, **options: Any) -> forms.Field:
        return super().formfield(
            **{"form_class": SharesText, **options, "initial": "", "encoder": None, "decoder": None}
        )
