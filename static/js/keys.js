// The sheet of all keys of this page, read off its controls; fetched when somebody wants it.
import { element } from "./dom.js";
import { label, mode, tell } from "./shortcuts.js";

const IN_LIST = [
  ["j k", "Next or previous message"], ["J K", "The same, and choose"], ["Home End", "First or last message"], ["PageUp PageDown", "A screen of messages"],
  ["Enter", "Open the message"], ["Space", "Choose the message"], ["Ctrl+a", "Choose all on this page"],
];
const IN_MESSAGE = [
  ["Space", "A page down; at the end the next unread message"], ["Shift+Space", "A page up"],
  ["n p", "Next or previous letter of the conversation"], ["o", "Unfold it"], ["q", "Show or hide quoted text"],
];
const EVERYWHERE = [["Ctrl+k", "Command menu"], ["F6 Shift+F6", "Next or previous pane"], ["Esc", "Close a menu, leave a field or a message"]];
const MODES = { on: "On", off: "Off", alt: "With Alt" };

function lines() {
  const known = new Map();
  for (const it of document.querySelectorAll("[data-keys]")) if (!known.has(it.dataset.keys)) known.set(it.dataset.keys, label(it));
  for (const it of document.querySelectorAll("[data-tab]")) known.set(it.dataset.tab, `${label(it)}, in a new tab`);
  const list = document.querySelector(".rows") ? IN_LIST : [];
  const message = document.querySelector("#message .conv") ? IN_MESSAGE : [];
  return [...list, ...message, ...EVERYWHERE, ...known].flatMap(([keys, words]) => {
    const pair = keys.split(" ").map((key) => element("kbd", "", key.replace("Control", "Ctrl")));
    return [element("dt", "", ...pair), element("dd", "", words)];
  });
}

/** Keys of one sign are in the way of those who speak to their computer: they can be off, or go together with Alt. */
function modes() {
  const choice = element("select", "in", ...Object.entries(MODES).map(([value, words]) => {
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
  return element("label", "switch", "Use these keys", choice);
}

export function open() {
  const close = element("button", "btn", "Close");
  const sheet = element("dialog", "dlg", element("h2", "", "Keyboard shortcuts"), modes(), element("dl", "", ...lines()), close);
  sheet.setAttribute("aria-label", "Keyboard shortcuts");
  close.addEventListener("click", () => sheet.close());
  sheet.addEventListener("close", () => sheet.remove());
  document.body.append(sheet);
  sheet.showModal();
}
