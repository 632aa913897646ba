// Everything that this page can do, and every folder beside it, found by typing. What is chosen is a control of the page
// itself, so nothing can be done here that the page would not let one do.
import { element } from "./dom.js";
import { control, label, press } from "./shortcuts.js";
import { _ } from "./words.js";

/** A text without the words that go before it. */
const after = (words, text) => (text.toLowerCase().startsWith(words.trim()) ? text.slice(words.trim().length).trim() : text);

function commands() {
  const found = [];
  for (const it of document.querySelectorAll("#folders a.f")) found.push([_("Go to %(folder)s", { folder: label(it) }), it.dataset.keys ?? "", it]);
  const keys = new Set([...document.querySelectorAll("[data-keys]")].map((it) => it.dataset.keys));
  for (const each of keys) {
    const it = control(each);
    if (it && !it.closest("#folders ul") && it.dataset.opens !== "commands") found.push([label(it), each, it]);
  }
  for (const it of document.querySelectorAll(".account .pop :is(a, button):not([data-keys], [data-opens])")) found.push([label(it), "", it]);
  return found;
}

/** Those with every word, best first: the name itself, then a word of it, begins so. */
function matching(all, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (name) => (name === words.join(" ") ? -1 : name.startsWith(words[0]) ? 0 : name.includes(` ${words[0]}`) ? 1 : 2);
  const fit = all.filter(([name]) => words.every((word) => name.toLowerCase().includes(word)));
  return words.length ? fit.sort((a, b) => rank(a[0].toLowerCase()) - rank(b[0].toLowerCase())) : fit;
}

/** Folders that are not on this page: their own page finds them, asked by POST, so that no address has a name in it. */
function elsewhere(words) {
  const form = element("form");
  Object.assign(form, { method: "post", action: "/folders", hidden: true });
  for (const [name, value] of [["q", words], ["csrf_token", document.querySelector("[name=csrf_token]").value]]) {
    const field = element("input");
    Object.assign(field, { name, value });
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

/** typed: what was typed before the menu was there. goes: it is to go to a folder. */
export function open(typed, goes) {
  const all = commands();
  const around = _("Go to %(folder)s").split("%(folder)s").map((words) => words.toLowerCase());
  const field = element("input", "in");
  const list = element("ul", "commands");
  const sheet = element("dialog", "dlg", field, list);
  let [shown, at] = [[], 0];

  function point(to) {
    at = Math.max(0, Math.min(to, shown.length - 1));
    for (const [number, item] of [...list.children].entries()) item.setAttribute("aria-selected", String(number === at));
    const item = list.children[at];
    field.setAttribute("aria-activedescendant", item?.id ?? "");
    item?.scrollIntoView({ block: "nearest" });
  }

  function show() {
    shown = matching(all, field.value);
    const words = around.reduce((text, words) => after(words, text), field.value.trim());
    if (words && document.querySelector("#folders [data-hidden]")) shown.push([_("Look for “%(words)s” in all folders", { words }), "", { words }]);
    list.replaceChildren(...shown.map(([name, keys], number) => {
      const words = element("bdi", "", name);
      const item = element("li", "", words, ...keys.split(" ").filter(Boolean).map((key) => element("kbd", "", key)));
      Object.assign(item, { id: `command-${number}`, role: "option" });
      return item;
    }));
    if (!shown.length) list.replaceChildren(element("li", "hint", _("Nothing of that name on this page.")));
    point(0);
  }

  function run() {
    const chosen = shown[at];
    sheet.close(); // which gives the focus back to where it was
    if (chosen?.[2].words) elsewhere(chosen[2].words);
    else if (chosen) press(chosen[2]);
  }

  Object.assign(field, { type: "text", role: "combobox", autocomplete: "off", placeholder: _("Folder or command") });
  for (const [name, value] of [["label", _("Folder or command")], ["expanded", "true"], ["controls", "commands"], ["autocomplete", "list"]]) field.setAttribute(`aria-${name}`, value);
  Object.assign(list, { id: "commands", role: "listbox" });
  list.setAttribute("aria-label", _("Folders and commands"));
  sheet.setAttribute("aria-label", _("Command menu"));
  field.addEventListener("input", show);
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (step === undefined && event.key !== "Enter") return;
    event.preventDefault();
    if (event.key === "Enter") run();
    else point(step);
  });
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (!item) return;
    point([...list.children].indexOf(item));
    run();
  });
  sheet.addEventListener("close", () => sheet.remove());
  document.body.append(sheet);
  sheet.showModal();
  field.value = (goes ? around[0] : "") + typed;
  show();
}
