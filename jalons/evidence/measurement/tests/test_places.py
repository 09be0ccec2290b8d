"""Values typed place by place, and the figures of wider places: who may type which, and what they make."""

from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from jalons.collection.forms.actions import declare, import_form
from jalons.collection.forms.tests.workbooks import a_form as a_workbook_form
from jalons.collection.submissions.actions import receive_batch, validate_all
from jalons.collection.submissions.models import Submission
from jalons.core.errors import Refused
from jalons.evidence.measurement import actions, places
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.contribution import REGION
from jalons.evidence.measurement.rules.typed import GROUPS_BY_SEX, PLACES, PLACES_BY_SEX, Said, own_words, whole
from jalons.evidence.measurement.storage import cells_of
from jalons.evidence.measurement.tracing import trace
from jalons.planning.results.actions import load_dimensions
from jalons.planning.results.models import Baseline, Target
from tests.builders import a_period, a_programme, a_territory, a_user, an_indicator, published

pytestmark = pytest.mark.django_db


class Land:
    """A programme in two regions, of two provinces and one, with a period and people of each reach."""

    def __init__(self):
        self.south, self.east = (a_territory("region", name={"fr": name}) for name in ("Sud", "Est"))
        self.tiznit, self.agadir = (a_territory("province", self.south, name={"fr": n}) for n in ("Tiznit", "Agadir"))
        self.oujda = a_territory("province", self.east, name={"fr": "Oujda"})
        self.elsewhere = a_territory("province", a_territory("region"))
        self.programme = a_programme()
        self.programme.territories.add(self.south, self.east)
        self.period = a_period(self.programme)
        self.officer, self.other, self.manager = (
            a_user(role, self.programme) for role in ("me_officer", "me_officer", "project_manager")
        )
        self.coordinator = a_user("regional_coordinator", self.programme, region=self.south)

    def indicator(self, **sheet):
        return an_indicator(self.programme, **{"dimensions": ["territory"], **sheet})

    def type(self, indicator, *, by=None, figure=None, text="Registre", source="", **told):
        """Type the figures of places, told by the names of the attributes: tiznit=3."""
        cells = {str(getattr(self, name).pk): n if isinstance(n, Figure) else Figure(n) for name, n in told.items()}
        said = Said(Figure(figure), text, {PLACES: cells} if cells else {}, source)
        return actions.type_value(indicator=indicator, period=self.period, said=said, by=by or self.officer)


@pytest.fixture
def land(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    load_dimensions()
    return Land()


@pytest.mark.parametrize(("how", "total"), [("sum", 15), ("average", 5), ("maximum", 8), ("minimum", 3), ("latest", 8)])
def test_places_make_the_total_in_the_way_that_the_definition_says(land, how, total):
    value = land.type(land.indicator(place_aggregation=how), tiznit=3, agadir=4, oujda=8)

    assert value.number == total
    assert {cell: f.number for cell, f in cells_of(value)[PLACES].items()} == {
        str(land.tiznit.pk): 3, str(land.agadir.pk): 4, str(land.oujda.pk): 8,
    }  # fmt: skip


def test_an_average_weighs_each_place_by_its_answers_when_they_are_known(land):
    indicator = land.indicator(place_aggregation="average")

    value = land.type(indicator, tiznit=Figure(4, answered=10), oujda=Figure(5, answered=30))

    assert (value.number, value.answered) == (4.75, 40)


def test_shares_of_places_are_put_together_by_their_terms_never_averaged(land):
    indicator = land.indicator(measure="2", place_aggregation="average")

    value = land.type(indicator, tiznit=Figure(50, 1, 2), oujda=Figure(100, 3, 3))

    assert (value.numerator, value.denominator, value.number) == (4, 5, 80)


def test_missing_places_are_told_and_never_count_as_zero(land):
    value = land.type(land.indicator(place_aggregation="minimum"), tiznit=3, oujda=8)

    found = places.coverage(value)
    assert (value.number, found.known, found.expected, found.missing) == (3, 2, 3, [land.agadir])


def test_what_only_the_answers_could_tell_is_typed_apart_from_its_places(land):
    indicator = land.indicator(place_aggregation="recompute")

    with pytest.raises(Refused, match="Indiquez la valeur"):
        land.type(indicator, tiznit=3, agadir=4)

    assert land.type(indicator, tiznit=3, agadir=4, figure=6).number == 6


def test_a_total_that_contradicts_its_places_is_refused(land):
    with pytest.raises(Refused, match="Les lieux font 7"):
        land.type(land.indicator(), tiznit=3, agadir=4, figure=9)


def test_several_people_fill_one_value_each_their_places(land):
    indicator = land.indicator()
    land.type(indicator, by=land.coordinator, tiznit=3, agadir=4)

    value = land.type(indicator, oujda=8)
    assert value.number == 15
    assert land.type(indicator, agadir=None).number == 11  # taken out: unknown again


def test_a_place_corrected_after_the_signature_keeps_the_others_in_the_new_draft(land):
    indicator = land.indicator()
    signed = actions.verify(indicatorvalue=land.type(indicator, tiznit=3, oujda=8), by=land.other)

    draft = land.type(indicator, oujda=9)

    assert (draft.pk != signed.pk, draft.number) == (True, 12)


def test_who_typed_a_part_does_not_verify_the_whole(land):
    indicator = land.indicator()
    land.type(indicator, tiznit=3)
    value = land.type(indicator, oujda=8, by=land.other)

    with pytest.raises(Refused, match="Une autre personne que l’auteur"):
        actions.verify(indicatorvalue=value, by=land.officer)
    with pytest.raises(Refused, match="Rien à vérifier pour vous"):
        actions.verify_all(programme=land.programme, values=IndicatorValue.objects.filter(pk=value.pk), by=land.officer)
    value.refresh_from_db()
    assert value.state == "draft"


def test_a_regional_coordinator_types_the_places_of_their_region_only(land):
    indicator = land.indicator()

    for told, says in (({"oujda": 3}, "Ce lieu"), ({"elsewhere": 3}, "Ce lieu"), ({"figure": 3}, "se limite à Sud")):
        with pytest.raises(Refused, match=says):
            land.type(indicator, by=land.coordinator, **told)
    with pytest.raises(Refused, match="ne se saisit pas par lieu"):
        land.type(land.indicator(dimensions=[]), by=land.coordinator, figure=3)

    assert land.type(indicator, by=land.coordinator, tiznit=3).number == 3


def test_each_region_says_where_its_figures_come_from(land):
    indicator = land.indicator()
    land.type(indicator, text="Est : registre d’Oujda", oujda=8)

    land.type(indicator, by=land.coordinator, text="Fiches\nde Tiznit", tiznit=3)
    value = land.type(indicator, by=land.coordinator, text="Fiches de mars", tiznit=4)

    assert own_words(value.text, "Sud") == "Fiches de mars"
    assert value.text == "Est : registre d’Oujda\nSud : Fiches de mars"


def test_women_and_men_by_place_make_those_of_the_whole_and_leave_the_rest_unknown(land):
    indicator = land.indicator(counts_people=True, dimensions=["sex", "territory"])
    tiznit, oujda = str(land.tiznit.pk), str(land.oujda.pk)
    by_sex = {f"female|{tiznit}": Figure(2), f"male|{tiznit}": Figure(1), f"female|{oujda}": Figure(5)}
    said = Said(Figure(None), "Listes", {PLACES: {oujda: Figure(8)}, PLACES_BY_SEX: by_sex})

    value = actions.type_value(indicator=indicator, period=land.period, said=said, by=land.officer)

    assert value.number == 11
    assert {cell: f.number for cell, f in cells_of(value)[("sex",)].items()} == {"female": 7, "male": 1, "?": 3}


def test_target_groups_by_sex_give_each_alone_and_what_is_not_said():
    groups = {"female|rpt": Figure(3), "male|rpt": Figure(4), "female|mre": Figure(2)}

    figure, cuts = whole(Figure(12), {GROUPS_BY_SEX: groups}, "sum")

    numbers = {dims: {cell: f.number for cell, f in cells.items()} for dims, cells in cuts.items()}
    assert figure.number == 12
    assert numbers[("target_group",)] == {"rpt": 7, "mre": 2, "?": 3}
    assert numbers[("sex",)] == {"female": 5, "male": 4, "?": 3}


def test_parts_that_exceed_their_whole_are_refused():
    with pytest.raises(Refused, match="Les parts font 9"):
        whole(Figure(5), {GROUPS_BY_SEX: {"female|rpt": Figure(9)}}, "sum")


def test_the_places_of_a_latest_value_are_those_of_the_period_that_gave_its_total(land):
    since = a_period(land.programme, date(2026, 1, 1), date(2026, 12, 31), kind="cumulative", accumulates="half_year")
    indicator = land.indicator(time_aggregation="latest")
    land.type(indicator, tiznit=2, agadir=1)
    land.period = a_period(land.programme, date(2026, 7, 1), date(2026, 12, 31), kind="half_year")
    land.type(indicator, tiznit=3, oujda=1)

    value = indicator.values.get(period=since)

    places_of_it = {cell: f.number for cell, f in cells_of(value)[PLACES].items()}
    assert (value.number, places_of_it) == (4, {str(land.tiznit.pk): 3, str(land.oujda.pk): 1})
    told = trace(value, land.officer, {"territory": str(land.tiznit.pk)})
    assert (told.number, told.equal) == (3, True)


@pytest.mark.parametrize(("how", "south"), [("sum", 7), ("maximum", 4), ("average", 3.5)])
def test_provinces_make_the_figures_of_their_regions(land, how, south):
    value = land.type(land.indicator(place_aggregation=how), tiznit=3, agadir=4, oujda=8)

    assert {row.place: row.figure.number for row in places.rolled_up(value)} == {land.south: south, land.east: 8}


def test_communes_make_the_figures_of_their_provinces_and_regions(land):
    land.first, land.second = (a_territory("commune", land.tiznit) for _ in range(2))
    value = land.type(land.indicator(place_level="commune"), first=3, second=4)

    assert [(row.place, row.figure.number) for row in places.rolled_up(value, "province")] == [(land.tiznit, 7)]
    assert [(row.place, row.figure.number) for row in places.rolled_up(value)] == [(land.south, 7)]


SURVEY = (
    ["type", "name", "label"], ["date", "jour", "Date"], ["text", "lieu", "Lieu"], ["text", "personne", "Personne"],
    ["decimal", "heures", "Heures"],
)  # fmt: skip
MEASURES = {
    "count": {}, "sum": {"value": "${heures}"}, "average": {"value": "${heures}"}, "minimum": {"value": "${heures}"},
    "maximum": {"value": "${heures}"}, "share": {"numerator": "${heures} > 2", "denominator": "true()"},
    "distinct": {"value": "${personne}"}, "median": {"value": "${heures}"}, "latest": {"value": "${heures}"},
}  # fmt: skip


@pytest.fixture
def answered(land):
    """People met in the three provinces, one of them in two."""
    data = a_workbook_form(*SURVEY[1:], header=SURVEY[0], settings=[["form_title", "form_id"], ["Suivi", "suivi"]])
    form = import_form(programme=land.programme, data=data, file_name="suivi.xlsx", by=land.officer).form
    declare(form=form, roles={"date": "jour", "territory": "lieu"}, by=land.officer)
    met = [(land.tiznit, "a", 1), (land.tiznit, "b", 2), (land.agadir, "a", 4), (land.oujda, "c", 8)]
    lines = [f"2026-02-0{n},{place.code},{who},{hours},uuid:{n}" for n, (place, who, hours) in enumerate(met, 1)]
    text = "\n".join(["jour,lieu,personne,heures,instanceID", *lines])
    receive_batch(form=form, file=text.encode(), name="export.csv", by=land.officer)
    validate_all(form=form, submissions=Submission.objects.filter(form=form), by=land.other)
    return land


@pytest.mark.slow
@pytest.mark.parametrize("measure", MEASURES)
def test_regions_made_of_provinces_equal_those_that_the_answers_give(answered, measure):
    def formula(level):
        record = {"source": {"form": "suivi"}, "measure": measure, **MEASURES[measure], "place": "recompute"}
        return record | {"dimensions": {"territory": {"level": level}}}

    made, direct = (
        answered.indicator(formula=formula(level), place_aggregation="recompute") for level in ("province", "region")
    )
    actions.measure(programme=answered.programme, by=answered.officer)

    value, reference = (IndicatorValue.objects.get(indicator=i, period=answered.period) for i in (made, direct))
    found = {str(row.place.pk): row.figure for row in places.rolled_up(value)}
    for cell, expected in cells_of(reference)[PLACES].items():
        assert found[cell].number == pytest.approx(expected.number) and found[cell].answered == expected.answered


def test_a_source_of_verification_is_said_when_the_definition_names_several(land):
    indicator = land.indicator(sources=["S1", "S2"])

    with pytest.raises(Refused, match="quelle source"):
        land.type(indicator, tiznit=1)
    with pytest.raises(Refused, match="n’est pas une source"):
        land.type(indicator, tiznit=1, source="S9")

    assert land.type(indicator, tiznit=1, source="S2").source == "S2"


def test_the_page_asks_for_the_places_of_the_person_and_keeps_what_they_type(land, client):
    indicator = land.indicator()
    land.type(indicator, oujda=8)
    client.force_login(land.coordinator)
    url = reverse("measurement:indicator-type", args=[indicator.pk])

    page = client.get(url).content.decode()
    assert (
        "False" not in page
        and "Tiznit" in page
        and f"place_{land.oujda.pk}" not in page
        and 'name="number"' not in page
    )
    answers = {"period": land.period.pk, f"place_{land.tiznit.pk}_number": "3", "text": "Fiches"}
    assert client.post(url, answers).status_code == 302

    value = IndicatorValue.objects.get(indicator=indicator, period=land.period)
    assert (value.number, value.author) == (11, land.coordinator)


def test_the_page_shows_what_is_known_and_a_cleared_place_is_unknown_again(land, client):
    indicator = land.indicator()
    land.type(indicator, tiznit=3, oujda=8)
    client.force_login(land.officer)
    url = reverse("measurement:indicator-type", args=[indicator.pk])

    page = client.get(url).content.decode()
    assert (
        'value="8"' in page and 'value="False"' not in page and "2 lieux sur 3 renseignés" in page and "Agadir" in page
    )
    client.post(url, {"period": land.period.pk, f"place_{land.oujda.pk}_number": "8", "text": "Registre"})

    assert IndicatorValue.objects.get(indicator=indicator, period=land.period).number == 8


def test_the_page_takes_target_groups_by_sex_and_a_document(land, client, settings, tmp_path):
    settings.DOCUMENTS = tmp_path
    indicator = land.indicator(dimensions=["sex", "target_group"], counts_people=True)
    client.force_login(land.officer)
    url = reverse("measurement:indicator-type", args=[indicator.pk])
    answers = {"period": land.period.pk, "group_rpt_female": "3", "group_mre_male": "4", "text": "Listes"}

    with (tmp_path / "liste.txt").open("w+b") as file:
        file.write(b"liste signee")
        file.seek(0)
        client.post(url, answers | {"document": file})

    value = IndicatorValue.objects.get(indicator=indicator, period=land.period)
    assert value.number == 7
    assert {c: f.number for c, f in cells_of(value)[GROUPS_BY_SEX].items()} == {"female|rpt": 3, "male|mre": 4}
    text = client.get(reverse("measurement:indicatorvalue-detail", args=[value.pk])).content.decode()
    assert "liste.txt" in text


def test_a_period_that_is_not_the_programme_s_is_not_found(land, client):
    client.force_login(land.officer)
    url = reverse("measurement:indicator-type", args=[land.indicator().pk])

    assert client.get(url, {"period": a_period(a_programme()).pk}).status_code == 404


def test_a_region_s_figure_opens_on_the_provinces_that_make_it(land, client):
    value = land.type(land.indicator(), tiznit=3, agadir=4, oujda=8)
    client.force_login(land.officer)
    url = reverse("measurement:indicatorvalue-trace", args=[value.pk])

    detail = client.get(reverse("measurement:indicatorvalue-detail", args=[value.pk])).content.decode()
    path = client.get(url, {REGION: land.south.pk}).content.decode()

    assert "Aucune pièce n’est jointe" in detail and "3 lieux sur 3 renseignés" in detail
    assert f"territory%3Aregion={land.south.pk}" in detail
    assert "Tiznit" in path and "Oujda" not in path and "somme" in path
    assert client.get(url, {REGION: land.tiznit.pk}).status_code == 404


def test_who_reads_aggregates_only_opens_a_region_without_its_few_people(land, client):
    indicator = land.indicator(counts_people=True)
    value = land.type(indicator, tiznit=3, agadir=9, oujda=40)
    IndicatorValue.objects.filter(pk=value.pk).update(**published())
    client.force_login(a_user("funder", land.programme))

    address = reverse("measurement:indicatorvalue-trace", args=[value.pk])
    page = client.get(address, {REGION: land.south.pk}).content.decode()
    assert ">12<" in page and page.count("masqué") == 2
    assert ">9<" not in page and ">3<" not in page


def test_the_page_of_an_indicator_shows_regions_groups_and_what_is_missing(land, client):
    indicator = land.indicator(dimensions=["sex", "target_group", "territory"], counts_people=True)
    cells = {str(land.tiznit.pk): Figure(3), str(land.oujda.pk): Figure(8)}
    groups = {"female|rpt": Figure(6), "male|mre": Figure(5)}
    Baseline.objects.create(indicator=indicator, value=0)
    Target.objects.create(indicator=indicator, period=land.period, value=20)
    said = Said(Figure(None), "Listes", {PLACES: cells, GROUPS_BY_SEX: groups})
    actions.type_value(indicator=indicator, period=land.period, said=said, by=land.officer)
    client.force_login(land.coordinator)

    page = client.get(reverse("dashboards:indicator", args=[indicator.pk])).content.decode()

    assert "Sud : 3" in client.get("/").content.decode()
    assert "votre région" in page and page.index("Sud") < page.index("Est</th>")
    assert "2 lieux sur 3 renseignés" in page and "Agadir" in page
    assert "Personnes de retour" not in page and "Ressortissants de pays tiers" in page


def test_words_are_shown_whole_with_their_documents(land, client, settings, tmp_path):
    settings.DOCUMENTS = tmp_path
    indicator = an_indicator(land.programme, measure="5")
    said = Said(Figure(None), "Le comité se réunit. " * 20, document=ContentFile(b"releve", "releve.txt"))
    actions.type_value(indicator=indicator, period=land.period, said=said, by=land.officer)
    client.force_login(land.officer)

    page = client.get(reverse("dashboards:indicator", args=[indicator.pk])).content.decode()

    assert "Le comité se réunit. " * 19 in page and "releve.txt" in page


def test_who_answers_for_a_region_is_asked_only_for_what_they_may_type(land, client):
    asked, others = land.indicator(), land.indicator(dimensions=[])
    client.force_login(land.coordinator)

    page = client.get("/").content.decode()

    assert str(asked.code) in page.split("Où en est-on")[0]
    assert str(others.code) not in page.split("Où en est-on")[0]


def test_a_typed_percentage_is_its_numerator_over_its_denominator_whatever_was_rounded_beside():
    figure, _cuts = whole(Figure(12, 5, 42), {}, "recompute", percentage=True)

    assert figure.number == 100 * 5 / 42
