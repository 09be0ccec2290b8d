"""The page that a partner opens offline writes the very codes that the server would."""

import csv
import io
from datetime import date

import pytest
import xlsxwriter

from bench import persons
from jalons.collection.people import codes

KEY = "k7f2-9qx1-ab33-zz90"


def a_workbook(rows):
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate(rows):
            sheet.write_row(n, 0, row)
    return kept.getvalue()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_page_codes_a_list_as_the_server_does(page, tmp_path, kind):
    told = persons.persons(400, seed=21)
    rows = [("Prénom", "Nom de famille", "Sexe", "Date de naissance")]
    rows += [
        (g, f, s, b or "") for g, f, s, b in zip(told["given"], told["family"], told["sex"], told["birth"], strict=True)
    ]
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    content = a_workbook(rows) if kind == "xlsx" else text.getvalue().encode()
    (tmp_path / "coder.html").write_text(codes.offline_page(), encoding="utf-8")
    page.goto((tmp_path / "coder.html").as_uri())
    page.set_input_files("#file", {"name": f"liste.{kind}", "mimeType": "text/csv", "buffer": content})
    page.fill("#key", KEY)

    with page.expect_download() as waiting:
        page.click("button")

    theirs = waiting.value.path().read_bytes().decode()
    mine, count, without = codes.coded(io.BytesIO(content), f"liste.{kind}", KEY, date.today())
    assert (count, without) == (400, 0)
    assert theirs == mine
