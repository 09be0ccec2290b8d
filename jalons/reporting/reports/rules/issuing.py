"""When a report may be prepared, refreshed and issued."""

from jalons.core.errors import Refused, _
from jalons.reporting.reports.rules import telling
from jalons.reporting.reports.rules.changes import changes
from jalons.reporting.reports.rules.logframe import UNPUBLISHED, Line, Logframe

DRAFT = "draft"
LONGEST = 250  # characters of a title
# state -> states it may move to
TRANSITIONS = {"draft": {"issued"}, "issued": set()}


def check_belongs(programme: int, **parts: int | None) -> None:
    """Refuse an agreement, a period or a previous report of another programme.

    Missing: a part that is not given is not checked.
    Source:  a report tells about one programme.
    """
    for field, owner in parts.items():
        if owner is not None and owner != programme:
            raise Refused(
                _("Ce choix appartient à un autre programme ; choisissez-en un de ce programme."), field=field
            )


def check_previous(state: str | None, same_agreement: bool) -> None:
    """Refuse to compare with what was never sent, or was sent to someone else.

    Missing: no previous report, nothing to refuse.
    Source:  the list of changes is for the reader of the previous report.
    """
    if state == DRAFT:
        raise Refused(_("Le rapport précédent n’est qu’un brouillon ; choisissez un rapport émis."), field="previous")
    if state and not same_agreement:
        raise Refused(
            _("Le rapport précédent a été émis pour une autre convention ; son lecteur n’est pas le même."),
            field="previous",
        )


def check_draft(state: str) -> None:
    """Refuse to touch an issued report.

    Source: product law "what was reported is frozen".
    """
    if "issued" not in TRANSITIONS[state]:
        raise Refused(_("Ce rapport est émis : il ne change plus. Préparez-en un nouveau pour dire ce qui a changé."))


def check_reissue(state: str, *, superseded: bool, reason: str) -> None:
    """Refuse a next version of what was never issued, of what already has one, or without a reason.

    Source: product law "what was reported is frozen": a new version supersedes the former, it never replaces it.
    """
    if state == DRAFT:
        raise Refused(_("Ce rapport n’est qu’un brouillon : actualisez-le plutôt."))
    if superseded:
        raise Refused(_("Une version plus récente de ce rapport existe déjà : partez d’elle."))
    if not reason.strip():
        raise Refused(_("Dites pourquoi une nouvelle version est nécessaire : le lecteur le lira."), field="reason")


def check_issue(*, prepared_by: int, issued_by: int, drafted: Logframe, today: Logframe) -> None:
    """Refuse to issue one's own draft, a draft that holds an unpublished value, or one that time has overtaken.

    Source: four-eyes principle; product laws "what was reported is frozen", "verified by one, published by another".
    """
    if prepared_by == issued_by:
        raise Refused(_("Une autre personne que celle qui a préparé ce rapport doit l’émettre."))
    if waiting := unpublished(today):
        raise Refused(
            _("Valeurs calculées mais non publiées : %(codes)s. Publiez-les dans « Valeurs », actualisez le brouillon, "
              "puis émettez."),
            codes=", ".join(line.code for line in waiting),
        )  # fmt: skip
    if drafted != today:
        moved = list(dict.fromkeys(change.indicator for change in changes(drafted, today)))
        raise Refused(
            _("Le cadre logique ou ses valeurs ont changé depuis la préparation (%(codes)s). Actualisez le brouillon, "
              "relisez-le, puis émettez."),
            codes=", ".join(moved) or _("intitulés ou sources"),
        )  # fmt: skip


def unpublished(logframe: Logframe) -> list[Line]:
    """Lines whose value of the report's own period waits for publication.

    Missing: a line without any value is not one of them; it is told as "sans donnée".
    Source:  as `check_issue`.
    """
    return [line for line in logframe.lines() if line.at(logframe.period).state == UNPUBLISHED]


def iati_gap(logframe: Logframe) -> str:
    """Why no IATI file can be made, or an empty string.

    Source: IATI 2.03, `iati-identifier`, `reporting-org/@ref` and `@type` are mandatory and identify the publisher.
    """
    gaps = [
        (logframe.programme.operator.iati, _("l’identifiant IATI de l’opérateur manque")),
        (logframe.programme.operator.type, _("le type d’organisation de l’opérateur manque")),
        (logframe.programme.iati, _("l’identifiant IATI du programme manque")),
        (any(True for _line in logframe.lines()), _("le cadre logique n’a pas d’indicateur")),
    ]
    return next((why for present, why in gaps if not present), "")


def iati_remarks(logframe: Logframe) -> list[str]:
    """What the schema accepts and the register of IATI still reports as an error; nothing when no file can be made.

    Source: IATI ruleset 2.03: "Each activity must have a specified sector", "Recipient country … should be declared".
    """
    programme = logframe.programme
    if iati_gap(logframe):
        return []
    said = [
        (programme.sectors, _("aucun secteur n’est déclaré")),
        (
            programme.recipients or len(programme.countries) == 1,
            _("la part de chaque pays bénéficiaire n’est pas dite"),
        ),
    ]
    return [what for told, what in said if not told]


def title(logframe: Logframe, number: int, version: int = 1) -> str:
    """Title of a report, in French.

    Source: practice of the funders: number, version when it is not the first, funder, period.
    """
    funder = f", {logframe.agreement.funder.code}" if logframe.agreement else ""
    which = f"{number}, version {version}," if version > 1 else f"{number}"
    return f"Rapport n° {which} sur le cadre logique{funder}, {telling.words(logframe.own_period.label)}"[:LONGEST]
