"""A real survey brought in by hand: its form, then its households, seen before they are kept."""

from tests.shared_data import needs_shared_data
from tests.test_real_forms import HOUSEHOLDS, MSNA

pytestmark = needs_shared_data


def test_a_household_survey_is_brought_in_by_hand_then_withdrawn(open_as):
    page = open_as("me_officer", "/forms/forms/add/")

    page.set_input_files("input[type=file]", MSNA)
    page.click("main form .btn-primary")
    page.wait_for_selector("form[action$='/confirm/']")
    assert "roster" in page.inner_text("main")
    page.click("form[action$='/confirm/'] .btn-primary")
    page.wait_for_url("**/declare/**")
    form = page.url.split("/declare/")[0].rsplit("/", 1)[1]

    page.goto(f"/submissions/batches/add/?form={form}")
    page.set_input_files("input[type=file]", HOUSEHOLDS)
    page.click("main form .btn-primary")
    page.wait_for_selector("button[name=confirm]")
    assert "241" in page.inner_text("main")
    page.click("button[name=confirm]")
    page.wait_for_selector("a[href$='/withdraw/']")
    assert "241" in page.inner_text("main") and page.faults == [] and page.strays == []

    page.click("a[href$='/withdraw/']")  # the other tests find the demonstration as it was
    page.fill("textarea[name=reason]", "Import d’essai")
    page.click("main form button")
    page.wait_for_selector("text=Import retiré par")
