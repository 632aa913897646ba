// A page that comes back from the browser's memory may belong to a session that has ended: ask the server again, which
// shows the sign-in page then (R14).
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
