"""What templates need to show values as the reader expects them."""

import re
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.translation import get_language

from jalons.core import writing
from jalons.core.cells import cell, listed, number_text
from jalons.core.fields import translated
from jalons.core.links import is_dangerous

register = template.Library()
ARABIC, LATIN = re.compile("[\u0620-\u064a]"), re.compile("[A-Za-zÀ-ÿ]")

register.filter("cell", cell)
register.filter("listed", listed)
register.filter("tr", translated)
register.filter("is_dangerous", is_dangerous)


@register.filter
def number(value: Any, digits: int | None = None) -> str:
    """A number as the reader's language writes it; an empty string when it is unknown."""
    return "" if value is None else number_text(value, digits)


@register.filter
def measured(value: Any, is_percentage: bool = False) -> str:
    """A value, a target or a baseline as it is told everywhere; an empty string when it is unknown."""
    return writing.measured(value, bool(is_percentage), get_language())


@register.filter
def isolated(text: str) -> Any:
    """A text in the direction of most of its letters: a code before an Arabic title stays on its right.

    To who reads Arabic, a text that begins in Arabic is Arabic, however long the names that it quotes.
    """
    arabic, latin = len(ARABIC.findall(str(text))), len(LATIN.findall(str(text)))
    is_arabic = arabic > latin or get_language() == "ar" and ARABIC.match(str(text))
    return format_html('<bdi dir="{}">{}</bdi>', "rtl" if is_arabic else "ltr", text)
