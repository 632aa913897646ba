// One stream of news for all tabs of a browser. The tab that holds the lock keeps the stream and passes the news on to
// the others; where there are no locks (before 2022, or plain HTTP), each tab has its own, while it is seen. News reaches
// the files that show it as the event "news" of the document: counts, mail, changed, folders as the server sent them,
// and from here "again" (something may have been missed), "down" and "up" (the connection), "ended".
import { wanted } from "./wanted.js";

const HIDDEN = 300_000; // a tab that nobody looked at for so long lets go, unless it is to tell of new mail
const ASK = 60_000; // how often to ask where there is no stream,
const SOON = 5000; // unless there was one until now
const SILENT = 20_000; // the first counts come at once, unless something on the way holds the stream back
const shown = document.getElementById("list")?.dataset;
const folder = shown?.m ?? "INBOX";
const channel = navigator.locks && globalThis.BroadcastChannel && new BroadcastChannel("news");
let source = null;
let timer = 0; // asking, or the watch for a silent stream
let hidden = 0;
let failed = 0;
let lead = null; // the wish for the lock
let release = () => {};

const show = (detail) => document.dispatchEvent(new CustomEvent("news", { detail }));

/** To this tab and the others. watched: the folder of which every single change is told. */
export function tell(type, data = {}) {
  const detail = { type, data, watched: folder };
  channel?.postMessage(detail);
  show({ ...detail, own: true });
}

if (channel) {
  channel.onmessage = ({ data }) => {
    if (data.type === "ended") leave();
    show(data);
  };
}

function close() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

/** Without a stream every tab looks for itself, and then the stream is tried again. */
function ask(after = ASK) {
  close();
  tell("again");
  timer = setTimeout(open, after);
}

/** What came of the last try to reach the server: nothing, or an error. One may be chance, two are not. */
export function reached(error) {
  if (error?.signedOut) {
    leave();
    tell("ended");
  } else if (error) {
    failed += 1;
    if (failed === 2) tell("down");
  } else {
    if (failed > 1) tell("up");
    failed = 0;
  }
}

function open() {
  let opened = false;
  close();
  // With the state that the page shows, so that nothing is lost between the two.
  source = new EventSource(`/events?${new URLSearchParams({ m: folder, at: shown?.at ?? "" })}`);
  timer = setTimeout(ask, SILENT);
  source.onopen = () => {
    opened = true;
    reached();
  };
  source.onerror = (event) => {
    reached(event);
    // Refused: the site starts anew, or something on the way knows no streams.
    if (source.readyState === EventSource.CLOSED) ask(opened ? SOON : ASK);
  };
  for (const type of ["counts", "mail", "changed", "folders"]) {
    source.addEventListener(type, (event) => {
      clearTimeout(timer);
      tell(type, JSON.parse(event.data));
    });
  }
  source.addEventListener("ended", (event) => {
    const { why } = JSON.parse(event.data);
    if (why === "busy") ask();
    if (why !== "signed-out") return; // "restart": the browser connects again by itself
    leave();
    tell("ended");
  });
}

function start() {
  open();
  if (performance.now() > 10_000) tell("again"); // nobody listened for a while, perhaps
}

function join() {
  clearTimeout(hidden);
  if (lead) return;
  lead = new AbortController();
  if (channel) {
    navigator.locks.request("news", { signal: lead.signal }, () => new Promise((done) => {
      release = done;
      start();
    })).catch(() => {}); // no longer wanted
  } else start();
}

function leave() {
  lead?.abort();
  lead = null;
  close();
  release();
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden && !wanted()) hidden = setTimeout(leave, channel ? HIDDEN : 0);
  else join();
});
addEventListener("pagehide", leave);
addEventListener("online", () => {
  if (lead && !source) open();
});
if (!document.hidden) join();
