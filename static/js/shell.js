// The service worker (worker.js), for a page without a connection. On a shared computer there is none, and one that an
// earlier sign-in left is taken away.
import { workerUrl } from "./dom.js";
import { want, wanted } from "./wanted.js";

const shared = "shared" in document.documentElement.dataset;
const workers = navigator.serviceWorker; // over HTTPS, and on this very computer

/** Nothing of this site is left to start without its server: on shared computers, and at sign-out. */
export async function forget() {
  want(false);
  navigator.clearAppBadge?.().catch(() => {});
  for (const worker of await workers?.getRegistrations() ?? []) worker.unregister();
  for (const name of await globalThis.caches?.keys() ?? []) caches.delete(name);
}

if (shared) forget().catch(() => {});
else workers?.register(workerUrl(), { updateViaCache: "none" }).catch(() => {}); // a private window may have none

// The picture of the installed app has the number of unread messages, where the system shows such.
document.addEventListener("news", ({ detail: { type, data } }) => {
  const unread = type === "counts" ? data.folders?.INBOX?.unread : undefined;
  if (unread !== undefined && !shared) navigator.setAppBadge?.(unread).catch(() => {});
});

// Few want to be told of new mail, so the others do not load what does it.
if (wanted()) import("./notify.js").catch(() => {});
