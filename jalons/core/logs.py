"""What is written down when something fails: where and why, never about whom."""

import logging
import re

KEYS = re.compile(r"/(key|link|confirm-email)/[^/\s]+")  # what such an address holds opens something
VALUES = re.compile(r"^(\w+(\.\w+)*: )?(DETAIL|CONTEXT|QUERY):.*$", re.MULTILINE)


class Discreet(logging.Formatter):
    """Leaves out what PostgreSQL quotes of the row at fault (names, addresses, answers), and the keys of addresses."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatException(self, ei: tuple) -> str:  # noqa: N802
        return VALUES.sub(r"\3: (tu)", super().formatException(ei))

    def format(self, record: logging.LogRecord) -> str:
        return KEYS.sub(r"/\1/(tu)", super().format(record))
