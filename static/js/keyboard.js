// Send stays in sight above the keyboard of a phone. Where the keyboard makes the page shorter ("resizes-content" in
// base.html) nothing is left to do; elsewhere, on iPhones above all, it lies over the page, and only the visual viewport
// tells how far.
const seen = globalThis.visualViewport;

function lift() {
  // Somebody who has zoomed in sees a part of the page, too, but no keyboard.
  const covered = seen.scale > 1.05 ? 0 : Math.max(0, Math.round(innerHeight - seen.height - seen.offsetTop));
  document.documentElement.style.setProperty("--keyboard", `${covered}px`);
}

seen?.addEventListener("resize", lift);
seen?.addEventListener("scroll", lift);
