// Before signing out of a device on which sheets wait: they go, stay, or are erased, and nothing of it by itself.
import { follow } from "./panel.js";
import { drop } from "./store.js";

const page = JSON.parse(document.getElementById("entry-page").textContent);
const panel = follow(page, document.getElementById("kept"));
document.getElementById("erase").addEventListener("click", async ({ target }) => {
  const waiting = (await panel.show()).filter((one) => one.state !== "sent");
  if (waiting.length && !confirm(page.words.erase)) return;
  for (const one of waiting) await drop(one.id);
  target.form.requestSubmit();
});
await panel.show();
await panel.go(); // last: a slow network must not keep anyone from leaving
