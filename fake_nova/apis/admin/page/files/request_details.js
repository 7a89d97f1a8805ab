// The details of one request: the whole exchange, how to repeat it, and why its list lacks an image.

import { SERVER_URL } from "./api.js";
import { codeBlock } from "./copy.js";
import { shellQuote } from "./curl.js";
import { fill, h } from "./dom.js";
import { badge, bytes, countOf, foreign, httpBadge, milliseconds, prettyJson, printable, time } from "./text.js";

/** Headers that curl sets itself. */
const OWN_HEADERS = ["host", "content-length", "accept-encoding", "connection", "user-agent", "accept", "transfer-encoding"];

/** What stands for a secret. */
const MASK = "***";

/** Operations whose response is a list of images. */
const LISTS = ["images.list", "images.detail", "glance.images.list"];

/** The longest pattern that the journal takes. */
const MAX_PATTERN = 1000;

/** Return the path and the query of a request, as text; the journal has the bytes of the path as Latin-1. */
export function targetOf({ path, query }) {
  return decodePath(path) + (query ? `?${query}` : "");
}

function decodePath(path) {
  if (![...path].some((character) => character > "\u007f") || [...path].some((character) => character > "\u00ff")) return path;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(path, (character) => character.charCodeAt(0)));
  } catch {
    return path;
  }
}

/**
 * Return the curl command that sends a request again.
 *
 * entry: its entry in the journal. exchange: its exchange, or null. hasToken: whether it had a token.
 */
export function requestCurl(entry, exchange, hasToken) {
  const path = [...entry.path].map(encodeCharacter).join("").replace(/^\/+/, "");
  const words = ["curl", "-gsi"];
  if (entry.method === "HEAD") words.push("-I");
  else if (entry.method !== "GET") words.push("-X", shellQuote(entry.method));
  words.push(shellQuote(SERVER_URL.href + path + (entry.query ? `?${entry.query}` : "")));
  for (const [name, value] of exchange?.request_headers ?? []) {
    if (OWN_HEADERS.includes(name.toLowerCase())) continue;
    if (name.toLowerCase() === "x-auth-token") words.push("-H", '"X-Auth-Token: $OS_TOKEN"');
    else words.push("-H", shellQuote(`${name}: ${value}`));
  }
  if (!exchange && hasToken) words.push("-H", '"X-Auth-Token: $OS_TOKEN"');
  if (entry.body) {
    if (!exchange) words.push("-H", "'Content-Type: application/json'");
    words.push("-d", shellQuote(entry.body));
  }
  return words.join(" ");
}

function encodeCharacter(character) {
  if (/[\w/:@!$&'()*+,;=.~%-]/.test(character)) return character;
  if (character <= "\u00ff") return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  return encodeURIComponent(character.toWellFormed?.() ?? character);
}

/** Return the line of a test that expects the requests like this one, as often as they came. */
export function pytestAssertion(entry, rows) {
  const keys = ["method", "path", "query", "status"].filter((key) => entry[key] !== null && entry[key] !== "");
  const count = rows.filter((row) => keys.every((key) => row[key] === entry[key])).length || 1;
  const match = keys.map((key) => `${key}=${python(entry[key])}`).join(", ");
  return `fake_nova.requests.expect(${count}, ${match})`;
}

/** Return a value as a literal of Python; a long text ends with a wildcard. */
function python(value) {
  if (typeof value !== "string") return String(value);
  const text = value.length > MAX_PATTERN ? `${value.slice(0, MAX_PATTERN - 1)}*` : value;
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Return the details of a request, as `createTable` takes them. `getRows` returns all requests of the page. */
export function requestDetails(app, entry, getRows) {
  let current = entry;
  let exchange = null;
  const head = h("div", {});
  const facts = h("dl", { class: "facts" });
  const command = codeBlock("curl command of this request", "", { wrap: true });
  const assertion = codeBlock("pytest assertion", "", { wrap: true });
  const parts = h("div", {});
  const why = h("div", { class: "why-list" });
  const element = h("div", { class: "request" }, head, facts, why,
    h("h3", {}, "Send it again"), command, h("h3", {}, "Expect it in a test"), assertion, parts);

  function show() {
    const target = targetOf(current);
    fill(head, h("h2", {}, foreign(`${current.method} ${target}`)), h("div", { class: "buttons-row" }, httpBadge(current.status),
      current.image_status ? badge(current.image_status) : null, current.fault ? badge(current.fault, "bad") : null));
    fill(facts, factsOf(current));
    command.setText(printable(requestCurl(current, exchange, Boolean(current.project))));
    assertion.setText(printable(pytestAssertion(current, getRows())));
    fill(parts, partsOf(current, exchange));
  }

  async function load() {
    try {
      ({ exchange } = await app.api.get(`requests/${current.number}`));
    } catch (error) {
      if (error.status !== 404) throw error; // else the journal was cleared, and the page still has its entry
    }
    show();
  }

  show();
  load().catch((error) => app.announceError(error));
  if (current.method === "GET" && LISTS.includes(current.operation) && current.status === 200) addExplanation(app, current, why);
  return {
    element,
    update(row) {
      current = row;
      show();
      load().catch((error) => app.announceError(error));
    },
  };
}

function factsOf(entry) {
  const rows = {
    "Number": entry.number,
    "Received": `${time(entry.at)} UTC`,
    "Duration": entry.status === null ? "no response yet" : milliseconds(entry.milliseconds),
    "Operation": entry.operation || "none: no route matches",
    "Project": entry.project || "none",
    "Images": entry.listed,
    "Fault": entry.fault ? h("a", { href: "#faults" }, printable(entry.fault)) : null,
    "Hint": entry.hint ? foreign(entry.hint) : null,
    "User agent": entry.user_agent ? foreign(entry.user_agent) : null,
    "Request id": foreign(entry.request_id),
    "Global request id": entry.global_request_id ? foreign(entry.global_request_id) : null,
  };
  return Object.entries(rows).filter(([, value]) => value !== null).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);
}

function partsOf(entry, exchange) {
  const body = entry.body
    ? [entry.body.length >= 2000 ? h("p", {}, h("small", {}, `The first 2,000 characters of ${bytes(entry.body_bytes)}.`)) : null, textBlock("Body of the request", entry.body)]
    : h("p", { class: "faint" }, entry.body_bytes === 0 ? "No body." : "A body that the journal does not have: it is no JSON.");
  if (!exchange) {
    return [h("h3", {}, "Request"), body,
      h("p", { class: "faint" }, "Headers and response were not recorded: they are recorded while a page shows the requests, up to 200 a second.")];
  }
  const shown = exchange.response_body;
  return [
    h("h3", {}, "Request"), headerTable(exchange.request_headers, "Headers of the request"), body,
    h("h3", {}, "Response ", h("small", {}, bytes(exchange.response_bytes))), headerTable(exchange.response_headers, "Headers of the response"),
    shown ? textBlock("Body of the response", shown) : h("p", { class: "faint" }, exchange.response_bytes ? "The body is no text." : "No body."),
    shown.length >= 4000 ? h("p", {}, h("small", {}, "The first 4,000 characters.")) : null,
    JSON.stringify(exchange).includes(MASK) ? h("p", {}, h("small", {}, `${MASK} stands for a secret.`)) : null,
  ];
}

function headerTable(pairs, name) {
  return h("details", {}, h("summary", {}, name, " ", h("small", {}, countOf(pairs.length, "header"))),
    h("dl", { class: "facts headers" }, pairs.map(([key, value]) => [h("dt", {}, foreign(key)), h("dd", { class: "mono" }, foreign(value))])));
}

function textBlock(name, text) {
  let shown;
  try {
    shown = prettyJson(JSON.parse(text));
  } catch {
    shown = text.split("\n").map(printable).join("\n");
  }
  return codeBlock(name, shown, { wrap: true });
}

/** Show why images are not in the list: at once if it was empty, else on demand. */
function addExplanation(app, entry, element) {
  const path = entry.path + (entry.query ? `?${entry.query}` : "");
  async function explain() {
    fill(element, h("p", { class: "faint" }, "…"));
    try {
      fill(element, explanationOf(await askWhy(app, path, entry.project)));
    } catch (error) {
      fill(element, h("p", { class: "problem" }, printable(error.message)));
    }
  }
  if (entry.listed === 0) explain();
  else fill(element, h("button", { type: "button", onclick: explain }, "Which images does it lack, and why?"));
}

/** Ask as a user of the project of the request; without such a user, as nobody. */
async function askWhy(app, path, project) {
  try {
    return await app.api.get("explain", { path, project: project || null });
  } catch (error) {
    if (!project || !error.message.startsWith("project:")) throw error;
    return app.api.get("explain", { path });
  }
}

function explanationOf({ images, status, answer }) {
  if (!images) return h("p", { class: "problem" }, `The list is an error now: ${status} ${printable(answer)}`);
  const missing = new Map();
  for (const image of images.filter((each) => each.dropped !== null)) {
    missing.set(image.dropped, [...(missing.get(image.dropped) ?? []), image.name ?? image.id]);
  }
  const listed = images.filter((each) => each.dropped === null);
  return h("section", { class: "explanation" }, h("h3", {}, "Why images are not in this list"),
    images.length === 0 ? h("p", {}, "The cloud has no images.") : null,
    listed.length ? h("p", {}, `As the cloud is now, the list has ${countOf(listed.length, "image")}: ${names(listed.map((image) => image.name ?? image.id))}.`) : null,
    missing.size ? h("ul", {}, [...missing].map(([reason, labels]) => h("li", {}, h("strong", {}, names(labels)), ": ", foreign(reason)))) : null);
}

function names(labels) {
  const shown = labels.slice(0, 5).map(printable).join(", ");
  return labels.length > 5 ? `${shown} and ${(labels.length - 5).toLocaleString("en")} more` : shown;
}
