// The view of the requests, live.

import { codeBlock } from "./copy.js";
import { actionButton } from "./form.js";
import { fill, h } from "./dom.js";
import { requestCurl, requestDetails, targetOf } from "./request_details.js";
import { createTable } from "./table.js";
import { SERVER_URL } from "./api.js";
import { badge, countOf, foreign, httpBadge, milliseconds } from "./text.js";

export const title = "Requests";

/**
 * The maximum number of requests that the page keeps, and that one poll brings, so that twenty pages do not slow
 * a load test. What a poll leaves out is loaded after the burst.
 */
const MAX_ROWS = 1000;
const MAX_NEWS = 40;

/** Show the view in an element. `argument` is the number of a request, or a text to filter by. */
export function mount(element, app, argument) {
  const journal = new Journal(app.api);
  let otherScopes = 0;
  const gap = h("p", { class: "gap", hidden: true });
  const table = createTable({
    label: "Requests, the newest first", noun: "request",
    columns: [
      { title: "Time", width: "6.8rem", wide: true, class: "time", cell: (entry) => entry.at.slice(11, 23).replace("Z", "") },
      { title: "Method", width: "4.6rem", cell: (entry) => foreign(entry.method) },
      { title: "Path", width: "minmax(9rem, 5fr)", class: "mono", cell: (entry) => pathCell(entry) },
      { title: "Status", width: "4.4rem", cell: (entry) => httpBadge(entry.status) },
      { title: "Duration", width: "5.2rem", wide: true, class: "number", cell: (entry) => milliseconds(entry.milliseconds) },
      { title: "User agent", width: "minmax(5rem, 2fr)", wide: true, cell: (entry) => foreign(entry.user_agent ?? "–", { title: entry.user_agent ?? "" }) },
      { title: "Fault", width: "5rem", wide: true, cell: (entry) => (entry.fault ? badge(entry.fault, "bad") : "") },
      { title: "Hint", width: "minmax(4rem, 3fr)", wide: true, cell: (entry) => (entry.hint ? foreign(entry.hint, { title: entry.hint }) : "") },
    ],
    key: (entry) => String(entry.number),
    text: textOf,
    details: (entry) => requestDetails(app, entry, () => journal.rows),
    empty: (filterText) => (filterText ? `No request matches this filter; ${countOf(journal.rows.length, "request")} in all.` : whyEmpty(app, otherScopes)),
    onOpen: (key) => app.setArgument(key ?? ""),
    tools: [actionButton(app, {
      label: "Clear the journal", tone: "danger",
      request: { method: "DELETE", path: "requests" },
      done() {
        journal.forget();
        table.setRows(journal.rows);
        return "The journal is empty.";
      },
    })],
  });
  element.append(h("h1", {}, title), gap, table.element);

  let wanted = argument ?? "";
  if (wanted && !/^\d+$/.test(wanted)) {
    table.filter.value = wanted;
    wanted = "";
  }

  function showGap() {
    const missing = journal.gaps.reduce((sum, each) => sum + each.count, 0);
    gap.hidden = missing === 0;
    if (!missing) return;
    fill(gap, `${countOf(missing, "request")} came too fast to be shown at once. `,
      h("button", { type: "button", onclick: async () => {
        await journal.loadGaps();
        table.setRows(journal.rows);
        showGap();
      } }, "Load them"));
  }

  let isFirst = true;
  return {
    async refresh() {
      const hasChanged = await journal.refresh();
      if (journal.rows.length === 0) otherScopes = (await app.api.send({ method: "GET", path: "scopes", scoped: false })).scopes.length;
      if (hasChanged || isFirst) table.setRows(journal.rows);
      isFirst = false;
      showGap();
      if (wanted && table.open(wanted)) wanted = "";
    },
    onArgument(text) {
      if (text && table.open(text)) return;
      if (text) {
        table.filter.value = text;
        table.setRows(journal.rows);
      }
    },
    unmount() {},
  };
}

function pathCell(entry) {
  const target = targetOf(entry);
  return foreign(target, { title: target });
}

function textOf(entry) {
  return [entry.method, targetOf(entry), entry.operation, entry.status ?? "in flight", entry.user_agent, entry.fault, entry.hint,
    entry.project, entry.request_id, entry.global_request_id, entry.image_status, entry.body].filter((text) => text !== null).join("\n");
}

/** The journal as this page has seen it, the newest request first. */
class Journal {
  constructor(api) {
    this.api = api;
    this.forget();
    this.generation = null;
  }

  /** Forget all requests. Those that come later are shown. */
  forget() {
    this.entries ??= new Map();
    this.cursor = Math.max(this.cursor ?? 0, ...this.entries.keys());
    this.entries.clear();
    this.gaps = [];
    this.rows = [];
  }

  /** Fetch what is new. Return whether anything has changed. */
  async refresh() {
    const isFirst = this.generation === null;
    const cursor = this.cursor;
    const answer = await this.api.get("requests", {
      marker: cursor || null, newest: isFirst ? MAX_ROWS : MAX_NEWS, exchanges: "true",
    });
    if (!isFirst && answer.generation !== this.generation) { // somebody cleared the journal, or reset the cloud
      this.forget();
      this.cursor = 0;
      this.generation = null;
      await this.refresh();
      return true;
    }
    this.generation = answer.generation;
    if (cursor !== this.cursor) return false; // it was cleared meanwhile
    const { requests } = answer;
    if (this.gaps.length && requests.length < MAX_NEWS) {
      await this.loadGaps();
      this._add(requests);
      return true;
    }
    if (!requests.length) return false;
    if (!isFirst && requests.length === MAX_NEWS) {
      const known = Math.max(cursor, ...this.entries.keys());
      const count = requests[0].number - known - 1;
      if (count > 0) this.gaps.push({ marker: known, count });
    }
    return this._add(requests);
  }

  /** Fetch the requests that were left out. */
  async loadGaps() {
    const gaps = this.gaps;
    this.gaps = [];
    for (const { marker, count } of gaps) {
      const { requests, generation } = await this.api.get("requests", { marker, limit: Math.min(count, MAX_ROWS) });
      if (generation !== this.generation) return;
      this._add(requests);
    }
  }

  _add(requests) {
    let hasChanged = false;
    for (const entry of requests) {
      const old = this.entries.get(entry.number);
      if (old && old.status === entry.status && old.fault === entry.fault) continue; // in flight as before
      this.entries.set(entry.number, entry);
      hasChanged = true;
    }
    if (!hasChanged) return false;
    const numbers = [...this.entries.keys()].sort((first, second) => second - first);
    for (const number of numbers.splice(MAX_ROWS)) this.entries.delete(number);
    this.rows = numbers.map((number) => this.entries.get(number));
    const inFlight = this.rows.filter((entry) => entry.status === null).map((entry) => entry.number);
    this.cursor = inFlight.length ? Math.min(...inFlight) - 1 : numbers[0];
    return true;
  }
}

/** Return why the journal is empty, and how to change that. */
function whyEmpty(app, otherScopes) {
  const health = new URL("v2.1/images", SERVER_URL).href;
  const example = { method: "GET", path: app.api.scope ? `/v2.1/${app.api.scope}/images` : "/v2.1/images", query: "", body: "" };
  const command = codeBlock("curl command of a request", requestCurl(example, null, false), { wrap: true });
  return h("div", { class: "why" },
    h("p", {}, "No client has sent a request to this cloud since it started, or since its last reset."),
    otherScopes && !app.api.scope
      ? h("p", {}, `The server has ${countOf(otherScopes, "scope")}: requests of their projects are in the journals of the scopes. Choose one in the bar at the top.`)
      : null,
    app.api.scope ? h("p", {}, "This is the journal of a scope: only requests of its project are here.") : null,
    h("p", {}, "Requests to /_admin are not in the journal. A client must use ", h("code", {}, health.replace(/\/images$/, "")), "; try:"),
    command);
}
