// The view of snapshots.

import { h } from "./dom.js";

export const title = "Snapshots";

/** Show the view in an element. */
export function mount(element, app) {
  element.append(h("h1", {}, title));
  return { refresh() {}, unmount() {} };
}
