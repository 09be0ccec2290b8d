"""Who sees which rows. The only file that filters rows by user."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q

from jalons.core.levels import Level


class ScopedQuerySet(models.QuerySet):
    def for_user(self, user: Any, level: Level = Level.VIEW, *, app: str | None = None) -> Self:
        """Rows of the programmes where `user` holds at least `level` in `app` (this model's app by default).

        A membership limited to a region or an organisation narrows the rows of models that have a path to one.
        """
        grants = user.grants(app or self.model._meta.app_label, level)
        allowed = Q(pk__in=[])
        for grant in grants:
            allowed |= _within(self.model, grant)
        if _crosses_many(self.model):
            return self.filter(pk__in=self.model._base_manager.filter(allowed).values("pk"))
        return self.filter(allowed)


def _within(model: type[models.Model], grant: Any) -> Q:
    """Rows that one grant opens: all programmes when it names none, and only its region or organisation."""
    rows = Q(**{model.scope: grant.programme_id}) if grant.programme_id else Q(pk__isnull=False)
    for path, value in ((model.region_path, grant.region_id), (model.organisation_path, grant.organisation_id)):
        if path and value:
            rows &= Q(**{path: value})
    return rows


def _crosses_many(model: type[models.Model]) -> bool:
    """Whether the path to the programme goes through a to-many relation, which would repeat rows."""
    field = model._meta.get_field(model.scope.split("__")[0]) if model.scope != "pk" else None
    return bool(field and (field.one_to_many or field.many_to_many))


class ScopedModel(models.Model):
    """Every table that belongs to a programme.

    scope:             path from this model to the programme that owns the row.
    region_path:       path to the region that narrows what coordinators see, if any.
    organisation_path: path to the organisation that narrows what partners see, if any.
    personal:          fields that identify a person.
    """

    scope: str
    region_path: str | None = None
    organisation_path: str | None = None
    personal: frozenset[str] = frozenset()

    created_at = models.DateTimeField("créé le", auto_now_add=True)
    updated_at = models.DateTimeField("modifié le", auto_now=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True

    def is_open_to(self, user: Any, level: Level = Level.VIEW, *, app: str | None = None) -> bool:
        return type(self).objects.for_user(user, level, app=app).filter(pk=self.pk).exists()

    @property
    def owner_id(self) -> int | None:
        """Identifier of the programme that owns this row."""
        value: Any = self
        for step in self.scope.split("__"):
            value = getattr(value, step, None)
        return getattr(value, "pk", value)


class SharedQuerySet(models.QuerySet):
    def for_user(self, user: Any, level: Level = Level.VIEW, *, app: str | None = None) -> Self:
        """All rows for anyone signed in; to change them, only roles that the matrix names."""
        if level <= Level.VIEW or user.grants(app or self.model._meta.app_label, level):
            return self.all()
        return self.none()


class SharedModel(models.Model):
    """Every table that belongs to no programme: territories, catalogues, organisations."""

    shared = True
    personal: frozenset[str] = frozenset()

    objects = SharedQuerySet.as_manager()

    class Meta:
        abstract = True

    def is_open_to(self, user: Any, level: Level = Level.VIEW, *, app: str | None = None) -> bool:
        return type(self).objects.for_user(user, level, app=app).filter(pk=self.pk).exists()

    @property
    def owner_id(self) -> None:
        """No programme owns a shared row."""
        return None
