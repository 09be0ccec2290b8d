"""A workbook of Excel's binary kind, which nothing else here writes."""

import io
import struct
import zipfile

OWN = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
RELATIONS = f'<Relationships><Relationship Id="r1" Type="{OWN}" Target="worksheets/sheet1.bin"/></Relationships>'


def record(kind, data=b""):
    """[MS-XLSB] 2.1.4: a record's kind and length, seven bits a byte."""
    head, size, length = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7]), len(data), b""
    while size > 127:
        size, length = size >> 7, length + bytes([size & 127 | 128])
    return head + length + bytes([size]) + data


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def cell(place, value):
    at = struct.pack("<II", place, 0)
    return record(6, at + wide(value)) if isinstance(value, str) else record(5, at + struct.pack("<d", value))


def a_binary_workbook(*rows):
    last = struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    book = record(0x83) + record(0x8F) + record(0x9C, bytes(8) + wide("r1") + wide("Feuille")) + record(0x90)
    sheet = record(0x81) + record(0x94, last) + record(0x91)
    for number, row in enumerate(rows):
        sheet += record(0, struct.pack("<I", number) + bytes(13)) + b"".join(cell(*one) for one in enumerate(row))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/_rels/workbook.bin.rels", RELATIONS)
        archive.writestr("xl/workbook.bin", book + record(0x84))
        archive.writestr("xl/worksheets/sheet1.bin", sheet + record(0x92) + record(0x82))
    return buffer.getvalue()
