// Menus are <details>. With script only one is open, a click elsewhere or Escape closes it, and a menu that asks
// something has the focus in its field.
const open = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.open || !menu.matches("details.menu")) return;
  for (const other of open()) if (other !== menu) other.open = false;
  menu.querySelector(".pop select")?.focus();
}, true);

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  // The folder drawer of narrow windows is open while its name is in the address.
  if (location.hash === "#folders" && !event.target.closest?.("#folders, a[href]")) location.hash = "list";
});

// Going to #folders and back must not scroll what lies behind the drawer.
let behind = 0;
document.addEventListener("click", (event) => {
  if (event.target.closest?.('a[href="#folders"]')) behind = scrollY;
}, true);
addEventListener("hashchange", () => {
  if (location.hash === "#folders" || location.hash === "#list") scrollTo(0, behind);
});

// Type to find, Enter to do it: what was found in a menu's list goes by its first button.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches?.(".movebox select") || !event.target.value) return;
  event.preventDefault();
  event.target.closest(".movebox").querySelector(".btn-primary").click();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
  }
});
