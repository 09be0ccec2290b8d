"""The files of a report, by format."""

from collections.abc import Iterator

from jalons.reporting.reports import excel, iati, word
from jalons.reporting.reports.rules.document import Document
from jalons.reporting.reports.rules.issuing import iati_gap

WRITERS = {"docx": word.write, "xlsx": excel.write, "xml": iati.write}
OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    "docx": OFFICE + "wordprocessingml.document",
    "xlsx": OFFICE + "spreadsheetml.sheet",
    "xml": "application/xml",
}


def formats(document: Document) -> Iterator[str]:
    """Formats that this report can be written in: IATI only when its identifiers are known."""
    for extension in WRITERS:
        if extension != "xml" or not iati_gap(document.logframe):
            yield extension
