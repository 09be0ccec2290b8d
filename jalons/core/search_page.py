"""One box that finds anything one may see: every list that can be searched is asked, through its own page."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, get_resolver, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jalons.core.cells import cell
from jalons.core.list_page import ListPage
from jalons.core.search import words

SHOWN = 6  # rows per list; the list itself has the rest


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What `?q=` finds, list by list."""
    query = " ".join(words(request.GET.get("q", "")))
    groups = [group for name, page in searchable() if (group := found(request, name, page))] if query else []
    return render(request, "core/search.html", {"title": _("Rechercher"), "query": query, "groups": groups})


def found(request: HttpRequest, name: str, view: type[ListPage]) -> dict[str, Any] | None:
    """The first rows that a list finds, and where its page shows them all; None when it finds none."""
    page = view()
    page.setup(request)
    if not page.may(page.level):
        return None
    rows = list(page.order().applied(page.get_queryset())[: SHOWN + 1])
    entries = [entry(row, page) for row in rows[:SHOWN]]
    title, url = page.title or page._default_title(), reverse(name) + page.link()
    return {"title": title, "entries": entries, "url": url, "more": len(rows) > SHOWN} if rows else None


def entry(row: Any, page: ListPage) -> dict[str, Any]:
    """A row by its name and page, with the two columns that follow its name when they say more than it does."""
    title = str(row)
    told = (cell(row, column) for column in page.columns[1:3])
    return {"url": page.row_url(row), "title": title, "cells": [one for one in told if one.value not in title]}


@cache
def searchable() -> list[tuple[str, type[ListPage]]]:
    """Name and class of every list page that says what it searches."""
    found = [(name, page) for name, page in _list_pages(get_resolver().url_patterns, "") if page.search]
    return sorted(found, key=lambda one: getattr(one[1].model, "shared", False))  # one's own programmes first


def _list_pages(patterns: list, prefix: str) -> Iterator[tuple[str, type[ListPage]]]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            page = getattr(pattern.callback, "view_class", None)
            if page and issubclass(page, ListPage):
                yield f"{prefix}{pattern.name}", page
        else:
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _list_pages(pattern.url_patterns, inner)
