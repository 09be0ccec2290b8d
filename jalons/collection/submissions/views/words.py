"""The words of the entry page and of its engine, in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _


def page_words() -> dict[str, Any]:
    """What the page says of the sheets that it keeps, holds and sends."""
    return {
        "states": {
            "draft": _("brouillon"), "waiting": _("en attente"), "sent": _("envoyée"), "refused": _("pas acceptée"),
        },
        "resume": _("Reprendre"), "remove": _("Supprimer"), "send": _("Envoyer maintenant"), "again": _("Renvoyer"),
        "sure": _("Supprimer cette fiche de cet appareil ? Elle n’est nulle part ailleurs."),
        "erase": _("Effacer de cet appareil les fiches qui ne sont pas parties ? Elles ne sont nulle part ailleurs."),
        "unsaid": _("Le serveur l’a refusée sans dire pourquoi ({status}). Gardez-la ici et prévenez le suivi."),
        "others": _("D’autres comptes ont ici des fiches qui ne sont pas parties : eux seuls les voient."),
        "nothing": _("Rien n’attend sur cet appareil."), "signIn": _("Se connecter"),
        "stopped": {
            "offline": _("Pas de réseau : les fiches en attente partiront seules quand il reviendra."),
            "signed-out": _("Votre session est terminée. Rien n’est perdu : connectez-vous et les fiches partiront."),
            "other-account": _("Un autre compte est connecté : ces fiches partiront quand vous vous connecterez."),
            "later": _("Le serveur ne répond pas comme il faut : les fiches restent ici et repartiront seules."),
        },
    }  # fmt: skip


def engine_words() -> dict[str, Any]:
    """What the page says while one fills, and what the engine says, by its own English words."""
    return {
        "offline": _("Ce formulaire s’ouvre désormais sans réseau sur cet appareil."),
        "saved": _("Brouillon gardé sur cet appareil à {time}."),
        "why": _("Dites d’abord pourquoi vous corrigez cette soumission."),
        "full": _("Cet appareil n’a plus de place : la fiche n’a pas pu être gardée. Laissez cette page ouverte."),
        "twice": _("Cette fiche est ouverte dans un autre onglet : continuez là-bas, ou fermez-le d’abord."),
        "gone": _("Cette fiche n’est plus sur cet appareil."),
        "refused": _("Ce formulaire ne s’ouvre pas dans le navigateur. Remplissez-le avec ODK Collect."),
        "absent": _("Ce formulaire n’est pas encore sur cet appareil : ouvrez-le une fois avec du réseau."),
        "details": _("Détail technique"),
        "calendar": {
            "today": _("Aujourd’hui"), "clear": _("Effacer"), "emptyMessage": _("Aucun choix"),
            "emptyFilterMessage": _("Aucun choix ne correspond"), "emptySearchMessage": _("Aucun choix ne correspond"),
            "choose": _("Choisir"), "upload": _("Envoyer"), "cancel": _("Annuler"),
        },
        "aria": {
            "close": _("Fermer"), "previous": _("Précédent"), "next": _("Suivant"), "prevMonth": _("Mois précédent"),
            "nextMonth": _("Mois suivant"), "chooseDate": _("Choisir une date"), "chooseYear": _("Choisir une année"),
            "chooseMonth": _("Choisir un mois"), "prevYear": _("Année précédente"), "nextYear": _("Année suivante"),
            "star": _("1 étoile"), "stars": _("{star} étoiles"),
        },
        "engine": _engine(),
    }  # fmt: skip


def _engine() -> dict[str, str]:
    return {
        "Send": _("Envoyer"), "Remove": _("Retirer"), " Add ": " " + _("Ajouter") + " ",
        "Choose image": _("Choisir une image"),
        "Take picture": _("Prendre une photo"), "Rank items": _("Classer"), "Cancel": _("Annuler"), "Save": _("Garder"),
        "1 question with error.": _("Une question à revoir."),
        "{n} questions with errors.": _("{n} questions à revoir."),
        "Condition not satisfied: constraint": _("Cette réponse ne respecte pas la condition de la question."),
        "Condition not satisfied: required": _("Une réponse est nécessaire."),
        "Repeat Item": _("Élément"), "menu": _("Actions sur cet élément"), "change language": _("changer de langue"),
        "Captured image preview": _("Aperçu de l’image"),
        "🚧 Support for non-image uploads is pending. 🚧": _("Ne se remplit pas ici : employez ODK Collect."),
        **_location(), **_map(),
    }  # fmt: skip


def _location() -> dict[str, str]:
    return {
        "Save location": _("Garder cette position"), "Get location": _("Relever la position"),
        "Try again": _("Réessayer"), "Good accuracy": _("Bonne précision"), "Poor accuracy": _("Précision faible"),
        "Unknown accuracy": _("Précision inconnue"), "Finding your location": _("Recherche de la position"),
        " Location will be saved at ": " " + _("La position sera gardée à") + " ",
        "Time taken to capture location: ": _("Durée du relevé") + " : ",
        " Previous saved location at ": " " + _("Position déjà gardée, à") + " ",
        "Cannot access location": _("Position indisponible"),
        "Grant location permission in the browser settings and make sure location is turned on.":
            _("Autorisez la position dans les réglages du navigateur, et vérifiez qu’elle est activée."),
        "Location unavailable. Enable GPS and browser permissions, then restart the form to try again.":
            _("Position indisponible. Activez-la, autorisez-la dans le navigateur, puis rouvrez le formulaire."),
    }  # fmt: skip


def _map() -> dict[str, str]:
    return {
        " Unable to load map ": " " + _("La carte ne s’affiche pas") + " ",
        "Graphics issue detected": _("Affichage impossible"),
        "Your browser cannot display the map now. Enable graphics acceleration settings.":
            _("Le navigateur ne peut pas afficher la carte : activez son accélération graphique."),
        "Remove selection": _("Retirer le choix"), "Save selected": _("Garder le choix"),
        "No trace saved": _("Aucun tracé gardé"), "No shape saved": _("Aucune surface gardée"),
        "No point saved": _("Aucun point gardé"), "Point saved": _("Point gardé"), "Trace saved": _("Tracé gardé"),
        "Shape saved": _("Surface gardée"), "Feature saved": _("Choix gardé"),
        "Capturing location...": _("Relevé de la position…"), "Remove point": _("Retirer le point"),
        "View details": _("Voir le détail"), "Advanced": _("Autres moyens"),
        "File is empty.": _("Ce fichier est vide."),
        "Unsupported file type. Please upload a .geojson file.": _("Choisissez un fichier .geojson."),
        "Failed to parse file. Ensure it is a valid GeoJSON.": _("Ce fichier n’est pas un GeoJSON lisible."),
        "Incorrect geometry type.": _("Ce n’est pas la forme que la question demande."),
        "Import data to replace location": _("Importer une position à la place"),
        "Paste data in ODK format": _("Coller une position au format d’ODK"),
        "Upload a GeoJSON file": _("Donner un fichier GeoJSON"), "Upload file": _("Donner le fichier"),
        "Press and drag to move a point": _("Maintenez et glissez pour déplacer un point"),
        "Tap to place a point": _("Touchez pour placer un point"),
        "Tap to move point": _("Touchez pour déplacer le point"),
        "Use the location button to center on your current location": _("Le bouton de position centre sur vous"),
    }  # fmt: skip
