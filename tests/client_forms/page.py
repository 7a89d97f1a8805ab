"""The forms in the documentation: ``python -m tests.client_forms.page`` writes the tables into their page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tests.client_forms.clouds_yaml import FORMS as CLOUDS_YAML
from tests.client_forms.form import DEMO_PROJECT, OPENSTACK, Form
from tests.client_forms.openrc import FORMS as OPENRC

PAGE: Final = Path(__file__).parent.parent.parent / "docs" / "reference" / "client-configuration.md"


def read() -> str:
    """Return the page."""
    return PAGE.read_text(encoding="utf-8")


def with_tables(text: str) -> str:
    """Return a page with the tables of today."""
    tables = {"openrc": _table(OPENRC), "clouds": _table(CLOUDS_YAML)}
    for name, table in tables.items():
        head, mark, rest = text.partition(f"<!-- {name} -->\n")
        text = head + mark + table + rest[rest.index(f"<!-- /{name} -->") :]
    return text


def _table(forms: tuple[Form, ...]) -> str:
    lines = ["| | form | what it has | what happens |", "|---|---|---|---|"]
    lines += [f"| {form.group} | {form.name} | {_content(form)} | {_result(form)} |" for form in forms]
    return "\n".join([*lines, ""])


def _content(form: Form) -> str:
    """Return the configuration of a form, and what the server needs for it."""
    parts = [f"`{name}={_text(value)}`" for name, value in form.variables.items()]
    if form.clouds:
        parts.append(f"`{_text(json.dumps(form.clouds))}`")
    if form.secure:
        parts.append(f"secure.yaml `{_text(json.dumps(form.secure))}`")
    if form.command != OPENSTACK:
        parts.append(f"with `{form.command.replace(OPENSTACK.removeprefix('openstack '), '…')}`")
    options = [option for name, value in form.settings.items() for option in _options(name, value)]
    if options:
        parts.append(f"served with `{' '.join(options)}`")
    return " ".join(parts)


def _options(name: str, value: Any) -> list[str]:
    values = value if isinstance(value, tuple) else (value,)
    return [f"--{name.replace('_', '-')} {each}" for each in values]


def _text(value: str) -> str:
    texts = {"{url}": "HOST", "{https}": "https://HOST", "{token}": "TOKEN", "{unscoped}": "TOKEN"}
    texts |= {"{credential}": "ID", "{folder}": "FOLDER", "{ca}": "CA_FILE", DEMO_PROJECT: "PROJECT_ID"}
    for stand_in, text in texts.items():
        value = value.replace(stand_in, text)
    return value.replace("|", "\\|")


def _result(form: Form) -> str:
    if not form.error:
        return "connects"
    hint = f"; the server's log: `{form.hint}`" if form.hint else ""
    return f"`{_text(form.error)}`{hint}"


if __name__ == "__main__":
    PAGE.write_text(with_tables(read()), encoding="utf-8")
