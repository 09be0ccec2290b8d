"""The components page: every component in all its states, with the inputs its first line names."""

from datetime import UTC, datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template, render_to_string
from django.utils.safestring import SafeString

from jalons.core.cells import Cell


class SampleForm(forms.Form):
    """One field of each kind, two of them wrongly filled."""

    title = forms.CharField(label="intitulé", help_text="En une phrase, au présent.")
    level = forms.ChoiceField(label="niveau", choices=[("outcome", "Effet"), ("output", "Produit")])
    due_on = forms.DateField(label="échéance", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    sex = forms.ChoiceField(label="sexe", choices=[("f", "femme"), ("m", "homme")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="La personne consent", help_text="Lu à voix haute si besoin.")
    why = forms.CharField(label="motif", required=False, widget=forms.Textarea)
    document = forms.FileField(label="pièce", required=False)


SPARK = {
    "line": "2,24 16.2,21.9 30.3,19.2 44.5,16 58.7,12 72.8,7.8 87,5",
    "road": "2,24 87,9", "x": 87, "y": 5, "says": "De 214 à 1 892 en sept trimestres",
}  # fmt: skip
COLUMNS = [
    {"name": "title", "head": "intitulé", "sort_url": "?sort=title", "sorted": "asc", "numeric": False},
    {"name": "state", "head": "état", "sort_url": "?sort=state", "sorted": "", "numeric": False},
    {"name": "number", "head": "valeur", "sort_url": None, "sorted": "", "numeric": True},
    {"name": "sent_on", "head": "reçue le", "sort_url": None, "sorted": "", "numeric": False},
    {"name": "note", "head": "remarque", "sort_url": None, "sorted": "", "numeric": False},
]
ROWS = [
    {"url": "#a", "cells": [Cell("Registre d’Oujda"), Cell("validée", "code", "validated"), Cell("1 892", "number"),
                            Cell("22/11/2026", "date"), Cell("Vague 3")]},
    {"url": None, "cells": [Cell("Registre de Figuig"), Cell("reçue", "code", "received"), Cell("inconnu", "unknown"),
                            Cell("20/11/2026", "date"), Cell("inconnu", "unknown")]},
]  # fmt: skip
EVENTS = [
    {"at": datetime(2026, 11, 22, 8, 14, tzinfo=UTC), "by": "Samira Belkacem", "label": "Soumission corrigée",
     "why": "Neuf personnes sous six heures", "changes": [{"field": "personnes", "before": "205", "after": "196"}]},
    {"at": datetime(2026, 10, 5, 10, 22, tzinfo=UTC), "by": None, "label": "Soumission reçue", "changes": []},
]  # fmt: skip
DOCUMENTS = [
    {"name": "Feuilles de présence.pdf", "media_type": "application/pdf", "size": 2_100_000, "url": "#d"},
    {"name": "Registre.xlsx", "media_type": "application/vnd.ms-excel", "size": 84_000, "url": "#d"},
    {"name": "Atelier.jpg", "media_type": "image/jpeg", "size": 530_000, "url": "#d"},
]  # fmt: skip
STEPS = [
    {"label": "Rapport", "title": "Rapport semestriel n° 3", "url": "#p", "note": "Remis le 14 octobre 2026."},
    {"label": "Valeur", "big": "1 892", "text": "personnes, trois régions"},
    {"label": "Formule", "formula": "Somme des personnes distinctes dont les heures atteignent 6."},
    {"label": "Soumission", "text": "Aucune : valeur saisie à la main.", "missing": True},
]
GROUPS = [
    {"code": "check", "title": "À vérifier", "count": 7, "url": "#t", "entries": [
        {"title": "Registre d’accompagnement, Nador", "url": "#t", "due": "aujourd’hui", "note": "169 personnes"}]},
    {"code": "decide", "title": "À décider", "count": 0, "entries": []},
    {"code": "overdue", "title": "En retard", "count": 1, "entries": [
        {"title": "Registre du 3ᵉ trimestre, Azilal", "url": "#t", "due": "38 jours", "note": "relancée deux fois"}]},
]  # fmt: skip
BARS = SafeString(
    '<svg viewBox="0 0 120 50"><rect class="women" x="10" y="10" width="30" height="40"/>'
    '<rect class="men" x="50" y="25" width="30" height="25"/></svg>'
)
PACE = {"elapsed": 44, "text": "53 %", "done": 53, "tone": "good"}
JOB = {"label": "Import de registre.xlsx", "done": 1200, "total": 4000, "reason": "Ligne 12, colonne « sexe »."}

SAMPLES: dict[str, list[tuple[str, dict]]] = {
    "state": [(tone, {"tone": tone, "label": label}) for tone, label in [
        ("good", "En bonne voie"), ("watch", "À surveiller"), ("late", "En retard"), ("done", "Terminé"),
        ("open", "Reçue"), ("none", "Sans donnée"), ("", "Sans forme")]],
    "grade": [(grade or "inconnue", {"grade": grade, "says": "", "url": "#g"}) for grade in ["A", "B", "C", "D", ""]],
    "progress": [
        ("en avance sur le temps", PACE),
        ("à surveiller", {**PACE, "done": 33, "text": "33 %", "tone": "watch"}),
        ("en retard", {**PACE, "done": 21, "text": "21 %", "tone": "late"}),
        ("au-delà de la cible", {**PACE, "done": 100, "text": "118 %"}),
        ("sans calendrier", {**PACE, "elapsed": None}),
        ("inconnu", {"text": "", "missing": "sans référence"})],
    "split": [
        ("effectifs", {"women": "1 021", "men": "871", "share": 54}),
        ("taux", {"women": "74,0 %", "men": "68,4 %", "women_rate": 74, "men_rate": 68.4, "note": "270/365 · 212/310"}),
        ("sexe non recueilli", {"missing": "Sexe non recueilli", "url": "#s"}),
        ("sans objet", {})],
    "spark": [("cible et rupture", {"spark": {**SPARK, "break_x": 65.8}, "tone": "good"}),
              ("en retard", {"spark": SPARK, "tone": "late"}), ("une valeur", {"spark": {}})],
    "trend": [(way, {"direction": way, "text": text}) for way, text in [
        ("up", "+52 depuis T2"), ("down", "−9 depuis T2"), ("flat", "inchangé")]],
    "number": [("connu", {"number": "1 892", "unit": "personnes", "note": "11 sur 12 partenaires", "url": "#n"}),
               ("zéro", {"number": "0", "unit": "projet"}), ("inconnu", {"missing": "pas encore demandé"})],
    "figure": [("connu", {"label": "Personnes", "number": "1 892", "of": "sur 3 600", **PACE, "note": "1 021 femmes"}),
               ("inconnu", {"label": "En emploi", "missing": "pas encore demandé"})],
    "todo": [("trois colonnes", {"groups": GROUPS})],
    "path": [("avec une étape absente", {"steps": STEPS})],
    "facts": [("fiche", {"facts": [("code", "P2.1.2"), ("état", Cell("validée", "code", "validated")),
                                   ("cible", Cell("inconnu", "unknown"))]})],
    "table": [("deux lignes", {"columns": COLUMNS, "rows": ROWS, "id": "sample", "caption": "Exemple"})],
    "pagination": [("au milieu", {"previous_url": "#p", "next_url": "#n", "first_url": "#f"})],
    "breadcrumb": [("trois étages", {"crumbs": [("Preuves", "#"), ("Indicateurs", "#"), ("P2.1.2", None)]})],
    "empty": [("avec une issue", {"title": "Rien encore", "text": "Aucun registre reçu.", "url": "#",
                                  "action": "Importer"})],
    "documents": [("trois", {"documents": DOCUMENTS}), ("aucun", {"documents": []}),
                  ("à retirer", {"documents": DOCUMENTS[:1], "removable": True})],
    "history": [("deux actes", {"events": EVENTS}), ("vide", {"events": []})],
    "job": [(state, {"job": {**JOB, "state": state, "result": {"message": "4 000 lignes lues.", "url": "#j"}},
                     "url": "#"}) for state in ["failed", "done"]],
    "refusals": [("deux", {"refusals": [
        {"place": "Feuille Cibles, ligne 12, colonne D", "message": "« douze » n’est pas un nombre.",
         "remedy": "Écrire 12."},
        {"place": "Feuille Indicateurs, ligne 4", "message": "Le code P2.1 existe déjà.",
         "remedy": "Changer le code."}]})],
    "chart": [("dessin", {"title": "Par trimestre", "svg": BARS, "alt": "Femmes 40, hommes 25", "note": "T3 2026",
                          "table": {"heads": ["", "2026"], "rows": [["Femmes", "40"], ["Hommes", "25"]]}}),
              ("sans donnée", {"title": "Par trimestre", "alt": "Aucune valeur publiée."})],
}  # fmt: skip


def components(request: HttpRequest) -> HttpResponse:
    """Every component in all its states."""
    shown = [{"name": name, "inputs": inputs(name), "states": drawn(name, states)} for name, states in SAMPLES.items()]
    form = SampleForm({"title": "", "level": "output", "sex": "f"})
    return render(request, "core/components.html", {"shown": shown, "form": form})


def drawn(name: str, states: list[tuple[str, dict]]) -> list[tuple[str, str]]:
    return [(label, render_to_string(f"components/{name}.html", context)) for label, context in states]


def inputs(name: str) -> str:
    """The first line of a component names its inputs."""
    return get_template(f"components/{name}.html").template.source.splitlines()[0].strip("{}# ")
