// The view of the snapshots: save, restore, compare two.

import { segment } from "./api.js";
import { fill, h } from "./dom.js";
import { actionButton, actionForm } from "./form.js";
import { plainTable } from "./plain_table.js";
import { countOf, foreign, printable, time } from "./text.js";

export const title = "Snapshots";

/** The snapshot of the initial state, which the cloud has always. */
const SEED = "seed";

/** Key of a comparison -> the noun of what it lists, and the view that shows it. The images are its own lists. */
const PARTS = { servers: ["server", "servers"], flavors: ["flavor", null], keypairs: ["key pair", null] };

/** The maximum number of items that one part of a comparison shows. */
const MAX_SHOWN = 200;

/** Show the view in an element. */
export function mount(element, app) {
  const list = h("div", {});
  const result = h("div", { class: "comparison", role: "status" });
  const save = actionForm(app, {
    title: null, submit: "Save the present state",
    fields: [{ name: "name", label: "Name", required: true, value: "before" }],
    request({ name }) {
      if (!name) throw new Error("Name: empty; expected a text");
      return { method: "POST", path: "snapshots", body: { name } };
    },
    done: ({ name, images, servers }) => `${name} is saved, with ${countOf(images, "image")} and ${countOf(servers, "server")}.`,
  });
  const compare = actionForm(app, {
    title: null, submit: "Compare",
    fields: [
      { name: "from", label: "From", type: "select" },
      { name: "to", label: "To", type: "select", options: [["", "the present state"]] },
    ],
    request: ({ from, to }) => ({
      method: "GET", path: `snapshots/${segment(from || SEED)}/changes`, parameters: { to: to || null },
    }),
    done(changes) {
      fill(result, changesOf(changes));
    },
  });
  element.append(h("h1", {}, title),
    h("p", { class: "lead" }, "A snapshot has the images and servers of this cloud at one moment, with the progress of their plans. The clock, faults and requests are not in it."),
    h("div", { class: "cards" },
      h("section", { class: "card span" }, save, list),
      h("section", { class: "card span" }, h("h2", {}, "Compare two"), compare, result)));

  let shown = "";
  return {
    async refresh() {
      const { snapshots } = await app.api.get("snapshots");
      const text = JSON.stringify(snapshots);
      if (text === shown) return;
      shown = text;
      fill(list, snapshotTable(app, snapshots));
      const names = snapshots.map(({ name }) => [name, name]);
      setOptions(compare.fields.from, names);
      setOptions(compare.fields.to, [["", "the present state"], ...names]);
      compare.preview();
    },
    unmount() {},
  };
}

function setOptions(select, pairs) {
  const { value } = select;
  fill(select, pairs.map(([key, label]) => h("option", { value: key }, printable(label))));
  select.value = pairs.some(([key]) => key === value) ? value : pairs[0][0];
}

function snapshotTable(app, snapshots) {
  return plainTable(["Snapshot", "Saved", "Images", "Servers", ""], snapshots.map(({ name, at, images, servers }) => [
    foreign(name),
    at ? `${time(at)} UTC` : "the initial state",
    images,
    servers,
    h("div", { class: "buttons-row" },
      actionButton(app, {
        label: "Restore", request: { method: "POST", path: `snapshots/${segment(name)}/restore` },
        done: () => `The images and servers are those of ${name}.`,
      }),
      name === SEED ? null : actionButton(app, {
        label: "Delete", tone: "danger", request: { method: "DELETE", path: `snapshots/${segment(name)}` },
        done: () => `${name} is deleted.`,
      })),
  ]));
}

function changesOf(changes) {
  const parts = [
    differences(changes, "image", "images"),
    ...Object.entries(PARTS).map(([key, [noun, view]]) => (changes[key] ? differences(changes[key], noun, view) : [])),
  ].flat();
  return parts.length ? parts : h("p", {}, "The two states are the same.");
}

function differences({ added, changed, removed }, noun, view) {
  const labelOf = (item) => label(item, view);
  return [
    part("Added", noun, added, (item) => [labelOf(item), " ", h("small", {}, item.status)]),
    part("Changed", noun, changed, (item) => [labelOf(item), fieldChanges(item.fields)]),
    part("Removed", noun, removed, labelOf),
  ].filter(Boolean);
}

function part(heading, noun, items, lineOf) {
  if (!items.length) return null;
  return h("section", {}, h("h3", {}, `${heading}: ${countOf(items.length, noun)}`),
    h("ul", {}, items.slice(0, MAX_SHOWN).map((item) => h("li", {}, lineOf(item)))),
    items.length > MAX_SHOWN ? h("p", { class: "faint" }, `and ${items.length - MAX_SHOWN} more`) : null);
}

/** Return the name of an item, with its id; a key pair has none, but a user. */
function label({ id, name, user }, view) {
  const text = foreign(name ?? "(no name)");
  if (id === undefined) return [text, " ", h("small", {}, "of ", foreign(user))];
  return [view ? h("a", { href: `#${view}/${encodeURIComponent(id)}` }, text) : text, " ", h("small", {}, foreign(id))];
}

function fieldChanges(fields) {
  return h("ul", { class: "history" }, Object.entries(fields).map(([name, [before, after]]) => h("li", {}, h("span", { class: "change" },
    foreign(name), ": ", h("del", {}, foreign(JSON.stringify(before) ?? "nothing")), " → ", h("ins", {}, foreign(JSON.stringify(after) ?? "nothing"))))));
}
