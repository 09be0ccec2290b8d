"""A form filled in the browser: without a network, through faults, corrected, and behind a public link."""

import base64
import re
from datetime import date, timedelta

from playwright.sync_api import expect

ENTRY, FORM = "/submissions/entry/", "Feuille de présence"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC"
)
CHOICES = ("Région", "Province ou préfecture", "Commune")  # each list follows the answer before
TEXTS = {
    "Intitulé de l'activité": "Atelier hors ligne", "Structure organisatrice": "Association A",
    "Nom de la personne qui remplit": "Agent", "Nom de famille": "Alaoui", "Prénom": "Salma",
}  # fmt: skip
TICKED = {
    "Type d'activité": 2, "Sexe": 0, "Groupe cible": 3, "Structure représentée": 0, "La personne accepte": 0,
    "est-il atteint": 0,
}  # fmt: skip


def asked(page, label):
    return page.locator(".question-container", has_text=label).first


def fill(page):
    """Every question that the attendance sheet asks, a person in its repeat and a photo."""
    asked(page, "Date de l'activité").locator("input").click()
    page.locator(".p-datepicker-day:not(.p-disabled)").first.click()
    for label, text in TEXTS.items():
        asked(page, label).locator("input").fill(text)
    for label in CHOICES:
        asked(page, label).locator(".p-select").click()
        page.locator(".p-select-option").first.click()
        expect(page.locator(".p-select-option")).to_have_count(0)
    asked(page, "Durée en heures").locator("input").press_sequentially("3")
    for label, n in TICKED.items():
        asked(page, label).locator("input[type=radio], input[type=checkbox]").nth(n).check(force=True)
    photo = {"name": "feuille.png", "mimeType": "image/png", "buffer": PNG}
    asked(page, "Photo de la feuille").locator("input[type=file]").last.set_input_files(photo)
    expect(asked(page, "Photo de la feuille").locator("img")).to_be_visible(timeout=15_000)  # read and made smaller


def opened(page):
    expect(page.locator("#form.is-open")).to_be_visible()


def kept_offline(page):
    """Until the device holds the page, the form and the engine."""
    expect(page.get_by_text("s’ouvre désormais sans réseau")).to_be_visible()


def send(page):
    page.get_by_role("button", name="Envoyer", exact=True).click()


def test_a_form_filled_without_a_network_is_sent_once_and_corrected(open_as):
    page = open_as("data_collector", ENTRY)
    page.get_by_role("link", name=FORM, exact=True).click()
    opened(page)
    kept_offline(page)
    posts = []
    page.context.on("request", lambda r: r.method == "POST" and posts.append(r.url))
    page.context.set_offline(True)
    page.reload()
    opened(page)
    fill(page)
    send(page)
    waiting = page.locator("#kept .badge")
    expect(waiting).to_have_text("en attente")
    address = page.url
    tab = page.context.new_page()
    page.close()  # nothing but the device holds it now

    tab.goto(address)
    expect(tab.locator("#kept .badge")).to_have_text("en attente")
    tab.evaluate("() => globalThis.button = document.querySelector('#kept p > button')")
    assert not [url for url in posts if url.endswith("/send/")]
    answers = []
    tab.on("response", lambda r: r.url.endswith("/send/") and answers.append(r.status))
    tab.context.route("**/send/", lambda route: route.fulfill(status=503, json={"message": "Plus tard."}))
    tab.context.set_offline(False)  # it goes by itself
    expect(tab.locator("#kept")).to_contain_text("Plus tard.", timeout=20_000)
    expect(tab.locator("#kept .badge")).to_have_text("en attente")
    assert tab.evaluate("() => button.isConnected")  # a click never falls between two drawings
    tab.context.unroute("**/send/")
    tab.reload()  # and again whenever the page opens
    expect(tab.locator("#kept .badge")).to_have_text("envoyée", timeout=20_000)
    assert answers[-1] in (201, 202)  # 202: known already, when the reload cut the answer short
    assert page.strays == []

    correct(tab)


def correct(page):
    """The sheet just sent, once it came in, gets another version, with its reason."""
    expect(page.locator("#kept .badge")).to_have_text("envoyée")
    page.wait_for_timeout(4_000)  # it comes in within three seconds
    page.goto("/submissions/submissions/")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="Corriger dans le formulaire").click()
    opened(page)
    expect(asked(page, "Intitulé de l'activité").locator("input")).to_have_value(TEXTS["Intitulé de l'activité"])
    expect(asked(page, "Photo de la feuille").locator("img")).to_be_visible(timeout=15_000)
    send(page)
    expect(page.locator("#told")).to_contain_text("pourquoi")
    page.fill("#reason", "Intitulé mal écrit")
    asked(page, "Intitulé de l'activité").locator("input").fill("Atelier d’Oujda")
    with page.expect_response(re.compile("/send/")) as answer:
        send(page)
    assert answer.value.status == 201


def test_a_draft_comes_back_and_a_session_that_ended_loses_nothing(open_as, states, axe):
    page = open_as("data_collector", ENTRY)
    page.get_by_role("link", name=FORM, exact=True).click()
    opened(page)
    assert axe(page) == []
    page.locator(".p-datepicker input").first.click()
    page.locator(".p-datepicker-day").first.wait_for()
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(page.locator(".p-datepicker-day")).to_have_count(0)
    asked(page, "Région").locator(".p-select").click()
    page.locator(".p-select-option").first.wait_for()
    assert [fault for fault in axe(page) if not fault.startswith("region")] == []  # the engine hangs it below the page
    page.keyboard.press("Escape")
    expect(page.locator(".p-select-option")).to_have_count(0)
    fill(page)
    in_another_language(page)
    assert axe(page) == []
    page.get_by_role("button", name="Garder pour plus tard").click()
    page.wait_for_url(f"**{ENTRY}")
    page.get_by_role("link", name=FORM, exact=True).click()
    opened(page)
    page.get_by_role("link", name="Reprendre").click()  # from the page of the same form
    expect(asked(page, "Prénom").locator("input")).to_have_value("Salma")
    page.context.route("**/whose/", lambda route: route.fulfill(status=401, json={}))
    send(page)

    expect(page.locator("#kept")).to_contain_text("Votre session est terminée. Rien n’est perdu")
    expect(page.locator("#kept .badge")).to_have_text("en attente")

    page.goto("/")
    page.locator("details.menu summary").last.click()
    page.get_by_role("button", name="Se déconnecter").first.click()  # what waits is told first
    page.wait_for_url("**/leaving/")
    expect(page.locator("#kept")).to_contain_text("Atelier hors ligne en attente")
    page.context.clear_cookies()
    page.context.add_cookies(states("me_officer")["cookies"])
    page.goto(ENTRY)  # another account, on the same device
    expect(page.locator("#kept")).to_contain_text("Rien n’attend")
    expect(page.locator("#kept")).to_contain_text("D’autres comptes ont ici des fiches")
    kept = "async () => (await (await caches.open('jalons-pages')).keys()).map((one) => new URL(one.url).pathname)"
    page.wait_for_function("() => caches.has('jalons-pages')")
    assert page.evaluate(kept) in ([], [ENTRY])


def in_another_language(page):
    """What was typed a moment ago is there in the other language, and back."""
    asked(page, "Lieu précis").locator("input").fill("Salle 2")
    for language in ("ar", "fr"):
        page.locator(f"button[name=language][value={language}]:visible").click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        opened(page)
    expect(asked(page, "Lieu précis").locator("input")).to_have_value("Salle 2")


def test_a_public_link_opens_its_form_alone_in_arabic_until_it_is_closed(open_as, browser, demonstration, axe):
    officer = open_as("me_officer", "/submissions/entrylinks/add/")
    officer.select_option("select[name=form]", label=FORM)
    officer.fill("input[name=name]", "Atelier")
    officer.fill("input[name=expires_on]", (date.today() + timedelta(days=9)).isoformat())
    officer.get_by_role("button", name="Ouvrir le lien").click()
    address = officer.locator("dd bdi").first.inner_text()
    context = browser.new_context(locale="ar-MA", viewport={"width": 390, "height": 844})
    try:
        page = context.new_page()
        page.goto(address)
        opened(page)
        assert page.locator("html").get_attribute("dir") == "rtl"
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert page.get_by_role("navigation").count() == 0
        assert axe(page) == []
        for language in ("fr", "ar"):
            page.locator(f"button[name=language][value={language}]").click()
            expect(page.locator("html")).to_have_attribute("lang", language)

        officer.get_by_role("link", name="C’est copié").click()
        officer.get_by_role("link", name="Fermer").click()
        officer.get_by_role("button", name="Fermer ce lien").click()
        expect(officer.get_by_text("Lien fermé")).to_be_visible()
        assert page.goto(address).status == 410
    finally:
        context.close()


WAITING = """form => new Promise((done) => {
  const sheet = (id, send, at) => ({
    id, send, at, owner: document.body.dataset.owner, title: id, state: "waiting", files: [], message: "",
    page: form, form: {}, corrects: "", reason: "", xml: "<data/>",
  });
  const request = indexedDB.open("jalons-entry");
  request.onsuccess = () => {
    const kept = request.result.transaction("sheets", "readwrite");
    kept.objectStore("sheets").put(sheet("première", "/submissions/entry/1/send/", 1));
    kept.objectStore("sheets").put(sheet("deuxième", "/submissions/entry/2/send/", 2));
    kept.oncomplete = done;
  };
})"""


def test_a_sheet_that_does_not_pass_never_holds_back_the_others(open_as):
    page = open_as("data_collector", ENTRY, width=390)
    page.evaluate(WAITING, ENTRY)
    page.context.route("**/1/send/", lambda route: route.abort())
    page.context.route("**/2/send/", lambda route: route.fulfill(status=404, body="<html></html>"))
    page.get_by_role("link", name=FORM, exact=True).evaluate("() => location.reload()")

    expect(page.locator("#kept li", has_text="deuxième")).to_contain_text("sans dire pourquoi (404)")
    expect(page.locator("#kept li", has_text="première")).to_contain_text("en attente")
    page.on("dialog", lambda asked: asked.accept())
    page.context.route("**/1/send/", lambda route: None)  # a network that never answers keeps nobody from leaving
    page.goto(f"{ENTRY}leaving/")
    page.context.route("**/logout/", lambda route: route.fulfill(body="parti"))  # the session serves other tests
    page.get_by_role("button", name="Les effacer et se déconnecter").click()
    expect(page.get_by_text("parti", exact=True)).to_be_visible()
