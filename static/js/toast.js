// The line at the foot of the page: what was done, and Undo. Its buttons post in the background, and a job that takes its
// time is followed until it is over.
import { QUIETLY, element, fragment } from "./dom.js";
import { reached } from "./live.js";
import { lone, pressed } from "./shortcuts.js";
import { _ } from "./words.js";

const OFTEN = 700;
const SLOW = 1500;
const place = document.querySelector(".sheet #toast")?.parentElement ?? document.getElementById("status");
const undo = () => document.querySelector('#toast [data-keys="z"]');
let latest = 0;
let running = 0; // deeds that have no answer yet
let regretted = false; // "z" came while one was running, and means that one
let timer = 0;

/** A line takes the place of the one before. */
export function show(line) {
  document.getElementById("toast")?.remove();
  (line.matches(".bad") && place.id === "status" ? document.getElementById("alert") : place).prepend(line);
  // A question is answered where it stands; the safe answer is the first.
  if (line.dataset.asks !== undefined) line.querySelector("button").focus();
  follow(line);
}

/** Words of our own: something that the server could not say. */
export function words(text, more = "", lasts = true) {
  const line = element("div", `toast${more ? " bad" : ""}${lasts ? " lasts" : ""}`, element("p", "tx", text));
  line.id = "toast";
  if (more) line.firstChild.append(" ", element("span", "more", more));
  return line;
}

/**
 * POST, and show the line that comes back. Resolves to {ok, line}; never fails. A later answer is not covered by an
 * earlier one. What takes long says so.
 */
export async function send(url, body) {
  latest += 1;
  running += 1;
  const mine = latest;
  const slow = setTimeout(() => mine === latest && show(words(_("Still at it. The mail server takes its time."))), SLOW);
  const found = await posted(url, body);
  clearTimeout(slow);
  if (mine === latest || !found.ok) show(found.line);
  running -= 1;
  if (regretted && !running) {
    regretted = false;
    undo()?.click();
  }
  return found;
}

async function posted(url, body) {
  try {
    // What was asked for is done also when this page is left meanwhile; browsers carry 64 KB for that.
    const keepalive = String(body).length < 60_000;
    const answer = await fetch(url, { method: "POST", body, keepalive, headers: { "X-Part": "toast" } });
    const page = fragment(await answer.text());
    if (answer.status === 401 || answer.url.includes("/login")) location.reload();
    const line = page.querySelector("#toast");
    if (line) return { ok: answer.ok, line };
    const title = page.querySelector("h1")?.textContent ?? _("This site answered %(status)s.", { status: answer.status });
    return { ok: false, line: words(title, page.querySelector(".note.good .grow")?.textContent ?? _("Try again.")) };
  } catch (error) {
    reached(error);
    return { ok: false, line: words(_("This site does not answer."), _("The list shows what is there. Try again when you are back online.")) };
  }
}

/** Something was done: the list asks what there is now. whole: at once, with what came. */
export const acted = (whole = false) => document.dispatchEvent(new CustomEvent("acted", { detail: { whole } }));

function follow(line) {
  clearTimeout(timer);
  if (line.dataset.moving === undefined) return;
  timer = setTimeout(async () => {
    try {
      const answer = await fetch(line.dataset.job, { headers: { ...QUIETLY.headers, "X-Part": "toast" } });
      const fresh = answer.ok && fragment(await answer.text()).querySelector("#toast");
      if (!line.isConnected) return;
      if (!fresh) return follow(line);
      if (fresh.dataset.moving === undefined) {
        show(fresh);
        if (fresh.dataset.asks === undefined) acted(true);
        return;
      }
      // Under a finger that is about to press Stop nothing is exchanged.
      line.querySelector(".tx").replaceWith(fresh.querySelector(".tx"));
      const bar = line.querySelector("progress");
      const next = fresh.querySelector("progress");
      if (bar && next) [bar.max, bar.value] = [next.max, next.value];
      else if (next) line.querySelector(".tx").after(next);
    } catch (error) {
      reached(error);
    }
    follow(line);
  }, OFTEN);
}

document.addEventListener("submit", (event) => {
  const { submitter } = event;
  if (!submitter?.closest("#toast")) return;
  event.preventDefault();
  submitter.disabled = true;
  const body = new URLSearchParams(new FormData(event.target));
  send(submitter.getAttribute("formaction") ?? event.target.action, body).then(({ ok, line }) => {
    submitter.disabled = false;
    if (ok && line.dataset.moving === undefined) acted(true);
  });
});

// What is to be undone may have no Undo yet; the one that still stands there belongs to what was done before.
document.addEventListener("keydown", (event) => {
  if (!running || pressed(event) !== "z" || !lone(event)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  regretted = true;
}, true);

// What everybody presses for it; in a field it is the field's.
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (field || !(undo() || running) || event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (running) regretted = true;
  else undo().click();
});

const here = place.querySelector("#toast");
if (here) follow(here);
