"""The menu: shelves in the order of the data, and the page that opens each domain."""

from django.utils.translation import gettext_lazy as _

SHELVES = [
    (_("À faire"), [(_("À faire"), "dashboards", "dashboards:home")]),
    (_("Promesses"), [(_("Cadre logique"), "results", "results:result-list")]),
    (
        _("Données"),
        [
            (_("Formulaires"), "forms", "forms:form-list"),
            (_("Saisie"), "submissions", "submissions:entry-list"),
            (_("Soumissions"), "submissions", "submissions:submission-list"),
            (_("Kobo et ODK Central"), "submissions", "submissions:connection-list"),
            (_("Personnes"), "people", "people:counts"),
            (_("Qualité"), "quality", "quality:flag-list"),
        ],
    ),
    (
        _("Preuves"),
        [
            (_("Indicateurs"), "measurement", "dashboards:indicators"),
            (_("Valeurs"), "measurement", "measurement:indicatorvalue-list"),
        ],
    ),
    (
        _("Rapports"),
        [
            (_("Rapports"), "reports", "reports:report-list"),
            (_("Classeur du programme"), "exchange", "exchange:workbook"),
        ],
    ),
    (
        _("Administration"),
        [
            (_("Programmes"), "programmes", "programmes:programme-list"),
            (_("Partenaires"), "partners", "partners:organisation-list"),
            (_("Territoires"), "territories", "territories:territory-list"),
            (_("Personnes et rôles"), "accounts", "accounts:membership-list"),
            (_("Journal des actes"), "accounts", "accounts:event-list"),
            (_("Tâches"), "core", "core:job-list"),
        ],
    ),
]
