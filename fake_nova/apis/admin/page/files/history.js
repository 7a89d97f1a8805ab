// The history of an image or a server: its versions, the last one first, and what changed in each.

import { h } from "./dom.js";
import { badge, foreign, printable, time } from "./text.js";

const HISTORY_LENGTH = 30;

/** Return the rows of a list of versions. `noun` is the key of the image or server in a version. */
export function historyRows(versions, noun) {
  const rows = versions.map((version, index) => {
    const before = index ? versions[index - 1][noun] : null;
    return h("li", {},
      h("div", {}, h("strong", {}, authorOf(version.by)), " ", h("span", { class: "faint" }, version.at ? time(version.at) : "at the start")),
      changesOf(before, version[noun], index));
  });
  const shown = rows.reverse().slice(0, HISTORY_LENGTH);
  if (rows.length > shown.length) shown.push(h("li", {}, h("small", {}, `${rows.length - shown.length} older versions`)));
  return shown;
}

function authorOf(by) {
  if (by.seed) return "from the fixtures";
  if (by.plan) return ["plan ", foreign(by.plan)];
  if (by.operation) return [by.operation, by.request ? h("a", { href: `#requests/${by.request}` }, ` request ${by.request}`) : null];
  return "unknown";
}

function changesOf(before, after, index) {
  if (after === null) return h("span", { class: "change" }, "removed");
  if (before === null) return h("span", { class: "change" }, index ? "added again, " : "", badge(after.status));
  const names = Object.keys({ ...before, ...after }).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const visible = names.filter((name) => name !== "updated_at" || names.length === 1);
  return visible.map((name) => h("span", { class: "change" }, `${name}: `, h("del", {}, shortJson(before[name])), " ", h("ins", {}, shortJson(after[name]))));
}

function shortJson(value) {
  const text = value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value);
  return printable(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
