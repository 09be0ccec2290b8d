"""Search that ignores accents and the spelling variants of Arabic letters."""

from django.db import models
from django.db.models import F, Func, Q, TextField, Value

FOLD_SQL = """
create extension if not exists unaccent with schema public;
create extension if not exists pg_trgm with schema public;
create or replace function public.jalons_fold(value text) returns text
language sql immutable strict parallel safe
return translate(
    lower(public.unaccent('public.unaccent'::regdictionary, value)),
    'أإآٱىةؤئـًٌٍَُِّْ',
    'اااايهوي'
);
"""


class Fold(Func):
    """The text without case, accents, hamza, tatweel or vowel marks: what search compares."""

    function = "public.jalons_fold"
    output_field = TextField()


def matching(query: str, paths: tuple[str, ...]) -> tuple[dict, Q]:
    """Annotations and condition that keep the rows where every word of `query` is in one of `paths`."""
    names = {f"fold_{n}": Fold(_as_text(path)) for n, path in enumerate(paths)}
    condition = Q()
    for word in query.split():
        anywhere = Q()
        for name in names:
            anywhere |= Q(**{f"{name}__contains": Fold(Value(word))})
        condition &= anywhere
    return names, condition


def _as_text(path: str) -> Func:
    return Func(F(path), function="", template="(%(expressions)s)::text", output_field=models.TextField())
