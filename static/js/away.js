// The page without a connection: it shows the letter that this tab keeps (kept.js), and makes way as soon as it can.
import { _ } from "./words.js";

const OFTEN = 5000;
const home = location.pathname === "/offline"; // somebody looks at it on purpose
const again = document.getElementById("again");

function words() {
  try {
    const { to, subject, body, html } = JSON.parse(sessionStorage.getItem("pennypost-letter"));
    const text = html ? html.replace(/<(?:\/p|\/div|br)\b[^>]*>/gi, "\n").replace(/<[^>]*>/g, "") : body;
    return [to && _("To: %(addresses)s", { addresses: to }), subject && _("Subject: %(subject)s", { subject }), "", text].filter((line) => line !== "" || text).join("\n");
  } catch {
    return "";
  }
}

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/offline", { method: "HEAD", cache: "no-store", credentials: "omit" });
    if (answer.ok) location.reload();
  } catch { /* not yet */ }
}

const letter = words();
if (letter) {
  document.getElementById("words").value = letter;
  document.getElementById("letter").hidden = false;
}
if (!home) {
  again.href = location.href;
  again.addEventListener("click", (event) => {
    event.preventDefault();
    location.reload();
  });
  document.getElementById("waits").hidden = false;
  addEventListener("online", look);
  document.addEventListener("visibilitychange", look);
  setInterval(look, OFTEN);
}
