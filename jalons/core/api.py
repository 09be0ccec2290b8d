"""What every part of the API shares: keys of rows, and answers that say no."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

Key = Annotated[int, Field(ge=1, le=2**63 - 1)]  # of a row


class Said(Schema):
    """What is wrong, in the language of Accept-Language; field: the answer at fault; wrong: where the request is."""

    message: str
    field: str | None = None
    wrong: list[dict[str, Any]] = []


REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 413, 422), Said)
