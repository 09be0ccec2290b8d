"""One name, one key, whatever the script and the spelling: what is compared, and how near two names are."""

import re
from functools import lru_cache
from typing import NamedTuple

from jalons.collection.people.rules.letters import IS_ARABIC, sounds

SHORT, WHOLE = 3, 4  # letters of a key, and of all that is heard, under which slips say nothing
LONGEST = 80  # of what is kept of a name
SLOTS = 10  # vowels are compared after each of the first consonants
A_, I_, U_ = 1, 2, 4
# what a vowel of Latin letters asserts, and the long vowels of Arabic letters that it contradicts
HEARD = {"A": (0, I_ | U_), "E": (0, U_), "I": (I_, A_ | U_), "U": (U_, A_ | I_), "O": (0, I_), "": (0, A_ | I_ | U_)}
LONG = {"A": A_, "I": I_, "U": U_, "E": 0, "O": 0, "": 0}
COMPOUND = re.compile(
    r"^(?:abd\w*|عبد|el|al|ben|bin|ibn|ait|aït|ayt|ould|bou|abou|بن|ايت|أيت|آيت|ولد|أبو|ابو|بو|sidi|moulay|lalla|سيدي|مولاي|لالة)$",
    re.IGNORECASE,
)

SECOND = re.compile(r"^(?:e?z+ahra|الزهراء|زهراء|e?d+ine?|الدين)$", re.IGNORECASE)  # of Fatima Zahra, Nour Eddine


class Name(NamedTuple):
    """What is kept of a name to compare it.

    form:  all that is heard; exact within one script.
    key:   its consonants and its feminine ending; the same in both scripts.
    heard: vowels that it asserts, three bits after each consonant. barred: those that contradict it.
    """

    form: str
    key: str
    heard: int
    barred: int

    @property
    def slip(self) -> str | None:
        """Where a slip is looked for: the key, else all that is heard, if long enough for one letter to say little."""
        return self.key if len(self.key) >= SHORT else self.form if len(self.form) >= WHOLE else None


@lru_cache(maxsize=100_000)
def read(name: str) -> Name | None:
    """The name as it is compared; None when nothing of it can be read, which matches nothing.

    Missing: None for a blank name, or one without a letter of either script.
    Source:  reference on names, part E3: an unread name must be unknown, never equal (nomenklatura, issue 284).

    >>> read("Mohamed").key == read("محمد").key, read("Rachid").key == read("Rachida").key, read(" - ")
    (True, False, None)
    """
    form = sounds(name)[:LONGEST]
    if not form:
        return None
    body = form.lstrip("AIUEO")
    ends = "A" if form[-1] == "A" and len(body) > 1 else ""
    consonants = [c for c in body if c not in "AIUEO"]
    if not consonants:
        return Name(form, form, 0, 0)
    heard = barred = 0
    is_arabic = bool(IS_ARABIC.search(name))
    for n, vowel in enumerate(re.findall(r"[^AIUEO]([AIUEO]?)", body)[:SLOTS]):
        says, bars = (LONG[vowel], 0) if is_arabic else HEARD[vowel]
        heard, barred = heard | says << 3 * n, barred | bars << 3 * n
    return Name(form, "".join(consonants)[: LONGEST - 1] + ends, heard, barred)


def contradict(one: Name, other: Name) -> bool:
    """Whether the vowels of two names with the same consonants cannot be those of one name.

    Source: Arabic letters write long vowels; حسن is Hassan, حسين is Houssine.

    >>> contradict(read("Hassan"), read("حسين")), contradict(read("Houssine"), read("حسين"))
    (True, False)
    """
    return bool(one.heard & other.barred or other.heard & one.barred)


def distance(one: str, other: str, most: int = 2) -> int:
    """Letters added, left out, changed or exchanged that lead from one key to the other; beyond `most`, one more.

    Source: Damerau, 1964, each letter touched once.

    >>> distance("mhmd", "mhd"), distance("mhmd", "mmhd"), distance("mhmd", "z")
    (1, 1, 3)
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before, above = [], list(range(len(other) + 1))
    for n, a in enumerate(one, 1):
        line = [n]
        for m, b in enumerate(other, 1):
            least = min(above[m] + 1, line[-1] + 1, above[m - 1] + (a != b))
            if n > 1 and m > 1 and a == other[m - 2] and b == one[n - 2]:
                least = min(least, before[m - 2] + 1)
            line.append(least)
        before, above = above, line
    return min(above[-1], most + 1)


def split(full: str) -> tuple[str, str]:
    """Given name and family name out of a full name: the first name with its particles, and the rest.

    Missing: the family name is "" when there is one word only.
    Source:  civil status in Morocco writes the given name first; particles bind to what follows.

    >>> split("Abd Errahmane El Idrissi"), split("فاطمة بن علي"), split("Fatima Zahra Alaoui")
    (('Abd Errahmane', 'El Idrissi'), ('فاطمة', 'بن علي'), ('Fatima Zahra', 'Alaoui'))
    """
    parts = full.split()
    cut = 1
    while cut < len(parts) and COMPOUND.match(parts[cut - 1]):
        cut += 1
    if cut < len(parts) - 1 and SECOND.match(parts[cut]):
        cut += 1
    return " ".join(parts[:cut]), " ".join(parts[cut:])
