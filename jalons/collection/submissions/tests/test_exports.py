"""Each format is opened again by another reader, and its cells are those of the database."""

import csv
import io
import json
import tempfile
import zipfile
from datetime import timedelta

import openpyxl
import pyreadstat
import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from pyarrow import parquet

from jalons.collection.forms.actions import import_form, mark
from jalons.collection.forms.tests.workbooks import a_form
from jalons.collection.submissions.actions import ask_export, make_export, receive_instances, sweep_exports, validate
from jalons.collection.submissions.exports import tables
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.tests.households import CHOICES, HEADER, SECRETS, SURVEY, households
from jalons.core.errors import Refused
from jalons.core.models import Event
from tests.builders import a_programme, a_region, a_user

FORMATS = ("xlsx", "csv", "parquet", "sav", "dta")


@pytest.fixture
def officer(db):
    return a_user("me_officer", a_programme())


@pytest.fixture
def form(officer, tmp_path):
    return households(officer, tmp_path)


def made(form, by, format="csv", **options):
    options = {"labels": False, "identities": "all", **options}
    return make_export(export=ask_export(form=form, format=format, options=options, by=by), by=by)


def opened(export):
    """{table: [{head: value}]} of a file, by a reader that is not ours."""
    if export.format == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(export.path.read_bytes()), data_only=True)
        return {sheet.title: named(sheet.iter_rows(values_only=True)) for sheet in book}
    with zipfile.ZipFile(export.path) as archive:
        return {
            name.rpartition(".")[0]: READERS[export.format](archive.open(name).read())
            for name in archive.namelist()
            if name.endswith(f".{export.format}")
        }


def named(rows):
    heads, *lines = rows
    return [dict(zip(heads, line, strict=True)) for line in lines]


def from_file(content, reader):
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        frame, meta = reader(file.name, apply_value_formats=False)
    assert all(meta.column_labels)
    frame.attrs["labels"] = meta.variable_value_labels
    return [dict(row) | {"__labels": meta.variable_value_labels} for _n, row in frame.iterrows()]


READERS = {
    "csv": lambda content: list(csv.DictReader(io.StringIO(content.decode()))),
    "parquet": lambda content: parquet.read_table(io.BytesIO(content)).to_pylist(),
    "sav": lambda content: from_file(content, pyreadstat.read_sav),
    "dta": lambda content: from_file(content, pyreadstat.read_dta),
}


def test_csv_in_codes_is_what_the_typed_tables_hold(form, officer):
    tables = opened(made(form, officer, start="2026-01-01"))

    first, second = tables["foyer"]
    assert (first["_id"], first["jour"], first["sexe"], first["taille"], first["revenu"]) == (
        "uuid:a", "2026-03-01", "f", "3", "1200.5")  # fmt: skip
    assert (first["besoins"], first["besoins/eau"], second["besoins/eau"]) == ("eau toit", "1", "0")
    assert (second["revenu"], second["_not_asked"]) == ("", "revenu")
    assert first["remarque"] == "'=1+2", "a spreadsheet would have run it"
    assert [(m["_id"], m["_row"], m["prenom"], m["age"]) for m in tables["membre"]] == [
        ("uuid:a", "1", "Ali", "4"), ("uuid:a", "2", "Lina", "")]  # fmt: skip


def test_excel_has_a_sheet_per_repeat_and_says_what_it_is(form, officer):
    sheets = opened(made(form, officer, "xlsx", labels=True))

    assert list(sheets) == ["foyer", "membre", "dictionnaire", "choix", "à propos"]
    first, second = sheets["foyer"]
    assert (first["Sexe"], first["Taille"], first["Revenu"], first["Besoins"]) == (
        "Femme",
        3,
        1200.5,
        "De l'eau, Un toit",
    )
    assert (first["Jour"].isoformat()[:10], first["Remarque"]) == ("2026-03-01", "=1+2")
    assert (second["Sexe"], second["Revenu"], second["Besoins · De l'eau"]) == ("x", None, "non")
    assert [(line["Prénom"], line["Âge"]) for line in sheets["membre"]] == [("Ali", 4), ("Lina", None)]
    told = dict(line.values() for line in sheets["à propos"])
    assert (told["Soumissions"], told["Lignes, membre"], told["Par"]) == ("2", "2", str(officer))
    assert [line["question"] for line in sheets["dictionnaire"]][:3] == ["jour", "nom", "remarque"]


def test_words_are_those_of_the_language_asked_for(form, officer):
    sheets = opened(made(form, officer, "xlsx", labels=True, language="ar"))

    assert [line["الجنس"] for line in sheets["foyer"]] == ["امرأة", "x"]


def test_parquet_keeps_types_and_absences(form, officer):
    tables = opened(made(form, officer, "parquet"))

    first, second = tables["foyer"]
    assert (first["taille"], first["revenu"], first["jour"].isoformat()) == (3, 1200.5, "2026-03-01")
    assert (second["revenu"], second["besoins/eau"], second["remarque"]) == (None, 0, None)
    assert [line["age"] for line in tables["membre"]] == [4, None]


@pytest.mark.parametrize("format", ["sav", "dta"])
def test_spss_and_stata_hold_numbers_with_their_words(form, officer, format):
    tables = opened(made(form, officer, format))

    first, second = tables["foyer"]
    labels = first["__labels"]["sexe"]
    assert ([labels[row["sexe"]] for row in (first, second)], first["taille"]) == (["Femme", "x"], 3)
    assert (first["besoins_eau"], second["besoins_eau"], first["__labels"]["besoins_eau"]) == (
        1,
        0,
        {0: "non", 1: "oui"},
    )
    assert (first["jour"].isoformat()[:10], second["revenu"] == second["revenu"]) == ("2026-03-01", False)
    assert [line["age"] for line in tables["membre"]][0] == 4


def test_geojson_has_a_point_where_one_was_answered(form, officer):
    found = json.loads(made(form, officer, "geojson").path.read_text())

    assert [(f["geometry"], f["properties"]["nom"]) for f in found["features"]] == [
        ({"type": "Point", "coordinates": [-9.6, 30.42, 12.0]}, "Fatima Zahra")
    ]
    assert ["Soumissions", "2"] in found["about"]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("labels", [True, False])
def test_who_has_no_right_never_finds_what_identifies(form, officer, format, labels):
    reader = a_user("national_expert", officer.held[0].programme)

    export = made(form, reader, format, labels=labels, identities="none")

    assert opened(export)["foyer"], "the rest is there"
    content = export.path.read_bytes()
    if format != "xlsx":
        with zipfile.ZipFile(export.path) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist()) + str(opened(export)).encode()
    else:
        content = str(opened(export)).encode()
    assert not [secret for secret in SECRETS if secret.encode() in content]
    assert "nom, remarque" in dict(export.report)["Questions laissées de côté"]


def test_who_has_no_right_is_refused_identities_positions_and_filters_on_them(form, officer):
    reader = a_user("national_expert", officer.held[0].programme)

    with pytest.raises(Refused):
        ask_export(form=form, format="csv", options={"identities": "indirect"}, by=reader)
    with pytest.raises(Refused):
        made(form, reader, "geojson", identities="none")
    for asked in ("nom~contains~Fatima", "nom~answered", "lieu~empty"):
        with pytest.raises(Refused):
            ask_export(form=form, format="csv", options={"filters": [asked]}, by=reader)
    with pytest.raises(PermissionDenied):
        ask_export(form=form, format="csv", options={}, by=a_user("funder", officer.held[0].programme))


def test_positions_are_refused_at_once_when_none_may_be_given(form, officer):
    with pytest.raises(Refused):
        ask_export(form=form, format="geojson", options={"identities": "none"}, by=officer)


def test_what_identifies_directly_can_be_left_out_alone(form, officer):
    rows = opened(made(form, officer, identities="indirect"))["foyer"]

    assert "nom" not in rows[0] and rows[0]["remarque"] == "'=1+2"


def test_only_what_is_asked_for_comes_out(form, officer):
    validate(submission=Submission.objects.get(instance_id="uuid:a"), by=a_user("me_officer", form.programme))

    def found(**options):
        return [row["_id"] for row in opened(made(form, officer, **options))["foyer"]]

    assert found(states=["validated"]) == ["uuid:a"]
    assert found(start="2026-04-01") == ["uuid:b"]
    assert found(filters=["besoins~has~eau", "membre.age~between~1~5"]) == ["uuid:a"]
    assert found(filters=["revenu~not_asked"]) == ["uuid:b"]
    with pytest.raises(Refused, match="Aucune soumission"):
        found(filters=["taille~between~50~"])


def test_a_narrowed_person_exports_only_what_they_see(form, officer):
    coordinator = a_user("regional_coordinator", form.programme, region=(region := a_region()))
    Submission.objects.filter(instance_id="uuid:b").update(region=region)

    assert [row["_id"] for row in opened(made(form, coordinator))["foyer"]] == ["uuid:b"]


def test_all_versions_come_together_and_a_type_that_changed_is_said(form, officer, tmp_path):
    rows = [["text" if row[1] == "taille" else row[0], *row[1:]] for row in SURVEY]
    rows[4][5] = ""
    data = a_form(*rows, ["text", "nouvelle", "Nouvelle", "", "", ""], header=HEADER, choices=CHOICES,
                  settings=[["form_title", "form_id", "version"], ["Foyer", "foyer", "2"]])  # fmt: skip
    import_form(programme=form.programme, data=data, file_name="foyer2.xlsx", by=officer)
    folder = tmp_path / "second"
    folder.mkdir()
    body = "<taille>beaucoup</taille><meta><instanceID>uuid:c</instanceID></meta>"
    (folder / "c.xml").write_text(f'<data id="foyer" version="2">{body}</data>')
    receive_instances(form=form, folder=folder, by=officer)

    export = made(form, officer)

    assert [(row["_form_version"], row["taille"]) for row in opened(export)["foyer"]] == [
        ("1", "3"), ("1", "1"), ("2", "beaucoup")]  # fmt: skip
    assert dict(export.report)["Type changé"] == "taille : integer (1), text (2)"


def test_choices_too_many_for_a_column_each_are_said_to_be_given_together(form, officer, monkeypatch):
    monkeypatch.setattr(tables, "MOST", 30)

    export = made(form, officer)

    assert any("ses choix multiples y sont en codes" in words for _head, words in export.report)
    assert "besoins/eau" not in opened(export)["foyer"][0]


@pytest.mark.parametrize("format", FORMATS)
def test_a_question_named_as_one_of_our_columns_keeps_a_column_of_its_own(officer, tmp_path, format):
    data = a_form(["text", "_id", "Identifiant", "", "", ""], ["date", "_date", "Date", "", "", ""], header=HEADER,
                  settings=[["form_title", "form_id", "version"], ["Visite", "visite", "1"]])  # fmt: skip
    programme = officer.held[0].programme
    form = import_form(programme=programme, data=data, file_name="visite.xlsx", by=officer).form
    body = "<_id>42</_id><meta><instanceID>uuid:d</instanceID></meta>"
    (tmp_path / "d.xml").write_text(f'<data id="visite" version="1">{body}</data>')
    receive_instances(form=form, folder=tmp_path, by=officer)

    (row,) = opened(made(form, officer, format))["visite"]

    ours, asked = ("id", "q_id") if format in ("sav", "dta") else ("_id", "q_id")
    assert (row[ours], row[asked]) == ("uuid:d", "42")


def test_an_export_is_recorded_kept_some_days_then_swept(form, officer):
    export = made(form, officer)

    acts = (
        Event.objects.filter(target_id=export.pk, verb__startswith="export")
        .order_by("pk")
        .values_list("verb", flat=True)
    )
    assert list(acts) == ["export.asked", "export.made"]
    sweep_exports()
    assert export.is_kept
    type(export).objects.filter(pk=export.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    sweep_exports()
    export.refresh_from_db()
    assert (export.is_kept, export.path.exists(), export.standing) == (False, False, "expiré")


def test_the_codebook_needs_no_submission_and_follows_the_form(officer):
    data = a_form(*SURVEY, header=HEADER, choices=CHOICES)
    form = import_form(programme=officer.held[0].programme, data=data, file_name="f.xlsx", by=officer).form
    mark(form=form, marks={"taille": "indirect"}, by=officer)

    sheets = opened(made_codebook(form, officer))

    lines = {line["question"]: line for line in sheets["dictionnaire"]}
    assert list(lines) == [row[1] for row in SURVEY if not row[0].startswith(("begin", "end"))]
    assert (lines["revenu"]["condition"], lines["taille"]["contrainte"]) == ("${taille} > 1", ". > 0")
    assert lines["taille"]["identifie une personne"] == "peut faire reconnaître quelqu’un"
    assert {"question": "sexe", "code": "f", "fr": "Femme", "ar": "امرأة", "en": None} in sheets["choix"]


def made_codebook(form, by):
    export = make_export(export=ask_export(form=form, format="codebook", options={}, by=by), by=by)
    export.format = "xlsx"
    return export


@pytest.fixture
def computed(officer, tmp_path):
    """A form whose calculations give numbers, a whole number, a day, a text; and one that a partner spoilt."""
    survey = (
        ["integer", "age", "Âge", "", ""], ["calculate", "fois", "", "${age} * 2", ""],
        ["calculate", "rang", "", "string(${age})", "int"], ["calculate", "jour", "", "today()", "date"],
        ["calculate", "code", "", "concat('0', ${age})", ""], ["calculate", "demi", "", "${age} div 2", ""],
    )  # fmt: skip
    data = a_form(*survey, header=["type", "name", "label", "calculation", "bind::type"],
                  settings=[["form_title", "form_id", "version"], ["Calculs", "calculs", "1"]])  # fmt: skip
    form = import_form(programme=officer.held[0].programme, data=data, file_name="calculs.xlsx", by=officer).form
    for name, age, demi in (("a", 4, "2"), ("b", 10, "environ 5"), ("c", "", "")):
        double = "" if age == "" else age * 2
        body = (f"<age>{age}</age><fois>{double or 'NaN'}</fois><rang>{age}</rang><jour>2026-02-28</jour>"
                f"<code>0{age}</code><demi>{demi}</demi><meta><instanceID>uuid:{name}</instanceID></meta>")  # fmt: skip
        (tmp_path / f"{name}.xml").write_text(f'<data id="calculs" version="1">{body}</data>')
    receive_instances(form=form, folder=tmp_path, by=officer)
    return form


@pytest.mark.parametrize("format", FORMATS)
def test_a_calculation_is_a_number_or_a_day_where_the_form_says_so_and_all_its_results_are(computed, officer, format):
    export = made(computed, officer, format)

    rows = opened(export)["calculs"]

    numbers = [(row["fois"], row["rang"]) for row in rows]
    if format == "csv":
        assert numbers == [("8", "4"), ("20", "10"), ("", "")]
    else:
        assert numbers[:2] == [(8, 4), (20, 10)] and not isinstance(numbers[0][0], str)
        assert not isinstance(rows[0]["jour"], str)
    assert [row["code"] for row in rows][:2] == ["04", "010"], "a text keeps its zeros"
    assert [row["demi"] for row in rows][:2] == ["2", "environ 5"], "one that is no number keeps all as they are"
    assert any("demi" in words for _head, words in export.report)
