"""The ten main pages, as people see them: accessible, whole on a phone, light, and without any other host."""

import pytest

PAGES = {
    "first page": "/",
    "indicator table": "/dashboards/indicators/",
    "logframe": "/results/results/",
    "form list": "/forms/forms/",
    "submission list": "/submissions/submissions/",
    "value list": "/measurement/indicatorvalues/",
    "report list": "/reports/reports/",
    "workbook": "/exchange/",
    "directory": "/partners/organisations/",
    "roles": "/accounts/roles/",
}


@pytest.mark.parametrize(("role", "language"), [("project_manager", "fr"), ("me_officer", "ar")])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_main_pages_are_accessible_and_whole(open_as, axe, path, role, language):
    page = open_as(role, path, language=language)
    wide = axe(page)
    page.set_viewport_size({"width": 390, "height": 844})

    assert (wide, axe(page)) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
    assert (page.strays, page.faults) == ([], [])


def test_issued_reports_are_whole_on_a_phone(open_as):
    page = open_as("me_officer", "/reports/reports/?state=issued")
    page.set_viewport_size({"width": 390, "height": 844})
    reports = page.eval_on_selector_all("tbody th a", "links => links.map(link => link.href)")

    wide = []
    for report in reports:
        page.goto(report)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append(report)
    assert reports and not wide


def test_the_first_page_weighs_less_than_300_kB(browser, demonstration, states):
    context = browser.new_context(storage_state=states("project_manager"), base_url=demonstration)
    page, weights = context.new_page(), []
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    client.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))

    page.goto("/")
    page.wait_for_load_state("networkidle")

    assert 0 < sum(weights) <= 300_000, sum(weights)
    context.close()


ACCOUNT = {
    "profile": "/accounts/profile/",
    "address": "/sign-in/email/",
    "password": "/sign-in/password/change/",
    "second factor": "/sign-in/2fa/",
    "devices": "/sign-in/sessions/",
}


@pytest.mark.parametrize("path", ACCOUNT.values(), ids=ACCOUNT)
def test_pages_of_one_s_account_are_accessible_on_a_phone(open_as, axe, path):
    page = open_as("me_officer", path, width=390)

    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


EXPLORED = (
    "explore/", "explore/?t=participants", "questions/", "questions/?of=type_activite&by=_region", "map/", "photos/",
    "export/",
)  # fmt: skip


def test_pages_that_explore_a_form_are_accessible_and_whole(open_as, axe):
    page = open_as("me_officer", "/submissions/submissions/", language="ar")
    first = page.get_attribute(".menu a[href*='/explore/']", "href").removesuffix("explore/")

    for path in EXPLORED:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(first + path)
        wide = axe(page)
        page.set_viewport_size({"width": 390, "height": 844})
        assert (path, wide, axe(page)) == (path, [], [])
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
