"""The styles of the Word template: named, so that a person can change them in Word."""

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

INK, TEAL, GREY = RGBColor(0x14, 0x20, 0x1F), RGBColor(0x0B, 0x5A, 0x5E), RGBColor(0x5A, 0x66, 0x66)
RULE = "B9C4C4"
CELL, FIGURE, NOTE, NOTE_RIGHT, HEAD = "Cell", "Cell Figure", "Cell Note", "Cell Note Right", "Cell Head"
TEXT, SERIF = "Calibri", "Georgia"

# name -> font, size, colour, bold, space before, space after
LOOKS = {
    "Normal": (TEXT, 9.5, INK, False, 0, 4),
    "Title": (SERIF, 22, INK, True, 4, 2),
    "Subtitle": (SERIF, 13, TEAL, False, 0, 10),
    "Heading 1": (SERIF, 13, INK, True, 16, 4),
    "Heading 2": (SERIF, 10.5, TEAL, False, 8, 2),
    "Footer": (TEXT, 8, GREY, False, 0, 0),
    "List Bullet": (TEXT, 9.5, INK, False, 0, 1),
    "Running": (TEXT, 9, GREY, False, 0, 0),
    CELL: (TEXT, 8.5, INK, False, 1.5, 1.5),
    FIGURE: (TEXT, 8.5, INK, False, 1.5, 1.5),
    "Cell Word": (TEXT, 8, GREY, False, 1.5, 1.5),
    NOTE: (TEXT, 7.5, GREY, False, 0.5, 1),
    NOTE_RIGHT: (TEXT, 7.5, GREY, False, 0, 0.5),
    HEAD: (TEXT, 8, TEAL, True, 2, 2),
    "Cell Head Right": (TEXT, 8, TEAL, True, 2, 2),
    "Cell Result": (TEXT, 9, INK, True, 2.5, 2),
}
RIGHT = (FIGURE, "Cell Word", NOTE_RIGHT, "Cell Head Right")


def styles(document: Any) -> None:
    """Give a document the styles of reports, in French."""
    known = {style.name for style in document.styles}
    for name, (font, size, color, bold, before, after) in LOOKS.items():
        style = document.styles[name] if name in known else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
        style.font.color.rgb = color
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        if name in RIGHT:
            style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _font(style, font)
    for name in ("Heading 1", "Heading 2"):
        document.styles[name].paragraph_format.keep_with_next = True
    _language(document)
    _without(document.styles["Title"], "pBdr")
    _without(document.styles["Footer"], "tabs")


def _font(style: Any, font: str) -> None:
    """One font for every script that a style knows, whatever the theme says."""
    style.font.name = font
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:hAnsi"), font)


def _language(document: Any) -> None:
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "fr-FR")
    language.set(qn("w:bidi"), "ar-MA")
    document.styles["Normal"].element.get_or_add_rPr().append(language)


def _without(style: Any, part: str) -> None:
    for found in list(style.element.iter(qn(f"w:{part}"))):
        found.getparent().remove(found)
