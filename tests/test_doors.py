"""What is made to harm, at every door of submissions: refused with a sentence, nothing kept, memory bounded."""

import io
import re
import subprocess
import sys
import zipfile
from itertools import chain

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from typer.testing import CliRunner

from jalons.cli.commands import app
from jalons.collection.forms.tests.workbooks import a_workbook
from jalons.collection.submissions.models import Batch, Submission
from jalons.collection.submissions.rules import excel
from jalons.collection.submissions.tests.builders import a_received_form, an_instance, two_regions
from jalons.core.errors import Refused

MEGABYTES = 400  # what reading any of these takes at most here; the process that reads workbooks has its own bound
BOOK = a_workbook(main=[["_uuid", "taille"], ["a1", 1]])
SAYS = '<?xml version="1.0" encoding="%s"?>'
TEN = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE d [<!ENTITY l0 "ha">{TEN}]>'
LONG = f'<!DOCTYPE d [<!ENTITY a "{"h" * 50_000}">]>'
OUTSIDE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
READ = """
import re, sys
from jalons.collection.submissions.rules.tables import sheets
from jalons.core.errors import Refused
try:
    print(sum(1 for sheet in sheets(open(sys.argv[1], "rb"), "export.xlsx") for row in sheet.rows()))
except Refused as refusal:
    print(refusal)
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())  # ru_maxrss would tell the parent's too
print(int(peak[1]) // 1024)
"""


def an_xml(body, declared=""):
    return f'{declared}<data id="foyer" version="1"><nom>{body}</nom></data>'


def a_zip(*contents, **named):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in [*((f"{n}.xml", c) for n, c in enumerate(contents)), *named.items()]:
            archive.writestr(name, content)
    return buffer.getvalue()


def a_workbook_of(rows):
    """A workbook whose only sheet is written row by row."""
    source, buffer = zipfile.ZipFile(io.BytesIO(BOOK)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in source.namelist():
            if name != "xl/worksheets/sheet1.xml":
                target.writestr(name, source.read(name))
                continue
            before, after = re.split(rb"<sheetData>.*</sheetData>", source.read(name), flags=re.S)
            with target.open(name, "w") as sheet:
                for part in chain([before, b"<sheetData>"], rows, [b"</sheetData>", after]):
                    sheet.write(part)
    return buffer.getvalue()


def cells(count):
    return b"<row>" + b"<c><v>1</v></c>" * count + b"</row>"


LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 5000
REFUSED = {
    "empty": ("vide.xlsx", b"", "vide"),
    "cut": ("coupe.xlsx", BOOK[:-200], "abîmé|ZIP"),
    "encrypted": ("secret.xlsx", LOCKED, "mot de passe"),
    "without a row": ("titres.xlsx", a_workbook(main=[["_uuid", "taille"]]), "une seule ligne"),
    "too wide": ("large.xlsx", a_workbook_of([cells(16_384)] * 2), "16384 colonnes"),
    "too wide a text": ("large.csv", b"q;" * 20_000 + b"q\n" + b"1;" * 20_000 + b"1\n", "20001 colonnes"),
    "laughs": ("rires.xml", an_xml("&l9;", LAUGHS).encode(), "DOCTYPE"),
    "quadratic": ("carre.xml", an_xml("&a;" * 50_000, LONG).encode(), "DOCTYPE"),
    "outside": ("dehors.xml", an_xml("&x;", OUTSIDE).encode(), "DOCTYPE"),
    "hidden in utf-7": ("sept.xml", an_xml("x", SAYS % "UTF-7" + "+ADwAIQ-DOCTYPE d+AD4-").encode(), "XML"),
    "declared wrong": ("faux.xml", an_xml("é", SAYS % "UTF-16").encode(), "XML"),
    "not what it says": ("latin.xml", an_xml("é", SAYS % "UTF-8").encode("latin-1"), "ligne 1"),
    "encrypted by the phone": ("chiffre.xml", b'<data id="foyer" encrypted="yes"><media/></data>', "chiffrée"),
    "too long": ("long.xml", an_xml("x" * 10_000_001).encode(), "10 Mo"),
}  # fmt: skip


@pytest.fixture
def foyer(db):
    two_regions()
    return a_received_form()


def by_command(form, officer, path):
    options = ["--form", form.code, "--programme", form.programme.code, "--by", officer.email]
    return CliRunner().invoke(app, ["submissions", "import", str(path), *options])


@pytest.mark.parametrize(("name", "content", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_would_harm_is_refused_at_both_doors_and_leaves_nothing(client, foyer, tmp_path, name, content, reason):
    form, officer = foyer
    client.force_login(officer)
    (tmp_path / name).write_bytes(content)

    typed = by_command(form, officer, tmp_path / name)
    sent = client.post(reverse("submissions:batch-add"), {"form": form.pk, "file": SimpleUploadedFile(name, content)})

    assert isinstance(typed.exception, Refused)
    assert re.search(reason, str(typed.exception))
    assert sent.status_code == 422
    assert re.search(reason, sent.content.decode())
    assert not Batch.objects.exists()
    assert not Submission.objects.exists()


BLANK = (
    b"".join(b'<row r="%d"><c r="A%d" s="1"/><c r="B%d" s="1"/></row>' % (n, n, n) for n in range(start, start + 8_192))
    for start in range(1, 1_048_577, 8_192)
)
ENORMOUS = {
    "blank rows to the end": (BLANK, "une seule ligne"),
    "two gigabytes of nothing": ((b" " * 10**7 for _part in range(200)), "une seule ligne|démesuré|abîmé"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "reason"), ENORMOUS.values(), ids=ENORMOUS)
def test_an_enormous_workbook_does_not_fill_the_memory(tmp_path, rows, reason):
    (tmp_path / "enorme.xlsx").write_bytes(a_workbook_of(rows))

    told = subprocess.run(
        [sys.executable, "-c", READ, tmp_path / "enorme.xlsx"], capture_output=True, text=True, check=True
    )
    sentence, megabytes = told.stdout.rsplit(maxsplit=1)

    assert re.search(reason, sentence)
    assert int(megabytes) < MEGABYTES


def test_one_text_that_many_cells_share_does_not_fill_the_disk(tmp_path):
    shared = a_workbook(main=[["_uuid", "nom"], *([n, "x" * 30_000] for n in range(200))])
    within = "import sys; from jalons.collection.submissions.rules import excel; excel.WRITTEN = 1_000_000; "

    with (tmp_path / "lignes").open("wb") as kept:
        ended = subprocess.run(
            [sys.executable, "-c", within + "sys.exit(excel.main())"], input=shared, stdout=kept, check=False,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    assert ended.returncode == excel.ENDLESS
    assert (tmp_path / "lignes").stat().st_size <= 1_000_000


def test_names_inside_an_archive_are_labels_and_never_paths(foyer, tmp_path):
    form, officer = foyer
    good = an_instance("uuid:1", "<taille>2</taille>").decode()
    path = tmp_path / "lot.zip"
    path.write_bytes(a_zip(**{"../../etc/bon.xml": good, "/etc/passwd": "root", "..\\..\\autre.xml": "<data"}))

    by_command(form, officer, path)

    batch = Batch.objects.get()
    assert (batch.report["received"], batch.report["refused"]) == (1, 2)
    assert [refusal["place"] for refusal in batch.report["refusals"]] == ["passwd", "autre.xml"]
    assert sorted(tmp_path.iterdir()) == [path]
