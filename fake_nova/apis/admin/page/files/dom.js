// Builds elements. Text goes only into text nodes, so hostile text is never markup.

/**
 * Return a new element.
 *
 * attributes: name -> value. A function is the listener of an event ("onclick"); true sets an empty
 * attribute; false, null and undefined set none. There is no "style": the page's policy forbids it.
 * children: nodes, texts, numbers, lists of them; null, undefined and false are skipped.
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  append(element, children);
  return element;
}

/** Append children, as `h` takes them, to an element. */
export function append(element, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Replace everything in an element by children, as `h` takes them. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/** Set the text of an element, if it is not the same already, so that selections stay. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let lastId = 0;

/** Return an id that no other element has. */
export function newId(prefix = "e") {
  lastId += 1;
  return `${prefix}-${lastId}`;
}
