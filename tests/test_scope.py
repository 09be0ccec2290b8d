"""Every address with every role: what the matrix opens answers, the rest does not exist.

Templates are replaced by empty ones, so that thousands of pages take seconds; one role opens them all for good below.
"""

import pytest
from django.apps import apps
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.template import Origin
from django.template.loaders.base import Loader
from django.test import RequestFactory
from django.urls import resolve, reverse
from django_htmx.middleware import HtmxDetails

from jalons.collection.forms.models import Form
from jalons.collection.submissions.models import Submission
from jalons.core.links import level_of
from jalons.core.list_page import ListPage
from jalons.core.removal import RemovePage
from jalons.core.views import ActionPage, FormPage
from jalons.evidence.measurement.models import IndicatorValue
from jalons.foundation.accounts.roles import NEEDS_ORGANISATION, NEEDS_REGION, ROLES, WHOLE
from jalons.planning.results.models import Baseline, IndicatorVersion, Target
from tests import builders
from tests.addresses import FUNCTIONS, LATER, OURS, OWN, PAGES, POSTED, ROUTES, VISITORS, World, asked, is_open


class Blank(Loader):
    """Finds every template, all but empty."""

    def get_template_sources(self, template_name):
        yield Origin(template_name, template_name, self)

    def get_contents(self, origin):
        return " "


def answer(url, user, method="get"):
    """Status of a page for a person, past the middleware."""
    request = getattr(RequestFactory(), method)(url)
    request.user, request.session, request.htmx = user, SessionStore(), HtmxDetails(request)
    request.LANGUAGE_CODE = "fr"
    request._messages = FallbackStorage(request)
    match = resolve(request.path)
    try:
        with transaction.atomic():
            response = match.func(request, *match.args, **match.kwargs)
            transaction.set_rollback(method == "post")
    except Http404:
        return 404
    except PermissionDenied:
        return 403
    return 200 if response.status_code in (302, 304, 422) else response.status_code


@pytest.fixture
def blank(settings):
    engine = {**settings.TEMPLATES[0], "APP_DIRS": False}
    engine["OPTIONS"] = {"loaders": [f"{__name__}.Blank"]}
    settings.TEMPLATES = [engine]


def limits_of(role, world):
    region = world.region if role in NEEDS_REGION else None
    return {"region": region, "organisation": world.organisation if role in NEEDS_ORGANISATION else None}


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_every_page_opens_to_those_whom_the_matrix_names(db, blank, role):
    world = World()
    limits = limits_of(role, world)
    user = builders.a_user(role, world.programme, **limits)

    found = {name: answer(world.url(name), user) for name in PAGES}

    narrowed = any(limits.values())
    expected = {name: 200 if is_open(name, role, inside="all", narrowed=narrowed) else 404 for name in PAGES}
    assert found == expected


@pytest.mark.slow
@pytest.mark.parametrize("role", sorted(ROLES.keys() - {"administrator"}))
def test_nothing_of_another_programme_exists(db, blank, role):
    world, elsewhere = World(), builders.a_programme()
    user = builders.a_user(role, elsewhere, **limits_of(role, world))
    pages = [name for name in PAGES if asked(name)[2]]

    found = {name: answer(world.url(name), user) for name in pages}

    assert found == {name: 200 if is_open(name, role, inside="", narrowed=False) else 404 for name in pages}


@pytest.mark.slow
@pytest.mark.parametrize("role", sorted(ROLES.keys() - WHOLE))
def test_nothing_of_another_region_nor_organisation_exists(db, blank, role):
    world = World()
    user = builders.a_user(role, world.programme, region=builders.a_region(), organisation=builders.an_organisation())
    pages = [name for name in PAGES if asked(name)[2]]

    found = {name: answer(world.url(name), user) for name in pages}

    assert found == {name: 200 if is_open(name, role, inside="programme", narrowed=True) else 404 for name in pages}


def test_no_list_offers_to_add_to_those_who_may_not():
    """A page made of a function says itself what it asks; lists read it before they offer the page."""
    adding = [name for name, asks in FUNCTIONS.items() if asks and name.endswith("-add") and asks[2] is None]

    assert {name: level_of(reverse(name)) for name in adding} == {name: FUNCTIONS[name][1] for name in adding}


@pytest.mark.slow
def test_no_button_works_for_those_who_may_not_press_it(db, blank):
    world = World()
    stranger = builders.a_user("project_manager", builders.a_programme())
    reader = builders.a_user("funder", world.programme)
    written = [n for n in PAGES if (page := ROUTES[n][0]) and issubclass(page, ActionPage | FormPage)]

    assert {n: answer(world.url(n), reader, "post") for n in written} == dict.fromkeys(written, 404)
    rows = [n for n in written if asked(n)[2] and not getattr(apps.get_model(asked(n)[2]), "shared", False)]
    assert {n: answer(world.url(n), stranger, "post") for n in rows} == dict.fromkeys(rows, 404)


@pytest.mark.slow
def test_an_empty_answer_breaks_no_page(db, blank, client):
    world = World()
    client.force_login(builders.a_user("project_manager", world.programme))

    for name in [n for n in OURS if n not in LATER]:
        with transaction.atomic():
            arguments = [world.rows["submissions.Batch"].pk] if ROUTES[name][1] and name in POSTED else []
            url = reverse(name, args=arguments) if name in POSTED else world.url(name)
            status = client.post(url).status_code
            transaction.set_rollback(True)
        assert status < 500 and status != 403, name


def test_whatever_is_edited_in_the_browser_keeps_its_history_and_asks_why(db, client):
    world = World()
    edited = [n for n in PAGES if (page := ROUTES[n][0]) and issubclass(page, FormPage | RemovePage)]
    other = {IndicatorVersion, Target, Baseline, IndicatorValue, Form, Submission}  # written by their own actions
    untracked = {m for m in other | {ROUTES[n][0].model for n in edited} if not hasattr(m, "pgh_event_model")}
    forms = [n for n in edited if asked(n)[2] and issubclass(ROUTES[n][0], FormPage)]
    forms += ["results:indicator-target", "results:indicator-baseline"]

    assert untracked == set()
    for name in forms:
        role = next(r for r in ("project_manager", "administrator") if is_open(name, r, inside="all", narrowed=False))
        client.force_login(builders.a_user(role, world.programme))
        assert "why" in client.get(world.url(name)).context["form"].fields, name


def test_a_visitor_is_sent_to_the_sign_in_page(db, client):
    world = World()
    for name in PAGES:
        response = client.get(world.url(name))
        assert response.status_code == 302 and response.url.startswith("/sign-in/login/"), name
    for name in POSTED - VISITORS:
        assert client.post(reverse(name, args=[1] if ROUTES[name][1] else [])).url.startswith("/sign-in/login/"), name


@pytest.mark.slow
@pytest.mark.parametrize("role", ["project_manager", "administrator"])
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_every_page_is_drawn_for_good(db, client, role, language):
    world = World()
    user = builders.a_user(role, world.programme)
    user.language = language
    user.save()
    client.force_login(user)

    for name in PAGES:
        if is_open(name, role, inside="all", narrowed=False):
            assert client.get(world.url(name)).status_code in (200, 302), name


@pytest.mark.slow
def test_every_list_shows_its_rows(db, client):
    world = World()
    lists = [name for name in PAGES if (page := ROUTES[name][0]) and issubclass(page, ListPage) and name not in OWN]
    for role in ("administrator", "project_manager"):
        client.force_login(builders.a_user(role, world.programme))
        for name in (name for name in lists if is_open(name, role, inside="all", narrowed=False)):
            assert client.get(world.url(name)).content.count(b"<tr") > 1, name


@pytest.mark.slow
def test_lists_bear_any_question(db, client):
    """What a person may type or a robot may try after the question mark."""
    world = World()
    client.force_login(builders.a_user("project_manager", world.programme))
    odd = ["?q=%00", "?q=%25_%5C'\"", "?sort=nothing", "?sort=-pk", "?after=AAAA", "?after=%00", "?format=exe",
           "?page=2", "?programme=x&state=%00&kind=x", "?q=" + "x " * 50, "?starts_on_from=hier"]  # fmt: skip
    for name in [n for n in PAGES if n.endswith("-list")]:
        for question in odd:
            assert client.get(world.url(name) + question).status_code == 200, name + question


def test_a_row_that_cannot_be_is_not_found(db, client):
    world = World()
    client.force_login(builders.a_user("project_manager", world.programme))
    for pk in (0, 2**31, 2**63, 10**30):
        for name in ("programmes:programme-detail", "core:job-detail", "core:document-download", "core:job-retry"):
            assert client.get(reverse(name, args=[pk])).status_code == 404
        assert client.get(reverse("core:history", args=["programmes.programme", pk])).status_code == 404
    for label in ("sessions.session", "auth.permission", "nothing", "a.b.c"):
        assert client.get(reverse("core:history", args=[label, 1])).status_code == 404
