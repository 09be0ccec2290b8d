"""Charts from one Vega-Lite specification: live in a page, a picture in a page, in Word or in PDF."""

import json
from hashlib import blake2b
from typing import Any

import vl_convert
from django.core.cache import cache
from django.utils.safestring import SafeString, mark_safe

VEGA_LITE, SCHEMA = "6.4", "https://vega.github.io/schema/vega-lite/v6.json"
INK, QUIET, RULE, TEAL, WOMEN, MEN = "#14201f", "#4f5c5a", "#d8dedc", "#0b5a5e", "#7b3f6e", "#9a8552"
SCALE = ["#e1e7e5", "#cfe3e1", "#9cc6c3", "#5b9c9b", "#21767a", "#084446"]  # unknown, then five steps
FONT = "Source Sans 3, Noto Sans, Noto Sans Arabic, sans-serif"  # the Latin font first: digits keep their shape
NUMBERS = {
    "fr": {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u202f€"]},
    "ar": {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u202f€"]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""]},
}
THEME = {
    "aria": False, "font": FONT, "background": None, "view": {"stroke": None},
    "axis": {"labelColor": QUIET, "titleColor": QUIET, "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": 400,
             "domainColor": RULE, "tickColor": RULE, "gridColor": RULE, "labelFont": FONT, "titleFont": FONT},
    "legend": {"labelColor": QUIET, "labelFontSize": 11, "title": None, "orient": "bottom", "symbolType": "square"},
    "title": {"color": INK, "fontSize": 12, "fontWeight": 600, "anchor": "start", "font": FONT},
    "text": {"color": INK, "fontSize": 11, "font": FONT},
}  # fmt: skip


def layered(layers: list[dict], rows: list[dict], *, height: int, width: int = 640) -> dict[str, Any]:
    """A specification in the house's look, from its layers and its rows."""
    return {
        "$schema": SCHEMA,
        "width": width, "height": height, "config": THEME, "data": {"values": rows}, "layer": layers,
    }  # fmt: skip


def beside(parts: list[dict[str, Any]], *, columns: int = 3) -> dict[str, Any]:
    """Several drawings side by side, each with its own scales: {"title": …, "width": …, "height": …, "layer": […]}."""
    return {
        "$schema": SCHEMA, "config": THEME, "concat": parts, "columns": columns, "spacing": 24,
        "resolve": {"scale": {"color": "shared"}},
    }  # fmt: skip


def svg(spec: dict[str, Any], language: str) -> SafeString:
    """The picture of a specification, drawn once and kept; its text is escaped by Vega."""
    key = "chart-" + blake2b(json.dumps([spec, language], sort_keys=True).encode(), digest_size=16).hexdigest()
    drawn = cache.get(key)
    if drawn is None:
        drawn = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, format_locale=NUMBERS.get(language))
        cache.set(key, drawn, timeout=7 * 24 * 3600)
    return mark_safe(drawn)  # noqa: S308


def png(spec: dict[str, Any], language: str, *, scale: float = 2) -> bytes:
    """The same picture for a document that takes no SVG."""
    return vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=scale, format_locale=NUMBERS.get(language))
