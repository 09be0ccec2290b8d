// The list of what is on this device, and the sending of it: on opening, when the network comes back, by a button, every minute.
import { sendAll } from "./post.js";
import { drop, elsewhere, keep, sheetsOf, whenChanged } from "./store.js";

const EVERY = 60_000; // milliseconds
const SOON = 5_000;
const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

export function follow(page, place) {
  const words = page.words;
  const moment = new Intl.DateTimeFormat("fr", { dateStyle: "short", timeStyle: "short" }); // as the other pages write it, in every language
  const list = place.querySelector("[data-sheets]");
  const send = element("button", { type: "button", className: "btn", textContent: words.send });
  const sending = element("p", { hidden: true }, send); // never drawn again: a click would fall between
  send.addEventListener("click", () => go());
  list.after(sending);
  let shown = "";

  function line(one) {
    const state = element("span", { className: `badge is-${one.state}`, textContent: words.states[one.state] });
    const when = element("bdi", { className: "meta", textContent: moment.format(one.at) });
    const made = element("li", {}, element("bdi", { textContent: one.title }), " ");
    if (one.name) made.append(element("bdi", { className: "sheet-name", textContent: one.name }), " ");
    made.append(state, " ", when);
    if (one.message) made.append(element("p", { className: "meta", textContent: one.message }));
    if (one.state === "draft" || one.state === "refused") made.append(" ", ...choices(one));
    return made;
  }

  function choices(one) {
    const resume = element("a", { className: "btn btn-sm", href: `${one.page}#sheet=${encodeURIComponent(one.id)}`, textContent: words.resume });
    const remove = element("button", { type: "button", className: "btn btn-sm", textContent: words.remove });
    remove.addEventListener("click", async () => {
      if (!confirm(words.sure)) return;
      await drop(one.id);
      await show();
    });
    if (one.state === "draft") return [resume, " ", remove];
    const again = element("button", { type: "button", className: "btn btn-sm", textContent: words.again });
    again.addEventListener("click", async () => {
      await keep({ ...one, state: "waiting" });
      await go();
    });
    return page.gone ? [again, " ", remove] : [again, " ", resume, " ", remove];
  }

  async function show(stopped = "") {
    const all = (await sheetsOf(page.owner)).filter((one) => one.id !== page.opened || one.state !== "draft");
    const others = page.public ? 0 : await elsewhere(page.owner);
    const waiting = all.filter((one) => one.state === "waiting").length;
    place.hidden = !all.length && !others && !place.dataset.always;
    sending.hidden = !waiting;
    const drawn = JSON.stringify([others, all.map(({ id, title, name, state, at, message }) => [id, title, name, state, at, message])]);
    if (drawn !== shown) list.replaceChildren(...contents(all, others));
    shown = drawn;
    tell(waiting ? stopped : "");
    return all;
  }

  function contents(all, others) {
    const children = [element("ul", { className: "prose kept" }, ...all.map(line))];
    if (!all.length) children.push(element("p", { className: "meta", textContent: words.nothing }));
    if (others) children.push(element("p", { className: "note", textContent: words.others }));
    return children;
  }

  function tell(stopped) {
    const word = place.querySelector("[role=status]");
    word.replaceChildren(...(stopped ? [element("p", { className: "note", textContent: words.stopped[stopped] })] : []));
    if (stopped === "signed-out") {
      const next = encodeURIComponent(location.pathname);
      word.firstChild.append(" ", element("a", { href: `${page.signIn}?next=${next}`, textContent: words.signIn }));
    }
  }

  async function go() {
    await show(await sendAll(page));
  }

  addEventListener("online", () => {
    go();
    setTimeout(go, SOON); // a network that just came back may not be whole yet
  });
  setInterval(go, EVERY);
  whenChanged(() => show());
  return { go, show };
}

/** Keep what this page needs to open again without a network, and let the worker of its folder serve it; whether all is kept. */
export async function keepOffline(page, files) {
  if (!("serviceWorker" in navigator)) return false;
  await navigator.serviceWorker.register(page.worker, { scope: page.scope });
  const own = await caches.open(page.public ? "jalons-links" : "jalons-pages");
  const shared = await caches.open("jalons-parts");
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => new URL(name).pathname.startsWith(page.parts.static));
  const parts = await fetch(page.parts.list).then((answer) => answer.json(), () => []);
  const wanted = [...loaded, ...parts.map((name) => page.parts.folder + name), page.parts.list];
  const kept = await Promise.allSettled([...files.map((url) => own.add(url)), ...[...new Set(wanted)].map((url) => shared.add(url))]);
  return kept.every((one) => one.status === "fulfilled");
}
