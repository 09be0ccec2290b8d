"""Synthetic persons of Morocco, each told several times: spellings, slips, absent answers, and both scripts.

After the first measures of the project, in Latin letters only, with every name in Arabic too. Always the same by seed.
"""

import csv
import zlib
from pathlib import Path

import numpy as np

WOMEN = """Fatima فاطمة,Khadija خديجة,Aicha عائشة,Zineb زينب,Salma سلمى,Nadia نادية,Imane إيمان,
Samira سميرة,Hanane حنان,Naima نعيمة,Latifa لطيفة,Malika مليكة,Rachida رشيدة,Saida سعيدة,
Karima كريمة,Amina أمينة,Meryem مريم,Sara سارة,Hajar هاجر,Houda هدى,Ghizlane غزلان,Ilham إلهام,
Najat نجاة,Bouchra بشرى,Siham سهام,Wafaa وفاء,Asmae أسماء,Oumaima أميمة,Chaimae شيماء,
Soukaina سكينة,Kaoutar كوثر,Loubna لبنى,Hind هند,Jamila جميلة,Zahra زهرة,
Fatima Zahra فاطمة الزهراء,Touria ثورية,Halima حليمة,Rkia رقية,Mina مينة,Fadma فاضمة,Itto إيطو,
Yamna يامنة,Ghita غيثة,Dounia دنيا,Rim ريم,Nour نور,Hafsa حفصة,Ikram إكرام,Sanae سناء,
Nawal نوال,Leila ليلى,Souad سعاد,Rabia ربيعة,Zohra زهرة,Hayat حياة,Mounia مونية,Laila ليلى,
Sofia صوفيا,Yasmine ياسمين"""
MEN = """Mohamed محمد,Ahmed أحمد,Youssef يوسف,Hassan حسن,Omar عمر,Karim كريم,Rachid رشيد,Said سعيد,Mustapha مصطفى,
Abdellah عبد الله,Abderrahim عبد الرحيم,Abderrahmane عبد الرحمان,Abdelaziz عبد العزيز,Abdelhak عبد الحق,
Abdelkader عبد القادر,Brahim إبراهيم,Driss إدريس,Hamid حميد,Hicham هشام,Jamal جمال,
Khalid خالد,Lahcen لحسن,Mehdi مهدي,
Nabil نبيل,Noureddine نور الدين,Othmane عثمان,Redouane رضوان,Samir سمير,Tarik طارق,
Yassine ياسين,Zakaria زكرياء,Ayoub أيوب,
Ilyas إلياس,Anas أنس,Hamza حمزة,Ismail إسماعيل,Soufiane سفيان,Bilal بلال,Adil عادل,
Aziz عزيز,Fouad فؤاد,Ali علي,
Houssine حسين,Larbi العربي,Mbarek مبارك,Moha موحى,Abdelghani عبد الغني,
Abdelilah عبد الإله,Mounir منير,Amine أمين,Badr بدر,
Reda رضا,Walid وليد,Taha طه,Marouane مروان,Badreddine بدر الدين,Chakib شكيب,Jaouad جواد,Kamal كمال,Saad سعد"""
FAMILIES = """Idrissi إدريسي,Alaoui علوي,Bennani بناني,Tazi تازي,Amrani عمراني,Ouazzani وزاني,Chraibi شرايبي,
Berrada برادة,Lahlou لحلو,Fassi فاسي,Naciri ناصري,Saidi سعيدي,Mansouri منصوري,Haddad حداد,
Ziani زياني,Filali فيلالي,Kettani كتاني,Benjelloun بنجلون,Sqalli صقلي,Tahiri طاهري,Hassani حسني,
Mrani مراني,Guessous كسوس,Cherkaoui شرقاوي,Belkhayat بلخياط,Bouazza بوعزة,Rhazi غازي,
Khattabi خطابي,Jilali جيلالي,Moussaoui موساوي,Ouali والي,Hamdaoui حمداوي,Mekki مكي,
Zahraoui زهراوي,Kadiri قادري,Yacoubi يعقوبي,Harrak حراق,Sebti سبتي,Lamrani العمراني,Chaoui شاوي,
Rifi ريفي,Soussi سوسي,Doukkali دكالي,Gharbi غربي,Sahraoui صحراوي,Bakkali بقالي,Azzouzi عزوزي,
Khalfi خلفي,Malki مالكي,Rahmani رحماني,Slaoui سلاوي,Touzani توزاني,Wahbi وهبي,Zerouali زروالي,
Achour عاشور,Bahri بحري,Daoudi داودي,Farouki فاروقي,Ghazi غازي,Hilali هلالي,Jabri جابري,
Kabbaj قباج,Louali لوالي,Maaroufi معروفي,Nejjar نجار,Omari عمري,Qadiri قديري,Rami رامي,
Sefrioui صفريوي,Talbi طالبي,Yousfi يوسفي,Zouhair زهير,Attar عطار,Boukhari بخاري,Chahid شهيد,
Drissi دريسي,Essaidi السعيدي,Fekkak فكاك,Guerraoui كراوي,Habibi حبيبي,Ibrahimi إبراهيمي,
Jaafari جعفري,Khayat خياط,Lakhdar لخضر,Mouhib مهيب,Nouri نوري,Ouardi وردي,Raji راجي,
Senhaji صنهاجي,Tijani تيجاني,Ward ورد,
Yahyaoui يحياوي,Zaki زاكي,Amghar أمغار,Ouhaddou أوحدو,
Oubella أوبلا,Amellal أملال,Agourram أكورام,Bihi بيهي,Hmad حماد,Lhoussaine لحسين,Moha موحى,
Ouakrim أوكريم,Taoufik توفيق,Ifrane إفران"""
BEFORE = {"": "", "El ": "ال", "Ben ": "بن ", "Ait ": "أيت ", "Bou": "بو", "Ould ": "ولد "}
KNOWN = {
    "Mohamed": ["Mohammed", "Mohamad", "Muhammad", "Mohammad", "Med"],
    "Fatima Zahra": ["Fatimazahra", "Fatim-Zahra", "Fatima Ezzahra", "F. Zahra"],
    "Youssef": ["Yousef", "Yusuf", "Yousuf", "Youcef"], "Abderrahmane": ["Abdelrahman", "Abderahman", "Abd Errahmane"],
    "Meryem": ["Mariam", "Maryam", "Mariem"], "Lahcen": ["Lahsen", "El Hassan"],
    "Mustapha": ["Mostafa", "Mustafa", "Moustapha"], "Said": ["Saïd", "Saeed"], "Aicha": ["Aïcha", "Aisha", "Aycha"],
    "Noureddine": ["Nour Eddine", "Nordine"], "Houssine": ["Hussein", "El Houssaine", "Hocine"],
    "Khadija": ["Khadidja", "Hadija", "Khadouj"], "Leila": ["Layla", "Laila"], "Rkia": ["Rqia", "Roqaya"],
    "Brahim": ["Ibrahim"],
}  # fmt: skip
LATIN_HABITS = [
    ("ou", "u"), ("ou", "o"), ("ch", "sh"), ("kh", "h"), ("gh", "g"), ("i", "y"), ("ss", "s"), ("mm", "m"), ("dd", "d"),
    ("ll", "l"), ("rr", "r"), ("ai", "ay"), ("aa", "a"), ("q", "k"), ("c", "k"), ("dj", "j"), ("j", "dj"), ("ah", "a"),
    ("e", "a"), ("ee", "i"), ("z", "s"), ("tt", "t"), ("El ", "Al "), ("El ", "L"), ("El ", "El"), ("Ben ", "Bin "),
    ("Ben ", "Ben"), ("Ait ", "Aït "), ("Ait ", "Ayt "), ("oui", "awi"), ("oui", "aoui"), ("aoui", "awi"),
]  # fmt: skip
ARABIC_HABITS = [
    ("أ", "ا"), ("إ", "ا"), ("ة", "ه"), ("ى", "ي"), ("ؤ", "و"), ("ئ", "ي"), ("اء", "ا"), ("عبد ", "عبد"), ("بن ", "بن"),
    ("بن ", "ابن "), ("أيت ", "ايت "), ("ال", ""), ("ث", "ت"), ("ض", "د"), ("ط", "ت"), ("ك", "گ"),
]  # fmt: skip
TOLD = [1, 2, 3, 4, 5], [0.62, 0.22, 0.1, 0.04, 0.02]  # how many times a person comes, and how often
COLUMNS = ("person", "given", "family", "sex", "birth", "phone", "commune", "identifier")


def persons(size: int, seed: int = 7, arabic: float = 0.35) -> dict[str, list]:
    """`size` records of persons, of whom `arabic` are written in Arabic letters."""
    rng = np.random.default_rng(seed)
    women, men = (_pairs(text) for text in (WOMEN, MEN))
    families = sorted({(b + n, a + m) for n, m in _pairs(FAMILIES) for b, a in [("", ""), *BEFORE.items()]})
    given = {True: [_ways(*name, rng) for name in women], False: [_ways(*name, rng) for name in men]}
    family = [_ways(*name, rng) for name in families]
    times = rng.choice(TOLD[0], size, p=TOLD[1])
    times = times[: int(np.searchsorted(np.cumsum(times), size)) + 1]
    count = len(times)
    sex = rng.random(count) < 0.55
    first = {True: rng.choice(len(women), count, p=_zipf(len(women), 0.8)),
             False: rng.choice(len(men), count, p=_zipf(len(men), 0.8))}  # fmt: skip
    last = rng.choice(len(families), count, p=_zipf(len(families), 0.6)[rng.permutation(len(families))])
    who = np.repeat(np.arange(count), times)[:size]
    names = ((given[bool(sex[p])][first[bool(sex[p])][p]], family[last[p]]) for p in who)
    return _told(who, sex, names, rng, arabic)


def bilingual(path: Path, part: int, size: int, seed: int = 11) -> dict[str, list]:
    """Records of persons whose names are attested in both scripts; part: 0 to tune on, 1 to test, apart by name.

    Each person is told once in each script, by two partners, and its namesakes in one name are many.
    """
    rng = np.random.default_rng(seed + part)
    ways: dict[tuple[str, str], list[str]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if zlib.crc32(row["arabic_key"].encode()) % 2 == part and row["role"] in ("given", "surname"):
                ways.setdefault((row["role"], row["arabic_key"]), []).append(row["latin"])
    roles = {role: [key for key in ways if key[0] == role] for role in ("given", "surname")}
    count = size // 2
    first, last = (rng.choice(len(roles[r]), count, p=_zipf(len(roles[r]), 0.6)) for r in ("given", "surname"))
    who = np.repeat(np.arange(count), 2)
    names = []
    for n, person in enumerate(who):
        pair = roles["given"][first[person]], roles["surname"][last[person]]
        names.append(tuple([k[1]] if n % 2 else list(ways[k]) for k in pair))
    return _told(who, rng.random(count) < 0.55, (((g, []), (f, [])) for g, f in names), rng, 0, plain=0)


def _pairs(text: str) -> list[tuple[str, str]]:
    cut = [entry.strip() for entry in text.replace("\n", "").split(",")]
    place = [next(n for n, c in enumerate(entry) if c > "\u0600") for entry in cut]
    return [(entry[:n].strip(), entry[n:]) for entry, n in zip(cut, place, strict=True)]


def _zipf(count: int, power: float) -> np.ndarray:
    weights = 1 / (np.arange(1, count + 1) + 4) ** power
    return weights / weights.sum()


def _ways(latin: str, arabic: str, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    return _variants(latin, LATIN_HABITS, rng), _variants(arabic, ARABIC_HABITS, rng)


def _variants(name: str, habits: list[tuple[str, str]], rng: np.random.Generator) -> list[str]:
    found = {name, *KNOWN.get(name, [])}
    found |= {name.replace(a, b, 1) for a, b in habits if a in name}
    for _again in range(6):
        said = name
        for k in rng.permutation(len(habits))[:3]:
            a, b = habits[k]
            said = said.replace(a, b, 1)
        found.add(said)
    if len(name) > 4:  # slips as often in one script as in the other, where habits are fewer
        found |= {_typo(name, rng) for _again in range(3 if name < "\u0600" else 1)}
    return [name, *sorted(found - {name, ""})]


def _typo(name: str, rng: np.random.Generator) -> str:
    i, kind = int(rng.integers(1, len(name) - 1)), rng.integers(0, 3)
    if kind == 0:
        return name[:i] + name[i + 1 :]
    return name[:i] + name[i + 1] + name[i] + name[i + 2 :] if kind == 1 else name[:i] + name[i] + name[i:]


def _told(
    who: np.ndarray, sex: np.ndarray, names, rng: np.random.Generator, arabic: float, plain: float = 0.55
) -> dict:
    """Each record as someone wrote it: a habit of spelling, absent answers, wrong ones."""
    count = len(sex)
    day, commune = rng.integers(0, 27_000, count), rng.integers(0, 1_500, count)
    phone, identifier = rng.integers(0, 90_000_000, count), rng.integers(0, 10**7, count)
    chance, other = rng.random((8, len(who))), rng.integers(0, 10**6, (3, len(who)))
    start = np.datetime64("2023-12-31")
    days = [str(d) for d in (start - day.astype("timedelta64[D]")).astype("datetime64[D]")]
    rows = []
    for j, (p, (given, family)) in enumerate(zip(who, names, strict=True)):
        script = int(chance[7, j] < arabic)
        first = _pick(given[script], chance[0, j], other[0, j], plain)
        last = _pick(family[script], chance[1, j], other[1, j], plain)
        rows.append((
            int(p), first, last, "FM"[int(bool(sex[p]) != (chance[6, j] > 0.01))], _birth(days[p], chance[2, j]),
            _phone(f"6{phone[p]:08d}", chance[3, j], int(other[2, j])),
            f"c{commune[p] if chance[4, j] > 0.06 else other[2, j] % 1_500}",
            f"A{identifier[p]}" if chance[5, j] < 0.3 else None,
        ))  # fmt: skip
    order = rng.permutation(len(rows))
    return {name: [rows[n][k] for n in order] for k, name in enumerate(COLUMNS)}


def _pick(ways: list[str], chance: float, other: int, plain: float) -> str:
    return ways[0] if chance < plain else ways[other % len(ways)]


def _birth(day: str, chance: float) -> str | None:
    year, month, date = day.split("-")
    if chance < 0.12:
        return None
    if chance < 0.24:
        return f"{year}-01-01"
    if chance < 0.28:
        return f"{int(year) + (1 if chance < 0.26 else -1)}-{month}-{date}"
    return f"{year}-{date}-{month}" if chance < 0.31 and int(date) <= 12 else day


def _phone(number: str, chance: float, other: int) -> str | None:
    if chance < 0.4:
        return None
    if chance < 0.45:
        return number[:4] + str(other % 10) + number[5:]
    return f"6{other * 83 % 90_000_000:08d}" if chance < 0.52 else number
