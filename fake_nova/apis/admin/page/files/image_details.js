// The details of one image: all fields, what both APIs answer, its history, and the actions on it.

import { imageActions, imagePath } from "./image_forms.js";
import { codeBlock, copyButton } from "./copy.js";
import { fill, h } from "./dom.js";
import { historyRows } from "./history.js";
import { progressBar } from "./view_images.js";
import { badge, bytes, foreign, httpBadge, prettyJson, printable } from "./text.js";

/** Return the details of an image, as `createTable` takes them. */
export function imageDetails(app, image, getPlans) {
  const heading = h("h2", {}, foreign(image.name ?? "(no name)"));
  const summary = h("p", {});
  const actions = h("div", {});
  const plan = h("div", {});
  const fields = h("dl", { class: "facts" });
  const answers = h("div", {});
  const history = h("ol", { class: "history", reversed: true });
  const element = h("div", {},
    heading, summary, plan,
    h("section", {}, h("h3", {}, "Actions"), actions),
    h("details", { open: true }, h("summary", {}, "All fields"), fields),
    h("details", { open: true }, h("summary", {}, "What both APIs answer"), answers),
    h("details", { open: true }, h("summary", {}, "History"), history));
  let current = image;
  let isClosed = false;

  async function loadMore() {
    const path = imagePath(current);
    try {
      const [both, versions] = await Promise.all([app.api.get(`${path}/answers`), app.api.get(`${path}/history`)]);
      if (isClosed) return;
      fill(plan, planLine(both.plan));
      fill(answers, answerBlocks(both));
      fill(history, historyRows(versions.versions, "image"));
    } catch (error) {
      if (error.status !== 404) app.announceError(error);
    }
  }

  async function showActions() {
    const plans = await getPlans().catch(() => []);
    if (!isClosed) fill(actions, imageActions(app, current, plans, (message) => { loadMore(); return message; }));
  }

  function show() {
    const [nova, progress] = app.statuses[current.status] ?? ["UNKNOWN", 0];
    fill(heading, foreign(current.name ?? "(no name)"));
    fill(summary, badge(current.status), " in Glance, ", badge(nova), ` ${progress} % in Nova`, progressBar(progress));
    fill(fields, fieldRows(current));
  }

  show();
  showActions();
  loadMore();
  return {
    element,
    update(newImage) {
      const hasFocus = actions.contains(document.activeElement) && /INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName);
      current = newImage;
      show();
      loadMore();
      if (!hasFocus) showActions(); // else somebody is typing there
    },
    close() {
      isClosed = true;
    },
  };
}

function fieldRows(image) {
  return Object.entries(image).map(([name, value]) => [
    h("dt", {}, name),
    h("dd", {}, fieldValue(name, value), name === "id" ? [" ", copyButton("the id", () => value)] : null),
  ]);
}

function fieldValue(name, value) {
  if (value === null || value === "") return h("span", { class: "faint" }, value === null ? "null" : "empty");
  if (name === "size" || name === "virtual_size") return `${value} (${bytes(value)})`;
  if (name === "properties") {
    const rows = Object.entries(value);
    if (!rows.length) return h("span", { class: "faint" }, "none");
    return rows.map(([key, text]) => h("div", { class: "mono" }, foreign(key), " = ", foreign(text)));
  }
  if (name === "members") return value.length ? value.map((each) => h("div", { class: "mono" }, foreign(each.member), " ", badge(each.status))) : h("span", { class: "faint" }, "none");
  if (Array.isArray(value)) return value.length ? value.map((text) => [badge(text), " "]) : h("span", { class: "faint" }, "none");
  if (name === "status") return badge(value);
  return foreign(value, { class: typeof value === "string" && /^(id|owner|checksum|os_hash_value)$/.test(name) ? "mono" : null });
}

function planLine(plan) {
  if (!plan) return null;
  const steps = plan.steps.map((step) => {
    const end = step.seconds !== undefined ? ` for ${step.seconds} s` : step.looks !== undefined ? ` for ${step.looks} polls` : "";
    return [badge(step.status), end];
  });
  return h("p", {}, "Follows the plan ", h("strong", {}, foreign(plan.name)), ": ", steps.map((step, index) => [index ? " → " : "", step]),
    h("small", {}, ` (${Math.max(0, plan.elapsed).toFixed(0)} s and ${plan.looks} polls of the first step are over)`));
}

function answerBlocks(both) {
  const viewer = both.user ? [" to ", h("strong", {}, foreign(both.user))] : "";
  return [["Nova", both.nova], ["Glance", both.glance]].map(([service, answer]) => [
    h("p", {}, `${service} `, httpBadge(answer.status), " ", h("code", {}, foreign(`GET ${answer.path}`)), viewer),
    codeBlock(`the answer of ${service}`, typeof answer.body === "string" ? printable(answer.body) : prettyJson(answer.body)),
  ]);
}
