// The view of faults.

import { h } from "./dom.js";

export const title = "Faults";

/** Show the view in an element. */
export function mount(element, app) {
  element.append(h("h1", {}, title));
  return { refresh() {}, unmount() {} };
}
