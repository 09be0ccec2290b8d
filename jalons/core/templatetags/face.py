"""What the components need: the shape of a state, the drawing of a file type, cells beside their columns."""

from datetime import date
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.translation import get_language

register = template.Library()

TONES = {
    "good": "on_track validated verified published issued approved accepted active done reached",
    "watch": "flagged at_risk draft submitted corrected suspended watch",
    "late": "late regression rejected failed overdue refused cancelled",
    "open": "received running open planned",
    "none": "waiting no_data closed archived superseded withdrawn",
}
TONE_OF = {code: tone for tone, codes in TONES.items() for code in codes.split()}
SHAPES = {"image": "image", "spreadsheet": "sheet", "excel": "sheet", "csv": "sheet"}


@register.filter
def tone(code: str) -> str:
    """Tone of a state's code; empty for a code that is no state."""
    return TONE_OF.get(code, "")


@register.filter
def shape(media_type: str) -> str:
    """Drawing that stands for a media type."""
    return next((shape for part, shape in SHAPES.items() if part in str(media_type)), "document")


@register.filter
def beside(cells: list, columns: list) -> Any:
    """Each cell with its column."""
    return zip(cells, columns, strict=False)


@register.filter
def longday(on: date) -> str:
    """A day written out; French says the first of a month « 1er »."""
    text = date_format(on, "DATE_FORMAT")
    return text.replace("1 ", "1er ", 1) if on.day == 1 and get_language() == "fr" else text
