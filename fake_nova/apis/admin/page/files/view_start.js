// The first screen: what this is, where clients connect, and what is loaded.

import { SERVER_URL } from "./api.js";
import { codeBlock } from "./copy.js";
import { shellQuote } from "./curl.js";
import { fill, h } from "./dom.js";
import { badge, countOf, foreign, printable, time } from "./text.js";

export const title = "Start";

/** Show the view in an element. */
export function mount(element, app) {
  const cloud = h("dl", { class: "facts" });
  const loaded = h("dl", { class: "facts" });
  const endpoints = h("dl", { class: "facts" });
  const code = codeBlock("the code of a client");
  const choices = h("div", { class: "choices", role: "group", "aria-label": "Kind of client" });
  const note = h("p", {}, h("small", {}));
  let environment = null;
  let health = null;
  let shown = Object.keys(SNIPPETS)[0];

  for (const [name, { label }] of Object.entries(SNIPPETS)) {
    choices.append(h("button", { type: "button", "data-name": name, onclick: () => choose(name) }, label));
  }
  element.append(
    h("h1", {}, "An emulated OpenStack cloud"),
    h("p", { class: "lead" }, "This server answers as Nova, Glance and Keystone do, with images and servers that are not real: tests decide what clients see. Here you see what it has, and can change it."),
    h("div", { class: "cards" },
      h("section", { class: "card span" }, h("h2", {}, "Connect a client"), choices, code, note),
      h("section", { class: "card" }, h("h2", {}, "This cloud"), cloud),
      h("section", { class: "card" }, h("h2", {}, "What it has"), loaded),
      h("section", { class: "card" }, h("h2", {}, "Endpoints"), endpoints)));

  function choose(name) {
    shown = name;
    for (const button of choices.children) button.setAttribute("aria-pressed", String(button.dataset.name === name));
    const { text, note: hint } = SNIPPETS[name];
    code.setText(environment ? text(environment, app) : "");
    fill(note.firstChild, hint);
  }
  choose(shown);

  let lastFacts = "";
  let environmentDue = 0;

  async function refresh() {
    health = await app.api.get("health");
    if (Date.now() >= environmentDue) {
      environmentDue = Date.now() + 10_000; // it changes only when fixtures are loaded
      environment = await app.api.get("environment").catch((error) => {
        if (error.status !== 404) throw error;
        return null; // the fixtures have no user
      });
      choose(shown);
      fill(endpoints, endpointFacts(environment, app));
    }
    const facts = JSON.stringify(health);
    if (facts === lastFacts) return;
    lastFacts = facts;
    fill(cloud, cloudFacts(health));
    fill(loaded, loadedFacts(health));
  }

  return { refresh, unmount() {} };
}

function fact(name, ...value) {
  return [h("dt", {}, name), h("dd", {}, value)];
}

function cloudFacts(health) {
  return [
    fact("Dialect", badge(health.dialect, "busy"), health.dialect === "nova" ? " any OpenStack" : " Huawei Cloud"),
    fact("Database", badge(health.database), " whose rules for texts and times it follows"),
    fact("Log-in", badge(health.auth_strategy), health.auth_strategy === "noauth" ? " clients need no token" : " clients need a token of its Keystone"),
    fact("Clock", h("a", { href: "#clock" }, health.clock)),
    fact("Version", health.version),
    fact("Started", time(health.since), " UTC"),
  ];
}

function loadedFacts(health) {
  return [
    fact("Images", h("a", { href: "#images" }, countOf(health.images, "image"))),
    fact("Servers", h("a", { href: "#servers" }, countOf(health.servers, "server"))),
    health.fixtures ? fact("Fixtures", health.fixtures.length ? health.fixtures.map((name, index) => [index ? ", " : "", foreign(name)]) : "none") : null,
    fact("Loaded again", countOf(health.loaded, "time")),
    fact("Faults in force", h("a", { href: "#faults" }, health.faults.length ? health.faults.map(printable).join(", ") : "none")),
    health.fixture_errors.length ? fact("Fixture errors", h("span", { class: "problem" }, health.fixture_errors.map(printable).join("; "))) : null,
  ];
}

function endpointFacts(environment, app) {
  const urls = environment?.endpoints ?? {};
  const rows = { Compute: urls.compute, Image: urls.image, Identity: urls.identity };
  return [
    ...Object.entries(rows).filter(([, url]) => url).map(([name, url]) => fact(name, h("code", {}, foreign(url)))),
    fact("Admin API", h("code", {}, foreign(new URL("_admin", SERVER_URL).href)), app.api.needsToken ? null : [" ", h("a", { href: "openapi.json" }, "OpenAPI")]),
  ];
}

// What people copy.

function variables({ environment }) {
  return Object.entries(environment);
}

/** Return a text as a YAML value; JSON's strings are YAML. */
function yaml(text) {
  return JSON.stringify(String(text));
}

function cloudsYaml({ environment, login }) {
  if (!login) {
    const lines = variables({ environment }).map(([name, value]) => `      ${name.replace(/^OS_/, "").toLowerCase()}: ${yaml(value)}`);
    return ["clouds:", "  fake:", "    auth_type: none", "    auth:", ...lines, ""].join("\n");
  }
  return `clouds:
  fake:
    auth:
      auth_url: ${yaml(environment.OS_AUTH_URL)}
      username: ${yaml(login.username)}
      password: ${yaml(login.password)}
      user_domain_id: ${yaml(login.user_domain_id)}
      project_name: ${yaml(login.project_name)}
      project_domain_id: ${yaml(login.project_domain_id)}
    region_name: ${yaml(environment.OS_REGION_NAME ?? "RegionOne")}
    identity_api_version: 3
`;
}

function pytestSnippet(_, app) {
  const server = SERVER_URL.href.replace(/\/$/, "");
  const token = app.api.needsToken ? ', token=os.environ["FAKE_NOVA_ADMIN_TOKEN"]' : "";
  return `${app.api.needsToken ? "import os\n\n" : ""}import pytest
import requests

from fake_nova import Control


@pytest.fixture
def cloud():
    with Control("${server}"${token}).scope() as scope:  # images, clock and faults of its own
        yield scope


def test_a_new_image_is_listed(cloud):
    cloud.images.add(name="nightly")
    images = requests.get(f"{cloud.compute_url}/images", timeout=5).json()["images"]
    assert "nightly" in [image["name"] for image in images]
`;
}

const SNIPPETS = {
  exports: {
    label: "Shell",
    text: (environment) => variables(environment).map(([name, value]) => `export ${name}=${shellQuote(value)}`).join("\n"),
    note: "For openstack, Terraform, Ansible and everything else that reads OS_ variables. fake-nova env prints the same.",
  },
  clouds: { label: "clouds.yaml", text: cloudsYaml, note: "Save it as clouds.yaml, and set OS_CLOUD=fake." },
  pytest: { label: "pytest", text: pytestSnippet, note: "A test on this server, in a scope of its own. With the fixture fake_nova, tests need no server at all." },
};
