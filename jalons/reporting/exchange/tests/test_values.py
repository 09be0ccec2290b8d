"""Values typed in Excel: the same questions, the same guards and the same drafts as on the page."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jalons.core.errors import Refused
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules.typed import GROUPS_BY_SEX, PLACES, PLACES_BY_SEX
from jalons.evidence.measurement.storage import cells_of
from jalons.evidence.measurement.tests.test_places import Land
from jalons.planning.results.actions import load_dimensions
from jalons.planning.results.models import Dimension
from jalons.reporting.exchange.values import check_values, import_values, template
from tests.builders import a_programme, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def land(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    load_dimensions()
    return Land()


def filled(content, *cells):
    """The workbook after a person has typed in it: (indicator, code of the place or group, head, value)."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book["Valeurs"]
    heads = {str(cell.value).rstrip(" *"): cell.column for cell in page[1]}
    for indicator, place, head, value in cells:
        row = next(
            row[0].row for row in page.iter_rows(min_row=2)
            if row[heads["Indicateur"] - 1].value == indicator.code
            and place == (row[heads["Code du lieu"] - 1].value or row[heads["Code du groupe"] - 1].value)
        )  # fmt: skip
        page.cell(row, heads[head]).value = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def taken(land, *cells, by=None):
    return filled(template(land.programme, land.period, by or land.officer), *cells)


def brought(land, content, by=None):
    return import_values(content=content, programme=land.programme, by=by or land.officer)


def faults(land, content, by=None):
    plan = check_values(content=content, programme=land.programme, by=by or land.officer)
    return [(fault.cell, fault.text) for fault in plan.faults]


def test_what_is_typed_in_excel_is_a_draft_of_its_author_like_on_the_page(land):
    indicator = land.indicator(counts_people=True)
    content = taken(
        land,
        (indicator, land.tiznit.code, "Valeur", 5),
        (indicator, land.tiznit.code, "Femmes", 3),
        (indicator, land.oujda.code, "Valeur", "2,5"),
        (indicator, None, "D’où vient cette valeur", "Registre"),
    )

    plan = brought(land, content)

    value = IndicatorValue.objects.get()
    cells = cells_of(value)
    assert [change.kind for change in plan.changes] == ["added", "added", "added"]
    assert (value.number, value.state, value.author, value.text) == (7.5, "draft", land.officer, "Registre")
    assert {cell: figure.number for cell, figure in cells[PLACES].items()} == {
        str(land.tiznit.pk): 5, str(land.oujda.pk): 2.5
    }  # fmt: skip
    assert cells[PLACES_BY_SEX][f"female|{land.tiznit.pk}"].number == 3


def test_a_workbook_taken_away_and_brought_back_unchanged_changes_nothing(land):
    typed = land.indicator(counts_people=True)
    land.indicator(measure="5", dimensions=[])
    land.indicator(measure="2", dimensions=[])
    land.type(typed, tiznit=3.123456, oujda=0)

    plan = brought(land, taken(land))

    assert (plan.changes, plan.faults, plan.notes) == ([], [], [])
    assert IndicatorValue.objects.count() == 1


def test_a_cell_left_blank_is_unknown_and_zero_is_zero(land):
    indicator = land.indicator()

    brought(land, taken(land, (indicator, land.tiznit.code, "Valeur", 0),
                        (indicator, None, "D’où vient cette valeur", "Registre")))  # fmt: skip

    cells = cells_of(IndicatorValue.objects.get())[PLACES]
    assert {cell: figure.number for cell, figure in cells.items()} == {str(land.tiznit.pk): 0}


def test_a_workbook_taken_before_others_typed_takes_nothing_of_theirs_away(land):
    indicator = land.indicator()
    early = taken(land, (indicator, land.oujda.code, "Valeur", 2))
    land.type(indicator, by=land.coordinator, tiznit=3)

    brought(land, early)

    assert IndicatorValue.objects.get().number == 5


def test_target_groups_have_their_rows(land):
    indicator = land.indicator(dimensions=["sex", "target_group"], counts_people=True)
    group = Dimension.objects.get(code="target_group").categories[0]["code"]
    content = taken(land, (indicator, group, "Femmes", 2), (indicator, group, "Hommes", 1),
                    (indicator, None, "D’où vient cette valeur", "Registre"))  # fmt: skip

    brought(land, content)

    value = IndicatorValue.objects.get()
    assert value.number == 3
    assert cells_of(value)[GROUPS_BY_SEX][f"female|{group}"].number == 2
    assert brought(land, taken(land)).changes == []


def test_a_trial_keeps_nothing(land):
    indicator = land.indicator(dimensions=[])
    content = taken(land, (indicator, None, "Valeur", 4), (indicator, None, "D’où vient cette valeur", "Registre"))

    plan = check_values(content=content, programme=land.programme, by=land.officer)

    assert (len(plan.changes), plan.faults, IndicatorValue.objects.count()) == (1, [], 0)


def test_what_the_page_refuses_is_said_on_its_cell_and_nothing_is_kept(land):
    whole, place = land.indicator(dimensions=[]), land.indicator()
    content = taken(
        land, (whole, None, "Valeur", 4), (place, land.tiznit.code, "Valeur", -1),
        (place, None, "D’où vient cette valeur", "Registre"),
    )  # fmt: skip

    found = {cell[0]: text for cell, text in faults(land, content)}

    assert sorted(found) == ["H", "O"]
    assert "obligatoire" in found["O"] and "0" in found["H"]
    with pytest.raises(Refused, match="Rien n’a été changé"):
        brought(land, content)
    assert not IndicatorValue.objects.exists()


def test_a_cell_that_nothing_goes_in_is_refused(land):
    indicator = land.indicator(dimensions=[])
    content = taken(land, (indicator, None, "Valeur", 4), (indicator, None, "Femmes", 2),
                    (indicator, None, "D’où vient cette valeur", "Registre"))  # fmt: skip

    assert faults(land, content) == [("L2", "Rien n’est demandé dans cette case. Videz-la.")]


def test_a_coordinator_types_the_places_of_their_region_alone(land):
    indicator = land.indicator()
    land.indicator(dimensions=[])
    own = taken(land, (indicator, land.tiznit.code, "Valeur", 5),
                (indicator, None, "D’où vient cette valeur", "Registre"), by=land.coordinator)  # fmt: skip
    elsewhere = taken(land, (indicator, land.oujda.code, "Valeur", 5))

    page = openpyxl.load_workbook(io.BytesIO(own))["Valeurs"]
    brought(land, own, by=land.coordinator)

    assert [row[3].value for row in page.iter_rows(min_row=2)] == [None, land.tiznit.code, land.agadir.code]
    assert IndicatorValue.objects.get().author == land.coordinator
    [(cell, told)] = faults(land, elsewhere, by=land.coordinator)
    assert cell.startswith("D") and land.oujda.code in told


def test_what_is_verified_stays_and_another_draft_comes_beside_it(land):
    indicator = land.indicator(dimensions=[])
    verified = land.type(indicator, figure=4)
    IndicatorValue.objects.filter(pk=verified.pk).update(state="verified", verified_by=land.other)

    brought(land, taken(land, (indicator, None, "Valeur", 6)))

    assert list(IndicatorValue.objects.order_by("pk").values_list("state", "number")) == [("verified", 4), ("draft", 6)]


def test_a_workbook_of_another_programme_or_another_period_is_refused(land):
    other = a_programme(code="other")
    indicator = land.indicator(dimensions=[])
    content = taken(land, (indicator, None, "Valeur", 4))

    plan = check_values(content=content, programme=other, by=a_user("me_officer", other))

    assert [fault.cell for fault in plan.faults] == ["A2"]


def test_what_was_shown_is_confirmed_and_done(client, land):
    indicator = land.indicator(dimensions=[])
    client.force_login(land.officer)
    content = filled(client.get(reverse("exchange:values-download")).content, (indicator, None, "Valeur", 4),
                     (indicator, None, "D’où vient cette valeur", "Registre"))  # fmt: skip

    upload = {"workbook": SimpleUploadedFile("valeurs.xlsx", content)}
    shown = client.post(reverse("exchange:values"), upload)
    kept = shown.context["kept"]
    done = client.post(reverse("exchange:values-apply"), {"sha256": kept["sha256"]}, follow=True)

    assert all(words in shown.content.decode() for words in ("Confirmer l’import", "Registre", indicator.title))
    assert "Classeur importé." in done.content.decode()
    assert IndicatorValue.objects.get().number == 4


def test_a_file_with_faults_comes_back_annotated(client, land):
    indicator = land.indicator(dimensions=[])
    client.force_login(land.officer)
    content = taken(land, (indicator, None, "Valeur", "beaucoup"))

    shown = client.post(reverse("exchange:values"), {"workbook": SimpleUploadedFile("valeurs.xlsx", content)})
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("exchange:values-faults")).content))

    assert "cellule H2" in shown.content.decode() and "Confirmer l’import" not in shown.content.decode()
    assert "n’est pas un nombre" in book["Valeurs"]["H2"].comment.text


def test_a_reader_types_nothing(client, land):
    client.force_login(a_user("funder", land.programme))

    assert client.get(reverse("exchange:values")).status_code == 404
