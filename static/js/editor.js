// The rich editor: loaded when formatting is turned on. It writes into the hidden field `html` what the server reads.
import Squire from "../vendor/squire-rte/squire.mjs";
import { element } from "./dom.js";
import { objection, underway } from "./files.js";
import { asSent, known, safe, surface, tidy } from "./looks.js";
import { upload } from "./upload.js";
import { _ } from "./words.js";

const form = document.querySelector("[data-compose]");
const tools = form.querySelector("[data-tools]");
const wrong = form.querySelector("#files-error");
const field = (name) => form.querySelector(`[name="${name}"]`);
const SUFFIX = "@picture.invalid";
const MOD = /Mac|iPhone|iPad/.test(navigator.platform) ? "Meta-" : "Ctrl-";
const LINK = /^(?:https?:\/\/|mailto:|tel:)\S+$/i;

const root = surface();
const frame = element("div", "richframe", root);

/** Squire, whose history passes the same gate as everything else that becomes elements. */
class Editor extends Squire {
  _setRawHTML(html) {
    root.replaceChildren(safe(html, undefined, true));
    if (!root.firstChild) root.append(this.createDefaultBlock());
    this._ignoreChange = true;
    return this;
  }
}

let editor = null;

const commands = {
  bold: ["B", () => editor.bold(), () => editor.removeBold()],
  italic: ["I", () => editor.italic(), () => editor.removeItalic()],
  underline: ["U", () => editor.underline(), () => editor.removeUnderline()],
  list: ["UL", () => editor.makeUnorderedList(), () => editor.removeList()],
  numbers: ["OL", () => editor.makeOrderedList(), () => editor.removeList()],
  quote: ["BLOCKQUOTE", () => editor.increaseQuoteLevel(), () => editor.decreaseQuoteLevel()],
  link: ["A", () => ask(), () => editor.removeLink()],
  plain: ["", () => editor.removeAllFormatting(), null],
};

function changed() {
  field("html").value = asSent(editor.getHTML());
  field("format").value = "html";
  field("html").dispatchEvent(new Event("input", { bubbles: true }));
}

function lit() {
  for (const button of tools.querySelectorAll("[data-command][aria-pressed]")) {
    button.setAttribute("aria-pressed", String(editor.hasFormat(commands[button.dataset.command][0])));
  }
}

function press(name) {
  const [tag, on, off] = commands[name];
  if (off && editor.hasFormat(tag)) off();
  else on();
  lit();
}

// --- links

const row = tools.querySelector("[data-link]");
const typed = Object.assign(element("input", "in"), { type: "text", inputMode: "url", autocomplete: "off", spellcheck: false });
typed.setAttribute("aria-label", row.dataset.link);
row.prepend(typed);

function ask() {
  row.hidden = false;
  typed.value = editor.getSelectedText().trim().match(LINK)?.[0] ?? "https://";
  typed.select();
}

function link(event) {
  event.preventDefault();
  const said = typed.value.trim();
  const address = LINK.test(said) ? said : /^[^\s@:/]+@[^\s@:/]+$/.test(said) ? `mailto:${said}` : `https://${said}`;
  row.hidden = true;
  editor.focus();
  if (URL.canParse?.(address) ?? true) editor.makeLink(address);
}

row.querySelector("button").addEventListener("click", link);
row.addEventListener("keydown", (event) => {
  if (event.key === "Enter") link(event);
  if (event.key !== "Escape") return;
  event.preventDefault();
  row.hidden = true;
  editor.focus();
});
row.addEventListener("input", (event) => event.stopPropagation());

// --- pictures

/** Upload a picture; what it is shown by at once. */
function take(file) {
  const address = URL.createObjectURL(file);
  const words = objection(file);
  if (words) {
    wrong.textContent = words;
    return "";
  }
  const stop = new AbortController();
  const done = underway(stop);
  upload(file, () => {}, stop.signal).then((value) => {
    known(value.slice(1) + SUFFIX, address);
    done(true);
    changed();
  }, (error) => {
    for (const image of root.querySelectorAll("img")) if (image.src === address) image.remove();
    wrong.textContent = _("The picture %(file)s was not uploaded. %(why)s", { file: file.name, why: error.message });
    done(false);
    changed();
  });
  return address;
}

const images = (data) => [...(data?.files ?? [])].filter((file) => /^image\/(?:png|jpe?g|gif|webp)$/.test(file.type));

function insert(files) {
  for (const file of files) {
    const address = take(file);
    if (!address) continue;
    editor.saveUndoState();
    editor.insertImage(address, { alt: file.name, style: "max-width:100%" });
    setTimeout(() => editor.saveUndoState()); // so that Undo takes back what is typed behind it first
  }
}

// Words that bring a picture of themselves along (word processors do) are words. Other files are files of the letter.
root.addEventListener("paste", (event) => {
  const data = event.clipboardData;
  if (data.getData("text/plain").trim() || !data.files.length) return;
  event.stopImmediatePropagation();
  if (images(data).length < data.files.length) return;
  event.preventDefault();
  event.stopPropagation();
  insert(images(data));
}, { capture: true });
frame.addEventListener("paste", (event) => {
  if (event.clipboardData.getData("text/plain").trim()) event.stopPropagation();
});
root.addEventListener("drop", (event) => {
  const found = images(event.dataTransfer);
  if (!found.length || found.length < event.dataTransfer.files.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  form.classList.remove("over");
  const at = document.caretRangeFromPoint?.(event.clientX, event.clientY);
  if (at && root.contains(at.startContainer)) editor.setSelection(at);
  insert(found);
}, { capture: true });

/** Load the pictures of a letter, so that they can be shown. pictures: Content-ID to address. */
export async function fetched(pictures) {
  await Promise.all(Object.entries(pictures).map(async ([cid, url]) => {
    const answer = await fetch(url).catch(() => null);
    const octets = answer?.ok ? await answer.blob() : null;
    if (octets?.type.startsWith("image/")) known(cid, URL.createObjectURL(octets));
  }));
}

/** Show the editor with this HTML in place of the text. */
export function open(html) {
  if (!editor) {
    field("body").before(frame);
    editor = new Editor(root, { blockTag: "DIV", sanitizeToDOMFragment: (text) => safe(text, take), didError: (error) => { throw error; } });
    for (const key of ["PageUp", "PageDown", `${MOD}d`]) editor.setKeyHandler(key, null);
    editor.setKeyHandler(`${MOD}k`, (squire, event) => {
      event.preventDefault();
      press("link");
    });
    editor.addEventListener("input", changed);
    for (const name of ["pathChange", "select", "cursor", "input"]) editor.addEventListener(name, lit);
    editor.addEventListener("willPaste", (event) => tidy(event.detail.fragment));
    for (const button of tools.querySelectorAll("[data-command]")) button.addEventListener("click", () => press(button.dataset.command));
    // A press on a button must not take the selection away.
    tools.addEventListener("mousedown", (event) => { if (event.target.closest("[data-command]")) event.preventDefault(); });
  }
  frame.hidden = false;
  field("body").hidden = true;
  editor.setHTML(html);
  editor.moveCursorToStart();
}

export const focus = () => editor.focus();
export const html = () => asSent(editor.getHTML());
export { changed };

/** Back to the text field. */
export function close() {
  frame.hidden = true;
  row.hidden = true;
  field("body").hidden = false;
}
