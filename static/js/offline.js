// The bar that says so when there is no connection. It goes by itself, as everything goes on by itself.
import { say } from "./notice.js";
import { _ } from "./words.js";

const bar = document.getElementById("offline");
const [title, words] = bar.querySelectorAll("b, span span");

// A tab that is on its way to another page, "Signed out" perhaps, is not called back.
const LEAVING = 5000;
let leaving = 0;
addEventListener("beforeunload", () => {
  leaving = Date.now();
});

function down() {
  title.textContent = navigator.onLine ? _("This site does not answer.") : _("You are offline.");
  words.textContent = words.dataset.says;
  bar.hidden = false;
}

function up() {
  if (bar.hidden) return;
  bar.hidden = true;
  say(_("Back online."));
}

/** Signed out elsewhere, or for being quiet: to the sign-in page, which leads back here. But a letter is never left,
    unless others could read it: it has been saved while it was typed. */
function ended() {
  if ("shared" in document.documentElement.dataset) {
    document.dispatchEvent(new CustomEvent("quiet", { detail: { waits: [], last: true } }));
    return setTimeout(() => location.replace("/bye?why=ended"), Date.now() - leaving < LEAVING ? LEAVING : 0);
  }
  if (!document.querySelector("[data-compose]")) return setTimeout(() => location.reload(), Date.now() - leaving < LEAVING ? LEAVING : 0);
  title.textContent = _("You were signed out.");
  words.textContent = _("Your letter is still here. Send and Save draft ask you to sign in, then go on.");
  bar.hidden = false;
  return null;
}

addEventListener("offline", down);
addEventListener("online", up);
document.addEventListener("news", ({ detail: { type } }) => ({ down, up, ended })[type]?.());
if (!navigator.onLine) down();
