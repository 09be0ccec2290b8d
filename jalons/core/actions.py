"""What makes a function an action: one guarded, recorded transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pghistory
from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from jalons.core.levels import Level
from jalons.core.models import Event
from jalons.core.scope import Row
from jalons.core.texts import tidy

VERBS: set[str] = set()


@contextmanager
def recorded(verb: str, by: Any, why: str = "") -> Iterator[Callable[[models.Model], None]]:
    """One transaction whose every changed field is tied to who, which verb and why.

    An act inside another one is done for the reason of the whole, unless that has none.
    Yields the function that leaves the line of the audit trail on the row that changed.
    """
    with transaction.atomic(), pghistory.context(user=by.pk, verb=verb) as context:
        whole = context.metadata.get("why", "")
        why = tidy(why) or whole
        context.metadata["why"] = whole or why

        def leave(target: models.Model) -> None:
            Event.objects.create(
                by=by, verb=verb, why=why, target=target._meta.label, target_id=target.pk,
                programme_id=target.journal_id, context=context.id,
            )  # fmt: skip

        try:
            yield leave
        finally:
            context.metadata["why"] = whole


def action(verb: str, *, needs: Level) -> Callable:
    """Turn a function into one guarded, recorded transaction.

    It takes keyword arguments only, `by` being the user, and returns the changed object.
    `needs` is the level `by` must hold in the function's own app, somewhere, and on every row or queryset passed in.
    An action of the core has no app of its own: each row is held to its own app.
    `why` may always be given; it is recorded with the verb and with every changed field.
    The page, the API, the command and the nightly job all enter here.
    """
    VERBS.add(verb)

    def decorate(function: Callable) -> Callable:
        app = _app_of(function.__module__)

        @wraps(function)
        def run(*, by: Any, why: str = "", **arguments: Any) -> Any:
            arguments = {name: tidy(value) if isinstance(value, str) else value for name, value in arguments.items()}
            with recorded(verb, by, why) as leave:
                allowed = app is None or by.may(app, needs)
                if not (allowed and all(_is_open(value, by, needs, app) for value in arguments.values())):
                    raise PermissionDenied(verb)
                target = function(by=by, **arguments)
                leave(target)
            return target

        run.needs, run.verb, run.app = needs, verb, app
        return run

    return decorate


def _app_of(module: str) -> str | None:
    """App label of a module: jalons.<shelf>.<app>.<...>; None for the core, which belongs to no domain."""
    parts = module.split(".")
    return None if parts[1] == "core" else parts[2]


def _is_open(argument: Any, by: Any, needs: Level, app: str | None) -> bool:
    """Whether `by` may touch this argument: a row, a queryset or a collection of rows; anything else is not a row."""
    if isinstance(argument, Row):
        return argument.is_open_to(by, needs, app=app)
    if isinstance(argument, models.QuerySet) and issubclass(argument.model, Row):
        return not argument.exclude(pk__in=_allowed(argument.model, by, needs, app)).exists()
    if isinstance(argument, list | tuple | set):
        return _all_open([row for row in argument if isinstance(row, Row)], by, needs, app)
    return True


def _all_open(rows: list[Row], by: Any, needs: Level, app: str | None) -> bool:
    """As many queries as there are models, not as there are rows."""
    if any(not row.is_open_to(by, needs, app=app) for row in rows if row._state.adding):
        return False
    for model in {type(row) for row in rows}:
        keys = {row.pk for row in rows if type(row) is model and not row._state.adding}
        if _allowed(model, by, needs, app).filter(pk__in=keys).count() != len(keys):
            return False
    return True


def _allowed(model: type[Row], by: Any, needs: Level, app: str | None) -> models.QuerySet:
    return model.objects.for_user(by, needs, app=app).values("pk")
