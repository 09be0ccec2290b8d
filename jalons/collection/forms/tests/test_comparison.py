"""Two versions of a form: what changed, and what it does to figures."""

from jalons.collection.forms.rules.comparison import Weight, compare
from jalons.collection.forms.rules.proposals import propose
from jalons.collection.forms.rules.reading import read_form
from jalons.collection.forms.tests.workbooks import a_form

CHOICES = [["list_name", "name", "label"], ["sexe", "f", "Femme"], ["sexe", "h", "Homme"]]
OLD = (["select_one sexe", "sexe", "Sexe"], ["integer", "age", "Âge"], ["text", "metier", "Métier"])


def versions(*survey, choices=CHOICES, header=("type", "name", "label")):
    old, new = (
        read_form(a_form(*OLD, choices=CHOICES), "a.xlsx"),
        read_form(a_form(*survey, choices=choices, header=list(header)), "b.xlsx"),
    )
    lists = [
        {name: [{"name": c.name, "labels": c.labels} for c in choices] for name, choices in form.lists.items()}
        for form in (old, new)
    ]
    return [(c.code, c.name, c.weight) for c in compare(old.questions, new.questions, *lists)]


def test_the_same_form_twice_has_not_changed():
    assert versions(*OLD) == []


def test_a_question_removed_breaks_figures_and_a_new_one_is_to_be_watched():
    changes = versions(OLD[0], OLD[1], ["decimal", "revenu", "Revenu"])

    assert changes == [("removed", "metier", Weight.BREAK), ("added", "revenu", Weight.WATCH)]


def test_a_question_renamed_is_recognised_by_its_words():
    assert versions(OLD[0], OLD[1], ["text", "profession", "Métier"]) == [("renamed", "metier", Weight.BREAK)]


def test_moving_to_a_group_changes_nothing_and_to_a_repeat_breaks():
    group = versions(OLD[0], ["begin_group", "g", "G"], *OLD[1:], ["end_group"])
    repeat = versions(OLD[0], ["begin_repeat", "r", "R"], *OLD[1:], ["end_repeat"])

    assert group == [("group", "age", Weight.NONE), ("group", "metier", Weight.NONE)]
    assert repeat == [("repeat", "age", Weight.BREAK), ("repeat", "metier", Weight.BREAK)]


def test_a_type_that_widens_keeps_old_answers_readable():
    assert versions(OLD[0], ["decimal", "age", "Âge"], OLD[2]) == [("widened", "age", Weight.NONE)]
    assert versions(OLD[0], ["date", "age", "Âge"], OLD[2]) == [("type", "age", Weight.BREAK)]


def test_a_new_condition_changes_who_is_asked():
    rows = [[*OLD[0], ""], [*OLD[1], "${sexe} = 'f'"], [*OLD[2], ""]]

    assert versions(*rows, header=("type", "name", "label", "relevant")) == [("relevant", "age", Weight.WATCH)]


def test_choices_gained_lost_and_reworded_are_told_apart():
    choices = [["list_name", "name", "label"], ["sexe", "f", "Femmes"], ["sexe", "autre", "Autre"]]

    assert versions(*OLD, choices=choices) == [
        ("choice_removed", "sexe", Weight.BREAK),
        ("choice_added", "sexe", Weight.WATCH),
        ("choice_label", "sexe", Weight.WATCH),
    ]


def test_roles_are_proposed_from_names_and_labels_in_three_languages():
    form = read_form(
        a_form(
            ["date", "d1", "Date de naissance"],
            ["date", "d2", "تاريخ الزيارة"],
            ["text", "q3", "الجماعة"],
            ["select_one sexe", "q4", "What is your gender?"],
            ["text", "q5", "Nom et prénom"],
            ["text", "q6", "Nom de l’association"],
            ["geopoint", "q7", "Où"],
            choices=CHOICES,
        ),
        "f.xlsx",
    )

    proposals = propose(form.questions, {"sexe": ["f", "Femme", "h", "Homme"]})

    assert (proposals.date, proposals.territory, proposals.sex) == ("d2", "q3", "q4")
    assert set(proposals.personal) == {"d1", "q5", "q7"}


def test_what_nothing_looks_like_is_left_to_the_person():
    form = read_form(a_form(["text", "remarque", "Remarque"]), "f.xlsx")

    assert propose(form.questions, {}).territory == ""
