"""Importing a workbook: what it would change, what it changes, what it refuses."""

import io
from datetime import date
from decimal import Decimal

import pytest
import xlsxwriter
from django.core.exceptions import PermissionDenied

from jalons.core.errors import Refused
from jalons.core.models import Document, Event
from jalons.foundation.programmes.models import Programme
from jalons.planning.results.actions import load_dimensions
from jalons.planning.results.chain import Result
from jalons.planning.results.models import (
    Baseline,
    CatalogueIndicator,
    Dimension,
    Indicator,
    IndicatorVersion,
    Mapping,
    Target,
)
from jalons.reporting.exchange.actions import check_workbook, import_workbook
from jalons.reporting.exchange.snapshot import snapshot
from jalons.reporting.exchange.tests.content import CONTENT, a_workbook, edited
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.writer import write_workbook
from tests import builders
from tests.builders import a_membership, a_period, a_programme, a_territory, a_user, a_value, an_operator

pytestmark = pytest.mark.slow
PROMISES = (Result, Indicator, IndicatorVersion, Baseline, Target, CatalogueIndicator, Mapping, Dimension)


def said(plan):
    return [(fault.sheet, fault.cell, fault.text) for fault in plan.faults]


def exported(programme):
    return write_workbook(snapshot(programme))


@pytest.fixture
def programme(db):
    """The programme of the example and its periods, still without promises."""
    load_dimensions()
    own = {name.removesuffix(".fr"): value for name, value in CONTENT[specs.PROGRAMME][0].items()}
    del own["title.ar"], own["operator_name"]
    programme = a_programme(**own | {
        "title": {"fr": own["title"], "ar": "جهوية"}, "operator": an_operator(code="EF", name="Expertise France"),
    })  # fmt: skip
    for period in CONTENT[specs.PERIODS]:
        a_period(programme, **{name: value for name, value in period.items() if name != "label.fr"},
                 label={"fr": period["label.fr"]})  # fmt: skip
    return programme


@pytest.fixture
def officer(programme):
    officer = a_user("me_officer", programme)
    import_workbook(content=a_workbook(), by=officer)
    return officer


def test_a_workbook_says_all_that_it_would_change_and_changes_nothing(programme):
    plan = check_workbook(content=a_workbook(), by=a_user("me_officer", programme))

    added = {sheet.name: plan.count(sheet.name, "added") for sheet in specs.SHEETS}
    assert plan.faults == []
    assert added == {name: len(rows) for name, rows in CONTENT.items()} | {specs.PROGRAMME: 0, specs.PERIODS: 0}
    assert [model.objects.count() for model in PROMISES[:-1]] == [0] * 7


def test_a_workbook_becomes_the_programme_it_describes(programme, officer):
    indicator = Indicator.objects.get(code="P1.1.1")

    assert str(indicator.result.parent) == "E1 Les régions agissent"
    assert indicator.current.formula == {
        "source": {"form": "presence", "repeat": "participants"}, "measure": "count", "filter": "${heures} >= 6",
        "dimensions": {"sex": {"value": "${sexe}", "categories": {"f": "female", "h": "male"}}},
        "time": "sum", "place": "sum",
    }  # fmt: skip
    assert indicator.targets.get(cell={"sex": "female"}).value == 20
    assert indicator.baselines.get().value is None
    assert indicator.current.valid_from == programme.starts_on
    assert Mapping.objects.get().factor == Decimal("0.5")
    assert Document.objects.filter(target="programmes.Programme").count() == 1
    assert Event.objects.filter(verb="workbook.applied", by=officer).count() == 1


def test_an_unchanged_export_changes_nothing(programme, officer):
    before = snapshot(programme)
    content = exported(programme)

    plan = import_workbook(content=content, by=officer)

    assert (plan.changes, plan.faults, plan.notes) == ([], [], [])
    assert snapshot(programme) == before
    assert IndicatorVersion.objects.count() == 2


@pytest.mark.parametrize(
    "text",
    ["=1+1", "'devis", "a\nb\r\nc", "😀 نعم", "_x000D_", " espaces\u00a0", "-5", "2026-01-01", "1,5", "oui", "a; b"],
)
def test_any_text_makes_the_round_trip(programme, officer, text):
    import_workbook(content=a_workbook(sources=[{"code": "S1", "title.fr": text, "holder": text}]), by=officer)
    before = snapshot(programme)

    plan = import_workbook(content=exported(programme), by=officer)

    assert (plan.changes, plan.faults) == ([], [])
    assert snapshot(programme) == before


def test_the_workbook_is_read_in_a_constant_number_of_queries(programme, officer, django_assert_num_queries):
    with django_assert_num_queries(14):
        snapshot(programme)


def test_a_changed_definition_is_a_new_version_with_its_reason(programme, officer):
    content = edited(
        exported(programme), ("Indicateurs", "Unité (fr)", 2, "semaines"),
        ("Indicateurs", "Motif", 2, "Unité du bailleur"), ("Indicateurs", "En vigueur depuis", 2, date(2026, 7, 1)),
    )  # fmt: skip

    [change] = check_workbook(content=content, by=officer).changes
    import_workbook(content=content, by=officer)

    [difference] = change.differences
    assert (change.label, difference.column.head, difference.before, difference.after) == (
        "E1.1",
        "Unité (fr)",
        "jours",
        "semaines",
    )
    version = Indicator.objects.get(code="E1.1").current
    assert (version.number, version.unit["fr"], version.reason) == (2, "semaines", "Unité du bailleur")
    assert version.valid_from == date(2026, 7, 1)


def test_a_definition_does_not_change_without_a_new_reason(programme, officer):
    first = edited(exported(programme), ("Indicateurs", "Unité (fr)", 2, "semaines"))
    second = edited(first, ("Indicateurs", "Motif", 2, "Unité du bailleur"))
    import_workbook(content=second, by=officer)
    again = edited(exported(programme), ("Indicateurs", "Unité (fr)", 2, "mois"))

    for content in (first, again):
        [fault] = check_workbook(content=edited(content, ("Indicateurs", "Unité (fr)", 2, "ans")), by=officer).faults
        assert (fault.sheet, fault.row) == ("Indicateurs", 2)
        assert "Dites pourquoi" in fault.text


def test_a_formula_that_changes_is_a_definition_that_changes(programme, officer):
    content = edited(exported(programme), ("Formules", "Filtre", 2, "${heures} >= 12"))
    told = edited(content, ("Indicateurs", "Motif", 3, "Seuil relevé"))

    [fault] = check_workbook(content=content, by=officer).faults
    import_workbook(content=told, by=officer)

    assert (fault.sheet, fault.row, "Dites pourquoi" in fault.text) == ("Indicateurs", 3, True)
    version = Indicator.objects.get(code="P1.1.1").current
    assert (version.number, version.formula["filter"], version.reason) == (2, "${heures} >= 12", "Seuil relevé")


def test_a_median_that_would_be_added_up_is_refused_on_the_choice_that_adds(programme, officer):
    median = edited(exported(programme), ("Formules", "Mesure", 2, "médiane"), ("Formules", "Valeur", 2, "${heures}"))

    [fault] = check_workbook(content=edited(median, ("Indicateurs", "Motif", 3, "Médiane")), by=officer).faults

    assert (fault.sheet, fault.row, "recalcul depuis les données" in fault.text) == ("Indicateurs", 3, True)


def test_a_formula_alone_changes_nothing_else_when_columns_are_absent(programme, officer):
    """A person may keep only the columns they need: key, date and reason."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for name, heads, cells in [
            ("Programme", ["Code", "Nom court"], ["prim-2", programme.short_name]),
            ("Indicateurs", ["Code", "Motif", "Intitulé (fr)"], ["P1.1.1", "Seuil relevé", "Agents formés"]),
            ("Formules", ["Indicateur", "Filtre"], ["P1.1.1", "${heures} >= 12"]),
        ]:  # fmt: skip
            page = book.add_worksheet(name)
            page.write_row(0, 0, heads)
            page.write_row(1, 0, cells)

    plan = import_workbook(content=buffer.getvalue(), by=officer)

    version = Indicator.objects.get(code="P1.1.1").current
    assert [(change.sheet, len(change.differences)) for change in plan.changes] == [("Formules", 1)]
    assert (version.number, version.unit["fr"], version.dimensions) == (2, "personnes", ["sex", "situation"])
    assert version.formula["source"] == {"form": "presence", "repeat": "participants"}


def test_a_direction_filled_in_is_confirmed_without_a_version(programme, officer):
    import_workbook(content=edited(exported(programme), ("Indicateurs", "Sens", 2, "Moins, c'est mieux")), by=officer)

    version = Indicator.objects.get(code="E1.1").current
    assert (version.number, version.direction, version.direction_confirmed) == (1, "decrease", True)


def test_cells_left_empty_or_in_another_order_change_nothing(programme, officer):
    import_workbook(content=a_workbook(), by=officer)
    programme.territories.set([a_territory("region", code=code) for code in ("01", "04")])
    emptied = [("Programme", "Opérateur (nom)", 2, None), ("Catalogues", "Vocabulaire IATI", 2, None)]
    emptied += [("Indicateurs", "En vigueur depuis", row, None) for row in (2, 3)]

    plan = check_workbook(
        content=edited(exported(programme), *emptied, ("Programme", "Territoires", 2, "04; 01")), by=officer
    )

    assert [(change.sheet, [d.column.head for d in change.differences]) for change in plan.changes] == [
        ("Catalogues", ["Vocabulaire IATI"])  # was 9: an empty cell means 99
    ]
    assert plan.notes == []


def test_a_fault_of_the_programme_hides_no_other(programme, officer):
    content = edited(a_workbook(), ("Programme", "Fin", 2, "31/02/2028"), ("Cibles", "Valeur", 2, "douze"))

    assert [cell for _sheet, cell, _text in said(check_workbook(content=content, by=officer))] == ["L2", "E2"]
    with pytest.raises(Refused, match="Points à corriger dans le classeur : 2"):
        import_workbook(content=content, by=officer)


def test_a_date_changed_alone_is_said_and_not_saved(programme, officer):
    content = edited(exported(programme), ("Indicateurs", "En vigueur depuis", 2, date(2026, 9, 1)))

    plan = import_workbook(content=content, by=officer)

    assert plan.changes == []
    assert "pas la définition" in plan.notes[0].message


def test_an_absent_row_removes_nothing_and_a_row_that_says_so_is_removed(programme, officer):
    few = a_workbook(cibles=CONTENT[specs.TARGETS][:1], correspondances=[], catalogues=[])
    assert import_workbook(content=few, by=officer).changes == []

    content = edited(exported(programme), ("Cibles", "Supprimer", 2, "oui"), ("Correspondances", "Supprimer", 2, "x"))
    plan = import_workbook(content=content, by=officer)

    assert [(change.sheet, change.kind) for change in plan.changes] == [
        ("Cibles", "removed"),
        ("Correspondances", "removed"),
    ]
    assert (Baseline.objects.count(), Mapping.objects.count()) == (1, 0)


def test_a_whole_branch_is_removed_from_its_leaves(programme, officer):
    content = edited(
        exported(programme), ("Cadre logique", "Supprimer", 5, "oui"), ("Indicateurs", "Supprimer", 3, "oui"),
    )  # fmt: skip

    plan = import_workbook(content=content, by=officer)

    assert [change.label for change in plan.changes] == ["P1.1", "P1.1.1"]
    assert list(Indicator.objects.values_list("code", flat=True)) == ["E1.1"]


def test_what_is_still_used_is_not_removed(programme, officer):
    a_value(Indicator.objects.get(code="E1.1"), programme.periods.get(code="FIN"), officer)
    content = edited(
        exported(programme), ("Périodes", "Supprimer", 2, "oui"), ("Indicateurs", "Supprimer", 2, "oui"),
        ("Sources de vérification", "Supprimer", 2, "oui"), ("Dimensions", "Supprimer", 2, "oui"),
        ("Catalogues", "Supprimer", 3, "oui"), ("Cadre logique", "Supprimer", 2, "oui"),
    )  # fmt: skip

    plan = check_workbook(content=content, by=officer)

    assert {fault.sheet for fault in plan.faults} == {
        "Périodes", "Indicateurs", "Sources de vérification", "Dimensions", "Catalogues", "Cadre logique"
    }  # fmt: skip
    with pytest.raises(Refused, match="Rien n’a été changé"):
        import_workbook(content=content, by=officer)
    assert Indicator.objects.count() == 2


def test_every_fault_is_said_in_its_cell_and_what_follows_from_it_is_not(programme):
    content = edited(
        a_workbook(),
        ("Cadre logique", "Rattaché à", 5, "E9"),
        ("Indicateurs", "Désagrégations", 3, "pointure"),
        ("Formules", "Filtre", 2, "${heures} >="),
        ("Cibles", "Période", 4, "2099"),
        ("Correspondances", "Code", 2, "99.9"),
        ("Catalogues", "Bailleur", 2, "XYZ"),
    )

    plan = check_workbook(content=content, by=a_user("me_officer", programme))

    assert {(fault.sheet, fault.cell) for fault in plan.faults} == {
        ("Cadre logique", "C5"), ("Indicateurs", "O3"), ("Cibles", "C4"), ("Catalogues", "K2"), ("Formules", "I2"),
    }  # fmt: skip
    assert Indicator.objects.count() == 0


def test_a_faulty_formula_is_said_in_its_column(programme):
    officer = a_user("me_officer", programme)
    for head, value, cell in [
        ("Filtre", "${heures} >=", "I2"), ("Numérateur", "${a}", "F2"), ("Désagrégations", "age: ${age}", "K2"),
    ]:  # fmt: skip
        [fault] = check_workbook(content=edited(a_workbook(), ("Formules", head, 2, value)), by=officer).faults

        assert (fault.sheet, fault.cell) == (("Indicateurs", "O2") if head == "Désagrégations" else ("Formules", cell))


def test_a_formula_is_checked_on_the_forms_that_are_there_and_waits_for_those_to_come(programme, officer):
    content = edited(exported(programme), ("Formules", "Filtre", 2, "${age} > 1"), ("Indicateurs", "Motif", 3, "Âge"))

    [note] = check_workbook(content=content, by=officer).notes
    builders.a_form(programme, [("heures", "integer")], code="presence")
    [fault] = check_workbook(content=content, by=officer).faults

    assert (note.sheet, note.values["form"]) == ("Formules", "presence")
    assert (fault.sheet, fault.cell) == ("Formules", "C2") and "participants" in fault.text


def test_a_split_without_categories_takes_those_of_its_dimension(programme, officer):
    content = edited(
        exported(programme), ("Formules", "Désagrégations", 2, "sex: ${sexe}"), ("Indicateurs", "Motif", 3, "Réponses"),
    )  # fmt: skip

    import_workbook(content=content, by=officer)

    splits = Indicator.objects.get(code="P1.1.1").current.formula["dimensions"]
    assert splits == {"sex": {"value": "${sexe}", "categories": {"female": "female", "male": "male"}}}


def test_categories_are_added_and_changed_one_by_one(programme, officer):
    rows = [{"dimension": "situation", "category": "in", "label.fr": "Emploi"},
            {"dimension": "situation", "category": "study", "label.fr": "Études"}]  # fmt: skip

    import_workbook(content=a_workbook(dimensions=rows), by=officer)

    labels = [category["label"]["fr"] for category in Dimension.objects.get(code="situation").categories]
    assert labels == ["Emploi", "Sans emploi", "Études"]


def test_only_what_was_shown_is_done(programme, officer):
    content = edited(exported(programme), ("Cibles", "Valeur", 4, 99))
    shown = check_workbook(content=content, by=officer)
    Target.objects.update(value=1)

    with pytest.raises(Refused, match="a changé depuis"):
        import_workbook(content=content, by=officer, mark=shown.mark)


def test_a_new_programme_waits_for_those_who_will_fill_it(db):
    load_dimensions()

    plan = import_workbook(content=a_workbook(), by=a_user("administrator"))

    programme = Programme.objects.get(code="prim-2")
    assert (programme.operator.name, programme.periods.count(), programme.results.count()) == ("Expertise France", 2, 0)
    assert plan.notes[0].values == {"count": 19}


def test_nobody_imports_into_a_programme_that_is_not_theirs(programme):
    stranger, reader = a_user("me_officer", a_programme()), a_user("head_office", programme)

    for user in (stranger, reader, a_user("administrator")):
        with pytest.raises(Refused, match="prim-2"):
            check_workbook(content=a_workbook(), by=user)


def test_rights_on_results_are_checked_too(programme):
    narrow = a_user("me_officer", a_programme())
    a_membership(narrow, "administrator")

    with pytest.raises(Refused):
        import_workbook(content=a_workbook(), by=narrow)
    with pytest.raises((Refused, PermissionDenied)):
        import_workbook(content=a_workbook(), by=a_user("support_unit", programme))


@pytest.mark.parametrize("rows", [[], CONTENT[specs.PROGRAMME] + [{**CONTENT[specs.PROGRAMME][0], "code": "prim-3"}]])
def test_a_workbook_is_about_one_programme(programme, officer, rows):
    with pytest.raises(Refused, match="une seule"):
        check_workbook(content=a_workbook(programme=rows), by=officer)


def test_the_iati_sheet_of_a_programme_goes_there_and_back(programme, officer):
    a_territory("country", code="MA")
    told = {"sectors": "15190=60; 15150=40", "recipients": "MA=100", "aid": "C01", "status": "2"}
    content = a_workbook(programme=[CONTENT[specs.PROGRAMME][0] | told])
    import_workbook(content=content, by=officer)

    programme.refresh_from_db()
    assert (programme.sectors, programme.aid, programme.status) == ({"15190": 60, "15150": 40}, "C01", "2")
    assert check_workbook(content=exported(programme), by=officer).changes == []


@pytest.mark.parametrize(("text", "why"), [("15190=60", "60 %"), ("99999", "99999"), ("15190 60", "15190 60")])
def test_shares_that_make_no_sense_are_refused_on_their_cell(programme, officer, text, why):
    content = edited(exported(programme), (specs.PROGRAMME, "Secteurs (CAD)", 2, text))

    (fault,) = check_workbook(content=content, by=officer).faults
    assert fault.cell and why in fault.text
