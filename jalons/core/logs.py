"""What is written down when something fails: where and why, never about whom."""

import logging
import re

VALUES = re.compile(r"^(\w+(\.\w+)*: )?(DETAIL|CONTEXT|QUERY):.*$", re.MULTILINE)


class Discreet(logging.Formatter):
    """Leaves out of a fault what PostgreSQL quotes of the row at fault: names, addresses, answers."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatException(self, ei: tuple) -> str:  # noqa: N802
        return VALUES.sub(r"\3: (tu)", super().formatException(ei))
