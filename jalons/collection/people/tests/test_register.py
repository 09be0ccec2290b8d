import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jalons.collection.people import actions, queries, register
from jalons.collection.people.models import Alias, Pair, Person
from jalons.collection.people.tests.builders import a_sheet, a_source, persons, the_person, told
from jalons.core.errors import Refused

FATIMA = ("El Alaoui", "Fatima", "F", "1990", "Oujda", "0612345678")
FATIMA_IN_ARABIC = ("العلوي", "فاطمة", "أنثى", "1990", "Oujda", "0612345678")
KHADIJA = ("Tazi", "Khadija", "F", "1985", "Agadir", "0698765432")


def a_fed_register(*sheets):
    form, officer = a_sheet()
    a_source(form, officer)
    for people in sheets:
        told(form, officer, *people)
    actions.feed()
    return form, officer


def total(officer, form):
    operator = form.programme.operator
    return queries.total(queries.standing(officer, operator), queries.doubts(operator))[0]


def test_one_person_written_in_two_scripts_counts_once(db):
    form, officer = a_fed_register([FATIMA, KHADIJA], [FATIMA_IN_ARABIC])

    assert persons() == [["Fatima El Alaoui", "فاطمة العلوي"], ["Khadija Tazi"]]
    count = total(officer, form)
    assert (count.declared, count.least, count.most, count.unnamed) == (3, 2, 2, 0)


def test_what_is_read_once_is_not_read_again(db):
    a_fed_register([FATIMA], [FATIMA_IN_ARABIC])

    assert actions.feed() == 0


def test_only_what_changed_is_looked_at_again(db):
    form, officer = a_fed_register([FATIMA], [FATIMA_IN_ARABIC])

    with CaptureQueriesContext(connection) as asked:
        actions.feed()
    assert not any("people_alias" in query["sql"] for query in asked)
    told(form, officer, KHADIJA)

    assert actions.feed() == 1


def test_someone_without_a_name_is_nobodys_match_and_counts_apart(db):
    form, officer = a_fed_register([("", "", "F", "1990", "Oujda", "")], [("", "", "F", "1990", "Oujda", "")])

    count = total(officer, form)
    assert (count.declared, count.most, count.unnamed) == (2, 0, 2)
    assert len(persons()) == 2


@pytest.fixture
def doubt(db):
    """Two tellings that may be of one person: same rare enough names, nothing else known on one side."""
    form, officer = a_fed_register(
        [("Amzil", "Keltoum", "F", "1990", "Tiznit", "")], [("Amzil", "Kaltoum", "F", "", "Tiznit", "")]
    )
    for pair in Pair.objects.all():
        pair.delete()
    one, other = Alias.objects.order_by("pk")
    actions.Link.objects.filter(alias=other, until=None).delete()
    person = register.a_person(one.operator_id, other)
    person.save()
    actions.Link.objects.create(operator_id=one.operator_id, alias=other, person=person, is_named=True)
    pair = Pair.objects.create(operator_id=one.operator_id, one=one, other=other, score=0.5, agreed={})
    return form, officer, pair


def test_a_doubt_leaves_the_count_between_two_numbers(doubt):
    form, officer, _pair = doubt

    count = total(officer, form)

    assert (count.least, count.most) == (1, 2)


def test_the_same_person_is_one_until_the_decision_is_undone(doubt):
    form, officer, pair = doubt

    actions.decide(pair=pair, verdict="same", by=officer)
    assert total(officer, form).most == 1
    actions.undo(pair=pair, by=officer)

    assert (total(officer, form).least, total(officer, form).most) == (1, 2)
    assert Person.objects.filter(state="merged").count() == 0
    assert Pair.objects.get().state == "open"


def test_no_later_comparison_changes_what_someone_decided(doubt):
    form, officer, pair = doubt
    actions.decide(pair=pair, verdict="apart", by=officer)

    actions.match_again(operator=form.programme.operator, by=officer)

    assert total(officer, form).most == 2
    assert Pair.objects.get().state == "apart"


def test_what_is_not_decided_is_not_undone(doubt):
    _form, officer, pair = doubt

    with pytest.raises(Refused, match="rien à défaire"):
        actions.undo(pair=pair, by=officer)


def test_a_decision_is_undone_before_another_is_taken(doubt):
    _form, officer, pair = doubt
    actions.decide(pair=pair, verdict="apart", by=officer)

    with pytest.raises(Refused):
        actions.decide(pair=pair, verdict="same", by=officer)


def test_a_telling_put_with_the_wrong_person_is_separated_and_put_back(db):
    form, officer = a_fed_register([FATIMA], [FATIMA_IN_ARABIC])
    alias = Alias.objects.get(given="فاطمة")

    pair = actions.split(alias=alias, by=officer)
    actions.match_again(operator=form.programme.operator, by=officer)
    assert total(officer, form).most == 2
    actions.undo(pair=pair, by=officer)

    assert persons() == [["Fatima El Alaoui", "فاطمة العلوي"]]
    assert sorted(Person.objects.values_list("state", "name")) == [("emptied", ""), ("present", "فاطمة العلوي")]


def test_whoever_was_made_of_the_wrong_questions_is_nobody_once_they_are_right(db):
    form, officer = a_sheet()
    actions.declare_source(form=form, table="participants", roles={"given": "commune", "family": "nom"}, by=officer)
    told(form, officer, FATIMA, KHADIJA)
    actions.feed()
    alias = Alias.objects.get(family=FATIMA[0])
    pair = actions.Pair.objects.create(
        operator=alias.operator, one=alias, other=Alias.objects.exclude(pk=alias.pk).get(), score=0.3
    )
    actions.decide(pair=pair, verdict="same", by=officer)
    actions.undo(pair=pair, by=officer)

    a_source(form, officer)
    actions.feed()

    assert persons() == [["Fatima El Alaoui"], ["Khadija Tazi"]]
    assert not Person.objects.filter(state="present").exclude(links__until=None).exists()


def test_a_forgotten_person_still_counts_and_never_comes_back(db):
    form, officer = a_fed_register([FATIMA, KHADIJA])
    person = the_person("Fatima")

    actions.erase(person=person, why_erased="Demande du 3 mai", by=officer)
    told(form, officer, FATIMA, KHADIJA, identifier="uuid:again", deprecated="")
    Alias.objects.filter(is_erased=True).update(version=0)
    actions.feed()

    erased = Alias.objects.get(is_erased=True)
    assert (erased.given, erased.family, erased.pair, erased.phone) == ("", "", None, None)
    person.refresh_from_db()
    assert (person.name, person.state) == ("", "erased")
    assert total(officer, form).declared == 4


def test_the_register_of_another_operator_does_not_exist(db):
    a_fed_register([FATIMA])
    _other_form, stranger = a_sheet(code="autre")

    assert not Person.objects.for_user(stranger).exists()
    assert not queries.operators(stranger).filter(persons__isnull=False).exists()


@pytest.mark.slow
def test_a_few_tellings_weigh_as_much_as_the_whole_register(db):
    form, _officer = a_fed_register([FATIMA, KHADIJA], [FATIMA_IN_ARABIC])
    operator, tellings = form.programme.operator_id, list(Alias.objects.values_list("pk", flat=True))

    one_by_one, together = register.few(operator, tellings), register.many(operator, set(tellings))

    assert [pair[:2] for pair in one_by_one] == [pair[:2] for pair in together]
    assert [pair[2] for pair in one_by_one] == pytest.approx([pair[2] for pair in together])
