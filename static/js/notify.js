// Tells of new mail while nobody looks at a page of this site, without a sound. Loaded only where that is wanted (shell.js)
// and it takes nothing from the other files: it hears of mail by the event "news".
import { _, ngettext } from "./words.js";
const TAG = "pennypost-mail";
const PATIENCE = 300; // how long another tab may take to say that somebody looks at it
const channel = new BroadcastChannel("looking");
let before = null; // what Inbox counted last
let looked = false;
let shown = null;

channel.onmessage = ({ data }) => {
  if (data === "here") looked = true;
  else if (document.hasFocus()) channel.postMessage("here");
};

async function show(number) {
  looked = document.hasFocus();
  channel.postMessage("anybody");
  await new Promise((done) => { setTimeout(done, PATIENCE); });
  if (looked) return;
  const answer = await fetch("/arrived", { headers: { "X-Background": "1" } });
  const { words } = answer.ok ? await answer.json() : {};
  const title = number > 1 ? ngettext("%(count)s new message", "%(count)s new messages", number) : _("New mail");
  const more = { body: words ?? "", tag: TAG, silent: true, icon: document.querySelector("link[rel=apple-touch-icon]")?.href };
  try {
    shown = new Notification(title, more);
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
  } catch {
    // Phones let the worker alone show them.
    (await navigator.serviceWorker?.getRegistration())?.showNotification(title, more);
  }
}

// own: this is the tab that has the stream, so it is told once.
document.addEventListener("news", ({ detail: { type, data, own } }) => {
  const now = type === "counts" && data.folders?.INBOX;
  if (!now) return;
  if (own && before && now.unread > before.unread && now.total > before.total) show(now.unread - before.unread).catch(() => {});
  before = now;
});

addEventListener("focus", () => shown?.close());
