"""Parts of a form left without any answer."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jalons.collection.quality.rules.found import Filled, Found
from jalons.collection.submissions.rules.checks import UNASKED
from jalons.collection.submissions.rules.schema import Item, Schema
from jalons.core.errors import _

FEWEST = 3  # questions that a part always asks
EMPTY = _("La partie « %(section)s » n’a aucune réponse, or ses %(count)s questions sont posées à tout le monde.")


def sections(schema: Schema) -> dict[str, list[Item]]:
    """The groups of a form with the questions that they put to everyone: without a condition, answered by a person.

    Missing: a question with a condition, its own or its group's, may not have been put: it is left out.
    Source:  XLSForm groups, `relevant`.
    """
    found: dict[str, list[Item]] = defaultdict(list)
    for item in schema.tables[""].items:
        group = item.path.rpartition("/")[0]
        if group and not item.relevant.strip() and item.kind not in UNASKED:
            found[group].append(item)
    return {group: items for group, items in found.items() if len(items) >= FEWEST}


def missing(parameters: Mapping[str, Any], filled: Iterable[Filled]) -> Iterator[Found]:
    """Parts without any answer in a submission that answers others.

    Source: ours; IMPACT cleaningtools check_percentage_missing looks at whole submissions only.
    """
    chosen = set(parameters.get("sections") or ())
    known: dict[int, dict[str, list[Item]]] = {}
    for one in filled:
        parts = known.setdefault(id(one.schema), sections(one.schema))
        for group, items in parts.items():
            if (not chosen or group in chosen) and not any(one.answers.get(item.key) is not None for item in items):
                name = group.rpartition("/")[2]
                yield Found(one.pk, one.version, items[0].key, (), "", EMPTY, {"section": name, "count": len(items)})
