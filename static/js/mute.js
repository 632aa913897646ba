// Answers in muted conversations are put away when they come. One tab of a browser asks for it, and the server finds out
// whether there is anything to do: this page may show another folder.
const SOON = 800;
let timer = 0;

async function ask() {
  const body = new URLSearchParams({ csrf_token: document.querySelector("[name=csrf_token]").value });
  await fetch("/quiet", { method: "POST", body, headers: { "X-Background": "1" } }).catch(() => {});
}

/** Where there are no locks every tab asks: it is done once all the same. */
function soon() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!navigator.locks) ask();
    else navigator.locks.request("quiet", { ifAvailable: true }, (lock) => lock && ask());
  }, SOON);
}

let total = null;
document.addEventListener("news", ({ detail: { type, data } }) => {
  if (type === "mail" && data.m === "INBOX" && data.added) soon();
  const now = type === "counts" ? data.folders?.INBOX?.total : undefined;
  if (now === undefined) return;
  if (total === null || now > total) soon(); // also what came while nobody was here
  total = now;
});
