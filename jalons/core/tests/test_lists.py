"""Paging by key, in both directions, with ties and unknown values, for every kind of column."""

import base64
from datetime import date, timedelta

import pytest
from django.utils.translation import override

from jalons.core import lists
from jalons.core.lists import Order
from jalons.core.models import Job
from jalons.core.tests.things import Component, a_component, a_job
from tests.builders import a_programme, a_user, an_agreement


@pytest.fixture(autouse=True)
def short_pages(monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 3)


def walked(rows, order):
    """Keys of all rows, page after page, then back again from the last page."""
    forwards, cursor, cursors = [], None, []
    while True:
        found = lists.page(rows, order, cursor)
        forwards += [row.pk for row in found.rows]
        if not found.next:
            break
        cursor = found.next
        cursors.append(cursor)
        assert len(cursors) < 100
    backwards = [row.pk for row in found.rows]
    while found.previous:
        found = lists.page(rows, order, found.previous)
        backwards = [row.pk for row in found.rows] + backwards
    return forwards, backwards


@pytest.fixture
def agreements(db):
    programme = a_programme()
    amounts = [5, None, 5, 1, None, 9, 5, None, 2, 7]
    for n, amount in enumerate(amounts):
        day = date(2026, 1, 1) + timedelta(days=n % 3) if n % 2 else None
        an_agreement(programme, amount=amount, ends_on=day, name="Élan" if n % 2 else "eau", reference=f"R{n}")
    return programme.agreements.all()


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("path", ["pk", "amount", "ends_on", "name", "reference", "funder__code", "programme__title"])
def test_all_rows_come_once_in_the_same_order_both_ways(agreements, path, descending):
    order = Order(path, descending)
    expected = [row.pk for row in order.applied(agreements)]

    forwards, backwards = walked(agreements, order)

    assert forwards == backwards == expected and len(set(expected)) == 10


def test_the_first_page_says_nothing_before_it_and_the_last_nothing_after(agreements):
    first = lists.page(agreements, Order("amount", False), None)
    again = lists.page(
        agreements, Order("amount", False), lists.page(agreements, Order("amount", False), first.next).previous
    )

    assert first.previous is None and again.previous is None
    assert [row.pk for row in again.rows] == [row.pk for row in first.rows]


def forged(text):
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    ["", "AAAA", "é", "%00", "W10", forged('["amount",false,"abc",1,false]'),
     forged('["amount",false,"1",9e999,false]'), forged('["amount",false,"1\\u0000",1,false]')],
)  # fmt: skip
def test_a_damaged_cursor_leads_to_the_first_page(agreements, cursor):
    found = lists.page(agreements, Order("amount", False), cursor)

    assert found.previous is None and len(found.rows) == 3


def test_a_cursor_made_for_another_order_leads_to_the_first_page(agreements):
    other = lists.page(agreements, Order("name", False), None).next

    assert lists.page(agreements, Order("amount", False), other).previous is None


def test_accents_and_case_do_not_sort(db):
    programme = a_programme()
    for code, title in (("1", "Taux"), ("2", "Élèves"), ("3", "eau"), ("4", "Zone")):
        a_component(programme, code=code, title={"fr": title}).save()

    rows = Order("title", False).applied(Component.objects.all())

    assert [row.title["fr"] for row in rows] == ["eau", "Élèves", "Taux", "Zone"]


def test_a_text_sorts_in_the_reader_s_language_and_in_french_where_it_is_not_translated(db):
    programme = a_programme()
    for code, title in (("1", {"fr": "A", "ar": "ي"}), ("2", {"fr": "B", "ar": "أ"}), ("3", {"fr": "C"})):
        a_component(programme, code=code, title=title).save()

    with override("ar"):
        assert [row.code for row in Order("title", False).applied(Component.objects.all())] == ["3", "2", "1"]


def test_counting_stops_at_the_limit(db, monkeypatch):
    monkeypatch.setattr(lists, "COUNT_LIMIT", 2)
    programme, by = a_programme(), a_user()
    for _n in range(3):
        a_job(programme, by)

    assert lists.count(Job.objects.all()) == (2, True)
    assert lists.count(Job.objects.filter(pk=0)) == (0, False)


@pytest.mark.slow
def test_a_deep_page_reads_no_more_than_the_first(db, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(lists, "PAGE", 50)
    programme, by = a_programme(), a_user()
    Job.objects.bulk_create(Job(programme_id=programme.pk, by=by, name="core.x", label=f"{n:05}") for n in range(3_000))
    order, rows = Order("pk", True), Job.objects.all()
    middle = Job.objects.order_by("pk")[1_000]
    cursor = lists.encode(middle, order, back=False)

    with django_assert_num_queries(1):
        found = lists.page(rows, order, cursor)

    assert found.rows[0].pk == middle.pk - 1 and len(found.rows) == 50
