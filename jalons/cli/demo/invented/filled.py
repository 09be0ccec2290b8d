"""One invented form, as someone filled it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Filled:
    """A filled form before it becomes a line of an export or an XML instance.

    sender:  whose file it will come in.
    answers: question name -> answer; repeat name -> list of such.
    mended:  the same answers without their fault, for those that were sent again.
    """

    programme: str
    form: str
    sender: str
    instance: str
    at: datetime
    answers: dict[str, Any] = field(default_factory=dict)
    mended: dict[str, Any] | None = None
