// How many are unread: in the folder list, beside the list's name, in the title and, as a dot, in the picture of the tab.
import { QUIETLY, element, part } from "./dom.js";
import { reached } from "./live.js";
import { _, number } from "./words.js";

const list = document.getElementById("list");
const nav = document.getElementById("folders");
const icon = document.querySelector("link[rel=icon]");

/** The title of a page whose list has the say, with the number in front. */
export function listTitle() {
  const { unread, title } = list.dataset;
  return Number(unread) ? `(${number(Number(unread))}) ${title}` : title;
}

/** The template says what a folder counts: "messages", "unread", or nothing. */
function badge(link, now) {
  const word = link.dataset.count;
  const value = word === "messages" ? now.total : now.unread;
  link.querySelector(".num")?.remove();
  if (word && value) link.append(element("span", "num", number(value), element("span", "vh", ` ${word === "messages" ? _("messages") : _("unread")}`)));
}

function dot() {
  const unread = nav.querySelector('a[href^="/m/INBOX"] .num');
  const url = icon.getAttribute("href").replace(/icon(-unread)?\.svg/, unread ? "icon-unread.svg" : "icon.svg");
  if (icon.getAttribute("href") !== url) icon.href = url;
}

let told = 0; // when the stream last said something about the folder of this page

/** What an answer says that was asked for at that time: the stream may have said newer things since. */
export function recount({ m, unread, total }, asked) {
  if (asked > told) count({ [m]: { unread: Number(unread), total: Number(total) } });
}

/** folders: {name as in addresses: {unread, total}} of those that have changed. */
function count(folders) {
  for (const link of nav.querySelectorAll("a.f")) {
    const now = folders[decodeURIComponent(link.pathname.slice(3))];
    if (now) badge(link, now);
  }
  dot();
  const here = folders[list?.dataset.m];
  if (!here) return;
  const { unread, total } = here;
  Object.assign(list.dataset, { unread, total });
  const values = { unread: number(unread), total: number(total) };
  const some = unread ? _("%(unread)s unread of %(total)s", values) : _("%(total)s in all", values);
  list.querySelector(".sum").textContent = total ? some : _("empty");
  if (document.body.classList.contains("v-list")) document.title = listTitle();
}

/** Fetch the folder list again, and show it as soon as nobody is in it. */
async function folders() {
  try {
    const fresh = await part("folders", list?.dataset.url ?? "/m/INBOX", QUIETLY);
    reached();
    if (!list?.dataset.m) fresh.querySelector("[aria-current]")?.removeAttribute("aria-current");
    exchange(fresh);
  } catch (error) {
    reached(error);
  }
}

function exchange(fresh) {
  if (nav.matches(":hover, :focus-within, .dragging")) return setTimeout(exchange, 1000, fresh);
  nav.replaceChildren(...fresh.childNodes);
  nav.dispatchEvent(new CustomEvent("part", { bubbles: true }));
  dot();
  return null;
}

document.addEventListener("news", ({ detail: { type, data } }) => {
  if (!nav) return; // a page without folders
  const known = type === "counts" && data.folders; // a newer server may say it otherwise
  if (known) count(known);
  if (known && list?.dataset.m in known) told = Date.now();
  if (type === "folders" || (type === "again" && !document.hidden)) folders();
});
