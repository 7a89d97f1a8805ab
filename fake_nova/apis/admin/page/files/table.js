// A table that stays fluid with many rows: only the visible ones are in the document.

import { fill, h, newId } from "./dom.js";
import { countOf } from "./text.js";

const ROW_HEIGHT = 34; // as in page.css
const SPARE_ROWS = 8;

/**
 * Return a table with a filter; a row opens to details.
 *
 * options:
 *   label: the name of the table, for screen readers.
 *   noun: the noun of a row, such as "image".
 *   columns: [{title, width, cell(row) -> node or text, wide: hidden on narrow screens, class}]; `width` is
 *     a track of CSS grid, such as "8rem" or "minmax(10rem, 2fr)".
 *   key(row): what identifies the row, a text.
 *   text(row): all texts of the row in one, for the filter.
 *   details(row): returns {element, update(row) optional, close() optional}; null if rows do not open.
 *   empty(filterText): returns a node or text for a table without rows.
 *   onOpen(key or null): called when a row opens or closes.
 *   tools: nodes beside the filter.
 *
 * Returns: {element, setRows(rows), open(key), close(), rows, filterText}. Rows are values that are never
 * changed: a changed row is a new object with the same key.
 */
export function createTable(options) {
  return new Table(options);
}

class Table {
  constructor(options) {
    this.options = options;
    this.rows = [];
    this.matches = [];
    this.rowsByKey = new Map();
    this.haystacks = new WeakMap();
    this.elements = new Map(); // key -> {row, element} of the rows in the document
    this.activeKey = null;
    this.details = null;
    this.id = newId("table");
    this._build();
  }

  get filterText() {
    return this.filter.value;
  }

  /** Replace all rows. */
  setRows(rows) {
    this.rows = rows;
    this.rowsByKey = new Map(rows.map((row) => [this.options.key(row), row]));
    this._applyFilter();
    this._updateDetails();
    this._prepareFilter(rows, 0);
  }

  /** Open the row with a key, if there is one. */
  open(key, { focus = true } = {}) {
    const row = this.rowsByKey.get(key);
    if (!row || !this.options.details) return false;
    if (this.details?.key !== key) {
      this.details?.content.close?.();
      const content = this.options.details(row);
      this.details = { key, row, content };
      fill(this.panelBody, content.element);
      this.panel.hidden = false;
      this.element.classList.add("has-details");
      this.options.onOpen?.(key);
    }
    this.activeKey = key;
    this._draw(true);
    if (focus) this.panel.focus({ preventScroll: !matchMedia("(max-width: 60rem)").matches });
    return true;
  }

  /** Close the details. */
  close() {
    if (!this.details) return;
    this.details.content.close?.();
    this.details = null;
    this.panel.hidden = true;
    this.element.classList.remove("has-details");
    fill(this.panelBody);
    this.options.onOpen?.(null);
    this._draw(true);
    this.grid.focus();
  }

  _build() {
    const { label, columns, noun, tools } = this.options;
    this.filter = h("input", { type: "search", placeholder: "Filter", "aria-label": `Filter ${noun}s`, autocomplete: "off", spellcheck: "false", oninput: () => this._applyFilter() });
    this.count = h("span", { class: "count", role: "status" });
    const header = h("div", { role: "row", class: "row head", "aria-rowindex": "1" },
      columns.map((column) => h("div", { role: "columnheader", class: cellClass(column) }, column.title)));
    this.body = h("div", { role: "rowgroup", class: "rows" });
    this.grid = h("div", { role: "grid", class: "grid", tabindex: "0", id: this.id, "aria-label": label, "aria-colcount": columns.length },
      h("div", { role: "rowgroup", class: "head-group" }, header), this.body);
    this.grid.style.setProperty("--columns", columns.map((column) => column.width).join(" "));
    this.grid.style.setProperty("--columns-narrow", columns.filter((column) => !column.wide).map((column) => column.narrowWidth ?? column.width).join(" "));
    this.emptyText = h("div", { class: "empty" });
    this.panelBody = h("div", { class: "panel-body" });
    this.panel = h("section", { class: "panel", tabindex: "-1", hidden: true, "aria-label": `Details of the ${noun}` },
      h("button", { type: "button", class: "close", "aria-label": "Close the details", onclick: () => this.close() }, "×"), this.panelBody);
    this.element = h("div", { class: "table" },
      h("div", { class: "toolbar" }, this.filter, this.count, h("div", { class: "tools" }, tools)),
      h("div", { class: "split" }, h("div", { class: "list" }, this.grid, this.emptyText), this.panel));
    this.grid.addEventListener("scroll", () => this._draw(), { passive: true });
    this.grid.addEventListener("keydown", (event) => this._onKey(event));
    this.body.addEventListener("click", (event) => this._onClick(event));
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.target.closest("dialog")) this.close();
    });
    new ResizeObserver(() => this._draw(true)).observe(this.grid);
  }

  _haystack(row) {
    let text = this.haystacks.get(row);
    if (text === undefined) {
      text = this.options.text(row).toLowerCase();
      this.haystacks.set(row, text);
    }
    return text;
  }

  /** Build the texts for the filter while the browser has nothing else to do, so that the first key is fast. */
  _prepareFilter(rows, first) {
    const whenIdle = window.requestIdleCallback ?? ((callback) => setTimeout(callback, 50));
    if (first >= rows.length || rows !== this.rows) return;
    whenIdle(() => {
      for (const row of rows.slice(first, first + 500)) this._haystack(row);
      this._prepareFilter(rows, first + 500);
    });
  }

  _applyFilter() {
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    this.matches = words.length
      ? this.rows.filter((row) => words.every((word) => this._haystack(row).includes(word)))
      : this.rows;
    const total = countOf(this.rows.length, this.options.noun);
    const count = words.length ? `${this.matches.length.toLocaleString("en")} of ${total}` : total;
    if (this.count.textContent !== count) this.count.textContent = count;
    this.grid.setAttribute("aria-rowcount", this.matches.length + 1);
    const isEmpty = this.matches.length === 0;
    this.emptyText.hidden = !isEmpty;
    this.grid.classList.toggle("is-empty", isEmpty);
    if (isEmpty) fill(this.emptyText, this.options.empty?.(this.filter.value) ?? `No ${this.options.noun}s.`);
    this._draw(true);
  }

  /** Bring the rows in view into the document, and take the others out. */
  _draw(force = false) {
    const first = Math.max(0, Math.floor(this.grid.scrollTop / ROW_HEIGHT) - SPARE_ROWS);
    const visible = Math.ceil((this.grid.clientHeight || 800) / ROW_HEIGHT) + 2 * SPARE_ROWS;
    const last = Math.min(this.matches.length, first + visible);
    if (!force && first === this.first && last === this.last) return;
    this.first = first;
    this.last = last;
    this.body.style.height = `${this.matches.length * ROW_HEIGHT}px`;
    const present = new Map();
    for (let index = first; index < last; index += 1) {
      const row = this.matches[index];
      const key = this.options.key(row);
      const old = this.elements.get(key);
      const element = old?.row === row ? old.element : this._rowElement(row, key);
      if (old && old.element !== element) old.element.replaceWith(element);
      present.set(key, { row, element });
      element.style.transform = `translateY(${index * ROW_HEIGHT}px)`;
      element.setAttribute("aria-rowindex", index + 2);
      element.setAttribute("aria-selected", key === this.activeKey ? "true" : "false");
      if (element.parentNode !== this.body) this.body.append(element);
    }
    for (const [key, { element }] of this.elements) if (!present.has(key)) element.remove();
    this.elements = present;
    const active = present.get(this.activeKey);
    if (active) this.grid.setAttribute("aria-activedescendant", active.element.id);
    else this.grid.removeAttribute("aria-activedescendant");
  }

  _rowElement(row, key) {
    const element = h("div", { role: "row", class: "row", id: newId("row") },
      this.options.columns.map((column) => h("div", { role: "gridcell", class: cellClass(column) }, column.cell(row))));
    element.rowKey = key;
    if (this.options.details) element.classList.add("opens");
    return element;
  }

  _updateDetails() {
    if (!this.details) return;
    const row = this.rowsByKey.get(this.details.key);
    if (!row) this.panel.classList.add("is-gone"); // its last state stays until it is closed
    else if (row !== this.details.row) {
      this.panel.classList.remove("is-gone");
      this.details.row = row;
      this.details.content.update?.(row);
    }
  }

  _onClick(event) {
    const element = event.target.closest("[role=row]");
    if (!element || event.target.closest("button, a, input, select")) return;
    if (String(getSelection()).length) return; // somebody selects text
    this.activeKey = element.rowKey;
    if (this.details?.key === element.rowKey) this.close();
    else if (!this.open(element.rowKey, { focus: false })) this._draw(true);
  }

  _onKey(event) {
    if (event.target !== this.grid || event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.grid.clientHeight / ROW_HEIGHT) - 2);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) this._move(steps[event.key]);
    else if (event.key === "Enter" && this.activeKey !== null) this.open(this.activeKey);
    else if (event.key === "Escape" && this.details) this.close();
    else return;
    event.preventDefault();
  }

  _move(step) {
    if (!this.matches.length) return;
    const old = this.matches.findIndex((row) => this.options.key(row) === this.activeKey);
    const index = Math.min(this.matches.length - 1, Math.max(0, old + step));
    this.activeKey = this.options.key(this.matches[index]);
    const top = index * ROW_HEIGHT;
    const height = this.grid.clientHeight - ROW_HEIGHT; // without the head, which stays in view
    if (top < this.grid.scrollTop) this.grid.scrollTop = top;
    if (top + ROW_HEIGHT > this.grid.scrollTop + height) this.grid.scrollTop = top + ROW_HEIGHT - height;
    this._draw(true);
  }
}

function cellClass(column) {
  return ["cell", column.wide && "wide", column.class].filter(Boolean).join(" ");
}
