"""Photos of a form's submissions, and the files that came with them: to those who may read the answers they are."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from psycopg import sql

from jalons.collection.forms.queries import Field
from jalons.collection.submissions import attachments
from jalons.collection.submissions.models import Attachment, Enclosure
from jalons.collection.submissions.selection import Selection, read
from jalons.collection.submissions.views.asked import frame, link, opened, place_of, row_of
from jalons.core import documents

PHOTOS = 24  # on a page
SHOWN_ALONE = "default-src 'none'; img-src 'self'; style-src 'none'; sandbox"


@require_safe
def gallery(request: HttpRequest, pk: int) -> HttpResponse:
    """The photos that answer one question, latest first; those that are named and did not come are said."""
    chosen = opened(request, pk)
    asked = {place_of(table, f): (table, f) for table, found in chosen.fields.items() for f in found
             if f.question.kind == "image"}  # fmt: skip
    place = request.GET.get("of", "") if request.GET.get("of", "") in asked else next(iter(asked), "")
    after = row_of(request.GET.get("after", ""))
    rows = _named(chosen, *asked[place], after) if place else []
    more, rows = len(rows) > PHOTOS, rows[:PHOTOS]
    kept = attachments.of_submissions(submission for submission, _row, _name in rows)
    photos = [
        {
            "name": name,
            "number": pk,
            "url": reverse("submissions:submission-detail", args=[pk]),
            "file": kept.get((pk, name)),
        }
        for pk, _row, name in rows
    ]
    context = {
        **frame(request, chosen, "photos", _("Photos")), "photos": photos, "more": [("of", place)],
        "asked": [(key, f.label, link(chosen, "photos", of=key), key == place) for key, (_t, f) in asked.items()],
        "next_url": link(chosen, "photos", of=place, after="{}-{}".format(*rows[-1][:2])) if more else None,
        "first_url": (first := link(chosen, "photos", of=place)), "previous_url": first if after else None,
    }  # fmt: skip
    return render(request, "submissions/explore_photos.html", context)


def _named(chosen: Selection, table: str, found: Field, after: tuple[int, int] | None) -> list[tuple[int, int, str]]:
    """Submission, row and name of each photo, after a row."""
    alias = sql.Identifier("x" if table else "r")
    column = sql.SQL("{}.{}").format(alias, sql.Identifier(found.question.column))
    beyond = sql.SQL("and ({0}._submission, {0}._row) < ({1}, {2})").format(alias, *map(sql.Literal, after or (0, 0)))
    query = sql.SQL(
        "select {0}._submission, {0}._row, {1} from {2} where {3} and {1} is not null {4} "
        "order by {0}._submission desc, {0}._row desc limit {5}"
    )
    source, where = chosen.joined(table), chosen.where()
    return read(query.format(alias, column, source, where, beyond if after else sql.SQL(""), sql.Literal(PHOTOS + 1)))


@require_safe
def thumbnail(request: HttpRequest, pk: int, *, pulled: bool = False) -> HttpResponseBase:
    """A small picture of a photo, made once."""
    kept = _opened(request, pk, pulled)
    path = attachments.thumbnail(kept)
    if path is None:
        raise Http404
    response = FileResponse(path.open("rb"), content_type="image/jpeg")
    response["X-Content-Type-Options"], response["ETag"] = "nosniff", f'"{kept.sha256}"'
    response["Cache-Control"] = "private, no-cache"  # asked again each time: the right may be gone, or the person
    return response


@require_safe
def attached(request: HttpRequest, pk: int, *, pulled: bool = False) -> HttpResponseBase:
    """A file that came with an instance. ?show=1 shows a photo; all else is kept, never opened in the page.

    pulled: it came from another server.
    """
    kept = _opened(request, pk, pulled)
    shows = request.GET.get("show") == "1" and attachments.is_raster(kept)
    file = documents.path(kept.sha256).open("rb")
    kind = documents.media_type(file) if shows else "application/octet-stream"
    response = FileResponse(file, as_attachment=not shows, filename=documents.safe_name(kept.name), content_type=kind)
    response["X-Content-Type-Options"], response["Content-Security-Policy"] = "nosniff", SHOWN_ALONE
    response["Cache-Control"] = "private, no-cache"
    return response


def _opened(request: HttpRequest, pk: int, pulled: bool) -> Attachment | Enclosure:
    model, way = (Enclosure, "counterpart") if pulled else (Attachment, "arrival")
    rows = (
        model.objects.for_user(request.user, app="submissions").exclude(sha256="").select_related(f"{way}__submission")
    )
    kept = get_object_or_404(rows, pk=pk)
    if not attachments.may_open(request.user, kept):
        raise Http404
    return kept
