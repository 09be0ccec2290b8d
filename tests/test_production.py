"""What protects the people whose data this is, when it runs for good."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse

from jalons.core.logs import Discreet
from jalons.foundation.accounts.models import User
from tests.builders import a_programme, a_user

ROOT = Path(__file__).parents[1]
ASKED = ["DEBUG", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SECURE_SSL_REDIRECT",
         "SECURE_HSTS_SECONDS", "EMAIL_BACKEND", "ALLOWED_HOSTS"]  # fmt: skip
READ = f"import json; from config import settings; print(json.dumps({{n: getattr(settings, n) for n in {ASKED}}}))"


def started(folder, **environment):
    """The settings read afresh, as a server that starts does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JALONS_", "DJANGO_"))}
    environment = {**kept, "PYTHONPATH": str(ROOT), "JALONS_DATA": str(folder), **environment}
    return subprocess.run([sys.executable, "-c", READ], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("secret", ["", "trop-court"])
def test_production_does_not_start_without_a_secret_worth_the_name(tmp_path, secret):
    answer = started(tmp_path, JALONS_PRODUCTION="1", JALONS_SECRET_KEY=secret)

    assert answer.returncode and "JALONS_SECRET_KEY est nécessaire" in answer.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_production_keeps_cookies_and_pages_to_https_and_writes_no_mail_in_the_log(tmp_path):
    found = json.loads(started(tmp_path, JALONS_PRODUCTION="1", JALONS_SECRET_KEY="x7" * 30).stdout)

    assert not found["DEBUG"] and "smtp" in found["EMAIL_BACKEND"] and "*" not in found["ALLOWED_HOSTS"]
    assert all(found[name] for name in ASKED if name.startswith(("SESSION", "CSRF", "SECURE")))


@pytest.mark.slow
def test_a_first_run_shows_no_trace_and_keeps_its_secret_to_itself(tmp_path):
    found = json.loads(started(tmp_path).stdout)

    assert not found["DEBUG"] and found["SESSION_COOKIE_HTTPONLY"]
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("path", ["/sign-in/login/", "/health/", "/nowhere/", "/accounts/profile/", "/components/"])
def test_every_answer_forbids_scripts_and_styles_written_in_the_page(client, db, path):
    client.force_login(a_user("project_manager", a_programme()))
    policy = client.get(path)["Content-Security-Policy"]

    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy


def test_a_form_without_its_token_is_refused_on_a_page_of_ours(db):
    careful = Client(enforce_csrf_checks=True)

    answer = careful.post(reverse("account_login"), {"login": "x", "password": "x"})

    assert answer.status_code == 403 and "Accès refusé" in answer.content.decode()


def test_too_many_attempts_are_refused_on_a_page_of_ours_in_the_reader_s_language(client, db):
    tries = [client.post(reverse("account_login"), {"login": f"{n}@x.org", "password": "x"}) for n in range(31)]

    assert tries[-1].status_code == 429 and "Trop de demandes" in tries[-1].content.decode()


def test_a_fault_is_written_down_without_the_people_it_is_about(db):
    user = a_user()
    try:
        with transaction.atomic():
            User.objects.create(email=user.email, name="Autre")
    except IntegrityError as fault:
        told = (type(fault), fault, fault.__traceback__)
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Fault", (), told)

    written = Discreet().format(record)

    assert "accounts_user_email" in written and user.email not in written


@pytest.mark.parametrize(
    "address",
    [
        "/submissions/entry/link/SECRET/4/files/logo.png",
        "/openrosa/key/SECRET/formList",
        "/sign-in/password/reset/key/SECRET/",
        "/sign-in/confirm-email/SECRET/",
    ],
)
def test_an_address_that_opens_something_is_not_written_down_whole(address):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (address,), None)

    assert "SECRET" not in Discreet().format(record)


def test_a_page_that_fails_says_nothing_of_what_failed(db, client):
    client.raise_request_exception = False
    client.force_login(user := a_user("project_manager", a_programme()))
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate; alter table accounts_membership rename to lost")

    answer = client.get(reverse("accounts:profile"))

    assert answer.status_code == 500
    assert not any(word in answer.content.decode() for word in (user.email, user.name, "membership", "Traceback"))


def test_the_service_says_so_in_plain_words_when_its_database_is_down(client, db, monkeypatch):
    client.force_login(a_user())  # a cookie alone must not make it read the session

    with monkeypatch.context() as lost:
        lost.setattr(connection, "cursor", unreachable)
        lost.setattr(connection, "close", lambda: None)
        answer = client.get("/health/")

    assert answer.status_code == 503 and "ne répond pas" in answer.content.decode()


def unreachable(*_):
    raise OperationalError
