// The service worker of the site. It keeps the page for those without a connection and what that page is made of, which
// SHELL names (views/shell.py), and hands them out where the network does not. Nothing else is ever put into a cache.
const OFFLINE = SHELL.files[0];

/** Asked for without cookies: what is kept is what anybody is shown. */
async function keep() {
  const cache = await caches.open(SHELL.name);
  await cache.addAll(SHELL.files.map((url) => new Request(url, { credentials: "omit", cache: "no-cache" })));
  await self.skipWaiting();
}

async function takeOver() {
  for (const name of await caches.keys()) if (name !== SHELL.name) await caches.delete(name);
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

async function page(event) {
  try {
    return (await event.preloadResponse) ?? await fetch(event.request);
  } catch {
    return await caches.match(OFFLINE) ?? Response.error();
  }
}

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const { origin, pathname } = new URL(request.url);
  if (request.mode === "navigate" && request.destination === "document") event.respondWith(page(event));
  else if (origin === location.origin && pathname !== OFFLINE && SHELL.files.includes(pathname)) event.respondWith(caches.match(pathname).then((kept) => kept ?? fetch(request)));
});
// A notification that notify.js had to leave to the worker leads to a page of ours that is open, else to the inbox.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.matchAll({ type: "window" }).then(([open]) => (open ? open.focus() : self.clients.openWindow("/"))));
});
