// The sheet of all keys of this page, read off its controls; fetched when somebody wants it.
import { element } from "./dom.js";
import { label, mode, tell } from "./shortcuts.js";
import { _ } from "./words.js";

const inList = () => [
  ["j k", _("Next or previous message")], ["J K", _("The same, and choose")], ["Home End", _("First or last message")], ["PageUp PageDown", _("A screen of messages")],
  ["Enter", _("Open the message")], ["Space", _("Choose the message")], ["Ctrl+a", _("Choose all on this page")],
];
const inMessage = () => [
  ["Space", _("A page down; at the end the next unread message")], ["Shift+Space", _("A page up")],
  ["n p", _("Next or previous letter of the conversation")], ["o", _("Unfold it")], ["q", _("Show or hide quoted text")],
];
const everywhere = () => [["Ctrl+k", _("Command menu")], ["F6 Shift+F6", _("Next or previous pane")], ["Esc", _("Close a menu, leave a field or a message")]];
// Translators: keyboard shortcuts are on, off, or work together with the key Alt.
const modes = () => ({ on: _("On"), off: _("Off"), alt: _("With Alt") });

function lines() {
  const known = new Map();
  for (const it of document.querySelectorAll("[data-keys]")) if (!known.has(it.dataset.keys)) known.set(it.dataset.keys, label(it));
  for (const it of document.querySelectorAll("[data-tab]")) known.set(it.dataset.tab, _("%(what)s, in a new tab", { what: label(it) }));
  const list = document.querySelector(".rows") ? inList() : [];
  const message = document.querySelector("#message .conv") ? inMessage() : [];
  return [...list, ...message, ...everywhere(), ...known].flatMap(([keys, words]) => {
    const pair = keys.split(" ").map((key) => element("kbd", "", key.replace("Control", "Ctrl")));
    return [element("dt", "", ...pair), element("dd", "", words)];
  });
}

/** Keys of one sign are in the way of those who speak to their computer: they can be off, or go together with Alt. */
function switches() {
  const choice = element("select", "in", ...Object.entries(modes()).map(([value, words]) => {
    const one = element("option", "", words);
    one.value = value;
    one.selected = value === mode();
    return one;
  }));
  choice.addEventListener("change", () => {
    const life = "shared" in document.documentElement.dataset ? "" : "; max-age=31536000";
    document.cookie = `keys=${choice.value}; path=/; SameSite=Lax${life}`;
    tell(document);
  });
  return element("label", "switch", _("Use these keys"), choice);
}

export function open() {
  const close = element("button", "btn", _("Close"));
  const sheet = element("dialog", "dlg", element("h2", "", _("Keyboard shortcuts")), switches(), element("dl", "", ...lines()), close);
  sheet.setAttribute("aria-label", _("Keyboard shortcuts"));
  close.addEventListener("click", () => sheet.close());
  sheet.addEventListener("close", () => sheet.remove());
  document.body.append(sheet);
  sheet.showModal();
}
