"""Who sees which rows. The only file that filters rows by user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jalons.core.errors import Refused
from jalons.core.fields import TranslatedField
from jalons.core.levels import Level
from jalons.core.texts import tidy


class Row(models.Model):
    """Every table of the house: what it holds about persons, who owns a row, and to whom it is open.

    told: what makes a row open to those who read only what is published; nothing when all rows are.
    narrowed_while: what makes a path to a region or an organisation still hold; nothing when a path always does.
    identifying: of what is personal, what is kept from those who do not read what identifies people.
    born: what every row is when it is added, where the first snapshot of its history is its first change.
    """

    personal: frozenset[str] = frozenset()
    identifying: frozenset[str] = frozenset()
    born: Mapping[str, Any] = {}
    told: Mapping[str, Any] = {}
    narrowed_while: Mapping[str, Any] = {}

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Any = None) -> None:
        """Check each field, once its text is rid of what nobody sees: a form, an import and a command pass here."""
        for field in self._meta.concrete_fields:
            value = getattr(self, field.attname)
            if value and isinstance(field, models.CharField | models.TextField | TranslatedField):
                setattr(self, field.attname, tidy(value) or ("" if isinstance(value, str) else {}))
        super().clean_fields(exclude)

    def is_open_to(self, user: Any, level: Level = Level.VIEW, *, app: str | None = None) -> bool:
        """Whether `user` holds at least `level` on this row, both as it is stored and as it is about to be."""
        raise NotImplementedError

    @property
    def owner_id(self) -> int | None:
        """Identifier of the programme that owns this row."""
        raise NotImplementedError

    @property
    def journal_id(self) -> int | None:
        """Identifier of the programme in whose journal the acts on this row are read."""
        return self.owner_id


class ScopedQuerySet(models.QuerySet):
    def for_user(self, user: Any, level: Level = Level.VIEW, *, app: str | None = None) -> Self:
        """Rows of the programmes where `user` holds at least `level` in `app` (this model's app by default).

        A membership limited to a region or an organisation narrows the rows of models that have a path to one.
        """
        allowed = Q(pk__in=[])
        for grant in user.grants(app or self.model._meta.app_label, level):
            allowed |= within(self.model, grant, user)
        if _crosses_many(self.model):
            return self.filter(pk__in=self.model._base_manager.filter(allowed).values("pk"))
        return self.filter(allowed)


class ScopedModel(Row):
    """Every table that belongs to a programme.

    scope:             path from this model to the programme that owns the row.
    region_path:       path to the region that narrows what coordinators see, if any; several must all lead there.
    organisation_path: path to the organisation that narrows what partners see, likewise.
    person_path:       path to the person whose rows alone a narrowed membership opens, where no such path exists.
    """

    scope: str
    region_path: str | tuple[str, ...] | None = None
    organisation_path: str | tuple[str, ...] | None = None
    person_path: str | None = None

    created_at = models.DateTimeField(_("créé le"), auto_now_add=True)
    updated_at = models.DateTimeField(_("modifié le"), auto_now=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True

    def is_open_to(self, user: Any, level: Level = Level.VIEW, *, app: str | None = None) -> bool:
        model, grants = type(self), user.grants(app or self._meta.app_label, level)
        if not self._state.adding and not model.objects.for_user(user, level, app=app).filter(pk=self.pk).exists():
            return False
        return _crosses_many(model) or any(_covers(grant, self, user) for grant in grants)

    @property
    def owner_id(self) -> int | None:
        return follow(self, self.scope)


class OperatorModel(ScopedModel):
    """Every table about persons: it belongs to the operator, their controller, through all of its programmes.

    programme_path: path to the programme where someone was told of; a membership limited to a region or an
                    organisation sees those of its own programme alone.
    """

    scope = "operator__programme"
    programme_path: str | tuple[str, ...] | None = None

    class Meta:
        abstract = True

    @property
    def owner_id(self) -> None:
        return None


class SharedQuerySet(models.QuerySet):
    def for_user(self, user: Any, level: Level = Level.VIEW, *, app: str | None = None) -> Self:
        """All rows for anyone signed in; to change them, only roles that the matrix names."""
        if level <= Level.VIEW or user.may(app or self.model._meta.app_label, level):
            return self.all()
        return self.none()


class SharedModel(Row):
    """Every table that belongs to no programme: territories, catalogues, organisations."""

    shared = True

    objects = SharedQuerySet.as_manager()

    class Meta:
        abstract = True

    def is_open_to(self, user: Any, level: Level = Level.VIEW, *, app: str | None = None) -> bool:
        return level <= Level.VIEW or user.may(app or self._meta.app_label, level)

    @property
    def owner_id(self) -> None:
        return None


def check_one_programme(row: Row, answers: Iterable[Any]) -> None:
    """Refuse that a row name rows of another programme than its own."""
    for answer in answers:
        for other in answer if isinstance(answer, models.QuerySet) else [answer]:
            owner = getattr(other, "owner_id", None)
            if owner and row.owner_id and owner != row.owner_id:
                raise Refused(_("« %(other)s » appartient à un autre programme."), other=other)


def follow(row: models.Model, path: str) -> Any:
    """What lies at the end of a path, the key when it is another row; None where the path breaks."""
    *steps, last = path.split("__")
    value: Any = row
    for step in steps:
        value = getattr(value, step, None)
    if value is None or last == "pk":
        return getattr(value, "pk", None)
    return getattr(value, value._meta.get_field(last).attname)


def _narrowings(model: type[models.Model], grant: Any, user: Any) -> list[tuple[str, Any]]:
    """Paths and values that a grant limited to a region or an organisation adds to its programme."""
    limits = [(model.region_path, grant.region_id), (model.organisation_path, grant.organisation_id)]
    found = [(path or model.person_path, value if path else user.pk) for path, value in limits if value]
    found += [(getattr(model, "programme_path", None), grant.programme_id)] if found else []
    return [(path, value) for paths, value in found for path in ([paths] if isinstance(paths, str) else paths or ())]


def within(model: type[models.Model], grant: Any, user: Any) -> Q:
    """Rows that one grant opens: all when it names no programme, only its region or organisation, what it is told."""
    rows = Q(**{model.scope: grant.programme_id}) if grant.programme_id else Q(pk__isnull=False)
    if limits := _narrowings(model, grant, user):
        # of one and the same row at the end of a path to many
        rows &= Q(*limits, **getattr(model, "narrowed_while", {}))
    return rows & Q(**getattr(model, "told", {})) if grant.told_only else rows


def has_history_open(row: Row, user: Any) -> bool:
    """Whether this person may read what a row was before: a right in its app, and in its drafts if it has any."""
    app = row._meta.app_label
    return user.may(app) and (not row.told or reads_drafts(user, app, row.owner_id))


def reads_drafts(user: Any, app: str, programme: int | None) -> bool:
    """Whether this person reads, in an app and a programme, what is not published yet."""
    grants = user.grants(app, Level.VIEW)
    return any(grant.programme_id in (None, programme) and not grant.told_only for grant in grants)


def reaches(user: Any, app: str, programme: int) -> set[tuple[int | None, int | None]]:
    """The regions and organisations that limit what this person sees of an app in a programme.

    Nothing is seen when there is none of them; (None, None) is the whole programme.
    """
    grants = user.grants(app, Level.VIEW)
    return {(g.region_id, g.organisation_id) for g in grants if g.programme_id in (None, programme)}


def sees_identities(user: Any, app: str, programme: int | None = None) -> bool:
    """Whether this person reads what identifies people wherever an app is open to them, in one programme or in all."""
    mine = user.grants(app, Level.VIEW)
    programmes = {g.programme_id for g in mine} if programme is None else {programme}
    return bool(mine) and all(
        (None, None) in (named := reaches(user, "identities", p)) or reaches(user, app, p) <= named for p in programmes
    )


def _covers(grant: Any, row: ScopedModel, user: Any) -> bool:
    """The same for a row as it stands in memory: about to be added, or about to move elsewhere."""
    if grant.programme_id not in (None, row.owner_id):
        return False
    return all(follow(row, path) == value for path, value in _narrowings(type(row), grant, user))


def _crosses_many(model: type[models.Model]) -> bool:
    """Whether the path to the programme goes through a to-many relation, which would repeat rows."""
    if model.scope == "pk":
        return False
    for step in model.scope.split("__"):
        field = model._meta.get_field(step)
        if field.one_to_many or field.many_to_many:
            return True
        model = field.related_model
    return False
