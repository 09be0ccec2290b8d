"""What awaits a person, in four columns: to enter, to check, to decide, late. Columns that are not theirs stay away."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jalons.collection.submissions.differences import broken_servers, gone_elsewhere, stuck_elsewhere
from jalons.core.fields import translated
from jalons.core.levels import Level
from jalons.core.links import page_of
from jalons.planning.results.forms import fault_in_words
from jalons.reporting.dashboards import queries
from jalons.reporting.dashboards.views.lines import Sight, link

SHOWN = 4  # entries in a column before "tout voir"
PATIENCE = 14  # days that a submission may wait before it is late


def todo(user: Any, sight: Sight, lines: list[dict]) -> list[dict[str, Any]]:
    """The columns of this person, each with its first entries and the number of things behind them."""
    sent = [submissions_entry(row) for row in queries.waiting(sight.programme, user)]
    draft, verified = values_entries(user, sight)
    aside = arrivals_entry(queries.set_aside(sight.programme, user))
    gone = [gone_entry(row) for row in gone_elsewhere(sight.programme, user)]
    stuck = [stuck_entry(row) for row in stuck_elsewhere(sight.programme, user)]
    doubted = flagged_entry(queries.flagged(sight.programme, user))
    check = [*aside, *gone, *stuck, *doubted, *(e for e in sent if not e["late"]), *draft]
    late = [*servers(user, sight), *(e for e in sent if e["late"]), *broken(user, sight),
            *overdue_values(user, sight, lines), *failed(user)]  # fmt: skip
    found = [
        column("enter", _("À saisir"), entries(user, sight, lines), None),
        column("check", _("À vérifier"), check, link("submissions:submission-list")),
        column(
            "decide", _("À décider"), [*verified, *doubts_entry(user, sight)], link("measurement:indicatorvalue-list")
        ),
        column("overdue", _("En retard"), late, None),
    ]
    return [c for c, mine in zip(found, columns_of(user), strict=True) if mine or c["entries"]]


def columns_of(user: Any) -> tuple[bool, bool, bool, bool]:
    """Whether each column belongs to this person's work, even while it is empty; nothing late needs no column."""
    enters = user.may("measurement", Level.EDIT) or user.may("submissions", Level.EDIT)
    decides = user.may("measurement", Level.DECIDE)
    return enters and not decides, user.may("submissions", Level.DECIDE) or decides, decides, False


def column(code: str, title: str, found: list[dict], url: str | None) -> dict[str, Any]:
    count = sum(entry.get("count", 1) for entry in found)
    return {"code": code, "title": title, "count": count, "entries": found[:SHOWN], "url": url}


def arrivals_entry(row: dict) -> list[dict[str, Any]]:
    """What phones sent and that a person must let in or leave out."""
    if not row["count"]:
        return []
    count = ngettext("%(n)s envoi à décider", "%(n)s envois à décider", row["count"]) % {"n": row["count"]}
    days = (date.today() - localdate(row["oldest"])).days
    return [{"title": _("Envois de téléphones mis de côté"), "url": link("submissions:arrival-list"), "note": count,
             "due": since(days), "count": row["count"], "late": False}]  # fmt: skip


def doubts_entry(user: Any, sight: Sight) -> list[dict[str, Any]]:
    """Tellings that may be of one person, for who decides on the register."""
    row = queries.doubts(sight.programme, user)
    if not row["count"]:
        return []
    count = ngettext("%(n)s doute à trancher", "%(n)s doutes à trancher", row["count"]) % {"n": row["count"]}
    days = (date.today() - localdate(row["oldest"])).days
    return [{"title": _("Une même personne ?"), "url": f"{link('people:pair-list')}?state=open", "note": count,
             "due": since(days), "count": 1, "late": False}]  # fmt: skip


def flagged_entry(row: dict) -> list[dict[str, Any]]:
    """What checks found and nobody answered."""
    if not row["count"]:
        return []
    count = ngettext("%(n)s signalement", "%(n)s signalements", row["count"]) % {"n": row["count"]}
    return [{"title": _("Qualité des données"), "url": link("quality:flag-list"), "note": count, "count": row["count"],
             "due": since((date.today() - localdate(row["oldest"])).days), "late": False}]  # fmt: skip


def gone_entry(row: dict) -> dict[str, Any]:
    """Submissions deleted on another server: a person says what becomes of them here."""
    said = ngettext("%(n)s fiche supprimée là-bas", "%(n)s fiches supprimées là-bas", row["count"])
    return _of_project(row, said)


def stuck_entry(row: dict) -> dict[str, Any]:
    """Corrections that another server did not take: a person makes them there."""
    said = ngettext("%(n)s correction pas prise là-bas", "%(n)s corrections pas prises là-bas", row["count"])
    return _of_project(row, said)


def _of_project(row: dict, said: str) -> dict[str, Any]:
    count, days = said % {"n": row["count"]}, (date.today() - localdate(row["oldest"])).days
    return {"title": row["tie__title"], "url": link("submissions:tie-detail", row["tie"]), "note": count,
            "due": since(days), "count": row["count"], "late": False}  # fmt: skip


def servers(user: Any, sight: Sight) -> list[dict]:
    """Servers that no longer give what they hold, for who can mend it."""
    return [
        {"title": str(one), "url": page_of(one), "note": one.trouble,
         "due": since((date.today() - localdate(one.troubled_at)).days) if one.troubled_at else ""}
        for one in broken_servers(sight.programme, user)
    ]  # fmt: skip


def submissions_entry(row: dict) -> dict[str, Any]:
    """Submissions of one form that wait for a second person."""
    days = (date.today() - localdate(row["oldest"])).days
    count = ngettext("%(n)s soumission", "%(n)s soumissions", row["count"]) % {"n": row["count"]}
    flagged = ngettext("%(n)s signalée", "%(n)s signalées", row["flagged"]) % {"n": row["flagged"]}
    query = urlencode({"form": row["form"], "state": "received"})
    return {
        "title": translated(row["form__title"]), "url": f"{link('submissions:submission-list')}?{query}",
        "note": " · ".join([count, flagged] if row["flagged"] else [count]), "due": since(days),
        "count": row["count"], "late": days > PATIENCE,
    }  # fmt: skip


def values_entries(user: Any, sight: Sight) -> tuple[list[dict], list[dict]]:
    """Values to verify, and values to publish, by period; those of periods that still run come last, due by nobody."""
    found: dict[str, list[dict]] = {"draft": [], "verified": []}
    for row in sorted(queries.pending(sight.programme, user), key=runs):
        query = urlencode({"state": row["state"], "period": row["period"]})
        found[row["state"]].append({
            "title": ngettext("%(n)s valeur", "%(n)s valeurs", row["count"]) % {"n": row["count"]},
            "url": f"{link('measurement:indicatorvalue-list')}?{query}", "note": translated(row["period__label"]),
            "due": _("en cours") if runs(row) else since((date.today() - localdate(row["oldest"])).days),
            "count": 0 if runs(row) else row["count"],
        })  # fmt: skip
    return found["draft"], found["verified"]


def runs(row: dict) -> bool:
    """Whether the period of these values is not over yet: its figures will still move."""
    return row["period__ends_on"] >= date.today()


def entries(user: Any, sight: Sight, lines: list[dict]) -> list[dict]:
    """Forms open to this person, and values to type before the period in sight ends."""
    asked = [] if user.may("submissions", Level.DECIDE) else queries.open_forms(sight.programme, user)
    forms = [{"title": str(form), "url": link("forms:form-detail", form.pk), "note": _("formulaire ouvert")}
             for form in asked]  # fmt: skip
    return forms + ([] if ended(sight) else missing_values(user, sight, lines))


def overdue_values(user: Any, sight: Sight, lines: list[dict]) -> list[dict]:
    return missing_values(user, sight, lines) if ended(sight) else []


def missing_values(user: Any, sight: Sight, lines: list[dict]) -> list[dict]:
    """Indicators typed by hand, by this person among others, that have no value for the period in sight."""
    if sight.series.last is None or not user.may("measurement", Level.EDIT):
        return []
    last, limits = sight.series.last, user.regions("measurement", Level.EDIT, sight.programme.pk)
    open_ones = None if limits is None else queries.typed_by_region(sight.programme)
    due = since((date.today() - last.ends_on).days) if ended(sight) else date_format(last.ends_on, "j N")
    return [
        {"title": f"{shown['code']} {shown['name']}", "url": link("measurement:indicator-type", shown["pk"]),
         "note": str(last), "due": due}
        for shown in lines
        if shown["typed"] and shown["value_period"] != last.pk and (open_ones is None or shown["pk"] in open_ones)
    ]  # fmt: skip


def ended(sight: Sight) -> bool:
    return bool(sight.series.last and sight.series.last.ends_on < date.today())


def broken(user: Any, sight: Sight) -> list[dict]:
    """Definitions that can no longer be measured, for who may change them."""
    return [
        {"title": str(one.indicator), "url": link("results:indicator-detail", one.indicator.pk),
         "note": fault_in_words(one.faults[0])[1]} for one in queries.broken_formulas(sight.programme, user)
    ]  # fmt: skip


def failed(user: Any) -> list[dict]:
    return [
        {"title": job.label, "url": link("core:job-detail", job.pk), "note": _("tâche échouée : %(why)s") %
         {"why": job.why}} for job in queries.failed_jobs(user)[:SHOWN]
    ]  # fmt: skip


def since(days: int) -> str:
    """How long something has waited."""
    return _("aujourd’hui") if days <= 0 else ngettext("%(n)s jour", "%(n)s jours", days) % {"n": days}
