"""What a hand does on a page: open the menu on a phone, change the period, narrow a table, explore a chart."""

import pytest

TABLE = "/dashboards/indicators/"


def test_the_menu_of_a_phone_is_a_dialog_that_gives_the_focus_back(open_as, axe):
    page = open_as("me_officer", "/", width=390)

    page.click("[data-menu]")

    assert page.is_visible("dialog#menu #shelves")
    assert axe(page) == []
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('[data-menu]')")
    assert page.evaluate("document.querySelector('.frame').firstElementChild.id") == "shelves"


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_small_menu_opens_within_a_phone(open_as, language):
    page = open_as("me_officer", "/results/results/", language=language, width=390)

    page.click("main .menu summary")
    box = page.locator("main .menu[open] ul").bounding_box()

    assert box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_a_choice_is_not_lost_for_a_reason_left_blank(open_as):
    page = open_as("me_officer", "/submissions/submissions/?state=received")
    page.locator("input[name=chosen]").first.check()

    page.click("button[value=rejected]")

    assert page.locator("input[name=chosen]:checked").count() == 1
    assert page.evaluate("document.activeElement.name") == "reason"
    page.click("button[value=validated]")
    page.wait_for_selector(".message.success")


def test_a_period_chosen_with_the_pointer_is_in_sight_at_once(open_as):
    page = open_as("me_officer", TABLE)
    before = page.inner_text(".lead")
    other = page.locator("select[name=period] option:not([selected])").first.get_attribute("value")

    page.hover("select[name=period]")
    with page.expect_navigation():
        page.select_option("select[name=period]", other)

    assert page.inner_text(".lead") != before


def test_the_table_narrows_while_one_types_and_the_address_follows(open_as):
    page = open_as("me_officer", TABLE)
    every = page.locator("tr.measure").count()

    page.locator(".filters input[type=search]").press_sequentially("zzz")
    page.wait_for_url("**q=zzz**")

    assert page.locator("tr.measure").count() < every


def test_the_chart_of_an_indicator_explores_under_a_strict_policy(open_as):
    page = open_as("me_officer", TABLE)

    page.locator("tr.measure .name a").first.click()
    page.wait_for_selector("figure.chart.is-live svg", timeout=10_000)

    assert page.faults == []


def test_columns_folded_on_a_phone_come_back(open_as):
    page = open_as("project_manager", "/partners/organisations/", width=390)
    folded = page.locator("#list .opt").first

    assert not folded.is_visible()
    page.click("[data-unfold]")
    assert folded.is_visible()


def test_a_refused_form_keeps_what_was_typed_and_moves_the_focus_to_the_reasons(open_as):
    page = open_as("me_officer", "/results/dimensions/add/")

    page.fill("input[name=code]", "pas un code !")
    page.click("main form .btn-primary")

    page.wait_for_selector(".errors-summary:focus")
    assert page.input_value("input[name=code]") == "pas un code !"
