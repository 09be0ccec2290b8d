"""What the components need: the shape of a state, the drawing of a file type, cells beside their columns."""

from datetime import date
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.translation import get_language

register = template.Library()

TONES = {
    "good": "on_track validated verified published issued approved accepted active done reached explained cured agrees",
    "watch": "flagged at_risk draft submitted corrected suspended watch warning pending",
    "late": "late regression rejected failed overdue refused cancelled differs error",
    "open": "received running open planned note",
    "none": "waiting no_data closed archived superseded withdrawn dismissed lifted followed retired unreachable",
}
TONE_OF = {code: tone for tone, codes in TONES.items() for code in codes.split()}
SHAPES = {"image": "image", "spreadsheet": "sheet", "excel": "sheet", "csv": "sheet"}

# what a browser says of itself -> its name, the most precise first: most claim to be several
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox",
            "FxiOS": "Firefox", "CriOS": "Chrome", "Chrome": "Chrome", "Safari": "Safari"}  # fmt: skip
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "macOS",
           "Linux": "Linux"}  # fmt: skip


@register.filter
def device(agent: str) -> str:
    """Browser and system of a device, as its owner calls them; what it says of itself when they are not known.

    >>> device("Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36")
    'Chrome · Android'
    >>> device("curl/8.5.0")
    'curl/8.5.0'
    """
    found = (next((name for said, name in names.items() if said in agent), "") for names in (BROWSERS, SYSTEMS))
    return " · ".join(filter(None, found)) or agent


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
