"""Whether formulas can be measured. The engine that knows stands on a higher shelf: it gives its check here."""

from collections.abc import Callable, Mapping
from typing import Any

from jalons.core.errors import Refused
from jalons.foundation.programmes.models import Programme

Check = Callable[[Mapping[str, Any] | None], list[Refused]]
_engines: list[Callable[[Programme], Check]] = []


def checks_with(engine: Callable[[Programme], Check]) -> None:
    """Let an engine check the formulas of programmes; it reads a programme once for all its formulas."""
    _engines.append(engine)


def checker(programme: Programme) -> Check:
    """What keeps a formula of this programme from being measured; each refusal has its `place` in the record."""
    checks = [engine(programme) for engine in _engines]
    return lambda record: [fault for check in checks for fault in check(record)]
