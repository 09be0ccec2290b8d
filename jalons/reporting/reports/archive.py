"""Office files are zip archives that remember when they were written; two writings of one report must not differ."""

import io
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can hold


def timeless(content: bytes) -> bytes:
    """The same archive, in the same order, with every member dated 1980."""
    buffer = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(buffer, "w", ZIP_DEFLATED) as target:
        for member in source.infolist():
            plain = ZipInfo(member.filename, EPOCH)
            plain.compress_type, plain.external_attr = ZIP_DEFLATED, 0o600 << 16
            target.writestr(plain, source.read(member))
    return buffer.getvalue()
