import { forget } from "./shell.js";

// A page that comes back from the browser's memory may belong to a session that has ended: ask the server again, which
// shows the sign-in page then (R14).
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// Signing out leaves nothing of a letter in the tab (kept.js), and no worker that would start without the server.
document.addEventListener("submit", (event) => {
  if (new URL(event.target.action).pathname !== "/logout") return;
  sessionStorage.clear();
  forget().catch(() => {});
});
