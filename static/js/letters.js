// What a row of the list stands for: one message, or the letters of a conversation that lie in this folder.
import { element } from "./dom.js";
import { _ } from "./words.js";

export const pick = (row) => row.querySelector(".open").pathname.split("/").pop(); // "uidvalidity.uid" of the newest
export const uid = (row) => Number(pick(row).split(".")[1]);
export const letters = (row) => numbers(row.dataset.letters) ?? [uid(row)];
/** Rows with the same key stand for the same messages. */
export const key = (row) => letters(row).join();

function numbers(words) {
  if (words === undefined) return null;
  return words ? words.split(" ").map(Number) : [];
}

/** How a row looks. */
function look(row, unread, starred) {
  const from = row.querySelector(".from");
  const star = row.querySelector("button.star");
  row.classList.toggle("unread", unread);
  from.querySelector(":scope > .vh")?.remove();
  if (unread) from.prepend(element("span", "vh", _("Unread, ")));
  if (!star) return;
  star.name = starred ? "unstar" : "star";
  star.setAttribute("aria-pressed", String(starred));
}

function put(row, name, number, there) {
  const others = numbers(row.dataset[name]).filter((it) => it !== number);
  const now = there ? [...others, number] : others;
  row.dataset[name] = now.join(" ");
  return now;
}

/** One of its letters has these marks now; null for a mark that stays. */
export function mark(row, number, unread, starred) {
  const star = row.querySelector("button.star");
  if (row.dataset.letters === undefined) {
    look(row, unread, starred ?? star?.getAttribute("aria-pressed") === "true");
    return;
  }
  const fresh = put(row, "fresh", number, unread);
  const stars = starred === null ? numbers(row.dataset.stars) : put(row, "stars", number, starred);
  look(row, fresh.length > 0, stars.length > 0);
  if (star) star.value = `${pick(row).split(".")[0]}.${stars.join() || letters(row)[0]}`;
}

/** The marks of another row that stands for the same. */
export function copy(row, other) {
  const star = row.querySelector("button.star");
  look(row, other.matches(".unread"), Boolean(other.querySelector('[aria-pressed="true"]')));
  if (row.dataset.letters === undefined) return;
  for (const name of ["fresh", "stars"]) row.dataset[name] = other.dataset[name];
  if (star) star.value = other.querySelector("button.star").value;
}

/** Some of its letters are gone; false when none is left. */
export function without(row, gone) {
  const left = letters(row).filter((number) => !gone.has(number));
  if (!left.length || row.dataset.letters === undefined) return left.length > 0;
  const box = row.querySelector(".pick input");
  row.dataset.letters = left.join(" ");
  for (const name of ["fresh", "stars"]) row.dataset[name] = numbers(row.dataset[name]).filter((it) => !gone.has(it)).join(" ");
  row.querySelector(".count").firstChild.data = String(left.length);
  if (box) box.value = `${box.value.split(".")[0]}.${left.join()}`;
  return true;
}

/** Days without rows go, and a day that two pages share has one heading. */
export function tidy(list) {
  let last = null;
  for (const day of list.querySelectorAll(".rows")) {
    const before = day.previousElementSibling;
    const head = before?.matches(".day") ? before : null;
    const title = head?.textContent ?? "";
    if (day.children.length && !(last?.title === title && last.day.parentNode !== day.parentNode)) {
      last = { title, day };
      continue;
    }
    if (day.children.length) last.day.append(...day.children);
    head?.remove();
    day.remove();
  }
}
