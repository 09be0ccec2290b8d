// Sends what waits, one sheet after the other, from one tab at a time. A sheet leaves the device only once the server has it; the
// server knows each by its identifier, and keeps it once however often it comes.
import { keep, sheet, sheetsOf } from "./store.js";

const PATIENCE = 120_000; // milliseconds during which nothing moves: a large photo on a slow network goes on
const LOST = 2; // sheets that found no network, one after the other: the next would not either
const GONE_WRONG = new Set([400, 403, 404, 405, 409, 410, 413]); // sending it again as it is would change nothing

/** What stopped the sending: "" when nothing did, else "offline", "signed-out", "other-account" or "later". */
export async function sendAll(page) {
  if (!navigator.locks) return run(page);
  return navigator.locks.request("jalons-entry", { ifAvailable: true }, (lock) => (lock ? run(page) : ""));
}

/** Each sheet has its chance: one that the network or the server does not take never holds back the others. */
async function run(page) {
  const waiting = (await sheetsOf(page.owner)).filter((one) => one.state === "waiting").reverse();
  if (!waiting.length) return "";
  const stopped = await shut(page);
  if (stopped) return stopped;
  let verdict = "", lost = 0;
  for (const one of waiting) {
    const found = await send(one, page);
    if (found === "signed-out") return found;
    lost = found === "offline" ? lost + 1 : 0;
    if (found) verdict = found;
    if (lost === LOST) break;
  }
  return verdict;
}

/** Why nothing may go: the session ended, or somebody else is signed in. */
async function shut(page) {
  if (!page.door) return "";
  try {
    const answer = await fetch(page.door, { cache: "no-store", redirect: "manual" });
    if (answer.status >= 500) return "later";
    if (!answer.ok) return "signed-out";
    return (await answer.json()).owner === page.owner ? "" : "other-account";
  } catch {
    return "offline";
  }
}

/** The status and the words of the answer; null when none came. */
function posted(url, body, headers) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(); // fetch does not tell whether anything still moves
    let idle;
    const moved = () => {
      clearTimeout(idle);
      idle = setTimeout(() => request.abort(), PATIENCE);
    };
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = request.onprogress = moved;
    request.onloadend = () => {
      clearTimeout(idle);
      const elsewhere = request.responseURL && new URL(request.responseURL).pathname !== new URL(url, location).pathname;
      resolve(request.status ? { status: elsewhere ? 401 : request.status, text: request.responseText } : null);
    };
    moved();
    request.send(body);
  });
}

const message = (text) => {
  try {
    return JSON.parse(text).message ?? "";
  } catch {
    return "";
  }
};

async function send(one, page) {
  const body = new FormData();
  body.append("xml_submission_file", new Blob([one.xml], { type: "text/xml" }), "submission.xml");
  for (const [name, blob] of one.files) body.append(name, blob, name);
  const answer = await posted(one.send, body, { "X-Jalons-Owner": page.owner });
  if (!answer) return "offline";
  if (answer.status === 201 || answer.status === 202) {
    await keep({ id: one.id, owner: one.owner, title: one.title, name: one.name, state: "sent", at: Date.now(), xml: "", files: [] });
    return "";
  }
  if (answer.status === 401) return "signed-out";
  const wrong = GONE_WRONG.has(answer.status);
  const said = message(answer.text) || (wrong ? page.words.unsaid.replace("{status}", answer.status) : "");
  if (await sheet(one.id)) await keep({ ...one, state: wrong ? "refused" : "waiting", message: said }); // unless it was erased meanwhile
  return wrong || answer.status === 429 ? "" : "later"; // 429 says itself when it goes
}
