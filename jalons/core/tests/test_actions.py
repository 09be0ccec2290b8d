import pytest
from django.core.exceptions import PermissionDenied

from jalons.core.actions import VERBS
from jalons.core.levels import Level
from jalons.core.models import Event
from jalons.core.tests.things import Component, a_component, action_of
from jalons.core.verbs import ACTS
from tests.builders import a_programme, a_user, an_organisation


@action_of("programmes", "component.edited", Level.EDIT)
def rename(*, component, code, by):
    component.code = code
    component.save()
    return component


@action_of("programmes", "component.edited", Level.EDIT)
def rename_all(*, components, by):
    for component in components:
        component.save()
    return next(iter(components))


@action_of("programmes", "programme.edited", Level.EDIT)
def touch(*, by):
    return by


@action_of("programmes", "component.edited", Level.EDIT)
def fail(*, component, by):
    component.code = "perdu"
    component.save()
    raise ValueError


@pytest.fixture
def programme(db):
    return a_programme()


@pytest.fixture
def editor(programme):
    return a_user("me_officer", programme)


@pytest.fixture
def component(programme):
    row = a_component(programme)
    row.save()
    return row


def test_an_act_leaves_one_line_with_who_which_verb_and_why(component, editor):
    rename(component=component, code="C2", by=editor, why="Avenant 1")

    event = Event.objects.get()
    assert (event.by, event.verb, event.why, event.target_id) == (editor, "component.edited", "Avenant 1", component.pk)
    assert event.programme_id == component.programme_id


def test_a_fault_undoes_the_whole_act(component, editor):
    with pytest.raises(ValueError):
        fail(component=component, by=editor)

    assert Component.objects.get().code == "C1" and not Event.objects.exists()


@pytest.mark.parametrize("role", ["funder", None])
def test_those_who_may_not_are_refused_before_anything(programme, component, role):
    with pytest.raises(PermissionDenied):
        rename(component=component, code="C2", by=a_user(role, programme))
    assert Component.objects.get().code == "C1"


def test_a_row_about_to_be_added_is_held_to_its_programme(programme, editor):
    with pytest.raises(PermissionDenied):
        rename(component=a_component(a_programme()), code="C2", by=editor)

    rename(component=a_component(programme), code="C2", by=editor)
    assert Component.objects.get().code == "C2"


def test_a_row_cannot_be_carried_to_another_programme_in_memory(component, editor):
    component.programme = a_programme()

    with pytest.raises(PermissionDenied):
        rename(component=component, code="C2", by=editor)


@pytest.mark.parametrize("collection", [list, tuple, set])
def test_one_foreign_row_in_a_collection_is_enough_to_refuse(programme, component, editor, collection):
    other = a_component(a_programme())
    other.save()

    with pytest.raises(PermissionDenied):
        rename_all(components=collection([component, an_organisation(), other]), by=editor)
    with pytest.raises(PermissionDenied):
        rename_all(components=Component.objects.all(), by=editor)
    rename_all(components=Component.objects.filter(pk=component.pk), by=editor)
    rename_all(components=collection([component]), by=editor)


def test_an_act_on_nothing_still_takes_a_right_somewhere(programme, editor):
    with pytest.raises(PermissionDenied):
        touch(by=a_user("funder", programme))
    touch(by=editor)


def test_many_rows_cost_as_many_queries_as_there_are_models(programme, editor, django_assert_max_num_queries):
    rows = [a_component(programme, code=f"C{n}") for n in range(20)]
    Component.objects.bulk_create(rows)
    rows = list(Component.objects.all())

    with django_assert_max_num_queries(27):  # 20 saves, one check, the trail
        rename_all(components=rows, by=editor)


def test_every_verb_has_a_word_for_people():
    known = {verb for verb in VERBS if verb.rpartition(".")[2] in ACTS}
    assert known == VERBS
