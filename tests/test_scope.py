"""Every address with every role: what the matrix opens answers, the rest does not exist.

Templates are replaced by empty ones, so that thousands of pages take seconds; one role opens them all for good below.
"""

from datetime import date

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
from django.urls import URLPattern, get_resolver, resolve, reverse
from django_htmx.middleware import HtmxDetails

from jalons.collection.forms.models import Form
from jalons.collection.submissions.models import Correspondence, Flag, Rereading, Submission
from jalons.core import documents
from jalons.core.levels import Level
from jalons.core.links import level_of
from jalons.core.list_page import ListPage
from jalons.core.models import Document, Event, Job
from jalons.core.removal import RemovePage
from jalons.core.views import ActionPage, FormPage
from jalons.evidence.measurement.models import IndicatorValue
from jalons.foundation.accounts.roles import NEEDS_ORGANISATION, NEEDS_REGION, ROLES, WHOLE
from jalons.foundation.partners.models import Contact
from jalons.foundation.programmes.models import Component, Office
from jalons.planning.results.chain import Assumption
from jalons.planning.results.models import (
    Baseline,
    Catalogue,
    Dimension,
    IndicatorVersion,
    Mapping,
    Target,
    VerificationSource,
)
from jalons.reporting.reports.models import ReportFile
from tests import builders

# What a plain function asks: (app, level, model of its pk). None: anyone signed in.
FUNCTIONS = {
    "components": None,
    "accounts:roles": None,
    "accounts:profile": None,
    "accounts:token-add": None,
    "core:search": None,
    "dashboards:home": None,
    "core:history": ("programmes", Level.VIEW, "programmes.Programme"),
    "core:document-add": ("programmes", Level.EDIT, "programmes.Programme"),
    "core:document-remove": ("programmes", Level.EDIT, "core.Document"),
    "core:document-download": ("programmes", Level.VIEW, "core.Document"),
    "forms:form-add": ("forms", Level.EDIT, None),
    "forms:form-compare": ("forms", Level.VIEW, "forms.Form"),
    "forms:programme-questions": ("forms", Level.VIEW, "programmes.Programme"),
    "forms:version-download": ("forms", Level.VIEW, "forms.FormVersion"),
    "results:result-list": ("results", Level.VIEW, None),
    "results:result-add-indicator": ("results", Level.DECIDE, "results.Result"),
    "results:indicator-define": ("results", Level.DECIDE, "results.Indicator"),
    "submissions:form-workbook": ("submissions", Level.EDIT, "forms.Form"),
    "submissions:form-workbook-file": ("submissions", Level.EDIT, "forms.Form"),
    "quality:correctionfile-add": ("quality", Level.EDIT, None),
    "quality:correctionfile-detail": ("quality", Level.EDIT, "quality.CorrectionFile"),
    "quality:form-history": ("quality", Level.VIEW, "forms.Form"),
    "quality:form-checks": ("quality", Level.VIEW, "forms.Form"),
    "quality:submission-flags": ("quality", Level.VIEW, "submissions.Submission"),
    "submissions:form-standing": ("submissions", Level.VIEW, "forms.Form"),
    "submissions:submission-received": ("submissions", Level.EDIT, "submissions.Submission"),
    "submissions:arrival-content": ("submissions", Level.DECIDE, "submissions.Arrival"),
    "submissions:connection-projects": ("submissions", Level.DECIDE, "submissions.Connection"),
    "submissions:enclosure-download": ("identities", Level.VIEW, "submissions.Enclosure"),
    "submissions:attachment-download": ("identities", Level.VIEW, "submissions.Attachment"),
    "submissions:form-explore": ("submissions", Level.VIEW, "forms.Form"),
    "submissions:form-questions": ("submissions", Level.VIEW, "forms.Form"),
    "submissions:form-map": ("submissions", Level.VIEW, "forms.Form"),
    "submissions:form-photos": ("submissions", Level.VIEW, "forms.Form"),
    "submissions:form-export": ("submissions", Level.VIEW, "forms.Form"),
    "submissions:batch-add": ("submissions", Level.EDIT, None),
    "submissions:entry-list": ("submissions", Level.VIEW, None),
    "submissions:entry-leaving": None,
    "submissions:entry-fill": ("submissions", Level.EDIT, "forms.Form"),
    "submissions:entry-xform": ("submissions", Level.EDIT, "forms.FormVersion"),
    "submissions:entry-media": ("submissions", Level.EDIT, "forms.FormVersion"),
    "submissions:entry-submission": ("submissions", Level.EDIT, "submissions.Submission"),
    "submissions:batch-detail": ("submissions", Level.VIEW, "submissions.Batch"),
    "submissions:batch-reopen": ("submissions", Level.EDIT, "submissions.Batch"),
    "submissions:batch-to-correct": ("submissions", Level.EDIT, "submissions.Batch"),
    "submissions:batch-file": ("submissions", Level.EDIT, "submissions.Batch"),
    "people:counts": ("people", Level.VIEW, None),
    "people:person-find": ("people", Level.EDIT, None),
    "people:overlap": ("people", Level.EDIT, None),
    "people:overlap-tool": ("people", Level.VIEW, None),
    "people:overlap-codes": ("people", Level.EDIT, None),
    "people:source-add": ("people", Level.DECIDE, None),
    "people:source-declare": ("people", Level.DECIDE, "forms.Form"),
    "measurement:indicatorvalue-trace": ("measurement", Level.VIEW, "measurement.IndicatorValue"),
    "measurement:form-touched": ("forms", Level.VIEW, "forms.Form"),
    "measurement:broken-formulas": ("measurement", Level.VIEW, None),
    "measurement:indicator-progress": ("measurement", Level.VIEW, "results.Indicator"),
    "exchange:workbook": ("exchange", Level.VIEW, None),
    "exchange:download": ("exchange", Level.VIEW, None),
    "exchange:template": ("exchange", Level.VIEW, None),
    "exchange:values": ("measurement", Level.EDIT, None),
    "exchange:values-download": ("measurement", Level.EDIT, None),
    "dashboards:indicators": ("measurement", Level.VIEW, None),
    "dashboards:indicator": ("measurement", Level.VIEW, "results.Indicator"),
    "dashboards:indicator-chart": ("measurement", Level.VIEW, "results.Indicator"),
    "dashboards:indicator-map": ("measurement", Level.VIEW, "results.Indicator"),
}
VISITORS = {  # open without signing in, with the library's own sign-in pages; they answer for themselves
    "set_language", "submissions:entry-worker", "submissions:entry-door", "submissions:entry-send",
    "submissions:entry-link", "submissions:entry-link-send", "submissions:entry-link-xform",
    "submissions:entry-link-media",
}  # fmt: skip
POSTED = {  # answer to nothing else
    "accounts:token-close",
    "programmes:switch", "set_language", "forms:form-confirm", "forms:form-adopt", "submissions:submission-review",
    "submissions:connection-check", "submissions:tie-pull", "submissions:batch-receive", "submissions:batch-reopen",
    "quality:flag-answer", "exchange:apply", "exchange:values-apply", "measurement:programme-try", "people:match",
    "submissions:form-columns", "quality:correctionfile-apply",
}  # fmt: skip
LATER = {
    "submissions:enclosure-thumbnail",
    "submissions:attachment-thumbnail",  # of a photo; the file in the world below is none
    *(f"submissions:export-{verb}" for verb in ("detail", "download", "again", "discard")),
    "forms:form-repaired",
    "exchange:faults",
    "exchange:values-faults",
    "submissions:entry-media",
    "submissions:batch-annotated",
}  # name a file that waits for this very person
OWN = {"submissions:export-list"}  # shows each person what they asked for, and nothing to others
WITH = {
    "core:history": {"label": "programmes.programme"},
    "core:document-add": {"label": "programmes.programme"},
    "submissions:submission-received": {"number": 1},
    "submissions:form-workbook-file": {"language": "fr"},
}
STRICTER = {"reports:report-detail": Level.EDIT}  # a draft is seen by those who write it
CREATING = {"exchange:workbook", "exchange:template"}  # open as well to who creates programmes
SEEN_AS = {"core.Document": "programmes.Programme"}  # open to whoever may see what it is attached to
QUERY = dict.fromkeys(("forms:form-compare", "measurement:form-touched"), "?old={version}&new={version}")


class Blank(Loader):
    """Finds every template, all but empty."""

    def get_template_sources(self, template_name):
        yield Origin(template_name, template_name, self)

    def get_contents(self, origin):
        return " "


def routes(patterns, prefix=""):
    """Name of each address, the class behind it (None for a function), and whether it names a row."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            page = getattr(pattern.callback, "view_class", None)
            yield f"{prefix}{pattern.name}", (page, "pk" in pattern.pattern.converters)
        else:
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from routes(pattern.url_patterns, inner)


ROUTES = dict(routes(get_resolver().url_patterns))
# the API has no sessions: tests/test_api.py asks it
OURS = [
    name for name in ROUTES
    if (":" in name or name == "components") and name not in VISITORS and not name.startswith("api:")
]  # fmt: skip
PAGES = [name for name in OURS if name not in POSTED | LATER]


class World:
    """One programme with one row of each kind, in one region and one organisation, made by someone else."""

    def __init__(self):
        self.region, self.organisation = builders.a_region(), builders.an_organisation()
        self.programme = p = builders.a_programme()
        self.author = by = builders.a_user()
        kept = {"sha256": documents.store([b"a,b"])[0], "size": 3}
        form = builders.a_form(p, ["nom"])
        form.versions.update(sha256=kept["sha256"])
        submission = builders.a_submission(form, by, region=self.region, organisation=self.organisation)
        indicator, period, report = builders.an_indicator(p), builders.a_period(p), builders.a_report(p, by)
        result = indicator.result
        catalogue = Catalogue.objects.create(code=f"c{p.pk}", title={"fr": "C"})
        entry = catalogue.indicators.create(code="1", title={"fr": "E"})
        rows = [
            p, self.region, self.organisation, p.operator, form, form.versions.get(), submission, indicator, result,
            period, report, catalogue, entry, indicator.current, builders.an_agreement(p), builders.a_funder(),
            Component.objects.create(programme=p, code="C", title={"fr": "C"}),
            Office.objects.create(programme=p, name="B", city="Agadir", region=self.region),
            Contact.objects.create(programme=p, organisation=self.organisation, name="N"),
            Job.objects.create(name="core.x", label="x", by=by, programme_id=p.pk, state="failed"),
            builders.a_batch(form, by, sha256=kept["sha256"], state="done"),
            *builders.a_phone(form, by, submission, **kept),
            *builders.a_connection(form, by, submission, **kept),
            Rereading.objects.create(form=form, by=by, state="done"),
            *builders.two_tellings(form, submission, by),
            Correspondence.objects.create(form=form, fingerprint="f", name="f.xlsx", by=by),
            VerificationSource.objects.create(programme=p, code="S", title={"fr": "S"}),
            Flag.objects.create(submission=submission, version=1, check_code="type"),
            *builders.a_quality(form, by, period, submission, self.organisation, kept["sha256"]),
            Assumption.objects.create(result=result, code="H", text={"fr": "H"}),
            Target.objects.create(indicator=indicator, period=period, value=1),
            Baseline.objects.create(indicator=indicator, value=1, on=date(2026, 1, 1)),
            Mapping.objects.create(indicator=indicator, entry=entry),
            Dimension.objects.create(code=f"d{p.pk}", label={"fr": "D"}, kind="category"),
            builders.a_value(indicator, period, by, **builders.published()),
            ReportFile.objects.create(report=report, format="xlsx", name="r.xlsx", **kept),
            Document.objects.create(target="programmes.Programme", target_id=p.pk, programme_id=p.pk, by=by,
                                    name="d.pdf", media_type="application/pdf", **kept),
            builders.a_membership(by, "funder", p),
            Event.objects.create(verb="programme.opened", by=by, target="programmes.Programme", target_id=p.pk,
                                 programme_id=p.pk),
        ]  # fmt: skip
        self.rows = {row._meta.label: row for row in rows}
        self.version = form.versions.get().number

    def url(self, name):
        pattern = asked(name)[2]
        row = pattern and self.rows[pattern]
        arguments = {**({"pk": row.pk} if row else {}), **WITH.get(name, {})}
        return reverse(name, kwargs=arguments) + QUERY.get(name, "").format(version=self.version)


def asked(name):
    """What a page asks: (app, level, label of the model its pk names); (None, None, None) when nothing."""
    page, has_row = ROUTES[name]
    if page is None:
        assert name in FUNCTIONS, f"dites dans FUNCTIONS ce que demande {name}"
        return FUNCTIONS[name] or (None, None, None)
    if page.level == Level.VIEW and getattr(page.model, "shared", False):
        return None, None, page.model._meta.label if has_row else None
    level = STRICTER.get(name, page.level)
    return page.app or page.model._meta.app_label, level, page.model._meta.label if has_row else None


def is_open(name, role, *, inside, narrowed):
    """What the matrix says, read without the code that applies it.

    inside: the row is in the programme, region and organisation of the person; narrowed: they have a limit.
    """
    app, level, label = asked(name)
    if app is None:
        return True
    if ROLES[role][app] < level:
        return name in CREATING and ROLES[role]["programmes"] >= Level.DECIDE
    model = label and apps.get_model(SEEN_AS.get(label, label))
    if not model or getattr(model, "shared", False) or role == "administrator":
        return True
    limits = [path for path in ("region_path", "organisation_path") if getattr(model, path)]
    if inside == "programme":  # in the programme, outside the region and the organisation
        return not (limits or model.person_path)
    return inside == "all" and not (narrowed and not limits and model.person_path)


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
