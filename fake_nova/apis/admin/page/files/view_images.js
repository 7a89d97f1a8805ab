// The view of the images.

import { h } from "./dom.js";
import { createTable } from "./table.js";
import { badge, bytes, foreign, time } from "./text.js";

export const title = "Images";

/** Show the view in an element. */
export function mount(element, app) {
  const table = createTable({
    label: "Images", noun: "image",
    columns: [
      { title: "Name", width: "minmax(9rem, 2fr)", cell: (image) => foreign(image.name ?? "(no name)") },
      { title: "Status", width: "7rem", cell: (image) => badge(image.status) },
      { title: "Size", width: "6rem", wide: true, class: "number", cell: (image) => bytes(image.size) },
      { title: "Updated", width: "11rem", wide: true, class: "time", cell: (image) => time(image.updated_at) },
    ],
    key: (image) => image.id,
    text: (image) => [image.name, image.id, image.status].join("\n"),
  });
  element.append(h("h1", {}, title), table.element);
  return {
    async refresh() {
      table.setRows((await app.api.get("images")).images);
    },
    unmount() {},
  };
}
