"""The permission matrix, whole. Rows are roles, columns are apps. Shown as is in the product."""

from django.utils.translation import gettext_lazy as _

from jalons.core.levels import Level

NONE, VIEW, EDIT, DECIDE = Level

APP_LABELS = {
    "core": _("tâches, documents"),
    "territories": _("territoires"),
    "programmes": _("programmes"),
    "partners": _("partenaires"),
    "accounts": _("personnes, rôles et journal"),
    "results": _("cadre logique"),
    "forms": _("formulaires"),
    "submissions": _("soumissions"),
    "quality": _("qualité des données"),
    "measurement": _("valeurs d’indicateurs"),
    "dashboards": _("tableaux de bord"),
    "reports": _("rapports"),
    "exchange": _("classeur du programme"),
    "identities": _("identités (réponses qui identifient)"),
    "people": _("personnes comptées une fois (modification : noms)"),
}

# role -> levels in the order of APP_LABELS
_MATRIX = {
    #                         core    territ. progr.  partn.  accounts results forms   subm.   qual.   measur. dashb.  reports exchange identit. people
    "administrator":         (EDIT,   DECIDE, DECIDE, NONE,   DECIDE,  NONE,   NONE,   NONE,   NONE,   NONE,   NONE,   NONE,   NONE,     NONE,     NONE),
    "project_manager":       (EDIT,   VIEW,   EDIT,   DECIDE, DECIDE,  DECIDE, DECIDE, DECIDE, DECIDE, DECIDE, VIEW,   DECIDE, DECIDE,   VIEW,     DECIDE),
    "me_officer":            (EDIT,   VIEW,   EDIT,   EDIT,   VIEW,    DECIDE, DECIDE, DECIDE, DECIDE, DECIDE, VIEW,   DECIDE, DECIDE,   VIEW,     DECIDE),
    "communication_officer": (VIEW,   VIEW,   VIEW,   EDIT,   NONE,    VIEW,   NONE,   NONE,   NONE,   VIEW,   VIEW,   VIEW,   NONE,     NONE,     NONE),
    "grants_officer":        (VIEW,   VIEW,   VIEW,   EDIT,   NONE,    VIEW,   VIEW,   VIEW,   VIEW,   VIEW,   VIEW,   VIEW,   VIEW,     NONE,     VIEW),
    "regional_coordinator":  (EDIT,   VIEW,   VIEW,   EDIT,   NONE,    VIEW,   VIEW,   DECIDE, DECIDE, EDIT,   VIEW,   VIEW,   NONE,     VIEW,     EDIT),
    "project_officer":       (EDIT,   VIEW,   VIEW,   EDIT,   NONE,    VIEW,   VIEW,   EDIT,   EDIT,   VIEW,   VIEW,   VIEW,   NONE,     VIEW,     VIEW),
    "finance_assistant":     (VIEW,   VIEW,   VIEW,   VIEW,   NONE,    VIEW,   NONE,   NONE,   NONE,   VIEW,   VIEW,   VIEW,   NONE,     NONE,     NONE),
    "support_unit":          (VIEW,   VIEW,   EDIT,   EDIT,   VIEW,    VIEW,   NONE,   NONE,   NONE,   VIEW,   VIEW,   VIEW,   NONE,     NONE,     VIEW),
    "head_office":           (VIEW,   VIEW,   VIEW,   VIEW,   VIEW,    VIEW,   VIEW,   NONE,   NONE,   VIEW,   VIEW,   VIEW,   VIEW,     NONE,     VIEW),
    "retainer_expert":       (VIEW,   VIEW,   VIEW,   VIEW,   NONE,    VIEW,   VIEW,   NONE,   NONE,   VIEW,   VIEW,   VIEW,   NONE,     NONE,     NONE),
    "national_expert":       (VIEW,   VIEW,   VIEW,   EDIT,   NONE,    VIEW,   VIEW,   VIEW,   VIEW,   VIEW,   VIEW,   VIEW,   NONE,     NONE,     VIEW),
    "short_term_expert":     (VIEW,   VIEW,   VIEW,   NONE,   NONE,    VIEW,   NONE,   NONE,   NONE,   NONE,   VIEW,   NONE,   NONE,     NONE,     NONE),
    "external_provider":     (VIEW,   VIEW,   VIEW,   NONE,   NONE,    VIEW,   VIEW,   NONE,   NONE,   VIEW,   VIEW,   NONE,   NONE,     NONE,     NONE),
    "association_direction": (VIEW,   VIEW,   VIEW,   VIEW,   VIEW,    VIEW,   VIEW,   NONE,   NONE,   VIEW,   VIEW,   VIEW,   NONE,     NONE,     VIEW),
    "grantee":               (VIEW,   VIEW,   VIEW,   NONE,   NONE,    VIEW,   VIEW,   EDIT,   EDIT,   NONE,   VIEW,   NONE,   NONE,     VIEW,     NONE),
    "applicant":             (NONE,   VIEW,   VIEW,   NONE,   NONE,    NONE,   NONE,   NONE,   NONE,   NONE,   NONE,   NONE,   NONE,     NONE,     NONE),
    "institutional_partner": (VIEW,   VIEW,   VIEW,   VIEW,   NONE,    VIEW,   NONE,   NONE,   NONE,   VIEW,   VIEW,   VIEW,   NONE,     NONE,     NONE),
    "application_evaluator": (NONE,   VIEW,   VIEW,   NONE,   NONE,    NONE,   NONE,   NONE,   NONE,   NONE,   NONE,   NONE,   NONE,     NONE,     NONE),
    "funder":                (VIEW,   VIEW,   VIEW,   VIEW,   NONE,    VIEW,   NONE,   NONE,   NONE,   VIEW,   VIEW,   VIEW,   NONE,     NONE,     NONE),
    "data_collector":        (VIEW,   VIEW,   VIEW,   NONE,   NONE,    NONE,   VIEW,   EDIT,   EDIT,   NONE,   VIEW,   NONE,   NONE,     VIEW,     NONE),
    "desk_agent":            (VIEW,   VIEW,   VIEW,   VIEW,   NONE,    NONE,   VIEW,   EDIT,   EDIT,   NONE,   VIEW,   NONE,   NONE,     VIEW,     NONE),
}  # fmt: skip

ROLES = {role: dict(zip(APP_LABELS, levels, strict=True)) for role, levels in _MATRIX.items()}

LABELS = {
    "administrator": _("administration de l’installation"),
    "project_manager": _("cheffe ou chef de projet"),
    "me_officer": _("chargé·e de suivi-évaluation (SERA)"),
    "communication_officer": _("chargé·e de communication"),
    "grants_officer": _("responsable des subventions et partenariats"),
    "regional_coordinator": _("coordination régionale"),
    "project_officer": _("chargé·e de projet"),
    "finance_assistant": _("assistance administrative et financière"),
    "support_unit": _("unité support projet (USP)"),
    "head_office": _("siège"),
    "retainer_expert": _("expertise perlée"),
    "national_expert": _("expertise nationale (migration)"),
    "short_term_expert": _("expertise de courte durée"),
    "external_provider": _("prestataire externe (évaluations, études)"),
    "association_direction": _("direction et comptabilité d’association"),
    "grantee": _("association bénéficiaire"),
    "applicant": _("association candidate"),
    "institutional_partner": _("partenaire institutionnel"),
    "application_evaluator": _("évaluation des candidatures"),
    "funder": _("bailleur"),
    "data_collector": _("collecte de données"),
    "desk_agent": _("agent·e d’accueil"),
}

# A membership in these roles must name a region, or an organisation; in others it may.
NEEDS_REGION = {"regional_coordinator", "data_collector", "desk_agent"}
NEEDS_ORGANISATION = {"grantee", "applicant", "institutional_partner"}
# These roles read figures and nothing of what they are made from: only those published, small numbers masked.
TOLD_ONLY = {role for role, levels in ROLES.items() if levels["measurement"] == VIEW and levels["submissions"] == NONE}
# These roles give rights to others: a narrowed one could open more than it sees.
WHOLE = {role for role, levels in ROLES.items() if levels["accounts"] >= DECIDE}
