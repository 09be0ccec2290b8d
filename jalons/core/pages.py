"""Pages that belong to no domain: errors, and the answer to whoever watches over the service."""

from collections.abc import Callable

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache


class Health:
    """Answers /health/ first: sessions and languages are read in the database, which may be what fails."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return health(request) if request.path == "/health/" else self.get_response(request)


@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except Error:
        connection.close()
        return HttpResponse("La base de données ne répond pas.", status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse("ok", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """An act that a role does not allow, or a form without the token of its page."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def too_many(request: HttpRequest) -> HttpResponse:
    """Too many attempts from one address in a short time."""
    return render(request, "429.html", status=429)


def fault(request: HttpRequest) -> HttpResponse:
    """A page that asks nothing of the database, which may be what fails."""
    return HttpResponseServerError(render_to_string("500.html"))
