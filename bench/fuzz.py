"""Coverage-guided fuzzing of what reads bytes from outside: each is read, or refused in words, and nothing else.

python -m bench.fuzz TARGET SECONDS; needs `pip install atheris`, which the project does not. A fault stops the run and
leaves its input in a file beside, to become a test.
"""

import io
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["jalons", "multipart", "pyxform"]):
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from jalons.collection.forms.rules import expressions
    from jalons.collection.forms.rules.reading import read_form
    from jalons.collection.forms.tests.workbooks import a_form
    from jalons.collection.submissions import parts
    from jalons.collection.submissions.rules import instances, openrosa, tables
    from jalons.collection.submissions.rules.checks import examine, rulebook
    from jalons.collection.submissions.tests.schemas import a_schema
    from jalons.core.errors import Refused

SCHEMA = a_schema()
BOOK = rulebook(SCHEMA)
INSTANCE = (
    b'<data id="f" version="1"><meta><instanceID>uuid:1</instanceID></meta><jour>2026-01-02</jour><foyer><taille>3'
    b"</taille><besoins>eau toit</besoins></foyer><membre><nom>A</nom><age>4</age><trajet><pays>ma</pays></trajet>"
    b"</membre></data>"
)


def instance(data: bytes) -> None:
    with suppress(Refused):
        root = instances.parse(data)
        instances.header(root, data)
        examine(BOOK, instances.read(root, SCHEMA).answers, flat=False, now=None)


def multipart(data: bytes) -> None:
    with suppress(parts.Unreadable, parts.TooLong, parts.InstanceTooLong):
        parts.read(io.BytesIO(data), "multipart/form-data; boundary=b", len(data), 1_000_000, bytes.__len__)


def table(data: bytes) -> None:
    with suppress(Refused):
        for sheet in tables.sheets(io.BytesIO(data), "export.csv"):
            for _row in sheet.rows():
                pass


def form(data: bytes) -> None:
    read_form(data, "f.xlsx")


def expression(data: bytes) -> None:
    with suppress(expressions.Unreadable):
        expressions.parse(data.decode("utf-8", "replace"))


def credentials(data: bytes) -> None:
    header = data.decode("latin-1")
    openrosa.basic(header)
    if said := openrosa.digest(header):
        openrosa.answers_challenge(said, "", "POST")


TARGETS: dict[Callable[[bytes], None], list[bytes]] = {
    instance: [INSTANCE],
    multipart: [
        b'--b\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="a.xml"\r\n\r\n<data/>\r\n'
        b'--b\r\nContent-Disposition: form-data; name="p.jpg"; filename="p.jpg"\r\n\r\n\xff\xd8\r\n--b--\r\n'
    ],
    table: [b"a;b\n1;2\n", b'a,b\n"1\n",2\n', "الاسم;age\nأ;3\n".encode("cp1256")],
    form: [
        a_form(["text", "nom", "Nom"]),
        b"survey,,,,\n,type,name,label,relevant\n,text,a,A,\n,integer,b,B,${a} = 1\n",
        b"| survey |\n| | type | name | label |\n| | select_one l | a | A |\n| choices |\n| | list_name | name |\n",
    ],
    expression: [b"${a} > 1 and selected(${b}, 'x') or count(${c}) = 0", b"if(. > 2, today(), 'a')"],
    credentials: [b"Basic YTpi", b'Digest username="a", realm="J", nonce="n", uri="/x", response="r", qop=auth, nc=1'],
}


def main(name: str, seconds: str) -> None:
    target = next(function for function in TARGETS if function.__name__ == name)
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(TARGETS[target]):
            Path(folder, str(number)).write_bytes(seed)
        limits = [f"-max_total_time={seconds}", "-max_len=20000", "-timeout=20", "-rss_limit_mb=2500"]
        atheris.Setup([sys.argv[0], *limits, folder], target)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
