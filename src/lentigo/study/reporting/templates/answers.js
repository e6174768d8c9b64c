"use strict";
// Sorts the list by a column; without scripts the list stays in the order in which the images were given.
const table = document.querySelector(".answers");
document.querySelector(".sort-hint").hidden = false;
for (const head of table.querySelectorAll("th[data-sort]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = head.textContent;
  head.replaceChildren(button);
  button.addEventListener("click", () => {
    const falling = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
    const value = (row) => row.cells[head.cellIndex].dataset.value;
    const compared = (a, b) => {
      if (a === "" || b === "") return (a === "") - (b === "") || 0;
      const numbers = [Number(a), Number(b)];
      const found = numbers.some(Number.isNaN) ? a.localeCompare(b, undefined, { numeric: true }) : numbers[0] - numbers[1];
      return falling ? -found : found;
    };
    const rows = [...table.tBodies[0].rows].sort((a, b) => compared(value(a), value(b)));
    table.tBodies[0].append(...rows);
  });
}
