"""What people call each act of the audit trail."""

from django.apps import apps
from django.utils.translation import gettext_lazy as _

# Last word of a verb -> what people call the act. A test holds every action to this table.
ACTS = {
    "added": _("Ajout"),
    "adopted": _("Adoption"),
    "amended": _("Correction"),
    "admitted": _("Entrée sur décision"),
    "accepted": _("Acceptation"),
    "applied": _("Application"),
    "asked": _("Demande"),
    "attached": _("Document joint"),
    "changed": _("Changement"),
    "checked": _("Contrôle"),
    "checking_started": _("Lancement"),
    "closed": _("Fermeture du compte"),
    "coded": _("Codage du registre des personnes"),
    "corrected": _("Correction"),
    "cut": _("Découpage en périodes"),
    "decided": _("Décision"),
    "declared": _("Déclaration"),
    "defined": _("Définition"),
    "delete": _("Suppression"),
    "deployment_requested": _("Déploiement demandé"),
    "detached": _("Document retiré"),
    "direction_confirmed": _("Sens confirmé"),
    "dismissed": _("Mise à l’écart"),
    "discarded": _("Mise à l’écart"),
    "drafted": _("Préparation"),
    "drawn": _("Tirage au sort"),
    "edited": _("Modification"),
    "extended": _("Prolongation"),
    "followed": _("Avis suivis"),
    "forgotten": _("Oubli"),
    "redacted": _("Effacement de ce qui identifie quelqu’un"),
    "erased": _("Effacement"),
    "explained": _("Explication"),
    "granted": _("Rôle donné"),
    "imported": _("Import"),
    "insert": _("Ajout"),
    "invited": _("Invitation"),
    "issued": _("Émission"),
    "made": _("Fabrication"),
    "marked": _("Données personnelles"),
    "matched": _("Correspondance"),
    "measured": _("Calcul"),
    "missed": _("Suppression constatée ailleurs"),
    "opened": _("Ouverture"),
    "published": _("Publication"),
    "received": _("Réception"),
    "refreshed": _("Actualisation"),
    "reissued": _("Nouvelle version"),
    "rejected": _("Rejet"),
    "removed": _("Retrait"),
    "reminded": _("Rappel"),
    "renewed": _("Nouveaux accès"),
    "requested": _("Relevé demandé"),
    "reread": _("Relecture"),
    "restored": _("Réouverture du compte"),
    "retired": _("Clôture"),
    "reopened": _("Réouverture"),
    "retried": _("Relance"),
    "sent_back": _("Renvoi"),
    "sent": _("Envoi"),
    "set": _("Enregistrement"),
    "settled": _("Décision"),
    "split": _("Séparation"),
    "started": _("Lancement"),
    "taken": _("Entrée"),
    "tied": _("Projet relié"),
    "tried": _("Essai"),
    "typed": _("Saisie"),
    "untied": _("Projet détaché"),
    "undone": _("Décision défaite"),
    "update": _("Modification"),
    "validated": _("Validation"),
    "veiled": _("Seuil des petits nombres"),
    "verified": _("Vérification"),
    "withdrawn": _("Retrait"),
}


def act(verb: str) -> str:
    """The name of an act: what the last word of its verb says."""
    return str(ACTS.get(verb.rpartition(".")[2], verb))


def kind_of(label: str) -> str:
    """What people call the rows of a model, by the model's label; the label itself when the model is gone."""
    try:
        return str(apps.get_model(label)._meta.verbose_name).capitalize()
    except (LookupError, ValueError):
        return label
