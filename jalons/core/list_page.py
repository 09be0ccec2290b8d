"""The list page: filters, sort, search, paging by key and export, once for all domains."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views import generic

from jalons.core import lists
from jalons.core.cells import head, plain_cell, table_column, table_row
from jalons.core.errors import Refused
from jalons.core.exports import FORMATS
from jalons.core.filters import filter_form
from jalons.core.refusals import refusal_text
from jalons.core.search import words
from jalons.core.views import Page


class ListPage(Page, generic.ListView):
    """columns: field names or properties; search: paths; filters: paths; ordering: one field name or path.

    indexed: for a table that may reach a million rows, {column: path} of the sorts that an index answers whatever the
    size. The other columns sort once filters leave few enough rows to be counted.
    """

    kind = "list"
    columns: tuple = ()
    search: tuple = ()
    filters: tuple = ()
    ordering = "-pk"
    empty_text = ""
    indexed: dict | None = None

    def get_queryset(self) -> QuerySet:
        joins = [c for c in self.columns if self._relation(c)]
        rows = super().get_queryset().select_related(*joins)
        self.filter_form = filter_form(self)
        rows = rows.filter(**self.filter_form.chosen())
        return lists.search(rows, self.query, self.search)

    @property
    def query(self) -> str:
        """The words searched, without what PostgreSQL cannot read."""
        return " ".join(words(self.request.GET.get("q", "")))

    def order(self, *, many: bool = False) -> lists.Order:
        wanted = self.request.GET.get("sort", "")
        name = wanted if wanted.lstrip("-") in self.columns and self._sort_path(wanted, many=many) else self.ordering
        return lists.Order(self._sort_path(name), name.startswith("-"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = self.get_queryset()
        if export := FORMATS.get(request.GET.get("format")):
            try:
                return export(self.model._meta.model_name, self.heads(), self.exported(rows, self.order()))
            except Refused as refusal:
                messages.error(request, refusal_text(refusal))
        total, capped = lists.count(rows)
        order = self.order(many=capped)
        found = lists.page(rows, order, request.GET.get("after"))
        self.object_list = found.rows
        return self.render_to_response(
            self.get_context_data(order=order, slice=found, total=total, total_capped=capped)
        )

    def exported(self, rows: QuerySet, order: lists.Order) -> Iterator[list]:
        for row in order.applied(rows).iterator(chunk_size=2000):
            yield [plain_cell(row, column) for column in self.columns]

    def heads(self) -> list[str]:
        return [str(head(self.model, column)) for column in self.columns]

    def get_context_data(self, *, order: lists.Order, slice: Any, **extra: Any) -> dict[str, Any]:
        return super().get_context_data(**{
            "columns": [self._column(c, order, many=extra.get("total_capped", False)) for c in self.columns],
            "rows": [table_row(row, self.columns, self.row_url(row)) for row in slice.rows],
            "filters": self.filter_form,
            "query": self.query,
            "searchable": bool(self.search),
            "first_url": self.link(after=None),
            "previous_url": slice.previous and self.link(after=slice.previous),
            "next_url": slice.next and self.link(after=slice.next),
            "export_urls": [(name, self.link(format=name, after=None)) for name in FORMATS],
            "add_url": self.url_of("add") if self.opens(self.url_of("add")) else None,
            **extra,
        })  # fmt: skip

    def row_url(self, row: Any) -> str | None:
        return self.url_of("detail", row.pk)

    def _default_title(self) -> str:
        return self.model._meta.verbose_name_plural.capitalize()

    def _relation(self, column: str) -> bool:
        try:
            field = self.model._meta.get_field(column)
        except FieldDoesNotExist:
            return False
        return field.many_to_one or field.one_to_one

    def _sort_path(self, name: str, *, many: bool = False) -> str | None:
        """Path to sort by: a related row sorts by the first field of its own ordering; None when not sortable."""
        column = name.lstrip("-")
        if self.indexed and (many or column in self.indexed):
            return self.indexed.get(column, column if column == "pk" else None)
        if column == "pk" or "__" in column:
            return column
        try:
            field = self.model._meta.get_field(column)
        except FieldDoesNotExist:
            return None
        if not self._relation(column):
            return column
        first = (field.related_model._meta.ordering or ["pk"])[0].lstrip("-")
        return f"{column}__{first}"

    def _column(self, column: str, order: lists.Order, *, many: bool = False) -> dict[str, Any]:
        path = self._sort_path(column, many=many)
        now = order.path == path and ("desc" if order.descending else "asc")
        link = self.link(sort=("-" if now == "asc" else "") + column, after=None) if path else None
        return {**table_column(self.model, column), "sort_url": link, "sorted": now or ""}

    def link(self, **changes: Any) -> str:
        query = {**self.request.GET.dict(), "format": None, **changes}
        return "?" + urlencode({key: value for key, value in query.items() if value not in (None, "")})
