"use strict";
(() => {
  const value = (row, column, numeric) => {
    const cell = row.cells[column];
    const given = cell.dataset.order ?? cell.textContent.trim();
    if (!numeric) return given;
    const number = parseFloat(given);
    return Number.isNaN(number) ? -1 : number;
  };
  for (const table of document.querySelectorAll("table[data-sort]")) {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    heads.forEach((head, column) => {
      const numeric = head.dataset.kind === "number" || body.rows[0]?.cells[column].dataset.order !== undefined;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const first = head.dataset.kind === "number" ? "descending" : "ascending";
        const second = first === "ascending" ? "descending" : "ascending";
        const order = head.getAttribute("aria-sort") === first ? second : first;
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const rows = [...body.rows];
        rows.sort((a, b) => {
          const x = value(a, column, numeric), y = value(b, column, numeric);
          return sign * (numeric ? x - y : x.localeCompare(y, document.documentElement.lang));
        });
        body.append(...rows);
      });
    });
  }
  const search = document.getElementById("search");
  const field = search.querySelector("input"), count = search.querySelector("output");
  const rows = [...document.querySelector(".platforms").tBodies[0].rows];
  const plain = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const words = rows.map((row) => plain(row.textContent));
  const show = () => {
    const wanted = plain(field.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = !wanted.every((word) => words[i].includes(word));
      shown += !row.hidden;
    });
    const few = document.documentElement.lang === "fr" ? shown < 2 : shown === 1;
    const told = few ? count.dataset.one : count.dataset.many;
    count.value = field.value ? told.replace("{count}", shown) : "";
  };
  field.addEventListener("input", show);
  search.addEventListener("submit", (event) => event.preventDefault());
  search.hidden = false;
})();
