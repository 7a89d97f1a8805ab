// Forms for actions. Each shows the curl command that does the same.

import { codeBlock } from "./copy.js";
import { curl } from "./curl.js";
import { fill, h, newId } from "./dom.js";
import { printable } from "./text.js";

const CONFIRM_MILLISECONDS = 5000;

/**
 * Return the form of an action.
 *
 * app: the page's `app`.
 * options:
 *   title: the heading; null for none.
 *   fields: [{name, label, type, value, options, hint, required, placeholder}]. `type` is "text" (the
 *     default), "number", "json" (a text area), "checkbox", or "select" with `options`: words, or
 *     [value, label] pairs; `whole` fields have a line of their own.
 *   submit: the text of the button.
 *   tone: "danger" for an action that loses something.
 *   request(values): returns the request, as `Api.send` takes it; throws an Error with a message for a
 *     value that is not valid. Values are texts; of a number, a number or null; of "json", the value or
 *     undefined if it is empty; of a checkbox, a boolean.
 *   done(response): called after success. It may return a message.
 *
 * Returns: the form element, with `fields`: name -> its input.
 */
export function actionForm(app, { title, fields = [], submit, tone, request, done }) {
  const inputs = {};
  const rows = fields.map((field) => {
    const id = newId("field");
    const input = inputOf(field, id);
    inputs[field.name] = input;
    const label = h("label", { for: id }, field.label);
    const hint = field.hint ? h("small", { id: `${id}-hint` }, field.hint) : null;
    if (hint) input.setAttribute("aria-describedby", hint.id);
    const isCheckbox = field.type === "checkbox";
    return h("div", { class: ["field", isCheckbox && "inline", field.whole && "whole"].filter(Boolean).join(" ") }, isCheckbox ? [input, label] : [label, input], hint);
  });
  const button = h("button", { type: "submit", class: tone ?? "primary" }, submit);
  const problem = h("p", { class: "problem", role: "alert" });
  const command = codeBlock("curl command", "", { wrap: true });
  const form = h("form", { class: "action", novalidate: true },
    title ? h("h3", {}, title) : null, h("div", { class: "fields" }, rows, h("div", { class: "field buttons" }, button)), problem, command);

  const read = () => request(Object.fromEntries(fields.map((field) => [field.name, valueOf(field, inputs[field.name])])));

  function preview() {
    try {
      command.setText(curl(app.api, read()));
      fill(problem);
    } catch (error) {
      command.setText("");
      fill(problem, printable(error.message));
    }
  }

  form.addEventListener("input", preview);
  form.addEventListener("change", preview);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    preview();
    if (problem.textContent) return;
    button.disabled = true;
    try {
      const response = await app.api.send(read());
      const message = await done?.(response);
      if (message) app.announce(message);
      app.refresh();
    } catch (error) {
      fill(problem, printable(error.message));
    }
    button.disabled = false;
    preview_command();
  });

  function preview_command() {
    try {
      command.setText(curl(app.api, read()));
    } catch {
      command.setText("");
    }
  }

  preview_command();
  form.fields = inputs;
  form.preview = preview_command;
  return form;
}

function inputOf({ name, type = "text", value, options = [], required, placeholder, rows }, id) {
  const common = { id, name, required, placeholder, autocomplete: "off", spellcheck: "false" };
  if (type === "select") {
    const select = h("select", common, options.map((option) => {
      const [optionValue, label] = Array.isArray(option) ? option : [option, option];
      return h("option", { value: optionValue }, printable(label));
    }));
    if (value !== undefined && value !== null) select.value = value;
    return select;
  }
  if (type === "json") {
    const area = h("textarea", { ...common, rows: rows ?? 3 });
    area.value = value ?? "";
    return area;
  }
  if (type === "checkbox") {
    const box = h("input", { ...common, type });
    box.checked = Boolean(value);
    return box;
  }
  const input = h("input", { ...common, type: type === "number" ? "text" : type, inputmode: type === "number" ? "decimal" : null });
  input.value = value ?? "";
  return input;
}

function valueOf({ label, type }, input) {
  if (type === "checkbox") return input.checked;
  if (type === "number") {
    if (!input.value.trim()) return null;
    const number = Number(input.value);
    if (!Number.isFinite(number)) throw new Error(`${label}: not a number (got "${input.value}"); expected one such as 10`);
    return number;
  }
  if (type === "json") {
    if (!input.value.trim()) return undefined;
    try {
      return JSON.parse(input.value);
    } catch (error) {
      throw new Error(`${label}: not JSON (${error.message}); expected an object such as {"key": "value"}`);
    }
  }
  return input.value;
}

/**
 * Return a button that performs one request, with its curl command in a tooltip and after it is used.
 *
 * options: {label, tone, request: as `Api.send` takes it or a function that returns it, confirm: the text of
 *   the button for the click that confirms, such as "Really delete?", or null, done(response)}.
 */
export function actionButton(app, { label, tone, request, confirm: question, done }) {
  const button = h("button", { type: "button", class: tone ?? null }, label);
  let isConfirmed = !question;
  const current = () => (typeof request === "function" ? request() : request);
  button.title = printable(curl(app.api, current()));
  button.addEventListener("click", async () => {
    if (!isConfirmed) {
      isConfirmed = true;
      fill(button, question);
      setTimeout(() => {
        isConfirmed = false;
        fill(button, label);
      }, CONFIRM_MILLISECONDS);
      return;
    }
    button.disabled = true;
    try {
      const sent = current();
      const response = await app.api.send(sent);
      const message = await done?.(response);
      app.announce(message || "Done.", curl(app.api, sent));
      app.refresh();
    } catch (error) {
      app.announceError(error);
    }
    button.disabled = false;
  });
  return button;
}
