"""What a heading or a word made by someone else probably means: proposals only, that a person confirms."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from jalons.collection.submissions.rules.schema import Choices, Item, fold

NEAR = 0.82  # of likeness between two texts; a typing slip, a plural
# words that say the same thing in the headings of partners' files, in French, Arabic, English
HEADINGS = (
    ("nom", "nom de famille", "family name", "last name", "surname", "الاسم العائلي", "النسب", "اللقب"),
    ("prenom", "first name", "given name", "الاسم الشخصي", "الاسم الأول"),
    ("sexe", "sex", "genre", "gender", "الجنس", "النوع", "f h", "h f", "m f"),
    ("age", "âge", "age ans", "العمر", "السن"),
    ("annee de naissance", "year of birth", "ne en", "née en", "سنة الازدياد", "سنة الولادة", "سنة الميلاد"),
    ("telephone", "tel", "tél", "gsm", "phone", "mobile", "n tel", "الهاتف", "رقم الهاتف"),
    ("date", "jour", "day", "التاريخ", "تاريخ"),
    ("region", "région", "الجهة"),
    ("province", "prefecture", "province ou prefecture", "الإقليم", "العمالة", "الإقليم أو العمالة"),
    ("commune", "ville", "lieu de residence", "residence", "commune de residence", "city", "الجماعة", "المدينة"),
    ("organisation", "structure", "association", "organisme", "organization", "الجمعية", "الهيئة", "المؤسسة"),
    ("remarque", "remarques", "observation", "observations", "commentaire", "commentaires", "notes", "remarks",
     "comments", "ملاحظة", "ملاحظات"),
    ("nationalite", "nationality", "pays d origine", "الجنسية"),
)  # fmt: skip
# and in their cells
ANSWERS = (
    ("f", "femme", "feminin", "fille", "mme", "mlle", "madame", "female", "woman", "أنثى", "امرأة", "مؤنث", "بنت"),
    ("m", "h", "homme", "masculin", "garcon", "mr", "monsieur", "male", "man", "boy", "ذكر", "رجل", "مذكر", "ولد"),
    ("oui", "yes", "o", "y", "vrai", "true", "1", "x", "نعم"),
    ("non", "no", "n", "faux", "false", "0", "لا"),
)  # fmt: skip


def _groups(lists: Iterable[Iterable[str]]) -> dict[str, int]:
    return {fold(word): number for number, words in enumerate(lists) for word in words}


HEADING_OF, ANSWER_OF = _groups(HEADINGS), _groups(ANSWERS)


def likely_question(header: str, items: Iterable[Item]) -> str:
    """The path of the question that a heading probably names, "" when none or when two are as likely.

    Source: ours; headings of attendance lists of associations in Morocco.

    >>> age = Item("age", "age", "p/age", "", "age", "integer", 0, labels={"fr": "Âge en années"})
    >>> likely_question("العمر", [age]), likely_question("Ages", [age]), likely_question("Ville", [age])
    ('p/age', 'p/age', '')
    """
    scores = {item.path: max((_alike(header, word) for word in _words(item)), default=0) for item in items}
    best = max(scores.values(), default=0)
    found = [path for path, score in scores.items() if score == best]
    return found[0] if best >= NEAR and len(found) == 1 else ""


def _words(item: Item) -> Iterable[str]:
    return (item.name, *item.labels.values())


def _alike(one: str, other: str) -> float:
    one, other = fold(one), fold(other)
    if one and one == other:
        return 2.0
    group = HEADING_OF.get(one)
    if group is not None and group == HEADING_OF.get(other):
        return 1.0
    return SequenceMatcher(None, one, other).ratio() if len(one) > 3 else 0.0


def likely_choice(word: str, choices: Choices) -> str:
    """The code of the choice that a word of a cell probably means, "" when none or several.

    Source: ours.

    >>> sex = Choices(frozenset("fm"), {}, {"f": ("Femme", "أنثى"), "m": ("Homme", "ذكر")})
    >>> likely_choice("Mme", sex), likely_choice("Hommme", sex), likely_choice("autre", sex)
    ('f', 'm', '')
    """
    folded = fold(word)
    group = ANSWER_OF.get(folded)
    said = {code: [fold(text) for text in (code, *labels)] for code, labels in choices.labels.items()}
    if group is not None:
        same = [code for code, texts in said.items() if any(ANSWER_OF.get(text) == group for text in texts)]
        if len(same) == 1:
            return same[0]
    near = [code for code, texts in said.items() if any(_near(folded, text) for text in texts)]
    return near[0] if len(near) == 1 else ""


def _near(one: str, other: str) -> bool:
    return len(one) > 3 and SequenceMatcher(None, one, other).ratio() >= NEAR
