// The view of clock and plans.

import { h } from "./dom.js";

export const title = "Clock and plans";

/** Show the view in an element. */
export function mount(element, app) {
  element.append(h("h1", {}, title));
  return { refresh() {}, unmount() {} };
}
