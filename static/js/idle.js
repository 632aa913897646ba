// Nobody has done anything for a while: a minute before the sign-in ends, a dialog says so, and any key or button stays.
// By the clock on the wall, so that a computer which slept does not count from where it was. All tabs count together.
import { element, submit } from "./dom.js";
import { here } from "./present.js";

const { shared } = document.documentElement.dataset;
const LIMIT = Number(document.body.dataset.idle ?? 0) * 1000;
const WARNING = Math.min(60_000, LIMIT / 2);
const TELL = shared === undefined ? 50_000 : 15_000; // the server allows for it (web/session.py)
const SAVING = 5000; // how long a letter may take into Drafts at the end
const channel = globalThis.BroadcastChannel && new BroadcastChannel("used");
let [used, told, timer, spread] = [Date.now(), Date.now(), 0, 0];
let dialog = null;
let asking = false; // the dialog is on its way
let count = () => {};
let over = false;

/** Letters go into Drafts. last: nothing may hold the page back any more. */
async function save(last) {
  const waits = [];
  document.dispatchEvent(new CustomEvent("quiet", { detail: { waits, last } }));
  await Promise.race([Promise.allSettled(waits), new Promise((done) => { setTimeout(done, SAVING); })]);
}

function report() {
  clearTimeout(timer);
  timer = 0;
  told = Date.now();
  here().catch(() => {}); // live.js says when there is no connection
}

/** Somebody is here. */
function act() {
  if (dialog || over) return;
  if (Date.now() - used >= LIMIT) {
    check(); // the computer slept: what wakes it comes too late
    return;
  }
  used = Date.now();
  if (used - spread > 1000) {
    spread = used;
    channel?.postMessage({ used });
  }
  if (used - told >= TELL) report();
  else timer ||= setTimeout(report, told + TELL - used);
}

function close() {
  const open = dialog;
  dialog = null;
  open?.close();
  open?.remove();
}

function stay() {
  close();
  used = Date.now();
  channel?.postMessage({ used });
  report();
}

async function leave() {
  over = true;
  document.body.inert = true;
  await save(true);
  channel?.postMessage({ over: true });
  const form = document.querySelector("form[action$='/logout']");
  const quiet = element("input");
  [quiet.type, quiet.name, quiet.value] = ["hidden", "quiet", "1"];
  form.append(quiet);
  submit(form);
}

async function follow() {
  over = true;
  document.body.inert = true;
  await save(true);
  location.replace("/bye?why=quiet");
}

async function warn() {
  if (asking) return;
  asking = true;
  save(false);
  const sheet = await import("./quiet.js").catch(() => null); // without a connection it ends without the question
  asking = false;
  const left = used + LIMIT - Date.now();
  if (!sheet || dialog || over || left <= 0 || left > WARNING) return;
  dialog = sheet.warn(Math.round(WARNING / 1000), stay, leave);
  count = () => sheet.count(dialog, used + LIMIT - Date.now());
  count();
}

function check() {
  if (over) return;
  const left = used + LIMIT - Date.now();
  if (left <= 0) leave();
  else if (left <= WARNING) {
    if (dialog) count();
    else warn();
  } else close();
}

if (LIMIT) {
  if (channel) {
    channel.postMessage({ used });
    channel.onmessage = ({ data }) => {
      if (data.over && !over) follow();
      else if (data.used > used) used = data.used;
    };
  }
  let place = "";
  addEventListener("pointermove", (event) => {
    // A page that changes under a resting pointer makes such events, too.
    const now = `${event.screenX} ${event.screenY}`;
    if (now !== place && place) act();
    place = now;
  }, { passive: true });
  for (const type of ["keydown", "input", "pointerdown", "wheel", "touchmove"]) addEventListener(type, act, { capture: true, passive: true });
  document.addEventListener("used", act);
  for (const type of ["pageshow", "focus", "online"]) addEventListener(type, check);
  document.addEventListener("visibilitychange", check);
  setInterval(check, 1000);
}
