"""The plainest Django application that stores the bytes it is sent: what the door of phones is held against."""

import os

import psycopg
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import settings as ours

KEEP = "insert into bench_plain (content) values (%s)"


def keep(request: HttpRequest) -> HttpResponse:
    connection.ensure_connection()
    connection.connection.prepare_threshold = 1
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(KEEP, [request.body], prepare=True)
    return HttpResponse(status=201, headers={"Content-Length": "0"})


urlpatterns = [path("keep", keep)]
settings.configure(
    DATABASES=ours.DATABASES | {"default": ours.DATABASES["default"] | {"NAME": os.environ["BENCH_DATABASE"]}},
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="plain", DATA_UPLOAD_MAX_MEMORY_SIZE=None,
)  # fmt: skip
application = get_wsgi_application()
