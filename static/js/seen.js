// Marks a message as read after it was looked at for two seconds: where the reader wants it so, and where a message opened
// by itself in place of one that was moved away. The page says by data-seen that it waits for this.
import { read } from "./reader.js";
import { _ } from "./words.js";

const PAUSE = 2000;
let timer = 0;

async function mark(place) {
  const body = new FormData();
  body.set("csrf_token", document.querySelector("[name=csrf_token]").value);
  const answer = await fetch(place.dataset.seen, { method: "POST", body });
  if (answer.status !== 204) return;
  delete place.dataset.seen;
  place.classList.remove("unread");
  if (place.id !== "message") return;
  delete place.dataset.unseen;
  const row = document.querySelector(".row.on");
  if (row) read(row);
  turn(place);
}

/** The button that marks it by hand does the opposite now. */
function turn(place) {
  const button = place.querySelector('.bar > [name="do"][value="read"]');
  if (!button) return;
  button.value = "unread";
  button.dataset.keys = "U";
  button.querySelector("span").textContent = _("Mark unread");
  const picture = button.querySelector("use");
  picture.setAttribute("href", picture.getAttribute("href").replace(/#.*/, "#unread"));
}

function start() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (document.hidden) return;
    for (const place of document.querySelectorAll("#message[data-seen], .told[open][data-seen]")) mark(place).catch(() => {});
  }, PAUSE);
}

start();
document.addEventListener("part", (event) => {
  if (event.target.id === "message") start();
});
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.(".told[data-seen]") && event.target.open) start();
}, true);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) start();
});
