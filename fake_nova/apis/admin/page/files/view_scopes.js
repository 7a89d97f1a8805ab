// The view of scopes.

import { h } from "./dom.js";

export const title = "Scopes";

/** Show the view in an element. */
export function mount(element, app) {
  element.append(h("h1", {}, title));
  return { refresh() {}, unmount() {} };
}
