(() => {
  "use strict";
  const say = (tool, shown, all) => { tool.querySelector("output").textContent = shown + " of " + all + " shown"; };
  for (const tool of document.querySelectorAll(".tools[data-table]")) {
    const rows = [...document.getElementById(tool.dataset.table).tBodies[0].rows];
    const word = tool.querySelector("input"), choice = tool.querySelector("select");
    const filter = () => {
      const wanted = word ? word.value.trim().toLowerCase() : "", kind = choice ? choice.value : "";
      let shown = 0;
      for (const row of rows) {
        row.hidden = !((!wanted || row.textContent.toLowerCase().includes(wanted)) && (!kind || row.dataset.kind.split("|").includes(kind)));
        shown += !row.hidden;
      }
      say(tool, shown, rows.length);
    };
    tool.hidden = false;
    for (const control of [word, choice]) if (control) control.addEventListener("input", filter);
    filter();
  }
  for (const head of document.querySelectorAll("th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending", body = head.closest("table").tBodies[0];
      const key = row => row.cells[head.cellIndex].dataset.value ?? row.cells[head.cellIndex].textContent.trim();
      const order = head.dataset.sort === "number"
        ? (a, b) => (a === "" ? -1 : Number(a)) - (b === "" ? -1 : Number(b))
        : (a, b) => a.localeCompare(b);
      for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      body.append(...[...body.rows].sort((a, b) => (up ? 1 : -1) * order(key(a), key(b))));
    });
  }
})();
