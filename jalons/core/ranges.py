"""A large file given in parts: a download that was cut goes on where it stopped (RFC 9110, ranges)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.http import content_disposition_header

ASKED = re.compile(r"bytes=(\d*)-(\d*)$")
CHUNK = 1 << 16


class WholeOrCompressed(GZipMiddleware):
    """Compresses answers, but for files given in parts: their places are counted in bytes of the file itself."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if response.has_header("Accept-Ranges") else super().process_response(request, response)


def send(request: HttpRequest, path: Path, *, name: str, tag: str) -> HttpResponseBase:
    """A file to keep, never to open in the page; whole, or the one part that is asked for.

    tag: names the content. A part asked of another content gets the whole of this one, so that no file is made of two.
    """
    size = path.stat().st_size
    part = _part(request, size, f'"{tag}"')
    headers = {
        "Accept-Ranges": "bytes", "ETag": f'"{tag}"', "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache", "Content-Disposition": content_disposition_header(True, name),
    }  # fmt: skip
    if part is None:
        kind = "application/octet-stream"
        return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=kind, headers=headers)
    start, end = part
    if start >= size or start > end:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers |= {"Content-Range": f"bytes {start}-{end}/{size}", "Content-Length": str(end - start + 1)}
    file = path.open("rb")
    file.seek(start)
    parts = _chunks(file, end - start + 1)
    return StreamingHttpResponse(parts, status=206, content_type="application/octet-stream", headers=headers)


def _part(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """First and last byte of the part asked for; None for the whole."""
    asked = ASKED.match(request.headers.get("Range", ""))
    if not asked or asked.group() == "bytes=-" or request.headers.get("If-Range", tag) != tag:
        return None
    first, last = asked.groups()
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _chunks(file: BinaryIO, left: int) -> Iterator[bytes]:
    with file:
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
