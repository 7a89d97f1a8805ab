// A table of a few rows. On narrow screens each row is a block, with the name of the column before each cell.

import { h } from "./dom.js";

/**
 * Return a table.
 *
 * columns: the names of the columns; "" for one of buttons.
 * rows: for each row a list of the children of its cells, as `h` takes them.
 */
export function plainTable(columns, rows) {
  const heads = columns.map((name) => (name ? h("th", { scope: "col" }, name) : h("td", {})));
  return h("table", { class: "plain stacks" }, h("thead", {}, h("tr", {}, heads)),
    h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, index) => h("td", { "data-column": columns[index] }, h("div", {}, cell)))))));
}
