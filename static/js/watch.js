// Listens for news about the list. What changes rows (arrivals.js) is fetched with the first news that matters: most
// pages are left before any came.
const list = document.getElementById("list");

/** The counts that go with the rows, as the page came with them. */
export const page = { ...list.dataset };

// The clock of pages without script (views/mailbox.py) is not needed here.
const here = new URL(location);
if (here.searchParams.has("refresh")) {
  here.searchParams.delete("refresh");
  location.replace(here);
}

let first = true;
let loaded = false;

let lost = 0;

/** told: by the server, just now. Without a connection nothing comes of it: the stream begins anew with the connection, and says
 * "again". With one, the site has another version by now, whose scripts do not go with ours: the page comes anew, unless
 * somebody is at it. */
const arrivals = (deed, told = false) => import("./arrivals.js").then(deed, () => {
  lost += told;
  if (lost > 1 && !document.querySelector(".pick input:checked, dialog[open], details.menu[open]")) location.reload();
});

function matters({ type, data, watched }) {
  const { m } = list.dataset;
  const now = data.folders?.[m];
  // Who watches this folder is told every change; but from when this page was made until the first news there is a gap.
  const gap = now && (first || watched !== m) && (now.unread !== Number(page.unread) || now.total !== Number(page.total));
  return type === "again" || gap || (["mail", "changed"].includes(type) && data.m === m);
}

document.addEventListener("news", ({ detail }) => {
  loaded ||= matters(detail);
  const early = first;
  if (detail.type === "counts") first = false;
  if (loaded) arrivals((it) => it.hear(detail, early), detail.type !== "again");
});

// This page itself did something. whole: what came of it is to be seen at once.
document.addEventListener("acted", ({ detail: { whole } }) => arrivals((it) => it.look(whole)));
