"""Which questions of a form tell of a person: proposals from their names, and what a declaration must hold."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from jalons.collection.forms.rules.proposals import words_of
from jalons.collection.people.rules.names import read, split
from jalons.collection.people.rules.records import Record, birth_of, phone_of, place_of, sex_of, year_of_age
from jalons.core.errors import Refused, _


class Asked(Protocol):
    """What is looked at in a question."""

    name: str
    table: str
    kind: str
    labels: Mapping[str, str]


class Clue(NamedTuple):
    """How a question is recognised: words that point to it, all those of one group, and words against."""

    words: tuple[frozenset[str], ...]
    against: frozenset[str] = frozenset()


def _any(*groups: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(group.split()) for group in groups)


# words of the names of other people, or of things
OTHERS = frozenset({
    "mere", "pere", "mother", "father", "conjoint", "conjointe", "epoux", "agent", "enqueteur", "collecteur",
    "association", "structure", "organisateur", "projet", "activite", "evaluateur", "chef", "urgence", "contact",
    "famille", "activity", "project", "conduit", "remplit", "enumerator", "interviewer", "formateur", "formatrice",
    "animateur", "animatrice", "الباحث", "الباحثة",
})  # fmt: skip
SCRIPT = frozenset({"ar", "arabe", "arabic"})
TOLD = frozenset({"text", "select_one", "calculate", "hidden", "integer", "decimal", "date", "barcode"})
CLUES = {
    "given_ar": Clue(_any("prenom ar", "given name ar", "prenom arabe", "الشخصي بالعربية"), OTHERS),
    "family_ar": Clue(_any("nom ar", "family name ar", "nom arabe", "العائلي بالعربية"), OTHERS | {"prenom", "given"}),
    "given": Clue(_any("prenom", "prenoms", "firstname", "first name", "given name", "given", "الشخصي"),
                  OTHERS | SCRIPT),
    "family": Clue(_any("nom famille", "family name", "family", "lastname", "last name", "surname", "العائلي", "النسب",
                        "nom"),
                   OTHERS - {"famille"} | SCRIPT | {"complet", "prenom", "prenoms", "nombre"}),
    "full": Clue(_any("nom complet", "nom prenom", "nom prenoms", "full name", "fullname", "الاسم الكامل", "name"),
                 OTHERS | SCRIPT | {"famille", "family", "first", "last", "given"}),
    "sex": Clue(_any("sexe", "sex", "genre", "gender", "الجنس", "النوع"), OTHERS | {"est"}),
    "birth": Clue(_any("date naissance", "date birth", "birthdate", "dob", "ازدياد", "الميلاد"),
                  OTHERS | {"lieu", "place", "annee", "year", "مكان"}),
    "year": Clue(_any("annee naissance", "year birth", "birthyear", "yob", "سنة الازدياد"), OTHERS),
    "age": Clue(_any("age", "العمر", "السن"), OTHERS),
    "commune": Clue(_any("commune residence", "commune", "الجماعة", "douar"), OTHERS | {"siege", "naissance"}),
    "phone": Clue(_any("telephone", "tel", "phone", "gsm", "mobile", "whatsapp", "الهاتف"), OTHERS),
    "identifier": Clue(_any("code beneficiaire", "code personne", "beneficiary id", "identifiant beneficiaire",
                            "numero beneficiaire", "code participant"), OTHERS),
}  # fmt: skip


def propose(questions: Sequence[Asked], table: str) -> dict[str, str]:
    """Names of the questions of a table that probably tell of a person, by role; nothing where none does.

    A full name is proposed only where given and family names are not asked apart.

    Source: names and labels of field forms in French, Arabic and English (forms/rules/proposals.py).
    """
    here = [q for q in questions if q.table == table and q.kind in TOLD]
    found = {role: name for role, clue in CLUES.items() if (name := _best(here, clue))}
    apart = found.get("given"), found.get("family")
    if all(apart) and len({*apart, found.get("full")}) == 3:
        found.pop("full", None)
    elif "full" in found:
        found = {role: name for role, name in found.items() if role.partition("_")[0] not in ("given", "family")}
    return found if tells(found) else {}


def _best(questions: Iterable[Asked], clue: Clue) -> str:
    ranked = []
    for position, question in enumerate(questions):
        spoken = words_of(question.name), words_of(*question.labels.values())
        if (spoken[0] | spoken[1]) & clue.against:
            continue
        for by_label, said in enumerate(spoken):
            ranks = [rank for rank, words in enumerate(clue.words) if words_of(*words) <= said]
            ranked += [(rank, by_label, position, question.name) for rank in ranks]
    return min(ranked)[3] if ranked else ""


def tells(roles: Mapping[str, str]) -> bool:
    """Whether these questions name someone: both names, apart or together.

    Source: without a name nothing tells two persons apart (reference, part E4).
    """
    apart = all(roles.get(part) or roles.get(f"{part}_ar") for part in ("given", "family"))
    return bool(roles.get("full") or apart)


def check_roles(roles: Mapping[str, str], names: Iterable[str]) -> None:
    """Refuse a declaration without a name, of a question that does not exist, or of one question twice.

    Source: `tells`.
    """
    known, used = set(names), [name for name in roles.values() if name]
    if not tells(roles):
        raise Refused(
            _("Dites au moins quelles questions donnent le prénom et le nom, ou le nom complet."), field="given"
        )
    for role, name in roles.items():
        if name and name not in known:
            raise Refused(_("La question « %(name)s » n’existe pas dans cette partie."), field=role, name=name)
        if name and used.count(name) > 1:
            raise Refused(_("La question « %(name)s » a deux rôles : gardez-en un."), field=role, name=name)


class Telling(NamedTuple):
    """What a row tells of a person, as written, and as it is compared."""

    given: str
    family: str
    commune: str
    partner: str
    record: Record


def told(answers: Mapping[str, Any], day: date, today: date) -> Telling:
    """A person as a row tells it. answers: by role; day: when it was told, for an age.

    Missing: each absent or unreadable answer is unknown; a row without a name tells of someone not identified.
    Source:  reference on names, part E.

    >>> row = {"full": "Fatima Zahra Alaoui", "sex": "F", "age": 30}
    >>> told(row, date(2026, 5, 1), date(2026, 6, 1)).record[2:5]
    ('F', 1996, True)
    """
    said = {role: _plain(value) for role, value in answers.items()}
    given, family = said.get("given", ""), said.get("family", "")
    given, family = given or said.get("given_ar", ""), family or said.get("family_ar", "")
    if full := said.get("full", ""):
        given, family = split(full)
    year, birth = birth_of(said.get("birth", "") or said.get("year", ""), today)
    age = year_of_age(said.get("age", ""), day) if year is None else None
    commune = said.get("commune", "")
    return Telling(given[:120], family[:120], commune[:120], said.get("partner", "")[:200], Record(
        read(given[:120]), read(family[:120]), sex_of(said.get("sex", "")), year or age, age is not None, birth,
        phone_of(said.get("phone", "")), place_of(commune), said.get("identifier") or None,
    ))  # fmt: skip


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return str(value[0]) if len(value) == 1 else ""
    return " ".join(str(value).split())
