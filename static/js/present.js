// A shared computer is signed out when its last page is closed. Each page says that it is there under a name of its own,
// and says so again when another one of this browser goes; web/presence.py decides. Browsers that cannot ask their other
// pages say nothing, and only the quiet minutes count there.
import { QUIETLY } from "./dom.js";
import { reached } from "./live.js";

const shared = "shared" in document.documentElement.dataset;
const channel = globalThis.BroadcastChannel && new BroadcastChannel("pages");
const name = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;

const body = () => new URLSearchParams({ page: name, csrf_token: document.querySelector("input[name=csrf_token]")?.value ?? "" });

/** Tell the server that this page is open, and that somebody uses it, unless it is said quietly. */
export async function here(more = {}) {
  const answer = await fetch("/here", { method: "POST", body: body(), keepalive: true, ...more });
  if (answer.status === 401) reached({ signedOut: true });
}

if (shared && channel) {
  const still = () => here(QUIETLY).catch(() => {}); // live.js says when there is no connection
  channel.onmessage = still;
  still();
  addEventListener("pageshow", (event) => { if (event.persisted) still(); });
  addEventListener("pagehide", () => {
    channel.postMessage("left");
    navigator.sendBeacon("/left", body());
  });
}
