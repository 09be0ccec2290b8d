"""Pages of the promises: what they show, what they let change, and to whom."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import conditional_escape

from jalons.planning.results.actions import load_dimensions
from jalons.planning.results.chain import Assumption, Result
from jalons.planning.results.models import Baseline, Catalogue, Dimension, Indicator, Target
from tests.builders import a_form, a_period, a_programme, a_result, a_user, an_indicator

SHEET = {
    "title_fr": "Personnes formées", "title_ar": "", "title_en": "", "definition_fr": "", "definition_ar": "",
    "definition_en": "", "unit_fr": "personnes", "unit_ar": "", "unit_en": "", "measure": "1",
    "direction": "", "dimensions": ["sex"],
    "time_aggregation": "sum", "place_aggregation": "sum", "form": "suivi", "formula_measure": "count",
    "filter": "${age} >= 15", "splits": "sex: ${sexe} {f=female; h=male}",
}  # fmt: skip


@pytest.fixture
def programme(db):
    load_dimensions()
    programme = a_programme()
    a_form(programme, [("age", "integer"), "sexe"], code="suivi")
    return programme


@pytest.fixture
def officer(client, programme):
    officer = a_user("me_officer", programme)
    client.force_login(officer)
    return officer


def page(client, name, *args):
    return client.get(reverse(f"results:{name}", args=args)).content.decode()


def send(client, name, *args, **answers):
    return client.post(reverse(f"results:{name}", args=args), answers)


def test_the_logframe_shows_the_chain_with_what_draws_attention(client, programme, officer):
    impact = a_result(programme, level="impact", title={"fr": "Un impact"})
    outcome = a_result(programme, level="outcome", parent=impact, title={"fr": "Un effet"})
    Assumption.objects.create(result=outcome, code="H1", text={"fr": "Le cadre légal tient."})
    falling = an_indicator(programme, outcome, counts_people=True)
    Baseline.objects.create(indicator=falling, value=90)
    Target.objects.create(indicator=falling, period=a_period(programme), value=30)

    text = page(client, "result-list")

    assert text.index("Un impact") < text.index("Un effet") < text.index("Le cadre légal tient.")
    assert "À confirmer." in text
    assert "Sexe non prévu" in text
    assert "moins, c’est mieux ?" in text


def test_the_logframe_takes_as_many_queries_however_long_it_is(client, programme, officer):
    def queries(count):
        for _n in range(count):
            an_indicator(programme, a_result(programme))
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("results:result-list"))
        return len(found)

    client.get(reverse("results:result-list"))
    assert queries(1) == queries(12)


def test_the_logframe_of_another_programme_is_not_shown(client, programme, officer):
    a_result(a_programme(), title={"fr": "Ailleurs"})

    assert "Ailleurs" not in page(client, "result-list")


def test_a_result_is_added_and_a_refused_parent_is_said_on_its_field(client, programme, officer):
    output = a_result(programme)
    answers = {"programme": programme.pk, "code": "E1", "level": "outcome", "title_fr": "Effet", "position": 1}

    refused = send(client, "result-add", parent=output.pk, **answers)
    added = send(client, "result-add", **answers)

    assert "un produit contribue à un effet" in refused.content.decode()
    assert added.status_code == 302
    assert Result.objects.get(code="E1").level == "outcome"


def test_an_indicator_is_added_with_its_sheet_and_formula(client, programme, officer):
    result = a_result(programme)

    response = send(client, "result-add-indicator", result.pk, code="I1", **SHEET)

    indicator = Indicator.objects.get(code="I1")
    assert response.url == reverse("results:indicator-detail", args=[indicator.pk])
    assert indicator.current.formula["filter"] == "${age} >= 15"
    assert (indicator.current.number, indicator.current.direction_confirmed) == (1, False)


def test_whoever_chooses_how_values_add_up_reads_what_each_way_means(client, programme, officer):
    indicator = an_indicator(programme, dimensions=["territory"], place_aggregation="average")

    form, sheet = page(client, "indicator-define", indicator.pk), page(client, "indicator-detail", indicator.pk)

    assert "12 ateliers au premier semestre et 8 au second font 20" in form
    assert "30 personnes à Tiznit et 20 à Taroudannt font 50" in form
    assert "4 sur 10 et 5 sur 30 font 4,75" in sheet and "province, préfecture" in sheet


def test_a_definition_changes_with_a_reason_and_both_versions_are_told(client, programme, officer):
    indicator = an_indicator(programme)
    answers = {**SHEET, "valid_from": "2026-03-01"}

    refused = send(client, "indicator-define", indicator.pk, **answers)
    send(client, "indicator-define", indicator.pk, **answers, reason="Sexe ajouté")

    text = page(client, "indicator-detail", indicator.pk)
    assert refused.status_code == 422
    assert "Dites pourquoi" in refused.content.decode()
    assert "Sexe ajouté" in text
    assert "Version 2" in text
    assert "<del>non renseigné</del>" in text


FAULTY = [
    ({"form": "inconnu"}, "form", "n’a pas de formulaire « inconnu »"),
    ({"form": ""}, "form", "Nommez celui qui donne les réponses"),
    ({"formula_measure": ""}, "formula_measure", "Choisissez dans la liste"),
    ({"repeat": "membres"}, "repeat", "n’a pas de répétition « membres »"),
    ({"filter": "${absente} = 1"}, "filter", "La question « absente » n’existe pas"),
    ({"filter": "${sexe} = 'f"}, "filter", "caractère 11"),
    ({"formula_measure": "sum", "value": "${age} +"}, "value", "Complétez l’expression"),
    ({"formula_measure": "sum", "value": "${age}", "numerator": "${age}"}, "numerator", "« numérateur » ne sert pas"),
    ({"formula_measure": "sum"}, "value", "« valeur » attend une expression"),
    ({"date": "sexe"}, "date", "n’est pas une question de date"),
    ({"splits": "sex"}, "splits", "sex"),
    ({"splits": "sex: ${genre} {f=female}"}, "splits", "La question « genre » n’existe pas"),
]


@pytest.mark.parametrize(("changes", "field", "says"), FAULTY)
def test_a_formula_that_cannot_be_computed_is_refused_on_its_field_and_nothing_typed_is_lost(
    client, programme, officer, changes, field, says
):
    answers = {**SHEET, "value": "", **changes, "method": "Compté sur les feuilles de présence"}

    refused = send(client, "result-add-indicator", a_result(programme).pk, code="I1", **answers)

    text = refused.content.decode()
    own = text[text.index(f'id="id_{field}_error"') :]
    assert refused.status_code == 422 and says in html.unescape(own[: own.index("</div>")])
    assert "Compté sur les feuilles de présence" in text
    assert all(conditional_escape(typed) in text for typed in changes.values())
    assert not Indicator.objects.exists()


def test_a_sheet_whose_formula_stays_may_change_though_it_can_no_longer_be_measured(client, programme, officer):
    formula = {"source": {"form": "parti", "repeat": None}, "measure": "count"}
    indicator = an_indicator(programme, formula=formula)
    answers = {**SHEET, "form": "parti", "filter": "", "splits": "", "dimensions": [], "responsible": "SERA",
               "valid_from": "2026-06-01", "reason": "Responsable"}  # fmt: skip

    assert send(client, "indicator-define", indicator.pk, **answers).status_code == 302
    refused = send(client, "indicator-define", indicator.pk, **{**answers, "formula_measure": "sum"})

    assert refused.status_code == 422


@pytest.mark.parametrize("scale", ["0", "-1", "1e30"])
def test_a_scale_that_would_make_figures_meaningless_is_refused(client, programme, officer, scale):
    indicator = an_indicator(programme)

    refused = send(client, "indicator-define", indicator.pk, **SHEET, scale=scale, reason="x", valid_from="2026-06-01")

    assert refused.status_code == 422 and 'id="id_scale_error"' in refused.content.decode()


def test_the_form_of_a_definition_starts_from_the_one_in_force(client, programme, officer):
    indicator = an_indicator(programme, unit={"fr": "jours"}, dimensions=["age"], formula={
        "source": {"form": "suivi", "repeat": None}, "measure": "share", "scale": 100,
    })  # fmt: skip

    text = page(client, "indicator-define", indicator.pk)

    assert re.search(r'<textarea name="unit_fr"[^>]*rows="1"[^>]*>\s*jours</textarea>', text)
    assert '<option value="share" selected>' in text
    assert 'value="suivi"' in text


def test_a_direction_is_proposed_then_confirmed(client, programme, officer):
    indicator = an_indicator(programme)
    Baseline.objects.create(indicator=indicator, value=90)
    Target.objects.create(indicator=indicator, period=a_period(programme), value=30)

    before = page(client, "indicator-detail", indicator.pk)
    send(client, "indicator-direction", indicator.pk, direction="decrease")

    assert "est proposé" in before
    assert "est proposé" not in page(client, "indicator-detail", indicator.pk)


def test_figures_are_promised_in_total_and_by_category(client, programme, officer):
    indicator, period = an_indicator(programme, dimensions=["sex"]), a_period(programme)

    for answers in ({"value": "100"}, {"value": "60", "sex": "female"}, {"value": "120"}):
        send(client, "indicator-target", indicator.pk, period=period.pk, **answers)
    send(client, "indicator-baseline", indicator.pk, value="", text="Pas encore mesurée", on="2026-01-01")

    assert {str(t.cell): int(t.value) for t in Target.objects.all()} == {"{}": 120, "{'sex': 'female'}": 60}
    text = page(client, "indicator-detail", indicator.pk)
    assert "Femmes" in text
    assert "Pas encore mesurée" in text


def test_a_catalogue_is_imported_from_a_file(client, programme, officer):
    catalogue = Catalogue.objects.create(code="gerf", title={"fr": "GERF"})
    lines = "Préfixe;Code;Title;Intitulé;Unité;Unité (en);Additif\n" \
            "GERF;2.14;People trained;Personnes formées;personnes;people;oui\n" \
            "GERF;2.21;Strategies;;;strategies;non\n"  # fmt: skip

    send(client, "catalogue-import", catalogue.pk, file=SimpleUploadedFile("gerf.csv", lines.encode("cp1252")))
    refused = send(client, "catalogue-import", catalogue.pk, file=SimpleUploadedFile("x.csv", b"a;b\n1;2\n"))

    found = list(catalogue.indicators.values_list("code", "title", "unit", "additive"))
    assert found == [("GERF-2.14", {"fr": "Personnes formées", "en": "People trained"},
                      {"fr": "personnes", "en": "people"}, True),
                     ("GERF-2.21", {"fr": "Strategies", "en": "Strategies"},
                      {"fr": "strategies", "en": "strategies"}, False)]  # fmt: skip
    assert "ne sont pas reconnus" in refused.content.decode()


def test_the_categories_of_a_dimension_are_written_one_per_line(client, programme, officer):
    answers = {
        "code": "speed",
        "label_fr": "Vitesse",
        "kind": "bands",
        "lines": "slow = Lent [0..5]\nfast = Vite [6..]",
    }

    send(client, "dimension-add", **answers)
    speed = Dimension.objects.get(code="speed")
    refused = send(client, "dimension-edit", speed.pk, **answers | {"lines": "slow"})

    assert speed.categories[1] == {"code": "fast", "label": {"fr": "Vite"}, "from": 6, "to": None}
    assert "ne se lit pas" in refused.content.decode()


def test_a_catalogue_at_fault_tells_all_its_rows_and_brings_nothing(client, programme, officer):
    catalogue = Catalogue.objects.create(code="gerf", title={"fr": "GERF"})
    lines = f"code;intitulé;unité\n1;Un;pays\n;Deux;pays\n3;Trois;{'x' * 61}\n4;;pays\n"

    response = send(client, "catalogue-import", catalogue.pk, file=SimpleUploadedFile("gerf.csv", lines.encode()))

    told = response.context["form"].errors["file"]
    assert [words.split()[1].strip(",") for words in told] == ["3", "4", "5"]
    assert "61" in told[1] and "Complétez" in told[2]
    assert "préfixe" in response.content.decode() and "intitulé (ar)" in response.content.decode()
    assert not catalogue.indicators.exists()


def test_versions_tell_what_differs_in_their_formulas_with_the_names_of_the_sheet(client, programme, officer):
    indicator = an_indicator(programme, formula={
        "source": {"form": "suivi", "repeat": None}, "measure": "count", "filter": "${age} >= 15",
    })  # fmt: skip
    answers = {**SHEET, "valid_from": "2026-03-01", "filter": "${age} >= 18", "dimensions": [], "splits": ""}
    send(client, "indicator-define", indicator.pk, **answers, reason="Majeurs")

    told = html.unescape(page(client, "indicator-detail", indicator.pk))

    assert "Formule : <del>filtre : ${age} >= 15</del>" in told and "<ins>filtre : ${age} >= 18</ins>" in told
    assert "measure :" not in told


LISTS = ["result-list", "dimension-list", "verificationsource-list", "catalogue-list"]
FORMS = ["result-add", "assumption-add", "verificationsource-add", "catalogue-add", "dimension-add", "mapping-add",
         "catalogueindicator-add"]  # fmt: skip


@pytest.mark.parametrize("name", [*LISTS, *FORMS])
def test_every_page_opens_for_those_who_may(client, programme, officer, name):
    assert client.get(reverse(f"results:{name}")).status_code == 200


@pytest.mark.parametrize(("role", "reads", "writes"), [
    ("project_manager", 200, 200), ("funder", 200, 404), ("grantee", 200, 404), ("administrator", 404, 404),
    ("desk_agent", 404, 404),
])  # fmt: skip
def test_who_reads_and_who_writes(client, programme, role, reads, writes):
    indicator = an_indicator(programme)
    client.force_login(a_user(role, programme))

    for name, args, expected in [
        ("result-list", [], reads), ("indicator-detail", [indicator.pk], reads), ("result-add", [], writes),
        ("indicator-define", [indicator.pk], writes), ("indicator-target", [indicator.pk], writes),
        ("result-add-indicator", [indicator.result_id], writes), ("indicator-direction", [indicator.pk], writes),
        ("indicator-remove", [indicator.pk], writes),
    ]:  # fmt: skip
        assert client.get(reverse(f"results:{name}", args=args)).status_code == expected, name


def test_what_belongs_to_another_programme_is_not_found(client, programme, officer):
    indicator = an_indicator(a_programme())

    for name in ("detail", "define", "target", "baseline", "direction", "edit", "remove"):
        assert client.get(reverse(f"results:indicator-{name}", args=[indicator.pk])).status_code == 404


def test_a_viewer_is_offered_no_button_that_would_refuse(client, programme):
    indicator = an_indicator(programme)
    client.force_login(a_user("funder", programme))

    text = page(client, "indicator-detail", indicator.pk)

    assert "Changer la définition" not in text
    assert reverse("measurement:indicator-progress", args=[indicator.pk]) in text


def test_the_search_box_finds_results_and_indicators_by_their_words(client, programme, officer):
    result = a_result(programme, title={"fr": "Les communes accueillent"})
    indicator = an_indicator(programme, result, title={"fr": "Communes formées", "ar": "جماعات مكونة"})
    elsewhere = an_indicator(a_programme(), title={"fr": "Communes d’ailleurs"})

    text = client.get(reverse("core:search"), {"q": "communes"}).content.decode()
    assert reverse("results:result-detail", args=[result.pk]) in text
    assert reverse("results:indicator-detail", args=[indicator.pk]) in text
    assert reverse("results:indicator-detail", args=[elsewhere.pk]) not in text
    assert "Communes formées" in client.get(reverse("core:search"), {"q": "جماعات"}).content.decode()


def test_indicators_are_listed_with_who_answers_for_them_and_exported(client, programme, officer):
    an_indicator(programme, responsible="Chargée SERA", unit={"fr": "personnes"})

    answer = client.get(reverse("results:indicator-list"), {"format": "csv"})

    assert (
        "Chargée SERA" in b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    )


def test_the_list_of_results_is_a_list_and_not_an_empty_logframe(client, programme, officer):
    a_result(programme, level="impact", title={"fr": "Un impact"})

    text = page(client, "result-table")

    assert "Un impact" in text
    assert "Aucun programme ne vous est ouvert" not in text


@pytest.mark.parametrize(
    ("measure", "way"), [("median", "sum"), ("distinct", "sum"), ("maximum", "sum"), ("median", "recompute")]
)
def test_what_does_not_add_up_is_refused_beside_the_choice_and_what_fits_is_said(
    client, programme, officer, measure, way
):
    result = a_result(programme)
    answers = {**SHEET, "formula_measure": measure, "value": "${age}", "place_aggregation": "recompute"}

    response = send(client, "result-add-indicator", result.pk, code="I1", **answers | {"time_aggregation": way})

    refused = response.status_code == 422 and response.context["form"].errors
    assert list(refused or []) == (["time_aggregation"] if way == "sum" else [])
    assert Indicator.objects.filter(code="I1").exists() == (way != "sum")
    if refused:
        assert "recalcul depuis les données" in refused["time_aggregation"][0]


def history_of(client, row):
    told = client.get(reverse("core:history", args=[row._meta.label_lower, row.pk])).content.decode()
    return html.unescape(told)


def test_the_history_of_a_disaggregation_says_who_changed_what_and_why(client, programme, officer):
    client.force_login(manager := a_user("project_manager", programme))
    row = Dimension.objects.create(
        code="statut", label={"fr": "Statut"}, kind="category", categories=[{"code": "r", "label": {"fr": "Retour"}}]
    )

    answers = {"code": "statut", "label_fr": "Situation", "kind": "category", "lines": "r = Retour\nt = Transit"}
    send(client, "dimension-edit", row.pk, **answers, why="Comité de mai")

    told = history_of(client, row)
    assert all(words in told for words in ("Comité de mai", str(manager), "Statut", "Situation", "Retour, Transit"))


def test_the_history_of_a_definition_says_who_changed_its_direction_and_why(client, programme, officer):
    indicator = an_indicator(programme, direction_confirmed=False)

    send(client, "indicator-direction", indicator.pk, direction="decrease", reason="Un délai doit baisser")

    told = history_of(client, indicator.current)
    assert all(words in told for words in ("Un délai doit baisser", str(officer), "moins, c’est mieux"))
    assert reverse("core:history", args=["results.indicatorversion", indicator.current_id]) in page(
        client, "indicator-detail", indicator.pk
    )


def test_a_target_that_changes_says_why(client, programme, officer):
    indicator, period = an_indicator(programme), a_period(programme)
    for value, why in ((10, ""), (12, "Avenant n° 2")):
        send(client, "indicator-target", indicator.pk, period=period.pk, value=value, why=why)

    told = history_of(client, Target.objects.get())
    assert "Avenant n° 2" in told and "10" in told and "12" in told
