// Answers for the entry pages when the network does not: what they kept, as they kept it. What bears its own digest never changes.
const PATIENCE = 4000; // milliseconds, on a network that hardly works
const HASHED = /[-.][0-9A-Za-z]{8,12}\.(js|css|woff2)$/;
const ABSENT = `<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Jalons</title>
<p lang="fr">Pas de réseau, et cette page n’est pas encore sur cet appareil. Ouvrez-la une fois avec du réseau.</p>
<p lang="ar" dir="rtl">لا توجد شبكة، وهذه الصفحة ليست بعد على هذا الجهاز. افتحها مرة مع الشبكة.</p></html>`;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && new URL(url).origin === location.origin) event.respondWith(answer(event.request));
});

async function answer(request) {
  const kept = await caches.match(request.url.split("#")[0], { ignoreVary: true });
  if (kept && HASHED.test(new URL(request.url).pathname)) return kept;
  if (!kept) {
    try {
      return await fetch(request);
    } catch (fault) {
      if (request.mode !== "navigate") throw fault;
      return new Response(ABSENT, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
    }
  }
  try {
    const late = new Promise((_, reject) => setTimeout(reject, PATIENCE));
    const fresh = await Promise.race([fetch(request), late]);
    return fresh.status >= 500 ? kept : fresh;
  } catch {
    return kept;
  }
}
