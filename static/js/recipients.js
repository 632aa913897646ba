// Address fields with chips and suggestions. The textarea stays the field of the form and always holds the whole list;
// what is seen is a combobox (ARIA APG) beside buttons for those who are named already.
import { element, part } from "./dom.js";
import { open, read, shown, valid, written } from "./addresses.js";
import { say } from "./notice.js";
import { _, ngettext } from "./words.js";

const MOST = 8; // suggestions at once
let people = null; // [{name, address, words}], asked for once a page

/** Everybody the server suggests, likeliest first; nobody when it cannot be asked: everything can be typed. */
function known() {
  people ??= part("people", "/people")
    .then((list) => [...list.children].map(({ dataset: { name, address } }) => ({ name, address, words: words(name, address) })))
    .catch(() => { people = null; return []; });
  return people;
}

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const words = (name, address) => [...plain(name).split(/[^\p{L}\p{N}]+/u), plain(name), plain(address), ...plain(address).split(/[@.+_-]/)];

function matches(all, text, taken) {
  const asked = plain(text).trim().split(/\s+/);
  const holds = (one) => asked.every((part) => one.words.some((word) => word.startsWith(part)));
  return all.filter((one) => !taken.has(one.address.toLowerCase()) && holds(one)).slice(0, MOST);
}

const came = ({ name, address }) => _("%(name)s added.", { name: name || address });

class Field {
  constructor(area) {
    this.area = area;
    this.chips = [];
    this.found = [];
    this.active = -1;
    this.asked = 0;
    this.build();
    this.take(area.value, false);
    this.listen();
  }

  build() {
    const { area } = this;
    const focused = document.activeElement === area;
    const label = document.querySelector(`label[for="${area.id}"]`);
    this.label = label.textContent.trim();
    this.input = element("input", "entry");
    const given = { type: "text", id: area.id, role: "combobox", autocomplete: "off", autocapitalize: "none", spellcheck: "false", inputmode: "email", dir: "auto", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${area.id}-list`, "aria-describedby": area.getAttribute("aria-describedby") };
    for (const [name, value] of Object.entries(given)) if (value) this.input.setAttribute(name, value);
    if (area.hasAttribute("aria-invalid")) this.input.setAttribute("aria-invalid", "true");
    area.id = `${area.id}-field`;
    area.hidden = true;
    this.row = element("ul", "names");
    this.row.setAttribute("aria-label", _("%(field)s: addresses", { field: this.label }));
    this.list = element("ul", "suggested");
    this.list.id = `${this.input.id}-list`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", _("Suggestions"));
    this.list.hidden = true;
    this.well = element("div", "well", this.row, this.input);
    this.box = element("div", "recipients", this.well, this.list);
    area.after(this.box);
    if (focused) this.input.focus({ preventScroll: true });
  }

  listen() {
    const { input, box } = this;
    input.addEventListener("focus", known, { once: true });
    input.addEventListener("input", () => { this.store(); this.suggest(); });
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("paste", (event) => this.paste(event));
    input.addEventListener("blur", () => { this.close(); if (!box.contains(document.activeElement)) this.commit(); });
    box.addEventListener("click", (event) => { if (event.target === this.well) input.focus(); });
    this.row.addEventListener("keydown", (event) => this.chipKey(event));
    // A press on an option must not take the focus away first: that would commit what was typed.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.accept([...this.list.children].indexOf(event.target.closest("li"))));
    this.area.form.addEventListener("submit", () => this.commit());
    known();
  }

  // ---- the field of the form ----

  /** The textarea holds the chips and what is being typed, so that a letter saved at any moment has it all. */
  store() {
    const text = [...this.chips.map((chip) => chip.text), this.input.value.trim()].filter(Boolean).join(", ");
    if (text === this.area.value) return;
    this.area.value = text;
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Make chips of a text; the field is not touched when it says the same already. */
  take(text, tell = true) {
    const entries = read(text).filter((one) => one.raw);
    for (const one of entries) this.add(one);
    if (!tell || !entries.length) return;
    this.store();
    const wrong = entries.filter((one) => !valid(one.address)).length;
    const added = entries.length > 1 ? ngettext("%(count)s address added.", "%(count)s addresses added.", entries.length) : came(entries[0]);
    // Translators: after "3 addresses added."
    say(wrong ? `${added} ${ngettext("One is not an address.", "%(count)s are not an address.", wrong)}` : added);
  }

  commit() {
    const text = this.input.value;
    this.input.value = "";
    this.close();
    if (text.trim()) this.take(text);
  }

  // ---- chips ----

  add(one) {
    const good = valid(one.address);
    const seen = shown(one.address);
    const label = good ? one.name && !one.name.includes("@") ? one.name : seen : one.raw;
    const edit = element("button", "edit", element("bdi", "", label));
    if (!good) edit.append(element("span", "why", " – ", _("not an address")));
    else if (seen !== one.address) edit.append(element("span", "why", " – ", label === seen ? _("letters of several alphabets") : _("letters of several alphabets: %(address)s", { address: seen })));
    const drop = element("button", "drop", element("span", "vh", _("Remove %(address)s", { address: label })));
    for (const button of [edit, drop]) button.type = "button";
    edit.title = good ? _("%(address)s. Press to change it.", { address: written({ ...one, address: seen }) }) : _("Press to correct it.");
    drop.tabIndex = -1;
    const item = element("li", good && seen === one.address ? "chip" : "chip bad", edit, drop);
    const chip = { item, edit, label, text: good ? written(one) : one.raw, address: one.address.toLowerCase() };
    edit.addEventListener("click", () => this.edit(chip));
    drop.addEventListener("click", () => { this.remove(chip); this.input.focus(); });
    this.chips.push(chip);
    this.row.append(item);
    this.well.scrollTop = this.well.scrollHeight;
  }

  remove(chip, tell = true) {
    this.chips = this.chips.filter((other) => other !== chip);
    chip.item.remove();
    this.store();
    if (tell) say(_("%(name)s removed.", { name: chip.label }));
  }

  edit(chip) {
    this.commit();
    this.remove(chip, false);
    this.input.value = chip.text;
    this.store();
    this.input.focus();
    this.input.select();
  }

  chipKey(event) {
    const at = this.chips.findIndex((chip) => chip.item.contains(event.target));
    if (at < 0 || event.isComposing) return;
    const forward = getComputedStyle(this.box).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const go = (to) => (this.chips[to]?.edit ?? this.input).focus();
    if (event.key === "Backspace" || event.key === "Delete") {
      this.remove(this.chips[at]);
      go(Math.min(at, this.chips.length - 1));
    } else if (event.key === forward) go(at + 1);
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") go(Math.max(0, at - 1));
    else return;
    event.preventDefault();
  }

  // ---- what is typed and pasted ----

  key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const { input } = this;
    const atStart = input.selectionStart === 0 && input.selectionEnd === 0;
    const back = getComputedStyle(this.box).direction === "rtl" ? "ArrowRight" : "ArrowLeft";
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.move(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Escape" && !this.list.hidden) this.close();
    else if (event.key === "Enter") this.enter();
    else if (event.key === "Tab" && !event.shiftKey && this.active >= 0) this.accept(this.active);
    else if (event.key === "," || event.key === ";") {
      if (open(`${input.value}${event.key}`)) return;
      if (this.active >= 0 && !input.value.includes("@")) this.accept(this.active);
      else {
        input.value += event.key;
        this.commit();
      }
    } else if (atStart && this.chips.length && event.key === "Backspace") this.remove(this.chips[this.chips.length - 1]);
    else if (atStart && this.chips.length && event.key === back) this.chips[this.chips.length - 1].edit.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Enter takes the suggestion or ends the address; it never sends the letter. */
  enter() {
    if (this.active >= 0) this.accept(this.active);
    else this.commit();
  }

  paste(event) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!/[,;\n]/.test(text) && !valid(text.trim())) return;
    event.preventDefault();
    const { input } = this;
    const [from, to] = [input.selectionStart, input.selectionEnd];
    input.value = input.value.slice(0, from) + text.replace(/\r\n?|\n/g, ", ") + input.value.slice(to);
    this.commit();
  }

  // ---- suggestions ----

  async suggest() {
    const number = ++this.asked;
    const text = this.input.value;
    const all = text.trim() && !/[,;"<]/.test(text) ? await known() : [];
    if (number !== this.asked || text !== this.input.value) return;
    this.found = all.length ? matches(all, text, new Set(this.chips.map((chip) => chip.address))) : [];
    // The first is chosen by Enter, unless what is typed is an address itself.
    this.show(valid(text.trim()) ? -1 : 0);
  }

  show(active) {
    this.list.replaceChildren(...this.found.map((one, at) => this.option(one, at)));
    this.list.hidden = !this.found.length;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.choose(this.found.length ? active : -1);
  }

  option(one, at) {
    const item = element("li", "", ...(one.name ? [element("bdi", "name", one.name), " "] : []), element("bdi", "spec", one.address));
    item.setAttribute("role", "option");
    item.id = `${this.list.id}-${at}`;
    return item;
  }

  choose(at) {
    this.active = at;
    [...this.list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
    if (at >= 0) this.input.setAttribute("aria-activedescendant", this.list.children[at].id);
    else this.input.removeAttribute("aria-activedescendant");
    this.list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  move(step) {
    if (this.list.hidden) {
      this.suggest();
      return;
    }
    const count = this.found.length + 1; // one place more: what was typed itself
    this.choose(((this.active + 1 + step + count) % count) - 1);
  }

  accept(at) {
    const one = this.found[at];
    if (!one) return;
    this.input.value = "";
    this.close();
    this.add({ ...one, raw: written(one) });
    this.store();
    say(came(one));
    this.input.focus();
  }

  close() {
    this.asked += 1;
    this.found = [];
    this.show(-1);
  }
}

for (const area of document.querySelectorAll("textarea[data-recipients]")) new Field(area);
