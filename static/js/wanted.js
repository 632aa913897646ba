// Whether this browser is to tell of new mail: only where a button in Settings said so, and until its owner signs out.
const NAME = "pennypost-notices";

export function wanted() {
  try {
    return !("shared" in document.documentElement.dataset) && globalThis.Notification?.permission === "granted" && localStorage.getItem(NAME) === "on";
  } catch {
    return false; // a browser that keeps nothing
  }
}

export function want(on) {
  try {
    if (on) localStorage.setItem(NAME, "on");
    else localStorage.removeItem(NAME);
  } catch { /* then it is not wanted */ }
}
