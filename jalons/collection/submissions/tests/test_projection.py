"""The typed tables: what indicators are computed from."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from jalons.collection.forms.actions import import_form
from jalons.collection.submissions import projection
from jalons.collection.submissions.actions import reject, validate
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.rebuilding import rebuild
from jalons.collection.submissions.tests.builders import (
    a_csv,
    a_received_form,
    a_survey,
    an_instance,
    received,
    two_regions,
)
from tests.builders import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def foyer():
    two_regions()
    return a_received_form()


def table(form, columns, repeat="", order="_submission, _row, _until"):
    with connection.cursor() as cursor:
        cursor.execute(f"select {columns} from projection.{projection.table_name(form.pk, repeat)} order by {order}")
        return cursor.fetchall()


INSTANCE = an_instance(
    "uuid:1",
    "<jour>2026-10-02</jour><lieu>09</lieu><taille>3</taille><besoins>eau toit</besoins>"
    "<membre><prenom>Lina</prenom><age>8</age></membre><membre><age>40</age></membre>",
)


def test_answers_land_in_typed_columns_with_their_day_and_place(foyer):
    form, officer = foyer

    received(form, INSTANCE, officer, "1.xml")

    submission = Submission.objects.get()
    where = submission.region_id
    assert table(form, "_submission, _version, _row, _parent, _state, _date, _territory, _region") == [
        (submission.pk, submission.current.pk, 0, None, "received", date(2026, 10, 2), where, where)
    ]
    assert table(form, "jour, taille, besoins") == [(date(2026, 10, 2), 3, ["eau", "toit"])]
    assert table(form, "_row, _parent, _date, _region, prenom, age", "membre") == [
        (0, 0, date(2026, 10, 2), where, "Lina", 8), (1, 0, date(2026, 10, 2), where, None, 40),
    ]  # fmt: skip


def test_unknown_not_asked_and_maybe_asked_are_three_things(foyer):
    form, officer = foyer

    received(form, an_instance("uuid:1", "<taille>1</taille>"), officer, "1.xml")
    received(form, a_csv("a2,,,,,,"), officer)

    phone, row = table(form, "besoins, _not_asked, _maybe_asked")
    assert phone == (None, ["besoins"], [])
    assert row[0] is None
    assert "besoins" in row[2]


def test_a_review_tells_the_typed_tables(foyer):
    form, officer = foyer
    second = a_user("me_officer", form.programme)
    received(form, INSTANCE, officer, "1.xml")

    validate(submission=Submission.objects.get(), by=second)
    states = table(form, "_state"), table(form, "_state", "membre")
    reject(submission=Submission.objects.get(), reason="Doublon", by=second)

    assert states == ([("validated",)], [("validated",)] * 2)
    assert table(form, "_state", "membre") == [("closed",), ("rejected",)] * 2


def test_a_new_version_replaces_the_rows_of_the_old_one(foyer):
    form, officer = foyer
    received(form, INSTANCE, officer, "1.xml")

    received(form, an_instance("uuid:2", "<taille>5</taille><membre><age>9</age></membre>", "uuid:1"), officer, "2.xml")

    assert table(form, "taille") == [(5,)]
    assert table(form, "age", "membre") == [(9,)]


def test_a_new_version_of_the_form_adds_columns_and_widens_types(foyer):
    form, officer = foyer
    received(form, INSTANCE, officer, "1.xml")
    wider = a_survey(["text", "quartier", "Quartier", "", "", "", ""], version="2")
    import_form(programme=form.programme, data=wider, file_name="foyer.xlsx", by=officer)

    received(
        form, an_instance("uuid:9", "<taille>4</taille><quartier>Talborjt</quartier>", version="2"), officer, "9.xml"
    )

    assert table(form, "taille, quartier") == [(3, None), (4, "Talborjt")]


@pytest.mark.parametrize(
    ("before", "after", "value", "kept"),
    [("bigint", "double precision", 3, 3.0), ("bigint", "text", 3, "3"), ("text[]", "text", ["a", "b"], "a b"),
     ("text", "text[]", "a b", ["a", "b"]), ("date", "text", date(2026, 10, 2), "2026-10-02")],
)  # fmt: skip
def test_a_column_that_changes_type_keeps_what_it_holds(foyer, before, after, value, kept):
    projection.ensure(foyer[0])
    with connection.cursor() as cursor:
        cursor.execute(f"create table projection.essai (q {before})")
        cursor.execute("insert into projection.essai values (%s)", [value])
        target = projection.Target("essai", {"q": after})

        projection._extend(cursor, target, {"q": before})

        cursor.execute("select q from projection.essai")
        assert cursor.fetchone() == (kept,)


def whole(form):
    """Every row of the typed tables; as text, for an end that never comes is no date of Python."""
    return [
        table(form, f"form_{form.pk}{ending}::text", repeat) for repeat, ending in (("", ""), ("membre", "_membre"))
    ]


def test_rebuilding_gives_the_same_tables(foyer):
    form, officer = foyer
    received(form, INSTANCE, officer, "1.xml")
    received(form, a_csv("a2,2026-10-03,02,,1,,", "a3,,,,4,toit,"), officer)
    validate(submission=Submission.objects.get(instance_id="a2"), by=a_user("me_officer", form.programme))
    before = whole(form)

    rebuild(form)

    assert whole(form) == before


CORRECTED = an_instance("uuid:2", "<jour>2026-11-05</jour><lieu>02</lieu><taille>5</taille>", "uuid:1")


def test_what_counted_is_kept_when_a_correction_takes_its_place(foyer):
    form, officer = foyer
    second = a_user("me_officer", form.programme)
    received(form, INSTANCE, officer, "1.xml")
    validate(submission=Submission.objects.get(), by=second)
    validated = Submission.objects.get().reviewed_at

    received(form, CORRECTED, officer, "2.xml")
    assert table(form, "_state, age, _until = '-infinity'", "membre")[-2:] == [
        ("validated", 8, False), ("validated", 40, False)
    ]  # fmt: skip
    validate(submission=Submission.objects.get(), by=second)

    kept = "_state, taille, _date, _since, nullif(_until, 'infinity')"
    past, present = table(form, kept)
    moment = Submission.objects.get().reviewed_at
    assert past == ("closed", 3, date(2026, 10, 2), validated, moment)
    assert present == ("validated", 5, date(2026, 11, 5), moment, None)
    assert table(form, "_state, age", "membre") == [("closed", 8), ("closed", 40)]


def test_what_counted_is_kept_when_it_is_rejected_and_may_count_again(foyer):
    form, officer = foyer
    second = a_user("me_officer", form.programme)
    received(form, INSTANCE, officer, "1.xml")
    submission = Submission.objects.get()
    for _time in range(2):
        validate(submission=submission, by=second)
        reject(submission=submission, reason="Doublon", by=second)
    validate(submission=submission, by=second)

    spans = table(form, "_state, _since, least(_until, '2999-01-01')", "membre", "_row, _until")

    assert [state for state, _since, _until in spans] == ["closed", "closed", "validated"] * 2
    ends = [at for _state, *both in spans[:3] for at in both]
    assert ends == sorted(ends) and ends[-1] == datetime(2999, 1, 1, tzinfo=UTC).astimezone(ends[-1].tzinfo)


def test_what_never_counted_is_replaced_without_a_trace(foyer):
    form, officer = foyer
    received(form, INSTANCE, officer, "1.xml")
    reject(submission=Submission.objects.get(), reason="Doublon", by=a_user("me_officer", form.programme))

    received(form, CORRECTED, officer, "2.xml")

    assert table(form, "_state, taille") == [("received", 5)]


def test_rebuilding_loses_nothing_of_what_counted(foyer):
    form, officer = foyer
    second = a_user("me_officer", form.programme)
    received(form, INSTANCE, officer, "1.xml")
    received(form, a_csv("a2,2026-10-03,02,,1,,", "a3,,,,4,toit,", "a4,,,,2,,"), officer)
    one, two, three, _four = Submission.objects.order_by("pk")
    for submission in (one, two, three):
        validate(submission=submission, by=second)
    reject(submission=two, reason="Doublon", by=second)
    received(form, CORRECTED, officer, "2.xml")
    validate(submission=one, by=second)
    reject(submission=three, reason="Hors sujet", by=second)
    validate(submission=three, by=second)
    before = whole(form)

    rebuild(form)

    assert whole(form) == before
    assert table(form, "_state", order="_submission, _until") == [
        (state,) for state in ("closed", "validated", "closed", "rejected", "closed", "validated", "received")
    ]


def test_copies_in_files_do_not_outlive_what_they_copy(foyer):
    form, officer = foyer
    second = a_user("me_officer", form.programme)
    received(form, INSTANCE, officer, "1.xml")
    validate(submission=Submission.objects.get(), by=second)
    copy = projection.copies(form) / "signature" / "2026-01-01_2026-03-31"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"answers")

    reject(submission=Submission.objects.get(), reason="Doublon", by=second)

    assert not projection.copies(form).exists()


def test_a_repeat_with_a_long_name_has_a_table_of_its_own():
    names = {
        projection.table_name(7, "r" * 80),
        projection.table_name(7, "r" * 81),
        projection.table_name(7, "رأس" * 20),
    }

    assert len(names) == 3
    assert all(len(name.encode()) <= 63 for name in names)


def test_names_that_are_not_identifiers_are_quoted(foyer):
    projection.ensure(foyer[0])
    hostile = projection.Target('f"; drop table projection.x; --', {'q"; --': "text"})

    with connection.cursor() as cursor:
        projection._create(cursor, hostile)
        cursor.execute("select count(*) from pg_tables where tablename = %s", [hostile.name])
        assert cursor.fetchone() == (1,)
