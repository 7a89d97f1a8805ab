// The view of the images.

import { h } from "./dom.js";
import { addForm } from "./image_forms.js";
import { imageDetails } from "./image_details.js";
import { LiveList } from "./live_list.js";
import { createTable } from "./table.js";
import { badge, bytes, foreign, time } from "./text.js";

export const title = "Images";

/** Return a bar that shows a progress in percent. */
export function progressBar(percent) {
  return h("span", { class: "progress", "aria-hidden": "true" }, h("span", { class: `p${percent}` }));
}

/** Show the view in an element. */
export function mount(element, app, argument) {
  const live = new LiveList(app.api, { noun: "images", changes: "changes", ties: -1 });
  const getPlans = async () => Object.keys((await app.api.get("plans")).plans);
  let wanted = argument; // the image to open when it is there

  const addition = h("div", { hidden: true });
  const addButton = h("button", { type: "button", class: "primary", "aria-expanded": "false", onclick: toggleAddition }, "Add images");
  const table = createTable({
    label: "Images",
    noun: "image",
    columns: [
      { title: "Name", width: "minmax(9rem, 2.2fr)", narrowWidth: "minmax(6rem, 1fr)", cell: (image) => nameCell(image) },
      { title: "Glance", width: "8.5rem", narrowWidth: "minmax(6.4rem, 8.5rem)", cell: (image) => badge(image.status) },
      { title: "Nova", width: "11.5rem", narrowWidth: "minmax(5.6rem, 11.5rem)", cell: (image) => novaCell(app, image) },
      { title: "Size", width: "6rem", wide: true, class: "number", cell: (image) => bytes(image.size) },
      { title: "Visibility", width: "6.5rem", wide: true, cell: (image) => image.visibility },
      { title: "Owner", width: "minmax(6rem, 1fr)", wide: true, class: "mono", cell: (image) => foreign(image.owner ?? "–") },
      { title: "Updated", width: "10.5rem", wide: true, class: "time", cell: (image) => time(image.updated_at) },
    ],
    key: (image) => image.id,
    text: (image) => searchText(app, image),
    details: (image) => imageDetails(app, image, getPlans),
    empty: (filter) => (filter ? "No image matches the filter." : "This cloud has no images. Add some, or load a fixture file."),
    onOpen: (id) => app.setArgument(id),
    tools: [addButton],
  });
  element.append(h("h1", {}, title), addition, table.element);

  async function toggleAddition() {
    addition.hidden = !addition.hidden;
    addButton.setAttribute("aria-expanded", String(!addition.hidden));
    if (addition.hidden) return;
    const plans = await getPlans();
    const form = addForm(app, plans, (response) => {
      const images = response.images ?? [response];
      if (images.length === 1) wanted = images[0].id;
      return images.length === 1 ? `${images[0].name} is added.` : `${images.length} images are added.`;
    });
    addition.replaceChildren(form);
    form.fields.name.focus();
  }

  return {
    async refresh() {
      if (await live.refresh((images) => table.setRows(images))) table.setRows(live.list);
      if (wanted && table.open(wanted, { focus: false })) wanted = null;
    },
    onArgument(id) {
      if (!id) table.close();
      else if (!table.open(id, { focus: false })) wanted = id;
    },
    unmount() {},
  };
}

function nameCell(image) {
  if (image.name === null || image.name === "") return h("span", { class: "faint" }, "(no name)");
  return foreign(image.name);
}

function novaCell(app, image) {
  const [word, progress] = app.statuses[image.status] ?? ["UNKNOWN", 0];
  return [word, h("span", { class: "not-narrow" }, " ", progressBar(progress), h("span", { class: "faint" }, ` ${progress} %`))];
}

function searchText(app, image) {
  const [nova] = app.statuses[image.status] ?? [""];
  const properties = Object.entries(image.properties).map(([key, value]) => `${key}=${value}`);
  return [image.name, image.id, image.status, nova, image.visibility, image.owner, image.disk_format, ...image.tags, ...properties].join("\n");
}
