"""The rows that belong to a row, as tables of its page."""

from typing import Any

from django.db import models

from jalons.core.cells import table_column, table_row
from jalons.core.levels import Level
from jalons.core.links import level_of, page_of, url_or_none

SHOWN = 200  # rows; beyond, the list itself


def section(row: models.Model, name: str, columns: tuple[str, ...], user: Any) -> dict[str, Any]:
    """The related rows that `user` may see, and where to add one; `name` is the relation seen from `row`."""
    relation = row._meta.get_field(name)
    model, link = relation.related_model, relation.field.name
    rows = list(model.objects.for_user(user).filter(**{link: row})[: SHOWN + 1])
    everything = url_or_none(f"{model._meta.app_label}:{model._meta.model_name}-list") if len(rows) > SHOWN else None
    return {
        "title": model._meta.verbose_name_plural,
        "id": model._meta.model_name,
        "columns": [table_column(model, column) for column in columns],
        "rows": [table_row(found, columns, page_of(found)) for found in rows[:SHOWN]],
        "more_url": everything and f"{everything}?{link}={row.pk}",
        "add_url": _add_url(row, model, link, user),
    }


def _add_url(row: models.Model, model: type[models.Model], link: str, user: Any) -> str | None:
    app = model._meta.app_label
    url = url_or_none(f"{app}:{model._meta.model_name}-add")
    if url is None or not user.may(app, level_of(url)):
        return None
    shared = getattr(row, "shared", False)
    return f"{url}?{link}={row.pk}" if row.is_open_to(user, Level.VIEW if shared else level_of(url), app=app) else None
