"""Smallest valid objects. A test states only what matters to it."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from django.utils import timezone

from jalons.collection.forms.models import Form, FormVersion, Question
from jalons.collection.people.models import Alias, Link, Pair, Person, Source
from jalons.collection.quality.models import Check, Correction, CorrectionFile, Expectation, Sample
from jalons.collection.submissions.models import (
    Arrival,
    Attachment,
    Batch,
    Connection,
    Counterpart,
    Device,
    Enclosure,
    EntryLink,
    Submission,
    SubmissionVersion,
    Tie,
    Webhook,
)
from jalons.evidence.measurement.models import IndicatorValue
from jalons.foundation.accounts.models import Membership, User
from jalons.foundation.accounts.roles import NEEDS_ORGANISATION, NEEDS_REGION
from jalons.foundation.partners.models import Organisation
from jalons.foundation.programmes.models import Funder, FundingAgreement, Operator, Period, Programme
from jalons.foundation.territories.models import Territory
from jalons.planning.results.chain import Result
from jalons.planning.results.models import Indicator, IndicatorVersion
from jalons.reporting.reports.models import Report

number = count(1)
PASSWORD = "une phrase assez longue"


def a_territory(level="commune", parent=None, **fields):
    n = next(number)
    fields = {"code": f"T{n}", "name": {"fr": f"Lieu {n}", "ar": f"مكان {n}"}, **fields}
    return Territory.objects.create(level=level, parent=parent, **fields)


def a_region(**fields):
    return a_territory("region", **fields)


def an_operator(**fields):
    n = next(number)
    return Operator.objects.create(**{"code": f"OP{n}", "name": f"Opérateur {n}", **fields})


def a_programme(**fields):
    n = next(number)
    fields = {
        "code": f"p{n}", "short_name": f"P {n}", "title": {"fr": f"Programme {n}"},
        "starts_on": date(2026, 1, 1), "ends_on": date(2028, 12, 31), **fields,
    }  # fmt: skip
    return Programme.objects.create(operator=fields.pop("operator", None) or an_operator(), **fields)


def a_funder(**fields):
    n = next(number)
    return Funder.objects.create(**{"code": f"F{n}", "name": f"Bailleur {n}", **fields})


def an_agreement(programme, **fields):
    fields = {"funder": fields.pop("funder", None) or a_funder(), "reference": f"C{next(number)}", **fields}
    return FundingAgreement.objects.create(programme=programme, **{"name": "Convention", **fields})


def a_period(programme, starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30), **fields):
    n = next(number)
    fields = {"kind": "half_year", "code": f"S{n}", "label": {"fr": f"Semestre {n}"}, **fields}
    return Period.objects.create(programme=programme, starts_on=starts_on, ends_on=ends_on, **fields)


def an_organisation(**fields):
    return Organisation.objects.create(**{"name": f"Organisation {next(number)}", "kind": "cso", **fields})


def a_connection(form, by, submission, **kept):
    """Another server, one of its projects, and a submission that went there with its file. Its secret opens nothing."""
    connection = Connection.objects.create(
        programme=form.programme, name=f"Kobo {next(number)}", address="https://kobo.exemple.org", secret="x", by=by
    )  # fmt: skip
    tie = Tie.objects.create(connection=connection, form=form, remote_id="a1", title="Projet")
    row = Counterpart.objects.create(
        tie=tie, remote_id="1", root="uuid:1", marker="1", submission=submission, state="gone"
    )
    file = Enclosure.objects.create(counterpart=row, name="photo.jpg", address="/a", media_type="image/jpeg", **kept)
    hook = Webhook.objects.create(programme=form.programme, name=f"Avis {next(number)}", address="https://a.org", by=by)
    return connection, tie, row, file, hook


def an_entry_link(form, holder):
    n = next(number)
    return EntryLink.objects.create(
        programme=form.programme, form=form, holder=holder, kind="link", name=f"Lien {n}", user_name=f"l{n}",
        key=f"l{n}", expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip


def a_phone(form, holder, submission, **kept):
    """A device, an arrival of it that waits for a decision, and a file that came with it."""
    n = next(number)
    device = Device.objects.create(
        programme=form.programme, name=f"Appareil {n}", holder=holder, user_name=f"u{n}", key=f"k{n}"
    )
    arrival = Arrival.objects.create(
        device=device, form=form, instance_id=f"uuid:{n}", sha256=str(n).encode(), size=1, content=b"<data/>",
        state="conflict", submission=submission,
    )  # fmt: skip
    return (
        device,
        arrival,
        an_entry_link(form, holder),
        Attachment.objects.create(arrival=arrival, name="p.jpg", media_type="image/jpeg", **kept),
    )


def two_tellings(form, submission, by):
    """A source of persons, a person told twice in a submission, and the doubt between the two tellings."""
    source, operator = Source.objects.create(form=form, by=by), form.programme.operator
    told = {"operator": operator, "source": source, "submission": submission, "version": submission.version}
    one, other = (Alias.objects.create(row=row, given="N", **told) for row in (0, 1))
    person = Person.objects.create(operator=operator, code=f"P{next(number)}")
    for alias in (one, other):
        Link.objects.create(operator=operator, alias=alias, person=person)
    return source, one, person, Pair.objects.create(operator=operator, one=one, other=other)


def a_quality(form, by, period, submission, organisation, sha256):
    """A check, a correction and the log that it came from, an expectation, a sample of one submission."""
    file = CorrectionFile.objects.create(form=form, file_name="journal.csv", sha256=sha256, by=by, state="done")
    sample = Sample.objects.create(form=form, seed=1, size=1, assigned_to=by)
    return [
        Check.objects.create(form=form, name={"fr": "C"}, kind="range", parameters={"question": "nom", "most": 1},
                             valid_from=date(2026, 1, 1)),
        file, Correction.objects.create(submission=submission, version=1, question="nom", kind="change_response",
                                        by=by, file=file),
        Expectation.objects.create(form=form, period=period, organisation=organisation, count=3, due_on=period.ends_on),
        sample, sample.items.create(submission=submission),
    ]  # fmt: skip


def a_user(role=None, programme=None, *, password=None, **limits):
    """Someone signed up; with a role, in a programme, within the region or organisation that the role needs."""
    n = next(number)
    user = User(email=f"personne{n}@example.org", name=f"Personne {n}")
    user.set_password(password) if password else user.set_unusable_password()
    user.save()
    if role:
        a_membership(user, role, programme, **limits)
    return user


def a_membership(user, role, programme=None, *, region=None, organisation=None):
    if role in NEEDS_REGION and region is None:
        region = a_region()
    if role in NEEDS_ORGANISATION and organisation is None:
        organisation = an_organisation()
    programme = None if role == "administrator" else programme
    return Membership.objects.create(
        user=user, role=role, programme=programme, region=region, organisation=organisation
    )


def a_form(programme, questions=(), **fields):
    """A published form with one version; questions: (name, kind) pairs, or names of text questions."""
    n = next(number)
    fields = {"code": f"formulaire_{n}", "title": {"fr": f"Formulaire {n}"}, "state": "published", **fields}
    form = Form.objects.create(programme=programme, **fields)
    version = a_form_version(form)
    for position, question in enumerate(questions):
        name, kind = (question, "text") if isinstance(question, str) else question
        Question.objects.create(
            version=version, position=position, name=name, path=f"/data/{name}", column=name, kind=kind
        )
    return form


def a_form_version(form, **fields):
    n = next(number)
    fields = {"number": n, "file_name": "formulaire.xlsx", "sha256": f"{n:064x}", "xform": "<h:html/>", **fields}
    return FormVersion.objects.create(form=form, **fields)


def a_batch(form, by, **fields):
    fields = {"kind": "table", "file_name": "soumissions.csv", "sha256": "0" * 64, **fields}
    return Batch.objects.create(form=form, form_version=form.versions.last(), by=by, **fields)


def a_submission(form, by, answers=None, **fields):
    """A submission with one version, in the latest version of its form; `by` is its author."""
    instance = fields.pop("instance_id", f"uuid:{next(number)}")
    submission = Submission.objects.create(form=form, author=by, instance_id=instance, **fields)
    SubmissionVersion.objects.create(
        submission=submission, number=1, instance_id=instance, form_version=form.versions.last(), content=b"<data/>",
        media_type="text/xml", answers=answers or {}, by=by,
    )  # fmt: skip
    return submission


def a_result(programme, **fields):
    n = next(number)
    return Result.objects.create(
        programme=programme, **{"level": "output", "code": f"R{n}", "title": {"fr": f"Produit {n}"}, **fields}
    )


def an_indicator(programme, result=None, **definition):
    """An indicator with its first definition; keyword arguments go to the definition."""
    indicator = Indicator.objects.create(result=result or a_result(programme), code=f"I{next(number)}")
    definition = {
        "number": 1, "valid_from": date(2026, 1, 1), "title": {"fr": f"Indicateur {indicator.code}"},
        "unit": {"fr": "personnes"}, "measure": "1", **definition,
    }  # fmt: skip
    indicator.current = IndicatorVersion.objects.create(indicator=indicator, **definition)
    indicator.save(update_fields=["current"])
    return indicator


def published():
    """What makes a value published, by two people."""
    signed = {"verified_by": a_user(), "published_by": a_user()}
    return {"state": "published", "published_at": datetime(2026, 7, 2, tzinfo=UTC), **signed}


def a_value(indicator, period, author, **fields):
    fields = {"origin": "computed", "computed_at": datetime(2026, 7, 1, tzinfo=UTC), **fields}
    return IndicatorValue.objects.create(
        indicator=indicator, definition=indicator.current, period=period, author=author, **fields
    )


def a_report(programme, author, period=None, **fields):
    n = next(number)
    return Report.objects.create(
        programme=programme, author=author, period=period or a_period(programme), number=n,
        **{"title": f"Rapport {n}", **fields},
    )  # fmt: skip
