"""How long a large import takes, against only reading the same XML and copying the same rows."""

import io
import os
import random
import statistics
import time
import zipfile
from collections.abc import Callable, Iterator
from itertools import islice

from django.db import connection, transaction
from lxml import etree

from jalons.collection.forms.actions import import_form
from jalons.collection.forms.tests.workbooks import a_workbook
from jalons.collection.submissions.actions import open_batch, receive
from jalons.collection.submissions.projection import ensure, table_name
from jalons.foundation.territories.models import Territory
from tests.builders import a_programme, a_user

ROUNDS = 5
HANDFUL = 1_000
CHOICES = {"sex": ["f", "m"], "yn": ["yes", "no", "dnk"], "needs": ["food", "water", "shelter", "work", "papers"]}
SURVEY = [
    ["type", "name", "label", "relevant", "constraint", "required", "calculation"],
    ["start", "start", "", "", "", "", ""],
    ["end", "end", "", "", "", "", ""],
    ["date", "day", "Jour", "", ". <= today()", "yes", ""],
    ["text", "place", "Commune", "", "", "yes", ""],
    ["text", "collector", "Collecte", "", "", "yes", ""],
    ["select_one yn", "consent", "Accord", "", "", "yes", ""],
    ["begin_group", "home", "Foyer", "${consent} = 'yes'", "", "", ""],
    ["select_one sex", "head_sex", "Sexe", "", "", "yes", ""],
    ["integer", "head_age", "Âge", "", ". >= 0 and . < 120", "yes", ""],
    ["integer", "size", "Taille", "", ". > 0", "yes", ""],
    ["select_multiple needs", "needs", "Besoins", "", "count-selected(.) <= 3", "", ""],
    ["text", "needs_why", "Pourquoi", "selected(${needs}, 'papers')", "", "", ""],
    ["decimal", "income", "Revenu", "", ". >= 0", "", ""],
    ["calculate", "income_each", "", "", "", "", "${income} div ${size}"],
    ["geopoint", "where", "Lieu", "", "", "", ""],
]
for number in range(12):
    SURVEY += [
        ["select_one yn", f"has_{number}", f"Question {number}", "", "", "yes", ""],
        ["integer", f"count_{number}", f"Combien {number}", f"${{has_{number}}} = 'yes'", ". >= 0", "", ""],
        ["text", f"note_{number}", f"Détail {number}", f"${{has_{number}}} = 'no'", "", "", ""],
    ]
SURVEY += [["end_group", "home", *[""] * 5], ["begin_repeat", "person", "Personne", "${consent} = 'yes'", "", "", ""]]
SURVEY += [
    ["select_one sex", "sex", "Sexe", "", "", "yes", ""],
    ["integer", "age", "Âge", "", ". >= 0 and . < 120", "yes", ""],
    ["select_one yn", "works", "Travaille", "${age} >= 15", "", "", ""],
    ["decimal", "pay", "Salaire", "${works} = 'yes'", "", "", ""],
    ["select_multiple needs", "wants", "Souhaits", "", "", "", ""],
    ["date", "born", "Naissance", "", "", "", ""],
    ["text", "job", "Métier", "${works} = 'yes'", "", "", ""],
    ["select_one yn", "school", "École", "${age} < 18", "", "", ""],
    ["integer", "grade", "Classe", "${school} = 'yes'", "", "", ""],
    ["text", "remark", "Remarque", "", "", "", ""],
    ["end_repeat", "person", *[""] * 5],
]
WORDS = ["Agadir", "marché", "coopérative", "retour", "formation", "الرباط", "artisanat", "أكادير"]


def a_survey() -> bytes:
    """The workbook of a form of sixty questions, ten of them in a repeat."""
    lists = [[name, code, code] for name, codes in CHOICES.items() for code in codes]
    settings = [["form_title", "form_id", "version"], ["Enquête", "enquete", "1"]]
    return a_workbook(survey=SURVEY, choices=[["list_name", "name", "label"], *lists], settings=settings)


def instances(count: int) -> Iterator[bytes]:
    """Filled forms: some do not consent, about four persons in the others."""
    dice = random.Random(7)
    places = list(Territory.objects.filter(level="commune").values_list("code", flat=True)[:400])
    for number in range(count):
        yield _instance(dice, number, dice.choice(places)).encode()


def _instance(dice: random.Random, number: int, place: str) -> str:
    day = f"2026-{dice.randint(1, 9):02}-{dice.randint(1, 28):02}"
    consent = "yes" if dice.random() < 0.95 else "no"
    parts = [
        '<data xmlns:orx="http://openrosa.org/xforms" id="enquete" version="1">'
        f"<start>{day}T09:01:50.324+01:00</start><end>{day}T09:32:06.471+01:00</end><day>{day}</day>"
        f"<place>{place}</place><collector>Agent {dice.randint(1, 40)}</collector><consent>{consent}</consent>"
    ]
    if consent == "yes":
        parts.append(_home(dice))
        parts += [_person(dice) for _ in range(dice.randint(0, 8))]
    parts.append(
        f"<orx:meta><orx:instanceID>uuid:{number:08x}-0000-4000-8000-{number:012x}</orx:instanceID></orx:meta>"
    )
    return "".join(parts) + "</data>"


def _home(dice: random.Random) -> str:
    needs = dice.sample(CHOICES["needs"], dice.randint(0, 3))
    parts = [
        f"<home><head_sex>{dice.choice('fm')}</head_sex><head_age>{dice.randint(18, 90)}</head_age>"
        f"<size>{dice.randint(1, 9)}</size><needs>{' '.join(needs)}</needs>"
        f"<needs_why>{dice.choice(WORDS) if 'papers' in needs else ''}</needs_why>"
        f"<income>{dice.randint(0, 9000)}.5</income><income_each>{dice.randint(100, 900)}</income_each>"
        f"<where>30.4{dice.randint(10, 99)} -9.5{dice.randint(10, 99)} 40 5</where>"
    ]
    for number in range(12):
        has = dice.choice(CHOICES["yn"])
        parts.append(f"<has_{number}>{has}</has_{number}>")
        parts.append(f"<count_{number}>{dice.randint(0, 50)}</count_{number}>" if has == "yes" else "")
        parts.append(f"<note_{number}>{dice.choice(WORDS)}</note_{number}>" if has == "no" else "")
    return "".join(parts) + "</home>"


def _person(dice: random.Random) -> str:
    age = dice.randint(0, 90)
    works = dice.choice(CHOICES["yn"]) if age >= 15 else ""
    paid = f"<pay>{dice.randint(1000, 9000)}</pay><job>{dice.choice(WORDS)}</job>" if works == "yes" else ""
    school = f"<school>yes</school><grade>{dice.randint(1, 12)}</grade>" if age < 18 else ""
    return (
        f"<person><sex>{dice.choice('fm')}</sex><age>{age}</age>{f'<works>{works}</works>' if works else ''}{paid}"
        f"<wants>{dice.choice(CHOICES['needs'])} work</wants><born>{2026 - age}-05-04</born>{school}"
        f"<remark>{dice.choice(WORDS)} {dice.choice(WORDS)}</remark></person>"
    )


def run(size: int = int(os.environ.get("SIZE", "100000"))) -> list[dict]:
    """Import `size` XML submissions, to stored and projected, against reading them with lxml and copying the rows."""
    officer = a_user("me_officer", programme := a_programme())
    form = import_form(programme=programme, data=a_survey(), file_name="enquete.xlsx", by=officer).form
    form.territory_question, form.date_question, form.collector_question = "place", "day", "collector"
    form.save()
    contents = list(instances(size))
    archive = archive_of(contents)
    tables = _tables(form)
    bring_in(form, archive, officer)
    rows = {table: _rows(table) for table in tables}
    ours, theirs = [], []
    for _round in range(ROUNDS):
        _empty(tables)
        ours.append(_timed(lambda: bring_in(form, archive, officer)))
        theirs.append(_timed(lambda: _plain_import(archive, rows)))
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    return [
        {"name": f"import de {size} soumissions XML, s", "ours": ours, "against": "lxml + COPY des mêmes lignes",
         "theirs": theirs, "ratio": ours / theirs, "target": 4, "better": "lower"}
    ]  # fmt: skip


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def archive_of(contents: list[bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number:07}.xml", content)
    return kept.getvalue()


def bring_in(form, archive, officer) -> None:
    batch = open_batch(form=form, file=io.BytesIO(archive), name="enquete.zip", by=officer)
    receive(batch=batch, by=officer)


def _tables(form) -> list[str]:
    ensure(form)
    typed = [f"projection.{table_name(form.pk, repeat)}" for repeat in ("", "person")]
    tables = ["submissions_submission", "submissions_submissionversion", "submissions_flag", *typed]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"create table {_copy_of(table)} (like {table})")
    return tables


def _copy_of(table: str) -> str:
    return f"bench_{table.replace('.', '_')}"


def _empty(tables: list[str]) -> None:
    with connection.cursor() as cursor:
        names = [*tables, *map(_copy_of, tables), "submissions_batch"]
        cursor.execute(f"truncate {', '.join(names)} cascade")


def _rows(table: str) -> list[tuple]:
    with connection.cursor() as cursor, cursor.copy(f"copy {table} to stdout") as stream:
        return list(stream.rows())


def _plain_import(archive: bytes, rows: dict[str, list[tuple]]) -> None:
    """Read every instance with lxml and gather its values; copy the rows, as many at a time as ours."""
    with transaction.atomic(), zipfile.ZipFile(io.BytesIO(archive)) as opened, connection.cursor() as cursor:
        for name in opened.namelist():
            _values = [element.text for element in etree.fromstring(opened.read(name)).iter()]
        for table, lines in rows.items():
            left = iter(lines)
            while handful := list(islice(left, HANDFUL)):
                with cursor.copy(f"copy {_copy_of(table)} from stdin") as stream:
                    for line in handful:
                        stream.write_row(line)
