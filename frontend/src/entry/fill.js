// The page where a form is filled: a new sheet, one kept on the device, or the correction of one received.
import { answered, instanceId, instanceName, opening, settled } from "./instance.js";
import { follow, keepOffline } from "./panel.js";
import { keep, sheet } from "./store.js";

const AUTOSAVE = 1_000; // milliseconds
const PATIENCE = 3_000; // milliseconds that a page being reloaded has to let a sheet go
const page = JSON.parse(document.getElementById("entry-page").textContent);
const { words } = page;
globalThis.odkWord = (text, n) => (words.engine[text] ?? text).replace("{n}", n);

const one = (selector) => document.querySelector(selector);
const place = one("#form");
const told = one("#told");
const reason = one("#reason");
const asked = new URLSearchParams(location.hash.slice(1));
const panel = follow(page, one("#kept"));
let current = null; // {id, corrects, form}
let isSubmitted = false; // no draft is written over a sheet to send

function say(text, level = "") {
  told.replaceChildren(Object.assign(document.createElement("p"), { className: `note ${level}`, textContent: text }));
}

const read = async (payload) => {
  const data = payload.data[0] ?? payload.data;
  const files = [...data.entries()].filter(([name]) => name !== "xml_submission_file").map(([name, file]) => [file.name ?? name, file]);
  return { xml: await data.get("xml_submission_file").text(), files };
};

const got = async (url) => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer;
};

/** What the engine starts from: nothing, a kept sheet, or a version received. */
async function start() {
  if (asked.get("sheet")) {
    const kept = await sheet(asked.get("sheet"));
    if (kept?.owner !== page.owner || kept.state === "waiting" || kept.state === "sent") throw new Error(words.gone);
    if (reason && kept.corrects) reason.value = kept.reason;
    const files = new Map(kept.files);
    current = { id: kept.id, corrects: kept.corrects, form: kept.form };
    return { xml: kept.xml, names: [...files.keys()], file: (name) => new Response(files.get(name)) };
  }
  if (asked.get("submission")) {
    const received = await (await got(`${page.submissions}${asked.get("submission")}/`)).json();
    current = { id: "", corrects: received.corrects, form: received.form };
    return { xml: received.xml, names: received.files.map((file) => file.name), file: (name) => fetch(received.files.find((file) => file.name === name).url) };
  }
  current = { id: "", corrects: "", form: page.form };
  return null;
}

/** Whether this tab alone has a sheet open: two would write over each other. It stays so until the page closes. */
function alone(id) {
  if (!id || !navigator.locks) return true;
  page.opened = id;
  return new Promise((resolve) => {
    const held = () => {
      resolve(true);
      return new Promise(() => {});
    };
    navigator.locks.request(`jalons-sheet ${id}`, { signal: AbortSignal.timeout(PATIENCE) }, held).catch(() => resolve(false));
  });
}

async function open() {
  const before = await start();
  if (!(await alone(current.id))) throw new Error(words.twice);
  one("#correction").hidden = !current.corrects;
  const formXml = opening(await (await got(current.form.xml)).text(), page.translation);
  const { mounted } = await import("./engine.js");
  const engine = await mounted(place, {
    formXml, trackDevice: !page.public, language: page.language, words,
    attachment: (url) => fetch(current.form.media + encodeURIComponent(String(url).split("/").pop())),
    editInstance: before && { resolveInstance: () => before.xml, attachmentFileNames: before.names, resolveAttachment: async (name) => before.file(name) },
    onSubmit: (payload) => submit(engine, payload),
  });
  place.classList.add("is-open");
  const first = await read(await engine.now());
  if (!current.id) alone((current.id = instanceId(first.xml)));
  followChanges(engine, said(first.xml));
}

function kept(state, { xml, files }) {
  const why = current.corrects ? reason.value.trim() : "";
  return {
    id: current.id, owner: page.owner, title: page.title, name: page.public ? "" : instanceName(xml), state, at: Date.now(), files, message: "", page: location.pathname, send: page.send,
    form: current.form, corrects: current.corrects, reason: why, xml: settled(xml, { id: current.id, corrects: current.corrects, reason: why }),
  };
}

async function submit(engine, payload) {
  if (current.corrects && !reason.value.trim()) {
    reason.setAttribute("aria-invalid", "true");
    reason.focus();
    return say(words.why, "refusal");
  }
  isSubmitted = true;
  try {
    await keep(kept("waiting", await read(payload)));
  } catch {
    isSubmitted = false;
    return say(words.full, "refusal"); // nothing is lost: the form is still there
  }
  stop();
  page.opened = "";
  told.replaceChildren();
  engine.close();
  place.hidden = true;
  one("#correction").hidden = true;
  one("#before")?.remove();
  one("#after").hidden = false;
  one("#after h2").focus();
  await panel.show();
  await panel.go();
}

const said = (xml) => answered(xml) + (reason?.value ?? "");

// A draft keeps itself: what is being filled survives a closed tab, another language, a page that one leaves.
let stop = () => {}, settle = async () => {}, isPending = () => false;
function followChanges(engine, blank) {
  let touched = false, unsaved = false, last = blank;
  const touch = ({ target }) => (touched ||= !target.closest?.("a")); // lists and calendars open outside the form
  const save = async (always = false) => {
    if (!touched && !always) return;
    touched = false;
    const now = await read(await engine.now());
    unsaved = said(now.xml) !== last;
    if (isSubmitted || page.public || (!unsaved && !always)) return;
    try {
      await keep(kept("draft", now));
    } catch {
      return say(words.full, "refusal");
    }
    [last, unsaved] = [said(now.xml), false];
    history.replaceState(null, "", `#sheet=${encodeURIComponent(current.id)}`); // the same sheet when the page comes back
    one("#saved").textContent = words.saved.replace("{time}", new Intl.DateTimeFormat("fr", { timeStyle: "short" }).format());
  };
  const timer = setInterval(save, AUTOSAVE);
  const hidden = () => document.visibilityState === "hidden" && save();
  const ask = (event) => (touched || unsaved) && event.preventDefault(); // the browser asks
  for (const type of ["input", "change", "click", "keyup"]) document.addEventListener(type, touch, true);
  document.addEventListener("visibilitychange", hidden);
  addEventListener("beforeunload", ask);
  if (!page.public) one("#later").hidden = false;
  [settle, isPending] = [save, () => touched];
  stop = () => {
    [settle, isPending] = [async () => {}, () => false];
    clearInterval(timer);
    document.removeEventListener("visibilitychange", hidden);
    removeEventListener("beforeunload", ask);
    history.replaceState(null, "", location.pathname);
    if (page.public) return;
    one("#later").hidden = true;
    one("#saved").textContent = "";
  };
}

// A page left within a second, for another or for another language: the draft is kept first, and the same sheet opens there.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || !isPending() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  settle().finally(() => link.click());
});
const leave = (event) => {
  const { target, submitter } = event;
  if (target.matches(".languages")) target.action = target.action.split("#")[0] + location.hash;
  if (place.contains(target) || !isPending()) return;
  event.preventDefault();
  event.stopPropagation(); // nothing takes it for sent
  settle().finally(() => target.requestSubmit(submitter));
};
document.addEventListener("submit", leave, true);
one("#later")?.addEventListener("click", () => settle(true).then(() => location.assign(page.list)));

addEventListener("hashchange", () => settle().finally(() => location.reload())); // another sheet of this same page
await panel.show();
try {
  if (!page.shut || location.hash) await open(); // no new sheet where the collection is closed; one kept here opens
} catch (fault) {
  const text = [words.gone, words.twice].find((word) => word === fault.message) ?? (navigator.onLine ? words.refused : words.absent);
  say(text, "refusal");
  if (text === words.refused) {
    const details = document.createElement("details");
    details.append(Object.assign(document.createElement("summary"), { textContent: words.details }), Object.assign(document.createElement("pre"), { textContent: fault.message }));
    told.append(details);
  }
}
one("#opening").hidden = true;
await panel.go();
const files = [...new Set([page.form, current?.form ?? page.form].flatMap((form) => [form.xml, ...form.files]))];
if ((await keepOffline(page, [location.pathname, ...(page.public ? [] : [page.list]), ...files])) && !page.shut) one("#offline").textContent = words.offline;
