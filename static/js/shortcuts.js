// Keys press real links and buttons: those with data-keys in the page, and no others. "e" is one key, "g i" one after
// the other. So a key works exactly where its control is there, and the help sheet is read off the page.
import { element } from "./dom.js";

const PAUSE = 1200; // milliseconds between the two keys of a pair
const SAME = { Delete: "#" }; // another key for it
const WALK = [["j k", "Next or previous message"], ["J K", "The same, and choose"], ["Enter", "Open the message"], ["Esc", "Close a menu"]];
let first = "";
let forget = 0;

const off = () => document.cookie.split("; ").includes("keys=off");

/** Is this key press meant for us, and not for a field, the browser, an input method or a dialog? */
export function ours(event) {
  const field = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog *";
  return !off() && !event.defaultPrevented && !event.isComposing && !event.ctrlKey && !event.altKey && !event.metaKey
    && !event.target.closest?.(field);
}

/** The control for these keys: of the row with the focus, else of the selection, else of the page. */
export function control(keys) {
  const all = [...document.querySelectorAll("[data-keys]")].filter((it) => it.dataset.keys === keys && !it.disabled);
  const focused = document.activeElement.closest(".row");
  const row = focused ?? document.querySelector(".row.on");
  const chosen = document.querySelector(".pick input:checked");
  return (focused && all.find((it) => focused.contains(it)))
    ?? ((chosen || focused) && all.find((it) => it.closest(".bulk")))
    ?? all.find((it) => !it.closest(".row, .bulk"))
    ?? all.find((it) => row?.contains(it));
}

export function press(it) {
  const box = document.activeElement.closest(".row")?.querySelector(".pick input");
  if (it.closest(".bulk") && box && !document.querySelector(".pick input:checked")) box.click();
  it.click();
}

document.addEventListener("keydown", (event) => {
  if (!ours(event) || event.key === "Shift") return;
  const pressed = SAME[event.key] ?? event.key;
  const keys = first ? `${first} ${pressed}` : pressed;
  clearTimeout(forget);
  first = "";
  const it = control(keys);
  if (it) {
    event.preventDefault();
    press(it);
  } else if (document.querySelector(`[data-keys^="${CSS.escape(keys)} "]`)) {
    first = keys;
    forget = setTimeout(() => { first = ""; }, PAUSE);
  }
});

// ---- from pane to pane ----

function pane(step) {
  const panes = [...document.querySelectorAll(".pane-nav, .pane-list, .pane-read, .about")].filter((it) => it.checkVisibility());
  const at = panes.findIndex((it) => it.contains(document.activeElement));
  const to = panes[(at + step + panes.length) % panes.length];
  (to?.querySelector("a.f[aria-current], .row .open, #subject") ?? to)?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "F6" || off() || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  pane(event.shiftKey ? -1 : 1);
});

// ---- the command menu: fetched when somebody wants it ----

let typed = null; // what was typed while the menu was on its way: it belongs into its field, not to the keys of the page

async function commands() {
  if (typed !== null) return;
  typed = "";
  try {
    (await import("./commands.js")).open(typed);
  } finally {
    typed = null;
  }
}

document.addEventListener("keydown", (event) => {
  if (typed === null) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey) typed += event.key;
}, true);

document.addEventListener("keydown", (event) => {
  const asked = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key === "k";
  if (!asked || event.defaultPrevented || event.target.closest?.("[contenteditable], dialog *")) return;
  event.preventDefault();
  commands();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.('[data-opens="commands"]')) commands();
});

// ---- the help sheet ----

export function label(it) {
  const copy = it.cloneNode(true);
  for (const more of copy.querySelectorAll("kbd, .num")) more.remove();
  const words = it.getAttribute("aria-label") ?? copy.textContent;
  return words.split(":")[0].trim().replace(/\s+/g, " ");
}

function lines() {
  const known = new Map();
  for (const it of document.querySelectorAll("[data-keys]")) if (!known.has(it.dataset.keys)) known.set(it.dataset.keys, label(it));
  return [...(document.querySelector(".rows") ? WALK : []), ["Ctrl+k", "Command menu"], ["F6", "Next pane"], ...known].flatMap(([keys, words]) => {
    const pair = keys.split(" ").map((key) => element("kbd", "", key));
    return [element("dt", "", ...pair), element("dd", "", words)];
  });
}

function onOff() {
  const box = element("input");
  box.type = "checkbox";
  box.checked = !off();
  box.addEventListener("change", () => {
    const life = "shared" in document.documentElement.dataset ? "" : "; max-age=31536000";
    document.cookie = `keys=${box.checked ? "on" : "off"}; path=/; SameSite=Lax${life}`;
    tell(document);
  });
  return element("label", "switch", box, "Use these keys");
}

document.addEventListener("click", (event) => {
  if (!event.target.closest?.('[data-opens="keys"]')) return;
  const close = element("button", "btn", "Close");
  const sheet = element("dialog", "dlg", element("h2", "", "Keyboard shortcuts"), onOff(), element("dl", "", ...lines()), close);
  sheet.setAttribute("aria-label", "Keyboard shortcuts");
  close.addEventListener("click", () => sheet.close());
  sheet.addEventListener("close", () => sheet.remove());
  document.body.append(sheet);
  sheet.showModal();
});

/** Say the keys to screen readers: only now, because without this script they would not work. Pairs cannot be said. */
function tell(root) {
  for (const it of root.querySelectorAll("[data-keys]")) {
    const keys = it.dataset.keys;
    if (keys.includes(" ") || it.closest(".row")) continue;
    if (off()) it.removeAttribute("aria-keyshortcuts");
    else it.setAttribute("aria-keyshortcuts", /^[A-Z]$/.test(keys) ? `Shift+${keys}` : keys);
  }
}

tell(document);
document.addEventListener("part", (event) => tell(event.target));
