// What may stand in the editor. This is for order and for the page's own safety; what is sent or saved goes through the
// gate of the server all the same. Pictures of a letter are called cid: there and blob: here.
import "../vendor/dompurify/purify.min.js";
import { element } from "./dom.js";
import { _ } from "./words.js";

const CLEANER = globalThis.DOMPurify;
const ADDRESS = /^(?:(?:https?|mailto|tel|cid|blob):|data:image\/(?:png|jpe?g|gif|webp);base64,)/i;
const RULES = {
  USE_PROFILES: { html: true }, RETURN_DOM_FRAGMENT: true, ALLOWED_URI_REGEXP: ADDRESS, ALLOW_DATA_ATTR: false,
  FORBID_TAGS: ["style", "form", "input", "button", "select", "textarea", "option", "audio", "video", "source", "map", "area", "dialog", "details"],
  FORBID_ATTR: ["srcset", "background", "contenteditable", "draggable", "tabindex", "name", "slot", "popover", "popovertarget"],
};
// Undo keeps the place of the cursor as two hidden fields.
const BEFORE = { ...RULES, FORBID_TAGS: RULES.FORBID_TAGS.filter((name) => name !== "input") };
// Of what is pasted: what its writer chose, not the sheet of the program it comes from.
const KEPT = ["color", "background-color", "font-weight", "font-style", "text-decoration", "text-align", "direction", "white-space"];

const byName = new Map(); // Content-ID -> blob: address
const byAddress = new Map();

/** From now on this picture is shown for that Content-ID. */
export function known(cid, address) {
  byName.set(cid, address);
  byAddress.set(address, cid);
}

/** A picture that is not here (any more): a grey field, so that nobody thinks that it is gone from the letter. */
function missing(cid) {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80"><path fill="#999" fill-opacity=".3" d="M0 0h120v80H0z"/></svg>';
  known(cid, URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" })));
  return byName.get(cid);
}

/** The octets behind a data: address. */
function decoded(address) {
  const [head, text] = address.split(",", 2);
  const octets = Uint8Array.from(atob(text.replace(/\s+/g, "")), (it) => it.charCodeAt(0));
  const type = head.slice(5).split(";")[0].toLowerCase();
  return new File([octets], `picture.${type.split("/")[1]}`, { type });
}

function pictures(fragment, take) {
  for (const image of fragment.querySelectorAll("img")) {
    const source = image.getAttribute("src") ?? "";
    let shown = byAddress.has(source) ? source : "";
    try {
      if (/^cid:/i.test(source)) shown = byName.get(decodeURIComponent(source.slice(4))) ?? missing(decodeURIComponent(source.slice(4)));
      else if (/^data:/i.test(source)) shown = take(decoded(source));
    } catch { /* what cannot be read is no picture */ }
    if (shown) image.setAttribute("src", shown);
    else image.replaceWith(image.alt);
  }
}

/** HTML as elements that may stand in the page. take: given a picture that came as data:, the address to show it by. */
export function safe(html, take = () => "", undo = false) {
  // Sheets go first: the cleaner takes them out as well, but the browser would complain of each.
  const found = CLEANER.sanitize(html.replace(/<style\b[\s\S]*?<\/style\s*>/gi, ""), undo ? BEFORE : RULES);
  if (undo) for (const field of found.querySelectorAll("input")) if (!/^squire-selection-(?:start|end)$/.test(field.id)) field.remove();
  pictures(found, take);
  return document.importNode(found, true);
}

/** What was pasted, without what word processors and pages put around it. */
export function tidy(fragment) {
  for (const it of fragment.querySelectorAll("*")) {
    for (const name of ["class", "id", "lang"]) it.removeAttribute(name);
    const kept = KEPT.filter((name) => it.style.getPropertyValue(name)).map((name) => [name, it.style.getPropertyValue(name)]);
    it.removeAttribute("style");
    for (const [name, value] of kept) {
      if (!/^(?:windowtext|initial|inherit|normal|black|white|rgb\(0, 0, 0\)|rgb\(255, 255, 255\)|transparent)$/.test(value)) it.style.setProperty(name, value);
    }
    if (!it.getAttribute("style")) it.removeAttribute("style");
  }
}

/** The editor's HTML as a letter has it. Pictures that are still on their way are left out. */
export function asSent(html) {
  return html.replace(/<img\b[^>]*?\ssrc="(blob:[^"]*)"[^>]*>/g, (tag, address) => {
    const cid = byAddress.get(address);
    return cid ? tag.replace(address, `cid:${encodeURIComponent(cid).replaceAll("%40", "@")}`) : "";
  });
}

/** The surface that is written on. */
export function surface() {
  const made = element("div", "body rich");
  for (const [name, value] of Object.entries({ role: "textbox", "aria-multiline": "true", "aria-label": _("Message"), dir: "auto", spellcheck: "true" })) made.setAttribute(name, value);
  made.dataset.rich = "";
  return made;
}
