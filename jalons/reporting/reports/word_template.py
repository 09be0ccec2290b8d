"""Builds the Word template of reports. Run it to make the file anew; anyone may edit the file in Word instead.

python -m jalons.reporting.reports.word_template
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm

from jalons.reporting.reports.archive import timeless
from jalons.reporting.reports.word_styles import CELL, FIGURE, HEAD, NOTE, NOTE_RIGHT, RULE, TEAL, styles

TEMPLATE = Path(__file__).parent / "word" / "logframe.docx"
WIDE = 26.1  # centimetres between the margins

# head, width in centimetres, what a row holds: paragraphs, each (condition, text, style)
Paragraphs = Sequence[tuple[str, str, str]]
Columns = Sequence[tuple[str, float, str | Paragraphs]]


def _figure(name: str, *more: tuple[str, str, str]) -> Paragraphs:
    """A figure or a word on the right, a sentence on the left, then what is written small under it."""
    styles = {"number": FIGURE, "word": "Cell Word", "sentence": NOTE}
    return (*((f"row.{name}.{kind}", f"{{{{ row.{name}.{kind} }}}}", style) for kind, style in styles.items()), *more)


FACTS: Columns = (("", 4.5, "{{ fact.0 }}"), ("", 21.6, "{{ fact.1 }}"))
WORDS: Columns = (
    ("Code", 3.0, "{{ w.code }}"),
    ("Indicateur du bailleur", 7.3, "{{ w.title }}"),
    ("Cible", 2.6, (("", "{{ w.target }}", FIGURE),)),
    ("Valeur", 3.0, (("", "{{ w.value }}", FIGURE),)),
    ("Unité", 2.4, "{{ w.unit }}"),
    ("Notre indicateur", 2.2, "{{ w.line }}"),
    ("Facteur, portée, note", 5.6, "{{ w.note }}"),
)
LINES: Columns = (
    ("Code", 1.8, "{{ row.code }}"),
    ("Indicateur", 6.6, (("", "{{ row.title }}", CELL), ("row.codes", "{{ row.codes }}", NOTE))),
    ("Référence", 2.9, _figure("baseline", ("row.since", "{{ row.since }}", NOTE_RIGHT))),
    ("Cible", 2.9, _figure("target", ("row.goal", "à terme : {{ row.goal }}", NOTE_RIGHT))),
    ("Valeur", 3.7, _figure("value", ("row.parts", "{{ row.parts }}", NOTE_RIGHT),
                            ("row.count", "{{ row.count }}", NOTE_RIGHT),
                            ("row.total", "depuis le début : {{ row.total }}", NOTE_RIGHT))),
    ("Progression", 2.3, _figure("progress", ("row.backwards", "{{ row.backwards }}", NOTE_RIGHT))),
    ("Femmes et hommes", 3.8, (("", "{{ row.sexes }}", NOTE),)),
    ("Sources", 2.1, "{{ row.sources }}"),
)  # fmt: skip
CHANGES: Columns = (
    ("Code", 1.8, "{{ c.indicator }}"),
    ("Ce qui a changé", 6.4, "{{ c.cause }}"),
    ("Période", 3.4, "{{ c.period }}"),
    ("Avant", 4.8, "{{ c.was }}"),
    ("Maintenant", 4.8, "{{ c.now }}"),
    ("Motif", 4.9, "{{ c.why }}"),
)
FIGURES: Columns = (
    ("Code", 1.8, "{{ f.code }}"),
    ("Valeur", 4.4, (("", "{{ f.value }}", FIGURE),)),
    ("Réponses", 3.8, "{{ f.count }}"),
    ("Définition et preuve", 7.2, (("", "{{ f.version }}", CELL), ("f.proof", "{{ f.proof }}", NOTE))),
    ("Calculée", 3.6, "{{ f.computed }}"),
    ("Publiée", 3.6, "{{ f.published }}"),
    ("Trace n°", 1.7, (("", "{{ f.key }}", FIGURE),)),
)
SHEETS: Columns = (
    ("Code", 1.8, "{{ s.code }}"),
    ("Définition", 10.2, "{{ s.definition }}"),
    ("Méthode de calcul", 6.6, "{{ s.method }}"),
    ("Version", 5.4, "{{ s.version }}"),
    ("Sources", 2.1, "{{ s.sources }}"),
)


def build() -> None:
    """Write the template, the same bytes each time."""
    document = Document()
    _page(document)
    styles(document)
    _opening(document)
    _logframe(document)
    _charts(document)
    _changes(document)
    _annexes(document)
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
    section.footer_distance = Cm(0.8)
    foot = section.footer.paragraphs[0]
    foot.paragraph_format.tab_stops.add_tab_stop(Cm(WIDE), WD_TAB_ALIGNMENT.RIGHT)
    foot.add_run("{{ programme_short }} · {{ title }}{{ mark }}\t")
    _field(foot, "PAGE")
    foot.add_run(" / ")
    _field(foot, "NUMPAGES")


def _field(paragraph: Any, name: str) -> None:
    """A number that Word computes when it opens the file."""
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("instrText", name), ("end", "")):
        element = OxmlElement("w:instrText" if text else "w:fldChar")
        element.text = text
        if not text:
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)


def _opening(document: Any) -> None:
    document.add_paragraph("{{ operator }}", "Running")
    document.add_paragraph("{{ programme }}", "Title")
    document.add_paragraph("{{ title }}{{ mark }}", "Subtitle")
    _loop(document, "fact in facts", FACTS)
    document.add_paragraph("En bref", "Heading 1")
    document.add_paragraph("{%p for line in brief %}")
    document.add_paragraph("{{ line }}", "List Bullet")
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p if words %}")
    document.add_paragraph("Dans les mots du bailleur : {{ funder }}", "Heading 1")
    _loop(document, "w in words", WORDS)
    document.add_paragraph("{%p endif %}")


def _logframe(document: Any) -> None:
    """The same table with two kinds of row: a result across it, an indicator in its columns."""
    document.add_paragraph("Cadre logique", "Heading 1").paragraph_format.page_break_before = True
    document.add_paragraph("{{ period }}")
    table = _table(document, LINES)
    for text in ("{%tr for row in rows %}", "{%tr if row.result %}"):
        _instruction(table, text)
    result = _whole_row(table)
    across = result.cells[0].merge(result.cells[-1])
    _write(across, (("", "{% cellbg row.shade %}{{ row.result }}", "Cell Result"),
                    ("row.assumptions", "{{ row.assumptions }}", NOTE)))  # fmt: skip
    for paragraph in across.paragraphs:
        paragraph.paragraph_format.keep_with_next = True
    _instruction(table, "{%tr else %}")
    _row(table, LINES)
    for text in ("{%tr endif %}", "{%tr endfor %}"):
        _instruction(table, text)


def _charts(document: Any) -> None:
    document.add_paragraph("{%p for chart in charts %}")
    document.add_paragraph("{%p if chart.section %}")
    document.add_paragraph("{{ chart.section }}", "Heading 1")
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{{ chart.title }}", "Heading 2")
    document.add_paragraph("{{ chart.image }}")
    document.add_paragraph("{%p endfor %}")


def _changes(document: Any) -> None:
    document.add_paragraph("Ce qui a changé depuis le rapport précédent", "Heading 1")
    document.add_paragraph("{{ since }}")
    document.add_paragraph("{%p if changes %}")
    _loop(document, "c in changes", CHANGES)
    document.add_paragraph("{%p endif %}")


def _annexes(document: Any) -> None:
    document.add_paragraph("Annexe 1. Désagrégations", "Heading 1")
    document.add_paragraph("{{ splits }}")
    document.add_paragraph("{%p for m in matrices %}")
    document.add_paragraph("{{ m.title }}", "Heading 2")
    _matrix(document)
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("Annexe 2. Les chiffres et d’où ils viennent", "Heading 1")
    document.add_paragraph("{%p if not figures %}")
    document.add_paragraph("Aucune valeur n’est publiée pour cette période.")
    document.add_paragraph("{%p else %}")
    _loop(document, "f in figures", FIGURES)
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("Annexe 3. Définitions et sources de vérification", "Heading 1")
    _loop(document, "s in sheets", SHEETS)
    document.add_paragraph("", NOTE)
    for loop, holds in (("source in sources", "{{ source }}"), ("note in notes", "{{ note }}")):
        if loop.startswith("note"):
            document.add_paragraph("Comment lire ce rapport", "Heading 1")
        document.add_paragraph(f"{{%p for {loop} %}}")
        document.add_paragraph(holds, "List Bullet")
        document.add_paragraph("{%p endfor %}")


def _matrix(document: Any) -> None:
    """A table whose columns are as many as the matrix has."""
    table = _table(document, (("", WIDE - 20.8, ""), *(("", 5.2, ""),) * 4))
    _whole_row(table, head=True)
    head = table.rows[0].cells
    for cell, text, style in zip(
        head, ("{{ m.corner }}", "{%tc for h in m.heads %}", "{{ h }}", "{%tc endfor %}", ""),
        (HEAD, CELL, "Cell Head Right", CELL, CELL), strict=True,
    ):  # fmt: skip
        _write(cell, (("", text, style),))
    head[0]._tc.getparent().remove(head[4]._tc)
    _instruction(table, "{%tr for name, figures in m.rows %}")
    row = _whole_row(table).cells
    for cell, text, style in zip(
        row, ("{{ name }}", "{%tc for x in figures %}", "{{ x }}", "{%tc endfor %}", ""),
        (CELL, CELL, FIGURE, CELL, CELL), strict=True,
    ):  # fmt: skip
        _write(cell, (("", text, style),))
    row[0]._tc.getparent().remove(row[4]._tc)
    _instruction(table, "{%tr endfor %}")


def _loop(document: Any, loop: str, columns: Columns) -> None:
    """A table with one row per item; its head, when it has one, comes again on each page."""
    table = _table(document, columns)
    _instruction(table, f"{{%tr for {loop} %}}")
    _row(table, columns)
    _instruction(table, "{%tr endfor %}")


def _table(document: Any, columns: Columns) -> Any:
    table = document.add_table(rows=0, cols=len(columns))
    table.autofit = False
    for column, (_head, width, _holds) in zip(table.columns, columns, strict=True):
        column.width = Cm(width)
    _borders(table)
    if any(head for head, _width, _holds in columns):
        row = _whole_row(table, head=True)
        for cell, (head, width, holds) in zip(row.cells, columns, strict=True):
            cell.width = Cm(width)
            right = not isinstance(holds, str) and holds[0][2] == FIGURE
            _write(cell, (("", head, "Cell Head Right" if right else HEAD),))
    return table


def _whole_row(table: Any, *, head: bool = False) -> Any:
    """A row that no page cuts."""
    row = table.add_row()
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    if head:
        row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    return row


def _instruction(table: Any, text: str) -> None:
    table.add_row().cells[0].paragraphs[0].add_run(text)


def _row(table: Any, columns: Columns) -> None:
    row = _whole_row(table)
    for cell, (_head, width, holds) in zip(row.cells, columns, strict=True):
        cell.width = Cm(width)
        _write(cell, (("", holds, CELL),) if isinstance(holds, str) else holds)


def _write(cell: Any, paragraphs: Paragraphs) -> None:
    """The paragraphs of a cell, each under its condition."""
    first = cell.paragraphs[0]
    for condition, text, style in paragraphs:
        if condition:
            cell.add_paragraph(f"{{%p if {condition} %}}")
        cell.add_paragraph(text, style)
        if condition:
            cell.add_paragraph("{%p endif %}")
    first._p.getparent().remove(first._p)


def _borders(table: Any) -> None:
    borders = OxmlElement("w:tblBorders")
    for side, color, size in (("top", TEAL, "8"), ("bottom", TEAL, "8"), ("insideH", RULE, "4")):
        border = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", size), ("space", "0"), ("color", str(color))):
            border.set(qn(f"w:{name}"), value)
        borders.append(border)
    table._tbl.tblPr.append(borders)


if __name__ == "__main__":
    build()
