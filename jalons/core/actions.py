"""What makes a function an action: one guarded, recorded transaction."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import pghistory
from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from jalons.core.levels import Level
from jalons.core.models import Event
from jalons.core.scope import ScopedModel, SharedModel


def record(verb: str, target: models.Model, by: Any, why: str = "") -> None:
    """Leave one line in the audit trail."""
    Event.objects.create(
        by=by, verb=verb, target=target._meta.label, target_id=target.pk, programme_id=target.owner_id, why=why
    )


def action(verb: str, *, needs: Level) -> Callable:
    """Turn a function into one guarded, recorded transaction.

    It takes keyword arguments only, `by` being the user, and returns the changed object.
    `needs` is the level `by` must hold, in the function's own app, on every scoped row or queryset passed in.
    `why` may always be given; it is recorded with the verb and with every changed field.
    The page, the API, the command and the nightly job all enter here.
    """

    def decorate(function: Callable) -> Callable:
        app = _app_of(function.__module__)

        @wraps(function)
        def run(*, by: Any, why: str = "", **arguments: Any) -> Any:
            with transaction.atomic(), pghistory.context(user=by.pk, verb=verb, why=why):
                for argument in arguments.values():
                    if not _is_open(argument, by, needs, app):
                        raise PermissionDenied(verb)
                target = function(by=by, **arguments)
                record(verb, target, by, why)
            return target

        run.needs, run.verb, run.app = needs, verb, app
        return run

    return decorate


def _app_of(module: str) -> str:
    """App label of a module: jalons.<shelf>.<app>.<...>, or core."""
    parts = module.split(".")
    return parts[1] if parts[1] == "core" else parts[2]


def _is_open(argument: Any, by: Any, needs: Level, app: str) -> bool:
    """Whether `by` may touch this argument: a row, a queryset, or a list of rows; anything else is not a row."""
    if isinstance(argument, ScopedModel | SharedModel):
        return argument.pk is None or argument.is_open_to(by, needs, app=app)
    if isinstance(argument, models.QuerySet) and hasattr(argument, "for_user"):
        allowed = argument.model.objects.for_user(by, needs, app=app).values("pk")
        return not argument.exclude(pk__in=allowed).exists()
    if isinstance(argument, list | tuple) and argument and isinstance(argument[0], ScopedModel):
        return _all_open(argument, by, needs, app)
    return True


def _all_open(rows: Iterable[ScopedModel], by: Any, needs: Level, app: str) -> bool:
    keys = {row.pk for row in rows}
    model = type(next(iter(rows)))
    return model.objects.for_user(by, needs, app=app).filter(pk__in=keys).count() == len(keys)
