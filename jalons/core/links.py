"""Addresses of pages: their shape, whether they exist, and the level they ask."""

from typing import Any

from django.db import models
from django.urls import NoReverseMatch, path, resolve, reverse

from jalons.core.levels import Level


def pages(noun: str, plural: str = "", /, **views: Any) -> list:
    """URLs of one noun, always in the same shape: list, add, detail, edit, then its actions."""
    routes = {"list": "", "add": "add/", "detail": "<int:pk>/"}
    return [
        path(f"{plural or noun + 's'}/" + routes.get(verb, f"<int:pk>/{verb.replace('_', '-')}/"), view.as_view(),
             name=f"{noun}-{verb.replace('_', '-')}")
        for verb, view in views.items()
    ]  # fmt: skip


def url_or_none(name: str, *arguments: Any) -> str | None:
    """The URL of a page, or None when the domain has none."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return None


def page_of(row: models.Model) -> str | None:
    """The page of a row, or None when its noun has none."""
    return url_or_none(f"{row._meta.app_label}:{row._meta.model_name}-detail", row.pk)


def level_of(url: str) -> Level:
    """The level that the page at a URL asks."""
    return getattr(_page_at(url), "level", Level.VIEW)


def is_dangerous(url: str) -> bool:
    """Whether what the page at a URL does cannot be undone."""
    return getattr(_page_at(url), "danger", False)


def _page_at(url: str) -> Any:
    page = resolve(url).func
    return getattr(page, "view_class", page)
