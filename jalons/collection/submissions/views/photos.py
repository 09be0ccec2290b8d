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
from jalons.collection.submissions.views.asked import frame, link, opened, place_of
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
    after = request.GET.get("after", "")
    rows = _named(chosen, *asked[place], int(after) if after.isdecimal() else None) if place else []
    more, rows = len(rows) > PHOTOS, rows[:PHOTOS]
    kept = attachments.of_submissions(submission for submission, _name in rows)
    photos = [
        {
            "name": name,
            "number": pk,
            "url": reverse("submissions:submission-detail", args=[pk]),
            "file": kept.get((pk, name)),
        }
        for pk, name in rows
    ]
    context = {
        **frame(request, chosen, "photos", _("Photos")), "photos": photos, "more": [("of", place)],
        "asked": [(key, f.label, link(chosen, "photos", of=key), key == place) for key, (_t, f) in asked.items()],
        "next_url": link(chosen, "photos", of=place, after=rows[-1][0]) if more else None,
        "first_url": (first := link(chosen, "photos", of=place)), "previous_url": first if after else None,
    }  # fmt: skip
    return render(request, "submissions/explore_photos.html", context)


def _named(chosen: Selection, table: str, found: Field, after: int | None) -> list[tuple[int, str]]:
    column = sql.SQL("{}.{}").format(sql.Identifier("x" if table else "r"), sql.Identifier(found.question.column))
    beyond = sql.SQL("and r._submission < {}").format(sql.Literal(after)) if after else sql.SQL("")
    query = sql.SQL(
        "select r._submission, {0} from {1} where {2} and {0} is not null {3} order by r._submission desc limit {4}"
    )
    return read(query.format(column, chosen.joined(table), chosen.where(), beyond, sql.Literal(PHOTOS + 1)))


@require_safe
def thumbnail(request: HttpRequest, pk: int, *, pulled: bool = False) -> HttpResponseBase:
    """A small picture of a photo, made once."""
    path = attachments.thumbnail(_opened(request, pk, pulled))
    if path is None:
        raise Http404
    response = FileResponse(path.open("rb"), content_type="image/jpeg")
    response["X-Content-Type-Options"], response["Cache-Control"] = "nosniff", "private, max-age=86400"
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
    response = FileResponse(file, as_attachment=not shows, filename=kept.name, content_type=kind)
    response["X-Content-Type-Options"], response["Content-Security-Policy"] = "nosniff", SHOWN_ALONE
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
