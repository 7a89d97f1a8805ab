// The actions on images: set a status, start a plan, change, delete, add.

import { segment } from "./api.js";
import { actionButton, actionForm } from "./form.js";
import { h } from "./dom.js";

const DISK_FORMATS = ["qcow2", "raw", "vmdk", "vhd", "vhdx", "vdi", "iso", "ami", "ari", "aki", "ploop"];
const VISIBILITIES = ["private", "shared", "community", "public"];

/** Return the path of an image, below /_admin. */
export function imagePath(image) {
  return `images/${segment(image.id)}`;
}

/** Return the forms that act on one image. `plans` are the names of the plans; `changed` is called after success. */
export function imageActions(app, image, plans, changed) {
  const path = imagePath(image);
  const status = actionForm(app, {
    title: "Status", submit: "Set",
    fields: [{ name: "status", label: "New status (Glance's word)", type: "select", options: statusOptions(app), value: image.status }],
    request: ({ status: word }) => ({ method: "PUT", path: `${path}/status`, body: { status: word } }),
    done: (result) => changed(`${nameOf(image)} is ${result.status}.`),
  });
  const plan = actionForm(app, {
    title: "Plan", submit: "Start",
    fields: [{ name: "plan", label: "Plan to follow from now", type: "select", options: plans }],
    request: ({ plan: name }) => ({ method: "PUT", path: `${path}/plan`, body: { plan: name } }),
    done: (result) => changed(`${nameOf(image)} follows a plan; it is ${result.status}.`),
  });
  return [status, plans.length ? plan : null, changeForm(app, image, changed), deletion(app, image, changed)];
}

function changeForm(app, image, changed) {
  const fields = [
    { name: "name", label: "Name", value: image.name },
    { name: "size", label: "Size in bytes", type: "number", value: image.size },
    { name: "visibility", label: "Visibility", type: "select", options: VISIBILITIES, value: image.visibility },
    { name: "owner", label: "Owner (project)", value: image.owner },
    { name: "min_ram", label: "Minimum RAM in MiB", type: "number", value: image.min_ram },
    { name: "min_disk", label: "Minimum disk in GiB", type: "number", value: image.min_disk },
    { name: "protected", label: "Protected", type: "checkbox", value: image.protected },
    { name: "os_hidden", label: "Hidden", type: "checkbox", value: image.os_hidden },
    { name: "tags", label: "Tags (JSON)", type: "json", value: JSON.stringify(image.tags), rows: 1, whole: true },
    { name: "properties", label: "Properties (JSON)", type: "json", value: JSON.stringify(image.properties, null, 1), rows: 4, whole: true },
  ];
  const form = actionForm(app, {
    submit: "Change",
    fields,
    request(values) {
      const body = {};
      for (const [name, value] of Object.entries(values)) {
        const present = value === "" && image[name] === null ? null : value;
        if (present !== undefined && JSON.stringify(present) !== JSON.stringify(image[name])) body[name] = present;
      }
      return { method: "PATCH", path: imagePath(image), body };
    },
    done: () => changed(`${nameOf(image)} is changed.`),
  });
  return h("details", {}, h("summary", {}, "Change fields"), form);
}

function deletion(app, image, changed) {
  const mark = { method: "PATCH", path: imagePath(image), body: { status: "deleted" } };
  const purge = { method: "DELETE", path: imagePath(image) };
  return h("div", { class: "buttons-row" },
    image.status === "deleted" ? null : actionButton(app, { label: "Delete", tone: "danger", request: mark, confirm: "Really delete?", done: () => changed(`${nameOf(image)} is deleted, as by a client.`) }),
    actionButton(app, { label: "Purge", tone: "danger", request: purge, confirm: "Really purge?", done: () => changed(`${nameOf(image)} is gone without a trace.`) }),
    h("small", {}, "A deleted image stays in the admin API; a purged one has never existed."));
}

/** Return the form that adds an image. */
export function addForm(app, plans, done) {
  return actionForm(app, {
    submit: "Add",
    fields: [
      { name: "name", label: "Name", value: "nightly" },
      { name: "start", label: "Status or plan", type: "select", options: [
        ["", "active (or the assigned plan)"],
        ...plans.map((name) => [`plan:${name}`, `plan ${name}`]),
        ...statusOptions(app).map(([word, label]) => [`status:${word}`, label]),
      ] },
      { name: "visibility", label: "Visibility", type: "select", options: [["", "shared (default)"], ...VISIBILITIES] },
      { name: "disk_format", label: "Disk format", type: "select", options: [["", "none"], ...DISK_FORMATS] },
      { name: "size", label: "Size in bytes", type: "number" },
      { name: "count", label: "How many", type: "number", value: 1 },
      { name: "properties", label: "Properties (JSON)", type: "json", placeholder: '{"os_distro": "debian"}', rows: 2, whole: true },
    ],
    request({ name, start, visibility, disk_format: diskFormat, size, count, properties }) {
      const image = { name };
      const [kind, ...word] = start.split(":");
      if (kind) image[kind] = word.join(":");
      if (visibility) image.visibility = visibility;
      if (diskFormat) image.disk_format = diskFormat;
      if (size !== null) image.size = size;
      if (properties !== undefined) image.properties = properties;
      if (count === 1) return { method: "POST", path: "images", body: image };
      if (!(Number.isInteger(count) && count > 1 && count <= 1000)) throw new Error("How many: not a count; expected a whole number from 1 to 1000");
      const images = Array.from({ length: count }, (_, index) => ({ ...image, name: `${name}-${index + 1}` }));
      return { method: "POST", path: "images", body: { images } };
    },
    done,
  });
}

function statusOptions(app) {
  return Object.entries(app.statuses).map(([word, [nova, progress]]) => [word, `${word} (Nova: ${nova} ${progress} %)`]);
}

function nameOf(image) {
  return image.name || image.id;
}
