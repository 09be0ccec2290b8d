"""Checks of a form: accepted, written, changed, retired, applied again; and what becomes of what they find."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, override

from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import latest_version
from jalons.collection.quality import keeping, watching
from jalons.collection.quality.models import Check
from jalons.collection.quality.rules.parameters import check_other, checked
from jalons.collection.quality.rules.proposals import Proposal, proposals
from jalons.collection.quality.rules.states import check_handling
from jalons.collection.submissions.flags import count_flags
from jalons.collection.submissions.models import Flag
from jalons.collection.submissions.reading import Versions
from jalons.core import jobs
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.fields import LANGUAGES
from jalons.core.levels import Level
from jalons.core.models import Job
from jalons.foundation.accounts.models import User

WHOLE = _("Un contrôle vaut pour toutes les régions : demandez-le à une personne qui suit tout le programme.")
NO_VERSION = _("Ce formulaire n’a pas encore de version : importez d’abord son XLSForm.")
NOTHING = _("Choisissez au moins un contrôle.")
RETIRED = _("Ce contrôle est déjà retiré.")
NOBODY = _("Cette personne ne voit pas les soumissions de ce programme.")
ROLES = ("territory", "date", "sex", "collector")


def proposed(form: Form) -> list[Proposal]:
    """The checks that a form calls for and does not have yet."""
    latest = latest_version(form)
    if latest is None:
        return []
    roles = {role: getattr(form, f"{role}_question") for role in ROLES}
    known = set(form.checks.values_list("kind", flat=True))
    found = proposals(Versions(form, latest).default.schema, roles)
    return [proposal for proposal in found if proposal.kind not in known]


@action("checks.accepted", needs=Level.DECIDE)
def accept(*, form: Form, kinds: Iterable[str], by: User) -> Form:
    """Apply proposed checks to a form, from its first submission on."""
    _check_whole(form, by)
    chosen = [one for one in proposed(form) if one.kind in set(kinds)]
    if not chosen:
        raise Refused(NOTHING)
    for one in chosen:
        Check.objects.create(
            form=form, name=_named(one.name), kind=one.kind, parameters=one.parameters, severity=one.severity,
            valid_from=form.created_at.date(),
        )  # fmt: skip
    start_checking(form=form, by=by)
    return form


def _named(name: str) -> dict[str, str]:
    """A name of ours, in each language."""
    found = {}
    for language in LANGUAGES:
        with override(language):
            found[language] = gettext(name)
    return found


@action("check.added", needs=Level.DECIDE)
def add_check(*, form: Form, kind: str, by: User, **given: Any) -> Check:
    """Hold the submissions of a form to something more."""
    _check_whole(form, by)
    check = Check(form=form, kind=kind)
    _fill(check, given)
    check.save()
    start_checking(form=form, by=by)
    return check


@action("check.changed", needs=Level.DECIDE)
def change_check(*, check: Check, by: User, **given: Any) -> Check:
    """Change a check. With other parameters it is another version of it, applied again to all that was received."""
    _check_whole(check.form, by)
    check = Check.objects.select_for_update(of=("self",)).select_related("form").get(pk=check.pk)
    if check.state == Check.State.RETIRED:
        raise Refused(RETIRED)
    before = check.parameters, check.valid_from
    _fill(check, given)
    if (check.parameters, check.valid_from) != before:
        check.number += 1
        start_checking(form=check.form, by=by)
    check.save()
    return check


def _fill(check: Check, given: Mapping[str, Any]) -> None:
    latest = latest_version(check.form)
    if latest is None:
        raise Refused(NO_VERSION)
    for name in ("name", "severity", "told", "valid_from"):
        setattr(check, name, given[name])
    if check.told and not check.form.is_open_to(check.told, Level.VIEW, app="quality"):
        raise Refused(NOBODY, field="told")
    check.parameters = checked(check.kind, given["parameters"], Versions(check.form, latest).default.schema)
    if check.kind == Check.Kind.KEY:
        _check_other(check)


def fault(check: Check) -> Refused | None:
    """Why a check says nothing of the latest version of its form: a question that it names is gone."""
    try:
        checked(check.kind, check.parameters, Versions(check.form, latest_version(check.form)).default.schema)
        if check.kind == Check.Kind.KEY:
            _check_other(check)
    except Refused as refusal:
        return refusal
    return None


def _check_other(check: Check) -> None:
    other = Form.objects.get(pk=check.parameters["form"], programme=check.form.programme_id)
    check_other(check.parameters, str(other), Versions(other, latest_version(other)).default.schema)


@action("check.retired", needs=Level.DECIDE)
def retire_check(*, check: Check, by: User) -> Check:
    """Stop applying a check. What it found and nobody answered is lifted; the rest stays, with what was said of it."""
    _check_whole(check.form, by)
    check = Check.objects.select_for_update(of=("self",)).get(pk=check.pk)
    if check.state == Check.State.RETIRED:
        raise Refused(RETIRED)
    check.state = Check.State.RETIRED
    check.save(update_fields=["state", "updated_at"])
    keeping.lift([check])
    return check


@action("form.checking_started", needs=Level.DECIDE)
def start_checking(*, form: Form, by: User) -> Job:
    """Apply all checks of a form again, as background work."""
    _check_whole(form, by)
    label = gettext("Contrôles de « %(form)s »") % {"form": form}
    return jobs.enqueue("quality.check", label=label[:200], by=by, programme_id=form.programme_id, form=form.pk)


@action("form.checked", needs=Level.DECIDE)
def check_form(*, form: Form, by: User, progress: Callable[..., None] | None = None) -> Form:
    """Apply all checks of a form to all that it received. `checked` on the row says how many were read and found."""
    _check_whole(form, by)
    runs = watching.check_all(form, watching.in_force(form), progress)
    form.checked = {"read": max((run.read for run in runs), default=0), "found": sum(run.found for run in runs)}
    return form


def _check_whole(form: Form, by: User) -> None:
    grants = [g for g in by.grants("quality", Level.DECIDE) if g.programme_id in (None, form.programme_id)]
    if not any(not (grant.region_id or grant.organisation_id) for grant in grants):
        raise Refused(WHOLE)


# What becomes of flags


@action("flags.explained", needs=Level.EDIT)
def explain(*, form: Form, flags: QuerySet[Flag], reason: str, by: User) -> Form:
    """Say why an answer that draws attention is right all the same."""
    return _handle(form, flags, Flag.State.EXPLAINED, reason, by)


@action("flags.dismissed", needs=Level.DECIDE)
def dismiss(*, form: Form, flags: QuerySet[Flag], reason: str, by: User) -> Form:
    """Set flags aside: the check draws attention to something that is no fault."""
    return _handle(form, flags, Flag.State.DISMISSED, reason, by)


@action("flags.reopened", needs=Level.EDIT)
def reopen(*, form: Form, flags: QuerySet[Flag], reason: str, by: User) -> Form:
    """Ask again for an answer to flags that had been closed."""
    return _handle(form, flags, Flag.State.OPEN, reason, by)


def _handle(form: Form, flags: QuerySet[Flag], state: str, reason: str, by: User) -> Form:
    keys = list(flags.filter(submission__form=form).values_list("pk", flat=True))
    rows = Flag.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    check_handling([row.state for row in rows], state, reason)
    now = timezone.now()
    Flag.objects.filter(pk__in=keys).update(
        state=state, handled_by=by, handled_at=now, reason=reason.strip(), updated_at=now
    )
    count_flags(Flag.objects.filter(pk__in=keys).values_list("submission_id", flat=True))
    return form
