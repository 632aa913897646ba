// What is typed is in Drafts three seconds after the last key, ten at most, and when the window is left. The answer is
// never a page: it brings the draft's new place, and what was typed meanwhile stays as it is.
import { element, fragment, submit } from "./dom.js";
import { forget, keep, offer } from "./kept.js";
import { say } from "./notice.js";
import { renew, signIn } from "./signin.js";
import { _ } from "./words.js";

const form = document.querySelector("[data-compose]");
const words = form.querySelector("[data-saved]");
const slot = form.querySelector("[data-save-note]");
const tiles = form.querySelector("[data-files]");
const TYPED = ["to", "cc", "bcc", "subject", "body", "html", "format"];
const [AFTER_KEY, AT_MOST, PATIENCE] = [3000, 10_000, 120_000];
const AGAIN = [5000, 10_000, 20_000, 30_000];
const SPEAK = 30_000; // between two times that saving is read out
const LATELY = 10_000; // a session that saved so lately has not ended
const KEEPALIVE = 60_000; // octets that a browser delivers for a page that is gone

// Not form.elements: what helps with a field may carry its name as an id, and then there are two.
const field = (name) => form.querySelector(`[name="${name}"]`);
const files = () => [...tiles.querySelectorAll("input[name=keep]")].map((it) => it.value);
// Selects and boxes have no defaultValue of their own: what the page came with is in their options and defaultChecked.
const WISH = {
  value: (it) => (it.options ? it.value : it.checked),
  defaultValue: (it) => (it.options ? [...it.options].find((one) => one.defaultSelected)?.value : it.defaultChecked),
};
const wishes = (value) => JSON.stringify([...form.querySelectorAll("[data-wish]")].map(WISH[value]));
const state = (value) => JSON.stringify([...TYPED.map((name) => field(name)[value]), wishes(value), ...files()]);
const typed = () => state("value");

// A form that came back with a problem, and not from Drafts, is nowhere else, however little was typed since.
// Nor is what was typed before this script was there, or what the browser filled in again.
let stored = form.querySelector("#problem") && !words.textContent.trim() ? "" : state("defaultValue");
let [timer, since, last, rest, failed, spoken] = [0, 0, 0, 0, 0, 0];
let [running, stuck, leaving] = [null, false, false];
let cut = false; // the last save did not reach the server,
let out = false; // or somebody who is signed out
let posted = ["", 0]; // what went out last, and when: a page that is left has no answer, but the browser delivers it

const dirty = () => typed() !== stored;

/** Whether words would be lost by leaving now: what a last save cannot deliver. */
export const unkept = () => dirty() && (stuck || failed > 0 || !navigator.onLine || body().length > KEEPALIVE);

/** The letter is on its way to another page by itself. */
export function left(value) {
  leaving = value;
}

function body() {
  const data = new FormData(form);
  data.delete("att");
  data.set("do", "save");
  return new URLSearchParams(data).toString();
}

function tell(text, wrong = false) {
  words.classList.toggle("not", wrong);
  words.replaceChildren(text);
}

/** A changed letter is saved soon. */
export function soon(wait = AFTER_KEY) {
  if (!dirty() || stuck) return;
  since ||= Date.now();
  keep(form);
  clearTimeout(timer);
  const due = Math.max(Math.min(Date.now() + wait, since + AT_MOST), last + rest * 1000);
  timer = setTimeout(save, Math.max(0, due - Date.now()));
}

/** Save now, one at a time. always: also what is saved already. Resolves to whether Drafts has what is typed. */
export async function save(always = false) {
  while (running) await running;
  clearTimeout(timer);
  if (stuck || !(always === true || dirty())) return !dirty();
  const now = typed();
  for (const tile of tiles.querySelectorAll(".file:not(.new)")) tile.classList.add("posted");
  tell(_("Saving"));
  running = post().catch(() => unsaved(navigator.onLine ? _("this site does not answer") : _("you are offline")));
  const region = await running;
  running = null;
  last = Date.now();
  if (region) {
    [stored, since, failed] = [withFiles(region, now), 0, 0];
    if (dirty()) soon();
    else forget();
  } else if (!stuck) {
    timer = setTimeout(save, AGAIN[Math.min(failed, AGAIN.length) - 1] ?? AGAIN[0]);
  }
  return Boolean(region);
}

/** What did not reach the server is not what went wrong with its answer. */
const reached = (asked) => asked.catch((reason) => {
  cut = true;
  throw reason;
});

async function post(tries = 2) {
  const text = body();
  bump();
  out = false;
  const stop = AbortSignal.timeout?.(PATIENCE);
  const answer = await reached(fetch(form.action, {
    method: "POST", body: text, signal: stop, keepalive: text.length < KEEPALIVE,
    headers: { "X-Part": "draft", "Content-Type": "application/x-www-form-urlencoded" },
  }));
  const page = await reached(answer.text());
  cut = false; // not sooner: another save may begin before somebody has asked how the last one ended
  const region = fragment(page).querySelector("#draft");
  if (region) return told(region, answer.status);
  if (tries && answer.status === 401) {
    if (await signIn(page, field("owner").value)) return post(tries - 1);
    out = true;
    return unsaved(_("you are signed out"));
  }
  // Signed in again in another tab: the token is another one now, and the page that says so brings it along.
  if (tries && answer.status === 400 && renew(fragment(page))) return post(tries - 1);
  return unsaved(_("this site answered %(status)s", { status: answer.status }));
}

/** The number of the next attempt: a save whose answer was lost is then known for an older one of ours. */
function bump() {
  const [writer, number] = field("revision").value.split(" ");
  field("revision").value = `${writer} ${Number(number) + 1}`;
  posted = [typed(), Date.now()];
  if (dirty()) keep(form);
}

/** reason: why, as a part of a sentence; "" where the server has a sentence of its own, which is beside it. */
function unsaved(reason, more = "") {
  failed += 1;
  const here = keep(form);
  // Translators: the reason is "you are offline", "this site does not answer".
  if (reason) tell(here ? _("Not saved, kept in this tab: %(reason)s", { reason }) : _("Not saved, still on this page: %(reason)s", { reason }), true);
  else tell(here ? _("Not saved, kept in this tab") : _("Not saved, still on this page"), true);
  if (failed === 1) say([words.textContent, more].filter(Boolean).join(". "), true);
  return null;
}

function told(region, status) {
  slot.replaceChildren(...region.querySelector("[data-note]").childNodes);
  if (region.dataset.state === "saved") {
    applied(region);
    return region;
  }
  stuck = status === 409;
  return unsaved("", slot.querySelector("b")?.textContent);
}

/** Whoever writes with their ears is told now and then, not after every pause. */
function aloud() {
  if (Date.now() - spoken < SPEAK) return;
  spoken = Date.now();
  say(_("Saved."));
}

function applied(region) {
  for (const it of region.querySelectorAll("[data-hidden] input")) field(it.name).value = it.value;
  words.classList.remove("not");
  words.replaceChildren(...region.querySelector("[data-saved]").childNodes);
  aloud();
  rest = Number(region.dataset.rest);
  if (region.dataset.url) history.replaceState(history.state, "", region.dataset.url);
}

/** The files as they are called now, and what Drafts therefore has. One that was taken off meanwhile stays off. */
function withFiles(region, now) {
  const before = [...tiles.querySelectorAll(".posted")];
  const fresh = [...region.querySelectorAll("[data-files] .file")];
  const names = fresh.map((tile) => tile.querySelector("[name=keep]").value);
  const kept = fresh.filter((_, number) => !before[number]?.hidden);
  for (const tile of before) tile.remove();
  tiles.prepend(...kept);
  return JSON.stringify([...JSON.parse(now).slice(0, TYPED.length + 1), ...names]);
}

form.addEventListener("input", (event) => {
  if (event.target.type !== "file") soon();
});
form.addEventListener("focusout", () => { if (!rest) soon(0); });
addEventListener("blur", () => { if (!rest) soon(0); });
addEventListener("online", () => soon(0));
const goes = () => leaving || stuck || !dirty() || (posted[0] === typed() && Date.now() - posted[1] < AT_MOST);
document.addEventListener("visibilitychange", () => { if (document.hidden && !goes()) save(); });
addEventListener("pagehide", () => {
  if (goes()) return;
  const text = body();
  bump();
  if (text.length < KEEPALIVE) fetch(form.action, { method: "POST", body: text, keepalive: true, headers: { "X-Part": "draft", "Content-Type": "application/x-www-form-urlencoded" } });
});

// Before a quiet computer is signed out (idle.js).
document.addEventListener("quiet", ({ detail }) => {
  if (!stuck) detail.waits.push(save());
});

// Taking a file off needs no new page.
tiles.addEventListener("click", (event) => {
  const tile = event.target.closest("button[name=detach]")?.closest(".file");
  if (!tile) return;
  event.preventDefault();
  if (running) tile.hidden = true;
  else tile.remove();
  soon(0);
  form.querySelector("label[for=files]")?.focus();
});

// Saving is no new page either; and what is sent is in Drafts before it goes, whoever is signed in by now.
const PLAIN = new Set(["discard", "both"]);
const GOING = new Set(["send", "archive", "template", "next"]);
let cleared = false;
form.addEventListener("submit", async (event) => {
  const wish = event.submitter?.value ?? "save";
  if (cleared || PLAIN.has(wish) || field("att").files.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!GOING.has(wish)) {
    await save(true);
    return;
  }
  const going = event.submitter;
  going.disabled = true;
  const onward = wish === "next"; // that is saved only if something was typed
  do {
    while (running) await running;
    if (dirty() || failed || !navigator.onLine || (!onward && Date.now() - last > LATELY)) await save(true);
    // Where nothing had to be saved, this is still the event of the first press, and a form within it is not submitted.
    await new Promise((done) => { setTimeout(done); });
    // A file that arrived in that moment is being saved: the letter is then elsewhere in Drafts.
  } while (running);
  going.disabled = false;
  if (cut) {
    // A form that reaches nobody would leave an error of the browser's in place of the letter. The next save that
    // arrives takes these words away.
    const why = element("p", "grow", element("b", "", wish === "send" || wish === "archive" ? _("Not sent.") : _("Not done.")), " ", _("There is no connection. Your letter stays here; press the button again when you are back."));
    slot.replaceChildren(element("div", "note warn", why));
    say(why.textContent);
    return;
  }
  if (out || (onward && dirty())) return;
  clearTimeout(timer);
  cleared = true;
  if (onward) going.value = "onward";
  submit(form, going);
  going.value = wish;
  cleared = false;
}, { capture: true });

offer(form, slot, () => {
  stored = "";
  soon(0);
});
if (dirty()) soon();
