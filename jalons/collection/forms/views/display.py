"""Forms in the reader's words: faults, changes, languages and questions as pages show them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import get_language_info, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.forms import ROLES
from jalons.collection.forms.models import Form, FormVersion, Question
from jalons.collection.forms.rules.comparison import Change, Weight
from jalons.collection.forms.rules.coverage import PARTS
from jalons.collection.forms.rules.expressions import Unreadable, parse
from jalons.collection.forms.rules.faults import ADVICE, Fault
from jalons.collection.forms.rules.formulas import BROKEN, NOT_COMPUTED
from jalons.collection.forms.rules.languages import UNDETERMINED
from jalons.collection.forms.rules.remarks import remark as said
from jalons.core.cells import listed, number_text
from jalons.core.fields import translated
from jalons.core.refusals import refusal_text

WEIGHTS = {
    Weight.BREAK: ("late", _("rompt la série")),
    Weight.WATCH: ("watch", _("à regarder")),
    Weight.NONE: ("none", _("sans effet")),
}
KINDS = {
    "text": _("texte"), "integer": _("nombre entier"), "decimal": _("nombre"), "range": _("curseur"), "date": _("date"),
    "time": _("heure"), "dateTime": _("date et heure"), "select_one": _("choix unique"), "rank": _("classement"),
    "select_multiple": _("choix multiples"), "note": _("note"), "calculate": _("calcul"), "hidden": _("caché"),
    "acknowledge": _("case à cocher"), "geopoint": _("point"), "geotrace": _("tracé"), "geoshape": _("surface"),
    "image": _("image"), "audio": _("son"), "video": _("vidéo"), "file": _("fichier"), "barcode": _("code-barres"),
    "start": _("début de saisie"), "end": _("fin de saisie"), "today": _("jour de saisie"),
    "deviceid": _("appareil"), "username": _("compte"), "email": _("adresse électronique"),
    "phonenumber": _("téléphone"),
}  # fmt: skip


def fault(found: Fault) -> dict[str, str]:
    """Where a fault is, what it is, what to do."""
    remedy = found.fill(gettext(found.advice.remedy))
    if closest := found.values.get("closest"):
        remedy += " " + gettext("Le plus proche : « %(name)s ».") % {"name": closest}
    return {"place": _place(found), "message": _why_broken(found) or found.fill(gettext(found.advice.reason)),
            "remedy": remedy}  # fmt: skip


def _why_broken(found: Fault) -> str:
    """Where an expression stops being one, and what is meant there."""
    if found.code == BROKEN:
        try:
            parse(str(found.values["name"]))
        except Unreadable as refusal:
            return refusal_text(refusal)
    return ""


def _place(found: Fault) -> str:
    steps = [found.sheet and gettext("feuille %(name)s") % {"name": found.sheet},
             found.row and gettext("ligne %(number)s") % {"number": found.row},
             found.column and gettext("colonne %(name)s") % {"name": found.column}]  # fmt: skip
    return listed(step for step in steps if step) or gettext("fichier")


def remarks(kept: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """What was said of a workbook that was read: to correct, not computed here, and the rest."""
    rows = list(kept)
    found = [Fault(one["code"], one["sheet"], one["row"], one["column"], one["values"])
             for one in rows if one["code"] in ADVICE]  # fmt: skip
    return {
        "wrong": [fault(one) for one in found if one.code != NOT_COMPUTED],
        "beyond": [{**fault(one), "expression": one.values["name"], "reason": one.values["reason"]}
                   for one in found if one.code == NOT_COMPUTED],
        "warnings": list(dict.fromkeys(warning(one) for one in rows if one["code"] not in ADVICE)),
    }  # fmt: skip


def warning(kept: Mapping[str, Any]) -> str:
    """Something that was said of a workbook as a whole."""
    if kept["code"] == "formulas":
        count = kept["values"]["count"]
        return ngettext(
            "%(count)s cellule contient une formule de tableur : sa dernière valeur calculée a été lue.",
            "%(count)s cellules contiennent une formule de tableur : leur dernière valeur calculée a été lue.",
            count,
        ) % {"count": count}
    return remark(kept["original"])


def remark(words: str) -> str:
    """A remark of the converter in the reader's language, or its own words when we have none."""
    sentence, values = said(words) or ("%(words)s", {"words": words})
    return gettext(sentence) % values


def change(found: Change) -> dict[str, Any]:
    """One difference between two versions, with its consequence."""
    tone, weight = WEIGHTS[found.weight]
    return {
        "name": found.name, "label": translated(found.labels), "sentence": gettext(found.kind.sentence),
        "consequence": gettext(found.kind.consequence), "before": found.before, "after": found.after,
        "tone": tone, "weight": weight, "detail": language_name(found.detail) if found.detail else "",
    }  # fmt: skip


def languages(kept: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How much of the form each language covers, part by part; None where the form has no such text."""
    return [
        {
            "name": language_name(language["code"]), "spelled": language["name"],
            "percent": _percent(language["share"]),
            "parts": [_percent(language["coverage"][part]) for part in PARTS],
        }
        for language in kept
    ]  # fmt: skip


def _percent(share: float | None) -> int | None:
    """Never 100 while one text is missing, never 0 while one is there."""
    return None if share is None else min(99, max(1, round(100 * share))) if 0 < share < 1 else round(100 * share)


def language_name(code: str) -> str:
    if code == UNDETERMINED:
        return gettext("langue non précisée")
    try:
        return get_language_info(code)["name_translated"]
    except KeyError:
        return code


def counts(questions: Iterable[Any]) -> list[str]:
    """How many questions, calculations and notes a form holds."""
    kinds = Counter(question.kind for question in questions)
    asked = sum(kinds.values()) - kinds["calculate"] - kinds["note"] - kinds["hidden"]
    said = [
        ngettext("%(n)s question", "%(n)s questions", asked) % {"n": number_text(asked)},
        ngettext("%(n)s calcul", "%(n)s calculs", kinds["calculate"]) % {"n": number_text(kinds["calculate"])},
        ngettext("%(n)s note", "%(n)s notes", kinds["note"]) % {"n": number_text(kinds["note"])},
    ]
    return [words for words, count in zip(said, (asked, kinds["calculate"], kinds["note"]), strict=True) if count]


def weights(changes: Iterable[Change]) -> list[tuple[str, str, int]]:
    """How many differences of each weight: its tone, its name, its count."""
    found = Counter(change.weight for change in changes)
    return [(*WEIGHTS[weight], found[weight]) for weight in sorted(found, reverse=True)]


def roles(form: Form, questions: list[Question]) -> list[dict[str, Any]]:
    """What the form declares; a declared question that the version shown does not have is said missing."""
    said = {question.name: translated(question.labels) or question.name for question in questions}
    rows = []
    for role, (label, help_text) in ROLES.items():
        name = getattr(form, f"{role}_question")
        rows.append({"label": label, "help": help_text, "name": name, "text": said.get(name, ""),
                     "missing": bool(name) and name not in said})  # fmt: skip
    return rows


def tables(version: FormVersion, questions: list[Question]) -> list[dict[str, Any]]:
    """The questions of a version in order, under the titles of their groups and repeats."""
    titles = {section["path"]: section for section in version.settings.get("sections", [])}
    rows: list[dict[str, Any]] = []
    here = ""
    for question in questions:
        place = question.path.rpartition("/")[0]
        if place != here:
            rows.append(_title(place, titles))
            here = place
        rows.append({"question": question, "label": translated(question.labels),
                     "kind": KINDS.get(question.kind, question.kind)})  # fmt: skip
    return rows


def _title(place: str, titles: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    steps = place.split("/")
    paths = ["/".join(steps[: depth + 1]) for depth in range(len(steps))]
    sections = [titles[path] for path in paths if path in titles]
    names = [translated(section["labels"]) or section["name"] for section in sections]
    return {"title": " › ".join(names), "is_repeat": any(section["is_repeat"] for section in sections)}
