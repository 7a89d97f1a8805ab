// The view of the servers.

import { h } from "./dom.js";
import { createTable } from "./table.js";
import { badge, bytes, foreign, time } from "./text.js";

export const title = "Servers";

/** Show the view in an element. */
export function mount(element, app) {
  const table = createTable({
    label: "Servers", noun: "server",
    columns: [
      { title: "Name", width: "minmax(9rem, 2fr)", cell: (server) => foreign(server.name ?? "(no name)") },
      { title: "Status", width: "7rem", cell: (server) => badge(server.status) },
      { title: "Size", width: "6rem", wide: true, class: "number", cell: (server) => bytes(server.size) },
      { title: "Updated", width: "11rem", wide: true, class: "time", cell: (server) => time(server.updated_at) },
    ],
    key: (server) => server.id,
    text: (server) => [server.name, server.id, server.status].join("\n"),
  });
  element.append(h("h1", {}, title), table.element);
  return {
    async refresh() {
      table.setRows((await app.api.get("servers")).servers);
    },
    unmount() {},
  };
}
