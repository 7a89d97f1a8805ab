// Buttons that copy a text, and texts with such a button.

import { fill, h } from "./dom.js";

/** Return a button that copies the text that `getText` returns. `name` says what it copies. */
export function copyButton(name, getText, label = "Copy") {
  const button = h("button", { type: "button", class: "copy", "aria-label": `Copy ${name}` }, label);
  button.addEventListener("click", async (event) => {
    event.stopPropagation();
    const copied = await copy(getText());
    fill(button, copied ? "Copied" : "Select and copy");
    setTimeout(() => fill(button, label), 1500);
  });
  return button;
}

/** Return a block of code with a button that copies it. Set its text later with `block.setText(text)`. */
export function codeBlock(name, text = "", { wrap = false } = {}) {
  const code = h("code", {}, text);
  const pre = h("pre", { tabindex: "0", role: "region", "aria-label": name, class: wrap ? "wrap" : null }, code);
  const element = h("div", { class: "code" }, pre, copyButton(name, () => code.textContent));
  element.setText = (newText) => {
    if (code.textContent !== newText) code.textContent = newText;
  };
  return element;
}

/** Copy a text. Without a secure connection browsers have no clipboard, so it is selected and copied then. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "offscreen", "aria-hidden": "true", tabindex: "-1" });
    area.value = text;
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    focused?.focus();
    return copied;
  }
}
