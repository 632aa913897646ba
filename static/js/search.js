// The page of what was found. A search of many folders goes on as a stream: each folder is put where it belongs as soon as
// the server has searched it, until somebody stops it. What has a pointer, a finger or the focus on it does not move by that.
// Without script the page has a link that goes on. What is done to rows is done as in a list; afterwards, when it is another
// list, the search is asked again.
import "./main.js";
import { element, fragment } from "./dom.js";
import { say } from "./notice.js";
import { _ } from "./words.js";
import "./rows.js";
import "./select.js";
import "./reader.js";
import "./toast.js";
import "./act.js";
import "./drag.js";
import "./swipe.js";
import "./place.js";
import "./print.js";

const BETWEEN = "\x1e"; // as views/search.py writes it
const list = document.getElementById("list");
let stopping = new AbortController();

let touched = false; // a pointer may lie there since before the page came
for (const kind of ["pointermove", "pointerdown"]) list.addEventListener(kind, () => { touched = true; }, { once: true, passive: true });

/** What must not move: the row that somebody is at; the first one in sight once the list was scrolled, or rows chosen. */
function fixed(hits) {
  const at = hits.contains(document.activeElement) ? document.activeElement : touched && hits.querySelector(".row:hover");
  if (at) return at;
  if (list.scrollTop + scrollY < 5 && !hits.querySelector("input:checked")) return null;
  const top = Math.max(0, list.getBoundingClientRect().top);
  return [...hits.querySelectorAll(".row")].find((row) => row.getBoundingClientRect().top >= top);
}

/** A folder comes to its place among the others. */
function insert(hits, section) {
  const still = fixed(hits);
  const before = still?.getBoundingClientRect().top;
  const next = [...hits.querySelectorAll(":scope > [data-place]")].find((one) => Number(one.dataset.place) > Number(section.dataset.place));
  hits.insertBefore(section, next ?? null);
  if (!still || !next) return;
  const off = () => still.getBoundingClientRect().top - before;
  const back = () => [list, window].forEach((it) => it.scrollBy({ top: off(), behavior: "instant" }));
  back();
  if (off() < 1) return;
  hits.style.minHeight = `${hits.offsetHeight + off()}px`; // there was no room to scroll
  back();
}

function put(piece) {
  const hits = document.getElementById("hits");
  for (const part of [...fragment(piece).children]) {
    if (part.id === "progress" || part.id === "offer") document.getElementById(part.id).replaceWith(part);
    else if (part.dataset.place) insert(hits, part);
    else hits.append(part);
  }
  hits.dispatchEvent(new CustomEvent("part", { bubbles: true }));
}

async function read(url, stop) {
  const answer = await fetch(url, { signal: stop.signal });
  if (!answer.ok || !answer.body) throw new Error(`answered ${answer.status}`);
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const pieces = (rest + decoder.decode(value, { stream: true })).split(BETWEEN);
    rest = pieces.pop();
    if (!stop.signal.aborted) pieces.forEach(put);
  }
}

function ended(words) {
  const progress = document.getElementById("progress");
  if (words) progress.append(". ", words);
  say(progress.textContent);
}

function goOn() {
  const far = document.querySelector("[data-rest]");
  if (!far) return;
  const link = far.querySelector("a"); // for later: where this page stopped by itself
  const button = far.querySelector("[data-stop]");
  const stop = new AbortController();
  stopping = stop;
  button.hidden = false;
  button.addEventListener("click", () => stop.abort());
  read(far.dataset.rest, stop).then(() => ended(""), (reason) => {
    if (!button.isConnected) return; // the search was asked again
    const again = element("a", "", _("Search them again"));
    again.href = link?.href ?? location.href;
    ended(reason.name === "AbortError" ? _("Stopped") : element("span", "", _("The connection was lost."), " ", again));
  }).finally(() => button.remove());
}

addEventListener("pagehide", () => stopping.abort());

const results = location.href; // a message that is opened has another address

/** What is found now, in place of what was. */
async function again() {
  const answer = await fetch(results);
  const fresh = answer.ok && fragment(await answer.text()).querySelector("#list");
  if (!fresh) return;
  const focused = list.contains(document.activeElement);
  stopping.abort();
  for (const name of ["found", "offer"]) {
    const [old, now] = [document.getElementById(name), fresh.querySelector(`#${name}`)];
    if (old && now) old.replaceWith(now);
  }
  document.getElementById("nothing")?.remove();
  const nothing = fresh.querySelector("#nothing");
  if (nothing) list.append(nothing);
  if (focused) list.focus({ preventScroll: true });
  list.dispatchEvent(new CustomEvent("part", { bubbles: true }));
  goOn();
}

const bare = () => [...list.querySelectorAll(".hits")].some((one) => one.querySelector(".rows") && !one.querySelector(".row"));

document.addEventListener("acted", ({ detail: { whole } }) => {
  if (whole || bare()) again().catch(() => {});
});

goOn();
