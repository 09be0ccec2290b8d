"""What the demonstration's people, places and answers are drawn from: invented, always the same for one seed."""

from collections.abc import Iterator
from itertools import chain

from jalons.cli.demo.invented import capacity, desk, follow_up, pathway, presence
from jalons.cli.demo.invented.faults import with_faults
from jalons.cli.demo.invented.filled import Filled


def everything() -> Iterator[Filled]:
    """All filled forms, faults included, programme by programme."""
    return with_faults(
        chain(presence.sheets(), capacity.assessments(), follow_up.interviews(), desk.visits(), pathway.updates())
    )
