// Texts for people: hostile text made harmless, sizes, times, and the colours of statuses.

import { h } from "./dom.js";

// Control characters, bidi controls, invisible characters and single surrogates.
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Return a text in which characters that are invisible, or move other text, are escapes such as \u202e. */
export function printable(text) {
  return String(text).replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return `\\u${code.padStart(4, "0")}`;
  });
}

/** Return an element with a text of unknown origin, isolated from the direction of its neighbours. */
export function foreign(text, attributes) {
  return h("bdi", attributes, printable(text));
}

/** Return JSON, indented, with unprintable characters as escapes; lines stay lines. */
export function prettyJson(value) {
  return (JSON.stringify(value, null, 2) ?? "").split("\n").map(printable).join("\n");
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** Return a number of bytes as "700 MiB". */
export function bytes(count) {
  if (count === null || count === undefined) return "–";
  let unit = 0;
  let size = count;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size >= 100 || Number.isInteger(size) ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}

/** Return "1 image", "2 images". */
export function countOf(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** Return a time of the API as "2026-01-31 12:00:00". All times are in UTC. */
export function time(text) {
  return text ? String(text).replace("T", " ").replace(/(\.\d+)?(Z|\+00:00)$/, "") : "–";
}

/** Return a duration in milliseconds as "0.42 ms", "1.5 s". */
export function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  return `${value >= 10 ? Math.round(value) : value.toFixed(value >= 1 ? 1 : 2)} ms`;
}

const TONES = {
  active: "good", accepted: "good",
  queued: "busy", saving: "busy", importing: "busy", uploading: "busy", build: "busy", pending: "busy",
  killed: "bad", error: "bad", rejected: "bad",
  deactivated: "warn", shutoff: "warn",
};

/** Return a badge with a word, in the colour of its meaning, unless a tone is named. */
export function badge(word, tone) {
  const known = TONES[String(word).toLowerCase()] ?? "plain";
  return h("span", { class: `badge ${tone ?? known}` }, printable(word ?? "–"));
}

/** Return a badge with an HTTP status; 0 is a connection that was reset, null a request in flight. */
export function httpBadge(status) {
  if (status === null) return badge("…", "busy");
  if (status === 0) return badge("reset", "bad");
  if (status >= 500) return badge(status, "bad");
  return badge(status, status >= 400 ? "warn" : "good");
}
