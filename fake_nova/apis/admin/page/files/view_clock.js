// The view of the clock and the plans: time moves, and images and servers with it.

import { segment } from "./api.js";
import { fill, h, setText } from "./dom.js";
import { actionButton, actionForm } from "./form.js";
import { plainTable } from "./plain_table.js";
import { badge, countOf, foreign, printable } from "./text.js";

export const title = "Clock and plans";

const MODES = {
  real: "It follows the clock of the machine.",
  frozen: "It stands still until somebody advances it.",
  auto: "Each poll of an image or server moves it to the end of its step, so nobody waits.",
};

const STEPS = [[1, "1 s"], [10, "10 s"], [60, "1 min"], [3600, "1 h"], [86400, "1 day"]];

/** The maximum number of followers that are shown. */
const MAX_SHOWN = 50;

/** Show the view in an element. */
export function mount(element, app) {
  const now = h("output", { class: "clock-time", "aria-label": "Time of the cloud" }, "…");
  const mode = h("span", { class: "clock-mode" });
  const explanation = h("p", { class: "faint" });
  const followers = h("div", {});
  const plans = h("div", {});
  const put = (body) => ({ method: "PUT", path: "clock", body });
  const button = (label, body, message) => actionButton(app, { label, request: put(body), done: () => message });
  const advance = actionForm(app, {
    title: null, submit: "Advance",
    fields: [{ name: "seconds", label: "Seconds", type: "number", value: "30" }],
    request({ seconds }) {
      if (seconds === null || seconds < 0) throw new Error("Seconds: expected a number from 0");
      return put({ advance: seconds });
    },
  });
  const set = actionForm(app, {
    title: null, submit: "Set",
    fields: [{ name: "now", label: "Stop it at (UTC)", placeholder: "2031-05-06T07:08:09Z", value: "2031-05-06T07:08:09Z" }],
    request({ now: text }) {
      if (Number.isNaN(Date.parse(text))) throw new Error("Stop it at: not a time; expected one such as 2031-05-06T07:08:09Z");
      return put({ mode: "frozen", now: text });
    },
  });
  const start = planForm(app, "Start a plan for an image", "Start the plan", [
    { name: "image", label: "Image", required: true, hint: "Its name or id." },
  ], ({ image, plan }) => {
    if (!image) throw new Error("Image: empty; expected a name or an id");
    return { method: "PUT", path: `images/${segment(image)}/plan`, body: { plan } };
  });
  const add = planForm(app, "Add an image that follows a plan", "Add the image", [
    { name: "name", label: "Name", value: "nightly" },
  ], ({ name, plan }) => ({ method: "POST", path: "images", body: { name, plan } }));
  const assign = planForm(app, "Plan of all new images", "Assign the plan", [],
    ({ plan }) => ({ method: "PUT", path: "plans", body: { default: plan || null } }), [["", "none"]]);
  const assignServers = planForm(app, "Plan of the work on servers", "Assign it to servers", [],
    ({ plan }) => ({ method: "PUT", path: "plans", body: { servers: plan || null } }), [["", "as new images, or slow"]]);
  const define = actionForm(app, {
    title: "Define a plan", submit: "Define the plan",
    fields: [
      { name: "name", label: "Name", value: "flaky" },
      { name: "steps", label: "Steps", type: "json", rows: 5, hint: "A step ends after seconds, or after a number of polls (looks).",
        value: '[{"status": "queued", "seconds": 2},\n {"status": "saving", "looks": 3},\n {"status": "killed"}]' },
    ],
    request({ name, steps }) {
      if (!name) throw new Error("Name: empty; expected a text");
      return { method: "PUT", path: `plans/${segment(name)}`, body: { steps: steps ?? [] } };
    },
    done: () => "The plan is defined.",
  });
  define.fields.steps.closest(".field").classList.add("whole");

  element.append(h("h1", {}, title),
    h("div", { class: "cards" },
      h("section", { class: "card" }, h("h2", {}, "Clock"), h("div", { class: "clock" }, now, mode), explanation,
        h("div", { class: "buttons-row" },
          button("Freeze", { mode: "frozen" }, "The clock stands still."),
          button("Release", { mode: "real" }, "The clock follows that of the machine."),
          button("Automatic", { mode: "auto" }, "Polls move the clock.")),
        h("div", { class: "buttons-row", role: "group", "aria-label": "Advance the clock" },
          STEPS.map(([seconds, label]) => button(`+ ${label}`, { advance: seconds }, `The clock is ${label} later.`))),
        h("details", {}, h("summary", {}, "Other times"), advance, set)),
      h("section", { class: "card" }, h("h2", {}, "Images and servers that follow a plan"), followers),
      h("section", { class: "card span" }, h("h2", {}, "Plans"), plans,
        h("div", { class: "cards" }, add, start, assign, assignServers, define))));

  let shownPlans = "";
  return {
    async refresh() {
      const [clock, state] = await Promise.all([app.api.get("clock"), app.api.get("plans")]);
      setText(now, clock.now.replace("T", " ").replace("Z", "").slice(0, 21));
      if (mode.textContent !== clock.mode) fill(mode, badge(clock.mode, clock.mode === "real" ? "good" : "busy"));
      setText(explanation, MODES[clock.mode]);
      fill(followers, followersOf([...state.active, ...state.active_servers]));
      const text = JSON.stringify([state.plans, state.default, state.servers, state.assign]);
      if (text === shownPlans) return;
      shownPlans = text;
      fill(plans, planTable(state));
      const names = Object.keys(state.plans);
      for (const form of [start, add]) form.setPlans(names, null);
      assign.setPlans(names, state.default);
      assignServers.setPlans(names, state.servers);
    },
    unmount() {},
  };
}

/** Return a form with a field for a plan, whose choices `setPlans` sets. */
function planForm(app, heading, submit, fields, request, firstOptions = []) {
  const form = actionForm(app, {
    title: heading, submit, request,
    fields: [...fields, { name: "plan", label: "Plan", type: "select", options: firstOptions }],
    done: () => `${heading}: done.`,
  });
  const select = form.fields.plan;
  form.setPlans = (names, chosen) => {
    const value = chosen ?? (select.value || (firstOptions.length ? "" : "slow"));
    const options = [...firstOptions, ...names.map((name) => [name, name])];
    fill(select, options.map(([key, label]) => h("option", { value: key }, printable(label))));
    select.value = options.some(([key]) => key === value) ? value : options[0]?.[0];
    form.preview();
  };
  return form;
}

function stepText(step) {
  if (step.looks !== undefined) return `${step.status} for ${countOf(step.looks, "poll")}`;
  return step.seconds === undefined ? step.status : `${step.status} for ${step.seconds} s`;
}

function planTable({ plans, default: assigned, servers, assign }) {
  const ruleOf = (name) => [
    name === assigned ? "all without a plan" : null,
    name === servers ? "the work on servers" : null,
    ...assign.filter(({ plan }) => plan === name).map(({ match }) => printable(JSON.stringify(match))),
  ].filter(Boolean).join("; ") || "–";
  return plainTable(["Plan", "Steps", "What gets it"], Object.entries(plans).map(([name, steps]) =>
    [foreign(name), steps.map((step, index) => [index ? " → " : "", stepText(step)]), ruleOf(name)]));
}

function followersOf(active) {
  if (!active.length) return h("p", { class: "faint" }, "None. Add an image with a plan below, and watch it here.");
  return [h("ul", { class: "followers" }, active.slice(0, MAX_SHOWN).map((each) => h("li", {},
    followerLink(each), " ", badge(each.status), " ",
    h("small", {}, each.work ? `${each.work}, ` : null, foreign(each.plan), ": ", nextStep(each))))),
  active.length > MAX_SHOWN ? h("p", { class: "faint" }, `and ${active.length - MAX_SHOWN} more`) : null];
}

function followerLink({ image, server, name }) {
  const href = server ? `#servers/${encodeURIComponent(server)}` : `#images/${encodeURIComponent(image)}`;
  return h("a", { href }, foreign(name ?? image));
}

function nextStep({ steps: [step, next], elapsed, looks }) {
  if (!next) return "its last step";
  const until = [];
  if (step.seconds !== undefined) until.push(`in ${Math.max(0, Math.round((step.seconds - elapsed) * 10) / 10)} s`);
  if (step.looks !== undefined) until.push(`after ${countOf(Math.max(0, step.looks - looks), "more poll")}`);
  return `${next.status} ${until.join(" or ")}`;
}
