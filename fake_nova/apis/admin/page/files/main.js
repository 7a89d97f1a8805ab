// The frame of the page: its views, its address, the scope, the theme, the admin token and the polls.

import { Api, ApiError } from "./api.js";
import { copyButton } from "./copy.js";
import { fill, h, setText } from "./dom.js";
import { startPolling } from "./poll.js";
import { printable } from "./text.js";
import * as clock from "./view_clock.js";
import * as faults from "./view_faults.js";
import * as images from "./view_images.js";
import * as requests from "./view_requests.js";
import * as scopes from "./view_scopes.js";
import * as servers from "./view_servers.js";
import * as snapshots from "./view_snapshots.js";
import * as start from "./view_start.js";

// Name in the address -> the view, in the order of the tabs.
const VIEWS = { start, images, servers, requests, clock, faults, snapshots, scopes };

const THEMES = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };
const THEME_KEY = "fake_nova.theme";
const MESSAGE_MILLISECONDS = 8000;

const viewElement = document.getElementById("view");
const messages = document.getElementById("messages");

const api = new Api(askForToken);

/** What views get: the API, messages, and what the page knows. */
const app = {
  api,
  version: document.body.dataset.version,
  /** Glance's status -> [Nova's status, progress in percent]. */
  statuses: JSON.parse(document.body.dataset.statuses),
  serverStatuses: JSON.parse(document.body.dataset.serverStatuses),
  serverWorks: JSON.parse(document.body.dataset.serverWorks),
  /** Show a message, with the curl command that did the same, if there is one. */
  announce(text, command = null) {
    showMessage("message", text, command);
  },
  /** Show an error. */
  announceError(error) {
    showMessage("message error", error.message);
  },
  /** Refresh the view now. */
  refresh() {
    return polling?.now();
  },
  /** Change the part of the address after the name of the view, without a new entry in the history. */
  setArgument(text) {
    const hash = text ? `#${currentName}/${encodeURIComponent(text)}` : `#${currentName}`;
    if (location.hash !== hash) history.replaceState(null, "", hash);
  },
};

let currentName = null;
let currentView = null;
let polling = null;

function showMessage(className, text, command) {
  const close = h("button", { type: "button", class: "close", "aria-label": "Close the message" }, "×");
  const element = h("div", { class: className }, h("span", {}, printable(text)),
    command ? [h("code", {}, command), copyButton("curl command", () => command, "Copy curl")] : null, close);
  close.addEventListener("click", () => element.remove());
  while (messages.childElementCount > 3) messages.firstElementChild.remove();
  messages.append(element);
  setTimeout(() => element.remove(), MESSAGE_MILLISECONDS);
}

/** Return the name of the view in the address, and what follows it. */
function readAddress() {
  const [name, ...rest] = location.hash.slice(1).split("/");
  let argument = rest.join("/");
  try {
    argument = decodeURIComponent(argument);
  } catch {
    argument = "";
  }
  return { name: name in VIEWS ? name : "start", argument };
}

function show({ force = false } = {}) {
  if (location.hash === "#view") return; // the link that skips the navigation
  const { name, argument } = readAddress();
  if (name === currentName && !force) {
    currentView.onArgument?.(argument);
    return;
  }
  polling?.stop();
  currentView?.unmount();
  currentName = name;
  for (const link of document.querySelectorAll("#views a")) {
    if (link.hash === `#${name}`) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else link.removeAttribute("aria-current");
  }
  document.title = `${VIEWS[name].title} – fake_nova`;
  viewElement.className = `view view-${name}`;
  fill(viewElement);
  currentView = VIEWS[name].mount(viewElement, app, argument);
  polling = startPolling(refresh, onResult);
}

async function refresh() {
  const view = currentView;
  await Promise.all([view.refresh(), refreshScopes()]);
}

function onResult(error) {
  const isError = error !== null;
  if (isError && !(error instanceof ApiError)) console.error(error);
  connection.classList.toggle("bad", isError);
  connection.title = isError ? printable(error.message) : "The page refreshes once a second while it is visible.";
  setText(connection, isError ? (error.status ? `Error ${error.status}` : "No response") : "Live");
  if (isError && error.status === 404 && api.scope) { // somebody closed the scope
    app.announceError(error);
    api.scope = "";
    scopeSelect.value = "";
    show({ force: true });
  }
}

// The tools in the bar: scope, connection, theme.

const connection = h("span", { class: "connection", role: "status" }, "…");
const scopeSelect = h("select", { "aria-label": "Scope", onchange: () => {
  api.scope = scopeSelect.value;
  show({ force: true });
} }, h("option", { value: "" }, "Shared cloud"));
let knownScopes = "";
let scopesDue = 0;

/** Bring the list of scopes up to date, each fifth second. */
async function refreshScopes() {
  if (Date.now() < scopesDue) return;
  scopesDue = Date.now() + 5000;
  const { scopes: list } = await api.send({ method: "GET", path: "scopes", scoped: false });
  const text = JSON.stringify(list);
  if (text === knownScopes) return;
  knownScopes = text;
  fill(scopeSelect, h("option", { value: "" }, "Shared cloud"),
    list.map(({ project }) => h("option", { value: project.id }, `Scope ${printable(project.name)}`)));
  scopeSelect.value = list.some(({ project }) => project.id === api.scope) ? api.scope : "";
}

const themeButton = h("button", { type: "button", class: "theme", onclick: () => {
  const names = Object.keys(THEMES);
  setTheme(names[(names.indexOf(theme()) + 1) % names.length]);
} });

function theme() {
  const name = localStorage.getItem(THEME_KEY);
  return name in THEMES ? name : "auto";
}

function setTheme(name) {
  localStorage.setItem(THEME_KEY, name);
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  fill(themeButton, { auto: "◐", light: "☀", dark: "☾" }[name]);
  themeButton.setAttribute("aria-label", THEMES[name]);
  themeButton.title = THEMES[name];
}

// The admin token.

let tokenDialog = null;

/** Ask for the admin token; all requests that need it wait for the same answer. */
function askForToken(wasRefused) {
  tokenDialog ??= new Promise((resolve) => {
    const input = h("input", { type: "password", id: "admin-token", required: true, autocomplete: "off" });
    const dialog = h("dialog", { class: "token", "aria-labelledby": "token-title" },
      h("form", { method: "dialog" },
        h("h2", { id: "token-title" }, "Admin token"),
        h("p", {}, wasRefused ? "The server did not accept this token." : "This server has an admin token (--admin-token)."),
        h("label", { for: "admin-token" }, "Token"), input,
        h("p", {}, h("small", {}, "It stays in this tab, and travels in a header.")),
        h("button", { type: "submit", class: "primary" }, "Use the token")));
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => {
      api.token = input.value.trim();
      dialog.remove();
      tokenDialog = null;
      resolve();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
  return tokenDialog;
}

fill(document.getElementById("views"), Object.entries(VIEWS).map(([name, view]) =>
  h("li", {}, h("a", { href: `#${name}` }, view.title))));
fill(document.getElementById("tools"), scopeSelect, connection, themeButton);
setTheme(theme());
addEventListener("hashchange", () => show());
show();
