// The view of the scopes: projects with clouds of their own.

import { segment, SERVER_URL } from "./api.js";
import { codeBlock } from "./copy.js";
import { shellQuote } from "./curl.js";
import { fill, h } from "./dom.js";
import { actionButton, actionForm } from "./form.js";
import { plainTable } from "./plain_table.js";
import { badge, foreign } from "./text.js";

export const title = "Scopes";

/** Show the view in an element. */
export function mount(element, app) {
  const list = h("div", {});
  const opened = h("div", { role: "status" });
  const server = [["", "as the server"]];
  const open = actionForm(app, {
    title: null, submit: "Open the scope",
    fields: [
      { name: "project", label: "Project's id", placeholder: "a new one" },
      { name: "dialect", label: "Dialect", type: "select", options: [...server, "huaweicloud", "nova"] },
      { name: "database", label: "Database", type: "select", options: [...server, "mariadb", "sqlite"] },
      { name: "auth_strategy", label: "Log-in", type: "select", options: [...server, "noauth", "keystone"] },
    ],
    request: (values) => ({
      method: "POST", path: "scopes", scoped: false,
      body: Object.fromEntries(Object.entries(values).filter(([, value]) => value)),
    }),
    done(scope) {
      fill(opened, loginOf(scope));
      return `The scope of ${scope.project.name} is open.`;
    },
  });
  element.append(h("h1", {}, title),
    h("p", { class: "lead" }, "A scope is a project with a cloud of its own: images, clock, faults, requests and tokens. With scopes, many test runs can share this server, and the page can show each of them."),
    h("div", { class: "cards" },
      h("section", { class: "card span" }, h("h2", {}, "Open a scope"), open, opened),
      h("section", { class: "card span" }, h("h2", {}, "Open scopes"), list)));

  let shown = "";
  return {
    async refresh() {
      const { scopes } = await app.api.send({ method: "GET", path: "scopes", scoped: false });
      const text = JSON.stringify([scopes, app.api.scope]);
      if (text === shown) return;
      shown = text;
      fill(list, scopeTable(app, scopes));
    },
    unmount() {},
  };
}

/** Return what a client of a new scope needs. Only now does the server tell the password. */
function loginOf({ project, user }) {
  const variables = {
    OS_AUTH_URL: new URL("identity/v3", SERVER_URL).href,
    OS_USERNAME: user.name,
    OS_PASSWORD: user.password,
    OS_PROJECT_ID: project.id,
    OS_USER_DOMAIN_ID: "default",
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${shellQuote(value)}`);
  return [h("h3", {}, "Log in to ", foreign(project.name)), codeBlock("the variables of a client", lines.join("\n")),
    h("p", {}, h("small", {}, "Copy the password now: the server does not show it again."))];
}

function scopeTable(app, scopes) {
  if (!scopes.length) return h("p", { class: "faint" }, "None. All projects share one cloud.");
  const columns = ["Project", "User", "Dialect", "Database", "Log-in", ""];
  return plainTable(columns, scopes.map(({ project, user, dialect, database, auth_strategy: strategy }) => [
    [foreign(project.name), h("br"), h("code", {}, foreign(project.id))],
    foreign(user.name),
    badge(dialect),
    badge(database),
    badge(strategy),
    h("div", { class: "buttons-row" },
      project.id === app.api.scope ? badge("shown", "busy") : h("button", { type: "button", onclick: () => show(app, project.id) }, "Show its cloud"),
      actionButton(app, {
        label: "Close", tone: "danger", request: { method: "DELETE", path: `scopes/${segment(project.id)}`, scoped: false },
        done() {
          if (project.id === app.api.scope) show(app, "");
          return `The scope of ${project.name} is closed.`;
        },
      })),
  ]));
}

/** Let the whole page show the cloud of a scope. */
function show(app, id) {
  app.api.scope = id;
  location.hash = id ? "images" : "scopes";
  location.reload();
}
