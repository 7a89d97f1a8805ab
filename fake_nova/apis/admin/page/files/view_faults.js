// The view of the faults: put one in force, and watch it trigger.

import { segment } from "./api.js";
import { fill, h, newId } from "./dom.js";
import { actionButton, actionForm } from "./form.js";
import { plainTable } from "./plain_table.js";
import { badge, foreign, httpBadge, printable } from "./text.js";
import { targetOf } from "./request_details.js";

export const title = "Faults";

/** Effects that belong to another one, or to each: they have a field of their own. */
const DETAILS = ["delay", "message", "retry_after", "since"];

/** What an effect does; the API says which there are. */
const MEANINGS = {
  status: "an error response",
  "token: expired": "the token expires, and the response is a 401",
  "connection: reset": "the connection is reset before the request is carried out",
  "connection: cut": "the connection ends within the response",
  "connection: lost": "the request is carried out, and no response comes",
  "body: empty": "an empty body",
  "body: truncated": "half of the body",
  "body: malformed": "a body that is no JSON",
  stale: "reads show an earlier state",
  stall: "the response stops in its middle",
};

/** Which fields an effect has besides the delay. */
const FIELDS_OF = { status: ["status", "retry_after", "message"], stale: ["amount", "since"], stall: ["amount"] };
const EFFECT_FIELDS = ["status", "retry_after", "message", "amount", "since"];

/** The number of requests that are shown. */
const MAX_SHOWN = 10;

/** Show the view in an element. */
export function mount(element, app) {
  const formPlace = h("div", {}, h("p", { class: "faint" }, "…"));
  const list = h("div", {});
  const triggers = h("div", {});
  element.append(h("h1", {}, title),
    h("div", { class: "cards" },
      h("section", { class: "card span" }, h("h2", {}, "Put a fault in force"), formPlace),
      h("section", { class: "card span" }, h("h2", {}, "Faults"), list),
      h("section", { class: "card span" }, h("h2", {}, "Requests that met a fault"), triggers)));

  let hasForm = false;
  let shown = "";
  let shownTriggers = "";

  async function addForm() {
    hasForm = true;
    const [{ operations }, document_] = await Promise.all([
      app.api.send({ method: "GET", path: "operations", scoped: false }),
      app.api.send({ method: "GET", path: "openapi.json", scoped: false }),
    ]);
    fill(formPlace, faultForm(app, operations, document_.components.schemas));
  }

  return {
    async refresh() {
      if (!hasForm) {
        await addForm().catch((error) => {
          hasForm = false;
          throw error;
        });
      }
      const [{ faults }, { requests }] = await Promise.all([
        app.api.get("faults"), app.api.get("requests", { fault: "?*", newest: MAX_SHOWN }),
      ]);
      const text = JSON.stringify(faults);
      if (text !== shown) fill(list, faultTable(app, faults));
      shown = text;
      const triggersText = JSON.stringify(requests);
      if (triggersText !== shownTriggers || !triggersText) fill(triggers, triggerList(requests));
      shownTriggers = triggersText;
    },
    unmount() {},
  };
}

function faultForm(app, operations, { Effect: effect, Match: match }) {
  const effects = effectsOf(effect.properties);
  const form = actionForm(app, {
    title: null, submit: "Put in force",
    fields: [
      { name: "operation", label: "Operation", placeholder: "any", hint: "Such as images.show or images.*; empty: any." },
      { name: "method", label: "Method", type: "select", options: [["", "any"], ...match.properties.method.enum.map((name) => [name, name])] },
      { name: "path", label: "Path", placeholder: "any", hint: "* and ? are wildcards." },
      { name: "effect", label: "Effect", type: "select", options: effects.map(({ key }) => [key, MEANINGS[key] ? `${key} – ${MEANINGS[key]}` : key]) },
      { name: "status", label: "Status", type: "select", options: effect.properties.status.enum.map(String), value: "503" },
      { name: "retry_after", label: "Retry-After (seconds)", type: "number" },
      { name: "message", label: "Message", placeholder: "the service's own" },
      { name: "amount", label: "For how long (seconds)", type: "number", value: "10" },
      { name: "since", label: "State", type: "select", options: [["", "of now"], ...(effect.properties.since?.enum ?? []).map((word) => [word, `before the last ${word}`])] },
      { name: "delay", label: "Delay before (seconds)", type: "number" },
      { name: "times", label: "How often", type: "number", value: "1", hint: "Empty: without a limit." },
      { name: "seconds", label: "In force for (seconds)", type: "number", hint: "By the cloud's clock." },
      { name: "nth", label: "Only the n-th request", type: "number" },
      { name: "more", label: "More of the match", type: "json", rows: 1, placeholder: '{"header": {"User-Agent": "my-client*"}}' },
    ],
    request: (values) => ({ method: "POST", path: "faults", body: documentOf(values, effects) }),
    done: ({ id }) => `${id} is in force.`,
  });
  const choices = h("datalist", { id: newId("operations") },
    operations.map(({ name, summary }) => h("option", { value: name, label: summary })));
  form.append(choices);
  form.fields.operation.setAttribute("list", choices.id);
  form.fields.more.closest(".field").classList.add("whole");
  const showFields = () => {
    const { name } = effects.find(({ key }) => key === form.fields.effect.value);
    for (const field of EFFECT_FIELDS) form.fields[field].closest(".field").hidden = !(FIELDS_OF[name] ?? []).includes(field);
  };
  form.fields.effect.addEventListener("change", showFields);
  showFields();
  return form;
}

/** Return the kinds of effects that the API has: {key, name, value: of a word, or undefined}. */
function effectsOf(properties) {
  const kinds = Object.entries(properties).filter(([name]) => !DETAILS.includes(name)).flatMap(([name, schema]) =>
    (schema.type === "string" ? schema.enum.map((word) => ({ key: `${name}: ${word}`, name, value: word })) : [{ key: name, name }]));
  return [...kinds, { key: "delay alone", name: null }];
}

/** Return the fault that the values of the form describe. */
function documentOf(values, effects) {
  const { name, value } = effects.find(({ key }) => key === values.effect);
  const effect = {};
  if (name === "status") Object.assign(effect, { status: Number(values.status), retry_after: values.retry_after, message: values.message });
  else if (name === "stale" || name === "stall") effect[name] = values.amount;
  else if (name !== null) effect[name] = value;
  if (name === "stale") effect.since = values.since;
  effect.delay = values.delay ?? (name === null ? 1 : null);
  const match = { operation: values.operation, method: values.method, path: values.path, nth: values.nth, ...values.more };
  return filled({ match: filled(match), effect: filled(effect), times: values.times, seconds: values.seconds });
}

function filled(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== ""));
}

function faultTable(app, faults) {
  if (!faults.length) return h("p", { class: "faint" }, "None: every request is answered as the services answer it.");
  return [
    plainTable(["Fault", "Requests", "Effect", "Matched", "Triggered", ""], faults.map((fault) => [
      [foreign(fault.id), " ", badge(fault.in_force ? "in force" : "over", fault.in_force ? "bad" : "plain")],
      Object.keys(fault.match).length ? words(fault.match) : "all",
      [words(fault.effect), limits(fault)],
      fault.matched,
      fault.met,
      actionButton(app, {
        label: "Remove", tone: "danger", request: { method: "DELETE", path: `faults/${segment(fault.id)}` },
        done: () => `${fault.id} is removed.`,
      }),
    ])),
    h("div", { class: "buttons-row" }, actionButton(app, {
      label: "Remove all faults", tone: "danger", request: { method: "DELETE", path: "faults" }, done: () => "There is no fault any more.",
    })),
  ];
}

function words(mapping) {
  return Object.entries(mapping).map(([key, value], index) =>
    [index ? ", " : "", foreign(`${key}: ${typeof value === "object" ? JSON.stringify(value) : value}`)]).flat();
}

function limits({ times, seconds, owner, until }) {
  const parts = [
    times !== undefined ? `${times} ${times === 1 ? "time" : "times"}` : null,
    seconds !== undefined ? `for ${seconds} s, until ${until}` : null,
    owner ? `of ${printable(owner)}` : null,
  ].filter(Boolean);
  return parts.length ? h("small", {}, ` (${parts.join(", ")})`) : null;
}

function triggerList(requests) {
  if (!requests.length) return h("p", { class: "faint" }, "None yet.");
  return h("ul", { class: "triggers" }, requests.reverse().map((entry) => h("li", {}, httpBadge(entry.status), " ",
    h("a", { href: `#requests/${entry.number}` }, foreign(`${entry.method} ${targetOf(entry)}`)), " ", badge(entry.fault, "bad"),
    " ", h("small", {}, entry.at.slice(11, 19)))));
}
