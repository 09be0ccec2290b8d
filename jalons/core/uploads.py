"""No request may fill the disk: what is longer than the limit is refused before its first byte is kept."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

LIMIT = 300 * 1024 * 1024  # bytes, for a whole request; each page has its own, lower


class WithinLimit(FileUploadHandler):
    """First of the handlers: lets everything through to the next ones, or nothing."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,
        content_length: Any,
        boundary: Any,
        encoding: Any = None,
    ) -> None:  # noqa: N803, PLR0913
        if content_length > LIMIT:
            raise RequestDataTooBig("upload above the limit")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        return None
