"""Values computed, typed, verified and published: what changes, what does not, and who may not."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from jalons.collection.submissions.actions import reject, validate
from jalons.collection.submissions.models import Submission
from jalons.core.errors import Refused
from jalons.core.models import Event
from jalons.evidence.measurement import actions
from jalons.evidence.measurement.actions import measure
from jalons.evidence.measurement.checking import broken
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.queries import told
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.typed import Said
from jalons.evidence.measurement.tests.builders import Story
from jalons.evidence.measurement.tracing import trace
from jalons.planning.results.actions import load_dimensions
from jalons.planning.results.models import IndicatorVersion
from tests.builders import a_period, a_user, an_indicator

pytestmark = pytest.mark.django_db
MEASURES = {
    "count": {},
    "distinct": {"value": "${personne}"},
    "sum": {"value": "${heures}"},
    "average": {"value": "${heures}"},
    "median": {"value": "${heures}"},
    "minimum": {"value": "${heures}"},
    "maximum": {"value": "${heures}"},
    "latest": {"value": "${heures}"},
    "share": {"numerator": "${age} >= 18", "denominator": "true()"},
}


@pytest.fixture
def story():
    return Story()


def the_value(indicator, period):
    return IndicatorValue.objects.filter(indicator=indicator, period=period).latest("pk")


def cells(value, *dimensions):
    cut = value.disaggregations.get(dimensions=list(dimensions))
    return dict(zip(cut.cells, cut.numbers, strict=True))


def measured(story, **more):
    return measure(programme=story.programme, by=story.officer, **more)


@pytest.mark.slow
def test_validated_answers_become_drafts_with_their_cases_and_cells(story):
    adults = story.indicator(filter="${age} >= 18")

    outcome = measured(story)

    value = the_value(adults, story.first)
    assert (value.number, value.answered, value.asked) == (1, 2, 3)
    assert (value.state, value.origin, value.author) == ("draft", "computed", story.officer)
    assert cells(value, "sex") == {"female": 1, "male": 0}
    assert outcome.changed == 3 and not outcome.faults


@pytest.mark.slow
def test_people_without_sex_are_a_cell_of_their_own(story):
    everyone = story.indicator()

    measured(story)

    assert cells(the_value(everyone, story.second), "sex") == {"?": 1}


@pytest.mark.slow
def test_a_row_without_a_date_is_told_not_dropped_in_silence(story):
    story.indicator()

    (left,) = measured(story).left_out

    assert (left.source, left.undated, left.outside) == ("atelier", 1, 0)


@pytest.mark.slow
def test_a_question_that_was_not_asked_does_not_lower_the_answers(story):
    asked = story.indicator(filter="${enceinte} = 'oui'")

    measured(story)

    value = the_value(asked, story.first)
    assert (value.answered, value.asked) == (0, 2)


@pytest.mark.slow
def test_measuring_again_changes_nothing_until_an_answer_does(story):
    story.indicator("sum", value="${heures}")
    measured(story)

    again = measured(story)
    story.receive("uuid:9,2026-02-20,h,20,z,10")
    after = measured(story)

    assert (again.changed, again.unchanged) == (0, 3)
    assert (after.changed, after.unchanged) == (2, 1)  # the quarter, and the total since the beginning


@pytest.mark.slow
def test_two_changes_that_cancel_out_in_the_total_still_change_the_cells(story):
    everyone = story.indicator()
    story.receive("uuid:9,2026-02-20,h,20,z,10")
    reject(submission=Submission.objects.get(instance_id="uuid:9"), reason="essai", by=story.checker)
    measured(story)

    validate(submission=Submission.objects.get(instance_id="uuid:9"), by=story.checker)
    reject(submission=Submission.objects.get(instance_id="uuid:1"), reason="doublon", by=story.checker)
    measured(story)

    value = the_value(everyone, story.first)
    assert value.number == 3 and cells(value, "sex") == {"female": 1, "male": 2}


@pytest.mark.slow
def test_a_signed_value_stays_and_a_draft_begins_beside_it_when_answers_change(story):
    total = story.indicator("sum", value="${heures}")
    measured(story)
    signed = the_value(total, story.first)
    actions.verify(indicatorvalue=signed, by=story.checker)

    measured(story)
    assert IndicatorValue.objects.filter(indicator=total, period=story.first).count() == 1

    story.receive("uuid:9,2026-02-20,h,20,z,10")
    measured(story)
    signed.refresh_from_db()
    assert (signed.state, signed.number) == ("verified", 8.5)
    assert (the_value(total, story.first).state, the_value(total, story.first).number) == ("draft", 18.5)


@pytest.mark.slow
def test_values_since_the_beginning_follow_the_sheet_of_their_indicator(story):
    hours = story.indicator("sum", value="${heures}")
    people = story.indicator("distinct", value="${personne}", aggregation="recompute")
    adults = story.indicator("share", numerator="${age} >= 18", denominator="true()", unit="2", aggregation="average")
    story.receive("uuid:9,2026-05-02,f,31,a,1")

    measured(story)

    assert the_value(hours, story.since).number == 17.5
    assert the_value(people, story.since).number == 3  # "a" came in both quarters
    value = the_value(adults, story.since)
    assert (value.numerator, value.denominator, value.number) == (3, 4, 75)
    assert cells(value, "sex") == {"female": 100, "male": 0, "?": 100}


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURES)
def test_every_value_and_cell_is_given_again_by_the_rows_that_its_trace_shows(story, name):
    indicator = story.indicator(name, **MEASURES[name])

    measured(story)

    for value in IndicatorValue.objects.filter(indicator=indicator):
        assert trace(value, story.officer).equal
        for cell in value.disaggregations.get().cells:
            found = trace(value, story.officer, {"sex": cell})
            assert found.equal, (value, cell)


@pytest.mark.slow
def test_a_trace_lists_the_submissions_in_the_version_that_counted(story):
    adults = story.indicator(filter="${age} >= 18")
    story.receive("uuid:1b>uuid:1,2026-02-03,f,32,a,6.5")  # a correction: second version
    measured(story)

    found = trace(the_value(adults, story.first), story.officer)

    assert [(line.submission.instance_id, line.version, len(line.rows)) for line in found.lines] == [("uuid:1", 2, 1)]


@pytest.mark.slow
def test_a_new_definition_counts_from_its_date_and_the_old_values_keep_theirs(story):
    adults = story.indicator(filter="${age} >= 18")
    old = adults.current
    measured(story)
    formula = old.formula | {"filter": "${age} >= 40"}
    new = IndicatorVersion.objects.create(
        indicator=adults, number=2, valid_from=date(2026, 4, 1), reason="seuil", title=old.title, unit=old.unit,
        measure="1", formula=formula,
    )  # fmt: skip

    measured(story)

    assert the_value(adults, story.first).definition == old
    assert (the_value(adults, story.second).definition, the_value(adults, story.second).number) == (new, 1)


@pytest.mark.slow
def test_a_definition_that_cannot_be_measured_is_told_and_the_others_are_measured(story):
    wrong, right = story.indicator(filter="${absente} = 1"), story.indicator()

    outcome = measured(story)

    assert [(indicator, fault.place) for indicator, fault in outcome.faults] == [(wrong, "filter")]
    assert the_value(right, story.first).number == 3
    assert [(one.indicator, str(one.faults[0])) for one in broken(story.programme, [wrong, right])] == [
        (wrong, "La question « absente » n’existe pas dans le formulaire « atelier ». Vérifiez son nom.")
    ]


@pytest.mark.slow
def test_a_formula_on_an_unknown_form_or_repeat_is_told(story):
    elsewhere = story.indicator(source={"form": "inconnu"})
    nowhere = story.indicator(source={"form": "atelier", "repeat": "membres"})

    found = broken(story.programme, [elsewhere, nowhere])
    assert [one.faults[0].place for one in found] == ["source › form", "source › repeat"]


@pytest.mark.slow
def test_a_formula_is_told_with_the_labels_of_its_form(story):
    load_dimensions()
    women = story.indicator(filter="${sexe} = 'f' and ${age} >= 18")

    assert told(women.current) == (
        "Nombre de réponses du formulaire « Atelier », où « Sexe » est « Femme » et « Âge » est au moins 18. "
        "Réparti par sexe."
    )


@pytest.mark.slow
def test_one_indicator_or_one_period_can_be_measured_alone(story):
    one, other = story.indicator(), story.indicator()

    measured(story, indicators=type(one).objects.filter(pk=one.pk), periods=[story.first])

    assert IndicatorValue.objects.filter(indicator=one).count() == 1
    assert not IndicatorValue.objects.filter(indicator=other).exists()


@pytest.mark.slow
def test_a_form_that_received_nothing_gives_unknown_values_not_zero(story):
    story = Story(answers=())
    everyone = story.indicator()

    measured(story)

    value = the_value(everyone, story.first)
    assert (value.number, value.answered, value.asked) == (None, 0, 0)


def test_who_may_not_edit_values_may_not_compute_them(story):
    with pytest.raises(PermissionDenied):
        measure(programme=story.programme, by=a_user("funder", story.programme))


def a_typed_value(story, **fields):
    indicator = an_indicator(story.programme)
    by = fields.pop("by", story.officer)
    said = Said(**{"figure": Figure(12), "text": "Registre des conventions"} | fields)
    return actions.type_value(indicator=indicator, period=story.first, said=said, by=by)


def test_a_typed_value_keeps_its_proof_its_split_and_what_follows(story):
    value = a_typed_value(story, cuts={("sex",): {"female": Figure(7), "male": Figure(5)}})

    assert (value.origin, value.number, value.text) == ("typed", 12, "Registre des conventions")
    assert cells(value, "sex") == {"female": 7, "male": 5}
    assert the_value(value.indicator, story.since).number == 12
    assert list(Event.objects.filter(verb="value.typed").values_list("target_id", flat=True)) == [value.pk]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"figure": Figure(None)}, "Indiquez la valeur"),
        ({"text": " "}, "Dites d’où vient cette valeur"),
        ({"figure": Figure(1e300)}, "plus de quinze chiffres"),
    ],
)
def test_a_typed_value_needs_a_number_and_a_proof(story, fields, says):
    with pytest.raises(Refused, match=says):
        a_typed_value(story, **fields)


def test_nobody_counts_fewer_than_no_one(story):
    value = a_typed_value(story)
    value.indicator.versions.update(counts_people=True)

    with pytest.raises(Refused, match="négative"):
        said = Said(Figure(-4), "Registre")
        actions.type_value(indicator=value.indicator, period=story.first, said=said, by=story.officer)


def test_what_the_answers_tell_is_not_typed(story):
    with pytest.raises(Refused, match="se calcule depuis les données"):
        actions.type_value(
            indicator=story.indicator(), period=story.first, said=Said(Figure(3), "rapport"), by=story.officer
        )


def test_a_value_is_verified_by_another_than_who_typed_it_and_published_by_a_third(story):
    value = a_typed_value(story)

    with pytest.raises(Refused, match="Une autre personne que l’auteur"):
        actions.verify(indicatorvalue=value, by=story.officer)
    value = actions.verify(indicatorvalue=value, by=story.checker)
    with pytest.raises(Refused, match="Une autre personne que celle qui a vérifié"):
        actions.publish(indicatorvalue=value, by=story.checker)
    value = actions.publish(indicatorvalue=value, by=story.manager)

    assert (value.state, value.verified_by, value.published_by) == ("published", story.checker, story.manager)


def test_a_draft_is_not_published_and_a_published_value_is_not_verified_again(story):
    value = a_typed_value(story)

    with pytest.raises(Refused, match="vérifiée avant d’être publiée"):
        actions.publish(indicatorvalue=value, by=story.manager)
    actions.verify(indicatorvalue=value, by=story.checker)
    actions.publish(indicatorvalue=value, by=story.manager)
    with pytest.raises(Refused, match="Seule une valeur en brouillon"):
        actions.verify(indicatorvalue=value, by=story.checker)


def test_a_verified_value_can_be_sent_back_but_not_beside_another_draft(story):
    value = actions.verify(indicatorvalue=a_typed_value(story), by=story.checker)
    assert actions.send_back(indicatorvalue=value, by=story.manager).verified_by is None

    actions.verify(indicatorvalue=value, by=story.checker)
    actions.type_value(indicator=value.indicator, period=story.first, said=Said(Figure(3), "x"), by=story.officer)
    with pytest.raises(Refused, match="brouillon"):
        actions.send_back(indicatorvalue=value, by=story.manager)


def test_many_values_are_signed_at_once_leaving_out_ones_own(story):
    mine, theirs = a_typed_value(story), a_typed_value(story, by=story.checker)
    values = IndicatorValue.objects.filter(period=story.first)

    actions.verify_all(programme=story.programme, values=values, by=story.officer)
    states = dict(values.values_list("pk", "state"))
    assert (states[mine.pk], states[theirs.pk]) == ("draft", "verified")

    with pytest.raises(Refused, match="Rien à publier pour vous"):
        actions.publish_all(programme=story.programme, values=values, by=story.officer)
    actions.publish_all(programme=story.programme, values=values, by=story.manager)
    assert values.filter(state="published").count() == 1


@pytest.mark.slow
def test_cells_written_in_bulk_are_read_back_as_they_were_measured(story):
    story.indicator("share", numerator="${age} >= 18", denominator="true()")
    story.indicator()

    measured(story)

    with connection.cursor() as cursor:
        cursor.execute("select d.formula->>'measure', cardinality(cells), cardinality(numbers), "
                       "cardinality(numerators), cardinality(c.asked) from measurement_disaggregation c "
                       "join measurement_indicatorvalue v on v.id = c.value_id "
                       "join results_indicatorversion d on d.id = v.definition_id")  # fmt: skip
        rows = cursor.fetchall()
    assert {row[0] for row in rows} == {"share", "count"}
    for of, cells_, numbers, numerators, asked in rows:
        assert cells_ == numbers == asked
        assert numerators == (cells_ if of == "share" else 0)


def test_nothing_is_put_together_for_a_period_that_has_not_begun(story):
    year = date.today().year + 1
    a_period(story.programme, date(year, 1, 1), date(year, 3, 31), kind="quarter")
    a_period(story.programme, date(2026, 1, 1), date(year, 3, 31), kind="cumulative", accumulates="quarter")

    value = a_typed_value(story)

    made = IndicatorValue.objects.filter(indicator=value.indicator).exclude(pk=value.pk)
    assert [row.period for row in made] == [story.since]


def test_words_since_the_beginning_are_the_latest_and_say_of_which_period(story):
    indicator = an_indicator(story.programme, measure="5", time_aggregation="latest")

    def say(period, text):
        actions.type_value(indicator=indicator, period=period, said=Said(Figure(None), text), by=story.officer)

    say(story.first, "Le cadre de concertation se réunit.")
    say(story.second, "Il a un règlement.")

    assert the_value(indicator, story.since).text == f"{story.second} : Il a un règlement."
    signed = actions.verify(indicatorvalue=the_value(indicator, story.since), by=story.checker)
    say(story.second, "Il a un secrétariat.")
    signed.refresh_from_db()
    assert signed.text.endswith("règlement.")
    assert the_value(indicator, story.since).text == f"{story.second} : Il a un secrétariat."
