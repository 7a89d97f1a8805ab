"""The record of the real services on MariaDB and on SQLite: its exchanges, and the comparison with a response."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from fake_nova.apis import router
from tests.conftest import Cloud

HERE = Path(__file__).parent

#: The initial state of the real services.
CLOUD = str(HERE / "mariadb-cloud.yaml")

#: Service of an exchange -> the URL path before its own.
_PREFIXES = {"compute": "", "image": "/image", "identity": "/identity/v3"}

Exchange = dict[str, Any]


@cache
def exchanges() -> tuple[Exchange, ...]:
    """Return all recorded exchanges."""
    exchanges: list[Exchange] = json.loads((HERE / "mariadb.json").read_text(encoding="utf-8"))
    return tuple(exchanges)


def operation(exchange: Exchange) -> str:
    """Return the name of the operation that an exchange requests; a next link is one of a list."""
    url_path = exchange["path"].partition("?")[0]
    path = "/v2/images" if url_path == "{next}" else re.sub(r"\{[^{}]*\}", "0" * 32, url_path)
    match = router().match(exchange["method"], _PREFIXES[exchange["service"]] + path)
    return f"{match.service.name}: {match.route.operation if match.route is not None else 'no route'}"


@cache
def sequences() -> dict[str, list[Exchange]]:
    """Return the exchanges that belong together, by the name of their sequence or rule."""
    groups: dict[str, list[Exchange]] = {}
    for exchange in exchanges():
        groups.setdefault(exchange.get("seq") or exchange["rule"], []).append(exchange)
    return groups


@cache
def failures(name: str, database: str) -> Mapping[str, Mapping[str, tuple[Any, Any]]]:
    """Send the exchanges of a sequence to a cloud; return exchange -> the parts that differ: expected, actual."""
    cloud = Cloud(fixtures=(CLOUD,), dialect="nova", database=database, auth_strategy="keystone")
    sequence = Sequence(cloud, database)
    differences = {exchange["id"]: sequence.differences(exchange) for exchange in sequences()[name]}
    return {exchange: parts for exchange, parts in differences.items() if parts}


class Sequence:
    """The exchanges of one sequence, sent one after the other to one cloud.

    Args:
        cloud: the cloud.
        database: the database whose answers are expected.
    """

    def __init__(self, cloud: Cloud, database: str) -> None:
        self._cloud = cloud
        self._database = database
        self._made: list[str] = []
        self._last: Any = None

    def differences(self, exchange: Exchange) -> dict[str, tuple[Any, Any]]:
        """Send an exchange; return the parts of the answer that differ: expected, actual."""
        expected = self._fill(exchange.get(self._database, exchange["mariadb"]))
        if exchange["path"] == "{next}" and self._next_path() is None:
            return {} if expected == {"status": "no next link"} else {"status": (expected["status"], None)}
        response = self._send(exchange)
        self._last = response
        body = response.get_json(force=True, silent=True)
        if response.status_code == 201 and isinstance(body, dict):
            new_id = body.get("id") or next(iter(body.values())).get("id", "")
            self._made += [new_id] if new_id else []
        if exchange["service"] == "identity" and response.status_code == 204:
            self._made.pop()
        if expected["status"] == 500 and 400 <= response.status_code < 500:
            return {}  # what the real service fails at is a refusal here
        actual = {name: _read(name, response, body) for name in expected if name in _READERS}
        actual |= {"status": response.status_code}
        if response.status_code == 200 and isinstance(body, dict) and "images" in body:
            actual |= {"more": True} if _READERS["more"](response, body) else {}
        return {
            name: (expected.get(name), actual.get(name))
            for name in {**expected, **actual}
            if expected.get(name) != actual.get(name)
        }

    def _send(self, exchange: Exchange) -> Any:
        headers = {"Accept": "application/json", **(exchange.get("headers") or {})}
        body = None
        if "json" in exchange:
            body = json.dumps(self._fill(exchange["json"]))
            headers.setdefault("Content-Type", "application/json")
        path = self._next_path() if exchange["path"] == "{next}" else self._fill(exchange["path"])
        path = _PREFIXES[exchange["service"]] + (path or "")
        user = None if exchange["as"] == "none" else exchange["as"]
        return self._cloud.ask(exchange["method"], path, user, headers=headers, data=body)

    def _next_path(self) -> str | None:
        body = self._last.get_json(force=True, silent=True)
        path = body.get("next")
        return path if isinstance(path, str) else None

    def _fill(self, value: Any) -> Any:
        """Return *value* with the stand-ins of its texts filled in."""
        if isinstance(value, list):
            return [self._fill(item) for item in value]
        if isinstance(value, dict):
            return {self._fill(key): self._fill(item) for key, item in value.items()}
        return (
            re.sub(r"\{([A-Za-z_]+)(?::([^{}]*))?\}", self._stand_in, value)
            if isinstance(value, str)
            else value
        )

    def _stand_in(self, match: re.Match[str]) -> str:
        directory, (kind, argument) = self._cloud.emulator.cloud.directory, match.groups()
        if kind == "made":
            return next(reversed(self._made), "none")
        if kind == "repeat":
            text, _, count = argument.rpartition(":")
            return str(text) * int(count)
        if kind in ("created_at", "updated_at"):
            return str(self._last.get_json()[kind])
        if argument is None:
            return match[0]  # a message of the service has it
        user = directory.user(argument)
        assert user is not None
        assert user.project is not None
        return {"user": user.id, "USER": user.id.upper(), "project": user.project.id}[kind]


def _image_line(image: Mapping[str, Any]) -> str:
    return f"{image['id'][-4:]} {image['name']}"


def _message(response: Any, body: Any) -> str | None:
    if not isinstance(body, dict):
        return None
    inner = next((value for value in body.values() if isinstance(value, dict)), body)
    message = str(inner.get("message", "")).removesuffix("<br /><br />\n\n\n")
    return re.sub("(?<=project id )[0-9a-f]{32}", "{id}", message) or None


#: Attributes of an image that the record leaves out.
_OMITTED = (
    *("disk_format", "container_format", "size", "virtual_size", "checksum", "protected", "os_hidden"),
    *("os_hash_algo", "os_hash_value", "created_at", "updated_at", "self", "file", "schema", "stores"),
    *("created", "updated", "progress", "OS-EXT-IMG-SIZE:size", "links", "server"),
)


def _stored_image(_: Any, body: Any) -> Any:
    image = body.get("image", body)
    return {name: value for name, value in image.items() if name not in _OMITTED}


def _token(_: Any, body: Any) -> Any:
    token = body["token"]
    parts = {"user": token["user"]["name"], "domain": token["user"]["domain"]["id"]}
    if "project" in token:
        project = token["project"]
        parts |= {"project": f"{project['id']} {project['name']}", "project-domain": project["domain"]["id"]}
    return parts


def _member(member: Mapping[str, Any]) -> str:
    return f"{member['member_id']} {member['status']}"


def _is_in_order(images: list[Mapping[str, Any]]) -> bool:
    """Return whether images are listed by second and id, in either direction."""
    positions = [(image.get("created_at") or image["created"], image["id"]) for image in images]
    return positions in (sorted(positions), sorted(positions, reverse=True))


#: Objects of Keystone that the record shows by their names.
_NAMED = ("user", "role", "service", "domain", "application_credential")


def _names(key: str, _: Any, body: Any) -> list[str]:
    return [item["name"] for item in body[key]]


def _name(key: str, _: Any, body: Any) -> str:
    return str(body[key]["name"])


#: Part of a recorded answer -> the function that reads it from a response and its JSON.
_READERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "images": lambda _, body: [_image_line(image) for image in body["images"]],
    "more": lambda _, body: "next" in body or bool(body.get("images_links")),
    "image": _stored_image,
    "message": _message,
    "body": lambda response, body: response.text if body is None else body,
    "token": _token,
    "member": lambda _, body: _member(body),
    "members": lambda _, body: [_member(member) for member in body["members"]],
    "projects": lambda _, body: [project["name"] for project in body["projects"]],
    "project": lambda _, body: body["project"]["name"],
    **{f"{name}s": partial(_names, f"{name}s") for name in _NAMED},
    **{name: partial(_name, name) for name in _NAMED},
    "regions": lambda _, body: [region["id"] for region in body["regions"]],
    "region": lambda _, body: body["region"]["id"],
    "role_assignments": lambda _, body: len(body["role_assignments"]),
    "endpoints": lambda _, body: len(body["endpoints"]),
    "count": lambda _, body: len(body["images"]),
    "in order": lambda _, body: _is_in_order(body["images"]),
}


def _read(name: str, response: Any, body: Any) -> Any:
    """Return a part of a response, or None if the response has no such part."""
    try:
        return _READERS[name](response, body)
    except (KeyError, TypeError):
        return None
