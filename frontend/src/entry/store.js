// What waits on the device: drafts, sheets to send, sheets that were refused, and the mention of those sent. Each one has an owner:
// an account or a public link, and is shown to no other.
const open = new Promise((resolve, reject) => {
  const request = indexedDB.open("jalons-entry", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("sheets", { keyPath: "id" }).createIndex("owner", "owner");
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
const others = "BroadcastChannel" in globalThis ? new BroadcastChannel("jalons-entry") : null;
const MENTIONED = 7 * 24 * 3600 * 1000; // milliseconds during which a sheet sent is still mentioned

async function within(mode, act) {
  const transaction = (await open).transaction("sheets", mode, { durability: "strict" });
  const request = act(transaction.objectStore("sheets"));
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
  if (mode === "readwrite") others?.postMessage("changed");
  return request.result;
}

export const sheet = (id) => within("readonly", (sheets) => sheets.get(id));
export const keep = (kept) => within("readwrite", (sheets) => sheets.put(kept));
export const drop = (id) => within("readwrite", (sheets) => sheets.delete(id));

/** All the sheets of an owner, the latest first; old mentions go. */
export async function sheetsOf(owner) {
  const all = await within("readonly", (sheets) => sheets.index("owner").getAll(owner));
  const old = all.filter((one) => one.state === "sent" && Date.now() - one.at > MENTIONED);
  for (const { id } of old) await drop(id);
  return all.filter((one) => !old.includes(one)).sort((a, b) => b.at - a.at);
}

/** How many sheets of other accounts wait on this device. */
export async function elsewhere(owner) {
  const all = await within("readonly", (sheets) => sheets.getAll());
  return all.filter((one) => one.owner !== owner && one.owner.startsWith("u") && one.state !== "sent").length;
}

/** Say when another tab changed something. */
export const whenChanged = (act) => others?.addEventListener("message", act);
