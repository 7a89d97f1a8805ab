// The view of the servers.

import { segment } from "./api.js";
import { codeBlock, copyButton } from "./copy.js";
import { fill, h } from "./dom.js";
import { actionButton, actionForm } from "./form.js";
import { historyRows } from "./history.js";
import { LiveList } from "./live_list.js";
import { createTable } from "./table.js";
import { badge, foreign, prettyJson, time } from "./text.js";

export const title = "Servers";

/** Show the view in an element. */
export function mount(element, app, argument) {
  let wanted = argument; // the server to open when it is there
  const live = new LiveList(app.api, { noun: "servers", changes: "servers/changes", ties: 1 });

  const getPlans = async () => Object.keys((await app.api.get("plans")).plans);
  const addition = h("div", { hidden: true });
  const addButton = h("button", { type: "button", class: "primary", "aria-expanded": "false", onclick: toggleAddition }, "Add a server");
  const table = createTable({
    label: "Servers",
    noun: "server",
    columns: [
      { title: "Name", width: "minmax(9rem, 2fr)", narrowWidth: "minmax(7rem, 1fr)", cell: (server) => foreign(server.name) },
      { title: "Status", width: "9rem", narrowWidth: "8rem", cell: (server) => [badge(server.status), server.deleted ? h("span", { class: "faint" }, " deleted") : null] },
      { title: "Task", width: "minmax(7rem, 1fr)", cell: (server) => server.task_state ?? h("span", { class: "faint" }, "none") },
      { title: "Flavor", width: "8rem", wide: true, cell: (server) => foreign(server.flavor.name) },
      { title: "Image", width: "minmax(7rem, 1fr)", wide: true, class: "mono", cell: (server) => (server.image ? h("a", { href: `#images/${segment(server.image)}` }, foreign(server.image)) : "–") },
      { title: "Owner", width: "minmax(6rem, 1fr)", wide: true, class: "mono", cell: (server) => foreign(server.owner) },
      { title: "Updated", width: "10.5rem", wide: true, class: "time", cell: (server) => time(server.updated_at) },
    ],
    key: (server) => server.id,
    text: (server) => JSON.stringify(server),
    details: (server) => serverDetails(app, server, getPlans),
    empty: (filter) => (filter ? "No server matches the filter." : "This cloud has no servers. Images can be created from servers: add one here, or in a fixture file."),
    onOpen: (id) => app.setArgument(id),
    tools: [addButton],
  });
  element.append(h("h1", {}, title), addition, table.element);

  function toggleAddition() {
    addition.hidden = !addition.hidden;
    addButton.setAttribute("aria-expanded", String(!addition.hidden));
    if (addition.hidden) return;
    const form = actionForm(app, {
      submit: "Add",
      fields: [
        { name: "name", label: "Name", value: "web-2" },
        { name: "status", label: "Status", type: "select", options: app.serverStatuses, value: "ACTIVE" },
        { name: "flavor", label: "Flavor (id or name)", placeholder: "the first one" },
        { name: "image", label: "Image (id)", placeholder: "none" },
        { name: "metadata", label: "Metadata (JSON)", type: "json", placeholder: '{"role": "web"}', rows: 2, whole: true },
      ],
      request: ({ name, status, flavor, image, metadata }) => ({
        method: "POST",
        path: "servers",
        body: { name, status, ...(flavor && { flavor }), ...(image && { image }), ...(metadata !== undefined && { metadata }) },
      }),
      done: (server) => {
        wanted = server.id;
        return `${server.name} is added.`;
      },
    });
    fill(addition, form);
    form.fields.name.focus();
  }

  return {
    async refresh() {
      if (await live.refresh((servers) => table.setRows(servers))) table.setRows(live.list);
      if (wanted && table.open(wanted, { focus: false })) wanted = null;
    },
    onArgument(id) {
      if (!id) table.close();
      else if (!table.open(id, { focus: false })) wanted = id;
    },
    unmount() {},
  };
}

function serverDetails(app, server, getPlans) {
  const heading = h("h2", {});
  const summary = h("p", {});
  const actions = h("div", {});
  const facts = h("dl", { class: "facts" });
  const whole = codeBlock("the server as it is stored");
  const history = h("ol", { class: "history", reversed: true });
  const element = h("div", {}, heading, summary,
    h("section", {}, h("h3", {}, "Actions"), actions), h("section", {}, facts),
    h("details", {}, h("summary", {}, "All fields"), whole),
    h("details", { open: true }, h("summary", {}, "History"), history));
  let current = server;
  let isClosed = false;

  function show() {
    fill(heading, foreign(current.name));
    fill(summary, badge(current.status), ` ${current.vm_state}`, current.task_state ? `, task ${current.task_state}` : "", current.deleted ? ", deleted" : "");
    fill(facts, factRows(current));
    whole.setText(prettyJson(current));
  }

  async function loadHistory() {
    try {
      const { versions } = await app.api.get(`servers/${segment(current.id)}/history`);
      if (!isClosed) fill(history, historyRows(versions, "server"));
    } catch (error) {
      if (error.status !== 404) app.announceError(error);
    }
  }

  async function showActions() {
    const plans = await getPlans().catch(() => []);
    if (isClosed) return;
    const path = `servers/${segment(current.id)}`;
    const state = actionForm(app, {
      title: "Status", submit: "Set",
      fields: [{ name: "status", label: "New status", type: "select", options: app.serverStatuses, value: current.status }],
      request: ({ status }) => ({ method: "PATCH", path, body: { status } }),
      done: (result) => `${result.name} is ${result.status}.`,
    });
    const work = actionForm(app, {
      title: "Plan", submit: "Start",
      fields: [
        { name: "work", label: "Work", type: "select", options: app.serverWorks, value: "boot" },
        { name: "plan", label: "Plan", type: "select", options: plans, value: "slow" },
      ],
      request: ({ work: name, plan }) => ({ method: "PUT", path: `${path}/plan`, body: { plan, work: name } }),
      done: (result) => `${result.name} is ${result.status}.`,
    });
    const change = actionForm(app, {
      submit: "Change",
      fields: [{ name: "changes", label: "Fields to change (JSON)", type: "json", value: JSON.stringify({ name: current.name, metadata: current.metadata }, null, 1), rows: 4, whole: true }],
      request: ({ changes }) => ({ method: "PATCH", path, body: changes ?? {} }),
      done: (result) => `${result.name} is changed.`,
    });
    const mark = { method: "PATCH", path, body: { deleted: true } };
    fill(actions, state, current.deleted ? null : work, h("details", {}, h("summary", {}, "Change fields"), change),
      h("div", { class: "buttons-row" },
        current.deleted ? null : actionButton(app, { label: "Delete", tone: "danger", request: mark, confirm: "Really delete?", done: () => `${current.name} is deleted, as by a client.` }),
        actionButton(app, { label: "Purge", tone: "danger", request: { method: "DELETE", path }, confirm: "Really purge?", done: () => `${current.name} is gone without a trace.` })));
  }

  show();
  showActions();
  loadHistory();
  return {
    element,
    update(newServer) {
      const hasFocus = actions.contains(document.activeElement) && /INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName);
      current = newServer;
      show();
      loadHistory();
      if (!hasFocus) showActions(); // else somebody is typing there
    },
    close() {
      isClosed = true;
    },
  };
}

function factRows(server) {
  const addresses = Object.entries(server.addresses).flatMap(([network, list]) => list.map((each) => `${network} ${each.address}`));
  const rows = {
    Id: [foreign(server.id, { class: "mono" }), " ", copyButton("the id", () => server.id)],
    Image: server.image ? h("a", { href: `#images/${segment(server.image)}`, class: "mono" }, foreign(server.image)) : "none",
    Flavor: [foreign(server.flavor.name), ` ${server.flavor.vcpus} vCPU, ${server.flavor.ram} MiB, ${server.flavor.disk} GiB`],
    Addresses: addresses.length ? addresses.map((text) => h("div", { class: "mono" }, foreign(text))) : "none",
    Metadata: Object.entries(server.metadata).map(([key, value]) => h("div", { class: "mono" }, foreign(key), " = ", foreign(value))),
    Created: time(server.created_at),
    Updated: time(server.updated_at),
    Fault: server.fault ? foreign(server.fault.message) : null,
  };
  return Object.entries(rows)
    .filter(([, value]) => value !== null && value.length !== 0)
    .map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);
}
