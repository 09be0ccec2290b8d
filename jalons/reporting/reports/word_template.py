"""Builds the Word template of reports. Run it to make the file anew; anyone may edit the file in Word instead.

python -m jalons.reporting.reports.word_template
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from jalons.reporting.reports.archive import timeless

TEMPLATE = Path(__file__).parent / "word" / "logframe.docx"
INK, TEAL, GREY = RGBColor(0x14, 0x20, 0x1F), RGBColor(0x0B, 0x5A, 0x5E), RGBColor(0x5A, 0x66, 0x66)
WASH, RULE = "E8F0F0", "B9C4C4"

Columns = Sequence[tuple[str, float, str]]  # head, width in centimetres, what a row holds

FACTS: Columns = (("", 4.5, "{{ fact.0 }}"), ("", 21.6, "{{ fact.1 }}"))
WORDS: Columns = (
    ("Code", 2.6, "{{ w.code }}"),
    ("Indicateur du bailleur", 7.5, "{{ w.title }}"),
    ("Cible", 2.6, "{{ w.target }}"),
    ("Valeur", 2.6, "{{ w.value }}"),
    ("Unité", 2.2, "{{ w.unit }}"),
    ("Notre indicateur", 2.6, "{{ w.line }}"),
    ("Facteur, portée, note", 6.0, "{{ w.note }}"),
)
LINES: Columns = (
    ("Code", 1.8, "{{ row.code }}"),
    ("Indicateur", 5.6, "{{ row.title }}"),
    ("Référence", 2.5, "{{ row.baseline }}"),
    ("Cible de la période", 2.4, "{{ row.target }}"),
    ("Valeur", 2.8, "{{ row.value }}"),
    ("Progression", 2.4, "{{ row.progress }}"),
    ("Femmes, hommes, groupes cibles", 3.8, "{{ row.splits }}"),
    ("Réponses", 2.4, "{{ row.count }}"),
    ("Sources de vérification", 2.4, "{{ row.sources }}"),
)
CHANGES: Columns = (
    ("Code", 2.0, "{{ c.indicator }}"),
    ("Ce qui a changé", 6.0, "{{ c.cause }}"),
    ("Période", 3.2, "{{ c.period }}"),
    ("Avant", 5.2, "{{ c.was }}"),
    ("Maintenant", 5.2, "{{ c.now }}"),
    ("Motif", 4.5, "{{ c.why }}"),
)
CUTS: Columns = (
    ("Code", 2.0, "{{ cut.code }}"),
    ("Désagrégation", 4.0, "{{ cut.dimension }}"),
    ("Valeurs", 20.1, "{{ cut.cells }}"),
)
SHEETS: Columns = (
    ("Code", 2.0, "{{ s.code }}"),
    ("Définition", 9.6, "{{ s.definition }}"),
    ("Méthode de calcul", 6.5, "{{ s.method }}"),
    ("Version", 3.5, "{{ s.version }}"),
    ("Sources de vérification", 4.5, "{{ s.sources }}"),
)


def build() -> None:
    """Write the template, the same bytes each time."""
    document = Document()
    _page(document)
    _styles(document)
    _opening(document)
    _tables(document)
    _closing(document)
    stamp = datetime(2026, 1, 1, tzinfo=UTC)
    core = document.core_properties
    core.author, core.title, core.language, core.comments = "Jalons", "Cadre logique", "fr-FR", ""
    core.created = core.modified = stamp
    _drop_thumbnail(document.part.package)
    TEMPLATE.parent.mkdir(exist_ok=True)
    document.save(TEMPLATE)
    TEMPLATE.write_bytes(timeless(TEMPLATE.read_bytes()))


def _drop_thumbnail(package: Any) -> None:
    """The picture of an empty page that comes with every new document."""
    for key in [key for key, relation in package.rels.items() if relation.reltype.endswith("/thumbnail")]:
        del package.rels[key]


def _page(document: Any) -> None:
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(1.8)
    section.top_margin, section.bottom_margin = Cm(1.7), Cm(1.5)
    foot = section.footer.paragraphs[0]
    foot.add_run("{{ title }}{{ draft }} · page ")
    _field(foot, "PAGE")
    foot.add_run(" sur ")
    _field(foot, "NUMPAGES")
    foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _field(paragraph: Any, name: str) -> None:
    """A number that Word computes when it opens the file."""
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("instrText", name), ("end", "")):
        element = OxmlElement("w:instrText" if text else "w:fldChar")
        element.text = text
        if not text:
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)


def _styles(document: Any) -> None:
    looks = {
        "Normal": ("Calibri", 9.5, INK, False, 0, 4),
        "Title": ("Georgia", 20, INK, True, 0, 2),
        "Subtitle": ("Georgia", 13, TEAL, False, 0, 8),
        "Heading 1": ("Georgia", 13, INK, True, 14, 4),
        "Heading 2": ("Georgia", 10.5, TEAL, False, 8, 2),
        "Footer": ("Calibri", 8, GREY, False, 0, 0),
        "List Bullet": ("Calibri", 9, INK, False, 0, 1),
    }
    for name, (font, size, color, bold, before, after) in looks.items():
        style = document.styles[name]
        style.font.name, style.font.size, style.font.bold, style.font.italic = font, Pt(size), bold, False
        style.font.color.rgb = color
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:hAnsi"), font)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "fr-FR")
    language.set(qn("w:bidi"), "ar-MA")
    document.styles["Normal"].element.get_or_add_rPr().append(language)
    for border in document.styles["Title"].element.iter(qn("w:pBdr")):
        border.getparent().remove(border)
        break


def _opening(document: Any) -> None:
    document.add_paragraph("{{ programme }}", "Title")
    document.add_paragraph("{{ title }}{{ draft }}", "Subtitle")
    _loop(document, "fact in facts", FACTS)
    document.add_paragraph()
    document.add_paragraph("{{ summary }}")


def _tables(document: Any) -> None:
    document.add_paragraph("{%p if words %}")
    document.add_paragraph("Dans les mots du bailleur : {{ funder }}", "Heading 1")
    _loop(document, "w in words", WORDS)
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("Cadre logique", "Heading 1")
    _logframe(document)
    document.add_paragraph("{%p if charts %}")
    document.add_paragraph("Progression par effet", "Heading 1")
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p for chart in charts %}")
    document.add_paragraph("{{ chart.title }}", "Heading 2").paragraph_format.keep_with_next = True
    document.add_paragraph("{{ chart.image }}")
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("Ce qui a changé depuis le rapport précédent", "Heading 1")
    document.add_paragraph("{{ since }}")
    _optional(document, "changes", "c in changes", CHANGES)


def _closing(document: Any) -> None:
    document.add_paragraph("Désagrégations", "Heading 1")
    document.add_paragraph("{%p if not cuts %}")
    document.add_paragraph("Aucune valeur rapportée n’est désagrégée.")
    document.add_paragraph("{%p endif %}")
    _optional(document, "cuts", "cut in cuts", CUTS)
    document.add_paragraph("Définitions et sources", "Heading 1")
    _loop(document, "s in sheets", SHEETS)
    document.add_paragraph()
    document.add_paragraph("{%p for source in sources %}")
    document.add_paragraph("{{ source }}", "List Bullet")
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("Comment lire ce rapport", "Heading 1")
    document.add_paragraph("{%p for note in notes %}")
    document.add_paragraph("{{ note }}", "List Bullet")
    document.add_paragraph("{%p endfor %}")


def _optional(document: Any, condition: str, loop: str, columns: Columns) -> None:
    document.add_paragraph(f"{{%p if {condition} %}}")
    _loop(document, loop, columns)
    document.add_paragraph("{%p endif %}")


def _loop(document: Any, loop: str, columns: Columns) -> None:
    """A table with one row per item; its head, when it has one, comes again on each page."""
    table = _table(document, columns)
    for text in (f"{{%tr for {loop} %}}", None, "{%tr endfor %}"):
        _row(table, columns, text)


def _logframe(document: Any) -> None:
    """The same with two kinds of row: a result across the table, an indicator in its columns."""
    table = _table(document, LINES)
    for text in ("{%tr for row in rows %}", "{%tr if row.result %}"):
        _row(table, LINES, text)
    result = table.add_row()
    result._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    across = result.cells[0].merge(result.cells[-1])
    _shade(across, WASH)
    _write(across, "{{ row.result }}", bold=True)
    across.paragraphs[0].paragraph_format.keep_with_next = True
    across.add_paragraph("{%p if row.assumptions %}")
    _small(across.add_paragraph("{{ row.assumptions }}"))
    across.add_paragraph("{%p endif %}")
    for text in ("{%tr else %}", None, "{%tr endif %}", "{%tr endfor %}"):
        _row(table, LINES, text)


def _table(document: Any, columns: Columns) -> Any:
    table = document.add_table(rows=0, cols=len(columns))
    table.autofit = False
    for column, (_head, width, _holds) in zip(table.columns, columns, strict=True):
        column.width = Cm(width)
    _borders(table)
    if any(head for head, _width, _holds in columns):
        row = table.add_row()
        for cell, (head, width, _holds) in zip(row.cells, columns, strict=True):
            cell.width = Cm(width)
            _write(cell, head, bold=True)
        row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    return table


def _row(table: Any, columns: Columns, text: str | None) -> Any:
    """A row of the template: what each column holds, or one instruction in its first cell."""
    row = table.add_row()
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for place, (cell, (_head, width, holds)) in enumerate(zip(row.cells, columns, strict=True)):
        cell.width = Cm(width)
        _write(cell, holds if text is None else text * (place == 0), bold=False)
    return row


def _write(cell: Any, text: str, *, bold: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1.5)
    run = paragraph.add_run(text)
    run.font.size, run.font.bold = Pt(8.5), bold


def _small(paragraph: Any) -> None:
    paragraph.paragraph_format.space_after = Pt(1)
    for run in paragraph.runs:
        run.font.size, run.font.color.rgb = Pt(8), GREY


def _shade(cell: Any, color: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", color)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _borders(table: Any) -> None:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        border = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", RULE)):
            border.set(qn(f"w:{name}"), value)
        borders.append(border)
    table._tbl.tblPr.append(borders)


if __name__ == "__main__":
    build()
