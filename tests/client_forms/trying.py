"""Tries a form: runs its command, and reads what the client and the server's log say."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import requests

from fake_nova.testing.fake_nova import FakeNova
from tests.client_forms.form import DEMO_PROJECT, Form
from tests.commands.running import Clients

#: What a command prints when it connects: the two newest images of demo.
NAMES: Final = ["golden", "web-1-nightly"]

#: Forms that need tokens or an application credential, which demo must create before.
_NEEDS_LOGIN: Final = re.compile(r"\{(token|unscoped)\}|application_?credential", re.IGNORECASE)


class Trial(NamedTuple):
    """What happens with a form.

    Attributes:
        names: the names that its command prints.
        error: what it writes to standard error.
        hints: what the server's log says.
    """

    names: list[str]
    error: str
    hints: list[str]


def try_form(form: Form, server: FakeNova, process: Clients, folder: Path) -> Trial:
    """Run the command of a form against a fresh server in an empty folder."""
    texts = {
        "{url}": server.url,
        "{https}": server.url.replace("http:", "https:"),
        "{folder}": str(folder),
        "{ca}": str(server.ca_file),
    }
    if _NEEDS_LOGIN.search(f"{form.variables}{form.clouds}"):
        texts |= _texts_of_tokens(server)
    for name, clouds in (("clouds.yaml", form.clouds), ("secure.yaml", form.secure)):
        (folder / name).write_text(_fill(json.dumps({"clouds": clouds}), texts), encoding="utf-8")
    server.requests.clear()
    environment = {
        "HOME": str(folder),
        "NO_PROXY": "*",
        "OS_CLIENT_CONFIG_FILE": str(folder / "clouds.yaml"),
        "OS_CLIENT_SECURE_FILE": str(folder / "secure.yaml"),
        **{name: _fill(value, texts) for name, value in form.variables.items()},
    }
    outcome = process.run(
        {"words": form.command.split(), "environment": environment, "folder": str(folder), "input": ""}
    )
    hints = [str(entry["hint"]) for entry in server.requests.all() if entry.get("hint")]
    return Trial(outcome.output.split(), _mask(outcome.errors, texts), hints)


def _texts_of_tokens(server: FakeNova) -> dict[str, str]:
    """Log in, and return what stands for the tokens and the credential."""
    token, user_id = _log_in(server, {"project": {"id": DEMO_PROJECT}})
    credential = requests.post(
        f"{server.auth_url}/users/{user_id}/application_credentials",
        json={"application_credential": {"name": "ci", "secret": "not-a-secret"}},
        headers={"X-Auth-Token": token},
        timeout=10,
    ).json()["application_credential"]
    return {"{token}": token, "{unscoped}": _log_in(server, None)[0], "{credential}": credential["id"]}


def _log_in(server: FakeNova, scope: Mapping[str, Any] | None) -> tuple[str, str]:
    """Return a token of demo's, and demo's id."""
    user = {"name": "demo", "password": "demo-secret", "domain": {"id": "default"}}
    auth: dict[str, Any] = {"identity": {"methods": ["password"], "password": {"user": user}}}
    if scope is not None:
        auth["scope"] = scope
    response = requests.post(f"{server.auth_url}/auth/tokens", json={"auth": auth}, timeout=10)
    return response.headers["X-Subject-Token"], response.json()["token"]["user"]["id"]


def _fill(text: str, texts: Mapping[str, str]) -> str:
    for stand_in, replacement in texts.items():
        text = text.replace(stand_in, replacement)
    return text


def _mask(text: str, texts: Mapping[str, str]) -> str:
    for stand_in, replacement in texts.items():
        text = text.replace(replacement, stand_in)
    return text
