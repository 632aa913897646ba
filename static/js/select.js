// Several rows at once: Shift for a range, one button for all, and the number in the bar.
const boxes = () => [...document.querySelectorAll(".pick input")];
let last = null;

function count() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked).length;
  const words = document.querySelector(".bulk .sel");
  if (words) words.textContent = chosen ? `${chosen} selected` : "Selected";
  document.querySelector("[data-select]")?.setAttribute("aria-pressed", String(chosen > 0 && chosen === all.length));
}

document.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches?.(".pick input")) return;
  const all = boxes();
  if (event.shiftKey && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const between of all.slice(from, to + 1)) between.checked = box.checked;
  }
  last = box;
  count();
});

// Shift and the mouse would also select the text between.
document.addEventListener("mousedown", (event) => {
  if (event.shiftKey && event.target.closest?.(".pick")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-select]")) return;
  const all = boxes();
  const choose = !all.every((box) => box.checked);
  for (const box of all) box.checked = choose;
  count();
});

document.addEventListener("part", count); // rows with ticks may have come or gone
count(); // a reload keeps the ticks
