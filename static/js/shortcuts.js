// Keys press real links and buttons: those with data-keys in the page, and no others. "e" is one key, "g i" one after
// the other; data-tab is the key that opens a link in a new tab. So a key works exactly where its control is there, and
// the help sheet is read off the page.
import { shown } from "./dom.js";

const PAUSE = 1200; // milliseconds between the two keys of a pair
const SAME = { Delete: "#", Escape: "u" }; // another key for it
let first = "";
let forget = 0;

export const mode = () => /(?:^|; )keys=(off|alt)\b/.exec(document.cookie)?.[1] ?? "on";

/** Which key it is. Together with Alt some keyboards write another sign, or none: then a letter is told by its place. */
export function pressed({ key, code, altKey, shiftKey }) {
  if (!altKey || /^(?:[!-~]|[A-Z]\w+)$/.test(key) && key !== "Dead" || !/^Key[A-Z]$/.test(code)) return key;
  return shiftKey ? code[3] : code[3].toLowerCase();
}

/** Is this key press meant for us, and not for a field, the browser, an input method or a dialog? */
export function ours(event) {
  const field = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog, dialog *";
  const how = mode();
  const sign = pressed(event).length === 1 && event.key !== " "; // WCAG 2.1.4 is about these
  const plain = event.getModifierState?.("AltGraph") ? how === "on" : !event.ctrlKey && event.altKey === (sign && how === "alt");
  return how !== "off" && plain && !event.defaultPrevented && !event.isComposing && !event.metaKey && !event.target.closest?.(field);
}

/** The same, and not the second key of a pair. */
export const lone = (event) => !first && ours(event);

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
  if (!ours(event) || event.key === "Shift" || event.key === "AltGraph") return;
  const key = SAME[event.key] ?? pressed(event);
  const keys = first ? `${first} ${key}` : key;
  clearTimeout(forget);
  first = "";
  const it = control(keys);
  const tab = !it && [...document.querySelectorAll("[data-tab]")].find((link) => link.dataset.tab === keys);
  if (it || tab) {
    event.preventDefault();
    if (it) press(it);
    else window.open(tab.href, "_blank", "noopener");
  } else if (document.querySelector(`[data-keys^="${CSS.escape(keys)} "]`)) {
    first = keys;
    forget = setTimeout(() => { first = ""; }, PAUSE);
  }
});

// Esc leaves the search field for the list.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.target.id !== "seek" || event.isComposing || event.defaultPrevented) return;
  event.preventDefault();
  const to = ["#list .row.on .open", "#list .row .open", "#list"].map((one) => document.querySelector(one)).find(Boolean);
  if (to) to.focus();
  else event.target.blur();
});

// ---- from pane to pane ----

function pane(step) {
  const panes = [...document.querySelectorAll(".pane-nav, .pane-list, .pane-read, .about")].filter(shown);
  const at = panes.findIndex((it) => it.contains(document.activeElement));
  const to = panes[(at + step + panes.length) % panes.length];
  (to?.querySelector("a.f[aria-current], .row .open, #subject") ?? to)?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "F6" || mode() === "off" || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  pane(event.shiftKey ? -1 : 1);
});

// ---- the command menu: fetched when somebody wants it ----

let typed = null; // what was typed while the menu was on its way: it belongs into its field, not to the keys of the page

async function commands(goes = false) {
  if (typed !== null) return;
  typed = "";
  try {
    (await import("./commands.js")).open(typed, goes);
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
  const it = event.target.closest?.('[data-opens="commands"]');
  if (it) commands("goes" in it.dataset);
});

// ---- the help sheet ----

export function label(it) {
  const copy = it.cloneNode(true);
  for (const more of copy.querySelectorAll("kbd, .num")) more.remove();
  const words = it.getAttribute("aria-label") ?? copy.textContent;
  return words.split(":")[0].trim().replace(/\s+/g, " ");
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.('[data-opens="keys"]')) import("./keys.js").then((sheet) => sheet.open());
});

/** As ARIA has it; "" for pairs, which it cannot say. */
function said(keys = "") {
  if (!keys || keys.includes(" ")) return "";
  if (keys.length > 1) return keys;
  if (mode() === "off") return "";
  return `${mode() === "alt" ? "Alt+" : ""}${/^[A-Z]$/.test(keys) ? "Shift+" : ""}${keys}`;
}

/** Say the keys to screen readers: only now, because without this script they would not work. */
export function tell(root) {
  document.documentElement.dataset.keyed = mode();
  for (const it of root.querySelectorAll("[data-keys], [data-tab]")) {
    const keys = [said(it.dataset.keys), said(it.dataset.tab)].filter(Boolean).join(" ");
    if (it.closest(".row")) continue;
    if (keys) (it.control ?? it).setAttribute("aria-keyshortcuts", keys);
    else (it.control ?? it).removeAttribute("aria-keyshortcuts");
  }
}

tell(document);
document.addEventListener("part", (event) => tell(event.target));
