"""The rows that belong to a row, as tables of its page."""

from typing import Any

from django.db import models
from django.urls import NoReverseMatch, reverse

from jalons.core.cells import table_column, table_row
from jalons.core.levels import Level


def section(row: models.Model, name: str, columns: tuple[str, ...], user: Any, *, may_add: bool) -> dict[str, Any]:
    """The related rows that `user` may see, and where to add one; `name` is the relation seen from `row`."""
    relation = row._meta.get_field(name)
    model, link = relation.related_model, relation.field.name
    app, noun = model._meta.app_label, f"{model._meta.app_label}:{model._meta.model_name}"
    rows = model.objects.for_user(user).filter(**{link: row})
    add_url = url_or_none(f"{noun}-add") if may_add and user.may(app, Level.EDIT) else None
    return {
        "title": model._meta.verbose_name_plural,
        "id": model._meta.model_name,
        "columns": [table_column(model, column) for column in columns],
        "rows": [table_row(found, columns, url_or_none(f"{noun}-detail", found.pk)) for found in rows],
        "add_url": add_url and f"{add_url}?{link}={row.pk}",
    }


def url_or_none(name: str, *arguments: Any) -> str | None:
    """The URL of a page, or None when the domain has none."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return None
