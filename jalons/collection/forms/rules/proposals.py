"""What a form's questions probably are: its territory, date and sex, and what identifies a person. Proposals only."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from jalons.core.errors import _


class Asked(Protocol):
    """What is looked at in a question."""

    name: str
    table: str
    kind: str
    list_name: str
    labels: Mapping[str, str]
    calculation: str


NO, INDIRECT, DIRECT = "no", "indirect", "direct"  # how far an answer identifies a person


class Mark(NamedTuple):
    """How far a question seems to identify a person, and why."""

    degree: str
    reason: str


class Clue(NamedTuple):
    """How a role is recognised: kinds it may have, words that point to it, best first, words that exclude it."""

    kinds: frozenset[str]
    words: tuple[str, ...]
    against: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposals:
    """Names of the questions proposed for each role ("" when none), and how each personal one seems personal."""

    territory: str
    date: str
    sex: str
    collector: str
    personal: Mapping[str, Mark]


TEXT = frozenset({"text", "select_one", "calculate", "hidden"})
ROLES = {
    "territory": Clue(
        TEXT,
        ("commune", "الجماعة", "province", "prefecture", "الاقليم", "اقليم", "عمالة", "admin3", "admin2", "district",
         "region", "الجهة", "جهة", "admin1", "territoire", "territory", "localite", "location", "lieu"),
        ("autre", "other", "origine", "naissance", "birth", "destination"),
    ),
    "date": Clue(
        frozenset({"date", "today", "dateTime", "start"}),
        ("date", "jour", "تاريخ", "today", "start"),
        ("naissance", "birth", "dob", "ازدياد", "الميلاد", "fin", "debut", "arrivee", "prochain", "prochaine", "next"),
    ),
    "sex": Clue(
        frozenset({"select_one", "text", "calculate"}),
        ("sexe", "sex", "genre", "gender", "الجنس", "النوع"),
        ("chef", "enqueteur", "enumerator", "enum", "autre", "other"),
    ),
    "collector": Clue(
        frozenset({"text", "select_one", "username"}),
        ("collecteur", "collectrice", "enqueteur", "enquetrice", "enumerator", "enum", "agent", "evaluateur",
         "username"),
        ("autre", "other", "genre", "gender", "sexe", "sex", "age", "tel", "telephone", "qualif", "signature"),
    ),
}  # fmt: skip
# kinds that identify a person or a device by themselves
PERSONAL_KINDS = {
    "geopoint": Mark(DIRECT, _("position précise")),
    "geotrace": Mark(DIRECT, _("position précise")),
    "geoshape": Mark(DIRECT, _("position précise")),
    "start-geopoint": Mark(DIRECT, _("position précise")),
    "background-geopoint": Mark(DIRECT, _("position précise")),
    "image": Mark(DIRECT, _("image d’une personne, peut-être")),
    "audio": Mark(DIRECT, _("voix d’une personne, peut-être")),
    "video": Mark(DIRECT, _("image d’une personne, peut-être")),
    "background-audio": Mark(DIRECT, _("voix d’une personne, peut-être")),
    "phonenumber": Mark(DIRECT, _("numéro de téléphone")),
    "email": Mark(DIRECT, _("adresse électronique")),
    "username": Mark(DIRECT, _("nom d’une personne")),
    "deviceid": Mark(INDIRECT, _("identifiant d’appareil")),
    "subscriberid": Mark(INDIRECT, _("identifiant d’appareil")),
    "simserial": Mark(INDIRECT, _("identifiant d’appareil")),
    "audit": Mark(INDIRECT, _("journal de saisie, avec des positions peut-être")),
    "file": Mark(INDIRECT, _("fichier : il peut nommer quelqu’un")),
}
# words -> how far a free answer under them identifies a person
PERSONAL_WORDS = {
    ("nom", "noms", "prenom", "prenoms", "name", "surname", "firstname", "lastname", "fullname", "الاسم", "اسم",
     "النسب", "nom_complet"): Mark(DIRECT, _("nom d’une personne")),
    ("tel", "telephone", "phone", "mobile", "gsm", "whatsapp", "portable", "الهاتف", "هاتف"):
        Mark(DIRECT, _("numéro de téléphone")),
    ("cin", "cnie", "passeport", "passport", "identite", "identity", "البطاقة", "جواز"):
        Mark(DIRECT, _("pièce d’identité")),
    ("email", "mail", "courriel", "الالكتروني"): Mark(DIRECT, _("adresse électronique")),
    ("adresse", "address", "العنوان", "عنوان"): Mark(DIRECT, _("adresse")),
    ("naissance", "birth", "dob", "ازدياد", "الميلاد"): Mark(INDIRECT, _("date ou lieu de naissance")),
    ("signature", "توقيع"): Mark(DIRECT, _("signature")),
    ("latitude", "longitude", "gps"): Mark(DIRECT, _("position précise")),
    ("collecteur", "collectrice", "enqueteur", "enumerator", "evaluateur", "agent"):
        Mark(DIRECT, _("nom d’une personne")),
}  # fmt: skip
FREE_TEXT = Mark(INDIRECT, _("texte libre : il peut nommer quelqu’un"))
COMPUTED = _("calculée à partir d’une réponse personnelle")
FREE_KINDS = frozenset({"text", "integer", "decimal", "barcode", "calculate", "hidden", "date"})
REFERENCE = re.compile(r"\$\{\s*([^}\s]+)\s*\}")
NOT_A_PERSON = frozenset({
    "association", "organisation", "structure", "projet", "activite", "programme", "commune", "village", "douar",
    "ecole", "centre", "entreprise", "site", "facility", "school", "instance",
})  # fmt: skip
# what a list of choices about the sex of a person says
SEX_CHOICES = frozenset({"f", "femme", "feminin", "female", "woman", "girl", "fille", "انثي", "امراه", "نساء"})
ARABIC_LETTERS = str.maketrans({"ة": "ه", "ى": "ي", "أ": "ا", "إ": "ا", "آ": "ا"})


def propose(questions: Sequence[Asked], lists: Mapping[str, Sequence[str]]) -> Proposals:
    """Which questions give, probably, the territory, the date, the sex and the collector, and which identify a person.

    lists: the codes and labels of each list of choices; a list on sex names women.

    Missing: "" when nothing looks like the role; a person confirms each proposal.
    Source:  names and labels met in 80 field forms in French, Arabic and English; law 09-08 and GDPR art. 4
             for what identifies a person.
    """
    women = {name for name, texts in lists.items() if _hits(SEX_CHOICES, words_of(*texts))}
    on_sex = [q for q in questions if q.kind != "select_one" or q.list_name in women]
    roles = {role: _best(on_sex if role == "sex" else questions, clue) for role, clue in ROLES.items()}
    personal = {q.name: mark for q in questions if (mark := _personal(q, roles.values()))}
    return Proposals(**roles, personal=personal | _computed(questions, personal))


def _computed(questions: Iterable[Asked], personal: Mapping[str, Mark]) -> dict[str, Mark]:
    """Calculations that repeat what identifies a person, whatever they are called."""
    found: dict[str, Mark] = {}
    for question in questions:  # a calculation reads what is above it
        read = set(REFERENCE.findall(question.calculation))
        degrees = {mark.degree for name, mark in (personal | found).items() if name in read}
        if degrees and question.name not in personal:
            found[question.name] = Mark(DIRECT if DIRECT in degrees else INDIRECT, COMPUTED)
    return found


def _best(questions: Iterable[Asked], clue: Clue) -> str:
    """The question whose name, else label, holds the best word; at the root of the form rather than in a repeat."""
    ranked = []
    for position, question in enumerate(questions):
        rank = _rank(question, clue)
        if rank is not None:
            ranked.append((bool(question.table), rank, position, question.name))
    return min(ranked)[3] if ranked else ""


def _rank(question: Asked, clue: Clue) -> int | None:
    in_name, in_labels = words_of(question.name), words_of(*question.labels.values())
    if question.kind not in clue.kinds or _hits(clue.against, in_name | in_labels):
        return None
    words = [_fold(word) for word in clue.words]
    by_name = [i for i, word in enumerate(words) if word in in_name]
    by_label = [i + len(words) for i, word in enumerate(words) if word in in_labels]
    return min(by_name + by_label, default=None)


def _personal(question: Asked, roles: Iterable[str]) -> Mark | None:
    if question.kind in PERSONAL_KINDS:
        return PERSONAL_KINDS[question.kind]
    said = words_of(question.name, *question.labels.values())
    if question.kind not in FREE_KINDS or said & NOT_A_PERSON:
        return None
    known = next((mark for words, mark in PERSONAL_WORDS.items() if _hits(words, said)), None)
    is_free = question.kind == "text" and question.name not in roles and not _hits(ROLES["territory"].words, said)
    return known or (FREE_TEXT if is_free else None)


def _hits(words: Iterable[str], said: set[str]) -> bool:
    return any(_fold(word) in said for word in words)


def words_of(*texts: str) -> set[str]:
    """The words of names and labels, accents and Arabic variants folded.

    Source: Unicode NFKD; Arabic letters commonly exchanged (ة/ه, ى/ي, أ/ا).

    >>> sorted(words_of("Date_Visite", "Date de l’entretien"))
    ['date', 'de', 'entretien', 'l', 'visite']
    """
    return {word for text in texts for word in re.split(r"[\W_]+", _fold(text)) if word}


def _fold(text: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text)  # camelCase: HouseType
    decomposed = unicodedata.normalize("NFKD", spaced.lower().translate(ARABIC_LETTERS))
    return "".join(c for c in decomposed if not unicodedata.combining(c))
