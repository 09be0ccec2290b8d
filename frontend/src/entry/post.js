// Sends what waits, one sheet after the other, from one tab at a time. A sheet leaves the device only once the server has it; the
// server knows each by its identifier, and keeps it once however often it comes.
import { keep, sheetsOf } from "./store.js";

const PATIENCE = 120_000; // milliseconds given to one sheet
const GONE_WRONG = new Set([400, 403, 404, 405, 409, 413]); // sending it again as it is would change nothing

/** What stopped the sending: "" when nothing did, else "offline", "signed-out", "other-account" or "later". */
export async function sendAll(page) {
  if (!navigator.locks) return run(page);
  return navigator.locks.request("jalons-entry", { ifAvailable: true }, (lock) => (lock ? run(page) : ""));
}

async function run(page) {
  const waiting = (await sheetsOf(page.owner)).filter((one) => one.state === "waiting").reverse();
  if (!waiting.length) return "";
  const stopped = await shut(page);
  if (stopped) return stopped;
  for (const one of waiting) {
    const verdict = await send(one, page);
    if (verdict) return verdict;
  }
  return "";
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

async function send(one, page) {
  const body = new FormData();
  body.append("xml_submission_file", new Blob([one.xml], { type: "text/xml" }), "submission.xml");
  for (const [name, blob] of one.files) body.append(name, blob, name);
  let answer;
  try {
    answer = await fetch(one.send, { method: "POST", body, headers: { "X-Jalons-Owner": page.owner }, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    return "offline";
  }
  if (answer.status === 201 || answer.status === 202) {
    await keep({ id: one.id, owner: one.owner, title: one.title, state: "sent", at: Date.now(), xml: "", files: [] });
    return "";
  }
  if (answer.type === "opaqueredirect" || answer.status === 401) return "signed-out";
  const message = await answer.json().then((said) => said.message, () => "");
  const wrong = GONE_WRONG.has(answer.status);
  await keep({ ...one, state: wrong ? "refused" : "waiting", message });
  return wrong ? "" : "later";
}
