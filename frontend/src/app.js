// The little that pages need beyond HTML: htmx, the phone's menu, pickers, folding, toasts. Everything works without it, less smoothly.
import htmx from "htmx.org/dist/htmx.esm.js";

const root = document.documentElement;
const one = (selector, from = document) => from.querySelector(selector);
const on = (type, selector, act) =>
  document.addEventListener(type, (event) => {
    const element = event.target.closest?.(selector);
    if (element) act(element, event);
  });

root.classList.add("has-script");

// Pages kept to be filled without a network bear somebody's name: another account, or none, does not find them.
const { owner } = document.body.dataset;
if (localStorage.getItem("jalons-owner") !== owner) {
  globalThis.caches?.delete("jalons-pages");
  localStorage.setItem("jalons-owner", owner);
}

// No evaluation, no injected style, no page kept in the browser's storage: a strict policy and personal data both ask for it.
Object.assign(htmx.config, {
  allowEval: false,
  includeIndicatorStyles: false,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  selfRequestsOnly: true,
  scrollIntoViewOnBoost: false,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});

// Toasts: from the server (HX-Trigger: {"toast": {"message": …, "level": …}}) and when the network fails.
function toast(message, level = "info") {
  const line = one("#toast-line").content.cloneNode(true).firstElementChild;
  one("span", line).textContent = message;
  line.classList.add(level);
  one("#toasts").append(line);
  if (level !== "error") setTimeout(() => line.matches(":hover, :focus-within") || line.remove(), 8000);
}
document.addEventListener("toast", (event) => toast(event.detail.message, event.detail.level));
document.addEventListener("htmx:sendError", () => toast(one("#toasts").dataset.offline, "error"));
document.addEventListener("htmx:responseError", () => toast(one("#toasts").dataset.failed, "error"));
on("click", ".toast-line button", (button) => button.closest(".toast-line").remove());

// Pickers: a choice made with the pointer goes at once; made with the keyboard, it waits for Enter or the button.
let lastKey = "";
document.addEventListener("pointerdown", () => (lastKey = ""), true);
document.addEventListener("keydown", (event) => (lastKey = event.key), true);
on("change", "select[data-submit]", (select) => {
  if (!lastKey.startsWith("Arrow") && lastKey.length !== 1) select.form.requestSubmit();
});
on("keydown", "select[data-submit]", (select, event) => {
  if (event.key === "Enter" && !select.selectedOptions[0]?.defaultSelected) select.form.requestSubmit();
});

// The menu of small screens is a real dialog that borrows the shelves while it is open.
const menu = one("#menu");
on("click", "[data-menu]", (link, event) => {
  event.preventDefault();
  one(".menu-body", menu).append(one("#shelves"));
  menu.showModal();
});
menu?.addEventListener("close", () => one(".frame").prepend(one("#shelves")));
menu?.addEventListener("click", (event) => event.target === menu && menu.close());
matchMedia("(min-width: 75.01rem)").addEventListener("change", (wide) => wide.matches && menu?.open && menu.close());

// Small menus (details): one at a time, closed by Escape or a click elsewhere.
const closeMenus = (except) => document.querySelectorAll("details.menu[open]").forEach((open) => open !== except && (open.open = false));
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = one("details.menu[open]");
    closeMenus();
    open?.querySelector("summary").focus();
  }
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && one(".topbar .find input")) {
    event.preventDefault();
    one(".topbar .find input").focus();
  }
});

// Filters are folded on a phone, open elsewhere.
if (matchMedia("(max-width: 45rem)").matches) document.querySelectorAll("details.filters:not([data-used])").forEach((filters) => (filters.open = false));

// Columns folded on a phone come back together.
on("click", "[data-unfold]", (button) => {
  const unfolded = document.getElementById(button.dataset.unfold).classList.toggle("unfolded");
  button.setAttribute("aria-expanded", unfolded);
});

// Choose every row of a list.
on("change", "[data-choose-all]", (box) =>
  box.closest("form, table").querySelectorAll("input[name='chosen']").forEach((other) => (other.checked = box.checked)),
);

// What one chose is not lost for a reason left blank.
on("click", "button[name='state']", (button) => {
  for (const field of button.form.querySelectorAll("[data-asked]")) field.required = field.name === button.dataset.needs;
});

// Writing a formula: a click on a question writes it where one was writing, a click on a form or a repeat fills its field.
let writing = null;
document.addEventListener("focusin", (event) => event.target.dataset?.takes && (writing = event.target));
function write(text) {
  if (!writing?.isConnected) return one("#toasts").dataset.where && toast(one("#toasts").dataset.where);
  writing.setRangeText(text, writing.selectionStart, writing.selectionEnd, "end");
  writing.focus();
  writing.dispatchEvent(new Event("change", { bubbles: true }));
}
on("click", "[data-inserts]", (button) => write(writing?.dataset.takes === "name" ? button.dataset.inserts : `\${${button.dataset.inserts}}`));
on("click", "[data-inserts-choice]", (button) => write(`'${button.dataset.insertsChoice}'`));
on("click", "[data-sets]", (button) => {
  const field = document.getElementById(`id_${button.dataset.sets}`);
  field.value = button.dataset.value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

on("click", "[data-print]", () => print());

// A refused form says why before anything else.
one(".errors-summary")?.focus();

// A form is sent once, even when the answer is slow to come.
// Signing out of a device on which sheets wait to be sent: what becomes of them is asked first, on a page of its own.
const waits = () =>
  new Promise((resolve) => {
    setTimeout(resolve, 2000, false); // one always gets out
    const request = indexedDB.open("jalons-entry");
    request.onupgradeneeded = () => request.transaction.abort(); // nothing was ever kept here
    request.onerror = (event) => (event.preventDefault(), resolve(false));
    request.onsuccess = () => {
      const all = request.result.transaction("sheets").objectStore("sheets").index("owner").getAll(owner);
      all.onsuccess = () => resolve(all.result.some((sheet) => sheet.state !== "sent"));
      request.result.close();
    };
  });
document.addEventListener("submit", async (event) => {
  const { leaving } = document.body.dataset;
  if (!leaving || !event.target.matches("form[action$='/logout/']:not([data-sure])")) return;
  event.preventDefault();
  if (await waits().catch(() => false)) location.assign(leaving);
  else event.target.submit();
});
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post" || event.defaultPrevented) return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});
// Whoever comes next to this computer goes back to no page that the browser kept.
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[action$='/logout/']")) localStorage.setItem("left", Date.now());
});
addEventListener("pageshow", (event) => {
  if (!event.persisted || localStorage.getItem("left") < performance.timeOrigin) return;
  document.documentElement.hidden = true;
  location.reload();
});
addEventListener("pageshow", () =>
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  }),
);
