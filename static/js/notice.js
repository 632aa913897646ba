// A notice that is in the page from the start is not read out by screen readers; one that is added is. So add it again,
// unseen, and take it away before it is met twice.
const region = document.getElementById("status");
const words = region?.textContent.trim();

if (words) {
  const again = document.createElement("span");
  again.className = "vh";
  setTimeout(() => {
    again.textContent = words;
    region.append(again);
  }, 150);
  setTimeout(() => again.remove(), 4000);
}
