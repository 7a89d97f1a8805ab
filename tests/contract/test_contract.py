"""Run the exchanges of the YAML files in this folder.

Format of a file:

    cloud: {fixtures: [recorded], dialect: nova, auth_strategy: keystone}     # settings; optional
    exchanges:
      - name: a limit of zero is refused          # a sentence; unique in its file
        rules: [6]                                # numbers of the measured rules; optional
        steps:
          - GET: /v2.1/images?limit=0             # method and path; {demo} and so on: a project's id by name
            as: alice                             # a user of the fixtures; by default no token
            headers: {X-Auth-Token: nope}         # request headers
            json: {...}                           # body, or  raw: "text",  or  hex: "ff00"
            status: 400                           # required
            body: {...}                           # the whole body: parsed JSON, or text; or one of:
            names: [b, a]                         # names of the listed images, in order
            count: 3                              # number of listed images
            next: /v2.1/images?limit=1&marker=x   # the next link, without the host; null: none
            has: {image.status: ERROR}            # values by path into the body; null: it is null
            lacks: [image.server]                 # paths that are not in the body
            keep: {token: X-Subject-Token}        # response headers to keep as placeholders for later steps
            sent: {Vary: [a, b]}                  # response headers; a list: each; null: not sent

Each exchange starts from the seed. ``{host}`` in an expected text is the address of the cloud.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import RECORDED_CLOUD, Cloud

HERE = Path(__file__).parent
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
KEYS = METHODS | {
    *("as", "headers", "json", "raw", "hex"),
    *("keep", "status", "body", "names", "count", "next", "has", "lacks", "sent"),
}
MISSING = object()


def exchanges() -> list[Any]:
    parameters = []
    for path in sorted(HERE.glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for exchange in document["exchanges"]:
            settings = {**document.get("cloud", {}), **exchange.get("cloud", {})}
            name = f"{path.stem}: {exchange['name']}"
            parameters.append(pytest.param(settings, exchange["steps"], id=name))
    return parameters


def start_cloud(settings: dict[str, Any], steps: list[dict[str, Any]]) -> Cloud:
    changes_the_seed = any(step.get("POST", "").startswith("/_admin/fixtures") for step in steps)
    fixtures = [
        RECORDED_CLOUD if name == "recorded" else name for name in settings.get("fixtures", ["default"])
    ]
    return Cloud(private=changes_the_seed, **{**settings, "fixtures": fixtures})


@pytest.mark.parametrize(("settings", "steps"), exchanges())
def test_an_exchange_matches_its_description(settings: dict[str, Any], steps: list[dict[str, Any]]) -> None:
    cloud = start_cloud(settings, steps)
    placeholders = {project.name: project.id for project in cloud.emulator.cloud.directory.projects}
    placeholders["host"] = "http://localhost"
    for step in steps:
        assert set(step) <= KEYS, f"unknown keys in a step: {set(step) - KEYS}"
        method = next(iter(METHODS & set(step)))
        expected = _fill_placeholders(step, placeholders)
        response = _send(cloud, method, expected)
        _check(response, expected)
        for name, header in step.get("keep", {}).items():
            placeholders[name] = response.headers[header]


def test_every_measured_rule_of_the_images_api_has_an_exchange() -> None:
    rules_with_exchange = {
        rule
        for path in HERE.glob("*.yaml")
        for exchange in yaml.safe_load(path.read_text(encoding="utf-8"))["exchanges"]
        for rule in exchange.get("rules", ())
    }
    # Rule 26 is advice, rule 32 is about the setup of a cloud, and the rules from 67 concern other services.
    assert rules_with_exchange == set(range(1, 67)) - {26, 32}


def _fill_placeholders(value: Any, placeholders: dict[str, str]) -> Any:
    """Replace ``{demo}`` and the like by their values."""
    if isinstance(value, dict):
        return {
            _fill_placeholders(key, placeholders): _fill_placeholders(item, placeholders)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_fill_placeholders(item, placeholders) for item in value]
    if isinstance(value, str):
        for name, replacement in placeholders.items():
            value = value.replace(f"{{{name}}}", replacement)
    return value


def _send(cloud: Cloud, method: str, step: dict[str, Any]) -> Any:
    options: dict[str, Any] = {"headers": {"Accept": "application/json", **step.get("headers", {})}}
    body = next((step[key] for key in ("raw", "json", "hex") if key in step), None)
    if "json" in step:
        body = json.dumps(body)
    elif "hex" in step:
        body = bytes.fromhex(str(body))
    if body is not None:
        options["data"] = body
        options["headers"].setdefault("Content-Type", "application/json")
    options["headers"] = {name: text for name, text in options["headers"].items() if text is not None}
    return cloud.ask(method, step[method], step.get("as"), **options)


def _check(response: Any, step: dict[str, Any]) -> None:
    assert response.status_code == step["status"], response.text
    body = response.get_json(force=True, silent=True)
    if "body" in step:
        assert (response.text if isinstance(step["body"], str) else body) == step["body"]
    if "names" in step:
        assert [image["name"] for image in body["images"]] == step["names"]
    if "count" in step:
        assert len(body["images"]) == step["count"]
    if "next" in step:
        links = body.get("images_links", [])
        href = next((link["href"].removeprefix("http://localhost") for link in links), None)
        assert href == step["next"]
    for path, value in step.get("has", {}).items():
        assert _value_at(body, path) == value, path
    for path in step.get("lacks", []):
        assert _value_at(body, path) is MISSING, path
    for name, value in step.get("sent", {}).items():
        assert response.headers.getlist(name) == (
            [] if value is None else value if isinstance(value, list) else [value]
        )


def _value_at(body: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(body, list) and part.isdecimal() and int(part) < len(body):
            body = body[int(part)]
        elif isinstance(body, dict) and part in body:
            body = body[part]
        else:
            return MISSING
    return body
