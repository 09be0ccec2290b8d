"""Every address of the house, what it asks of whoever opens it, and a world with one row of each kind."""

from datetime import date

from django.apps import apps
from django.urls import URLPattern, get_resolver, reverse

from jalons.collection.submissions.models import Correspondence, Flag, Rereading
from jalons.core import documents
from jalons.core.levels import Level
from jalons.core.models import Document, Event, Job
from jalons.foundation.accounts.roles import ROLES
from jalons.foundation.partners.models import Contact
from jalons.foundation.programmes.models import Component, Office
from jalons.planning.results.chain import Assumption
from jalons.planning.results.models import Baseline, Catalogue, Dimension, Mapping, Target, VerificationSource
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
