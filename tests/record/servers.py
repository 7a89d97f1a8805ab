"""The record of Nova's servers API: its cases, the steps between them, and the comparison with a response."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from tests.conftest import Cloud
from tests.record import servers_cloud

HERE = Path(__file__).parent

#: The headers that the record contains.
HEADERS = (
    *("content-type", "vary", "openstack-api-version", "x-openstack-nova-api-version", "location"),
    "www-authenticate",
)

_PREFIXES = {"compute": "", "image": "/image"}
_BASES = {"{compute}": "http://localhost", "{image}": "http://localhost/image"}
_BASES |= {"{glance}": "http://localhost/image", "{keystone}": "http://localhost/identity"}

#: Stand-in for a value that is drawn anew -> its form.
_MASKS = {
    "{now}": r"[0-9T:.-]+",
    "{uuid}": r"[0-9a-f-]{36}",
    "{id}": r"[0-9a-f-]+",
    "{request-id}": r"req-[0-9a-f-]{36}",
    "{reservation}": r"r-[0-9a-z]{8}",
    "{instance-name}": r"instance-[0-9a-f]{8}",
    "{password}": r"[0-9A-Za-z]+",
}
_STAND_IN = re.compile(r"\{(?:[a-z-]+|(?:server|SERVER|image|user|project):[^{}]+)\}")

#: The beginning of a list of valid values that Nova holds in a set.
_SET = re.compile(r"Value: .* is not one of \['(locked|project_id)'")

#: The seconds of the clock in which every server becomes idle.
_IDLE_AFTER = 60

#: The plan while the driver is stopped at a step, and the seconds in which it goes on to the next task_state.
_HELD_PLAN: list[dict[str, Any]] = [
    {"status": "queued", "seconds": 100},
    {"status": "saving", "seconds": 100},
    {"status": "active"},
]
_HELD_SECONDS = 25


@cache
def groups() -> Mapping[str, list[dict[str, Any]]]:
    """Return the cases by group, in order."""
    by_group: dict[str, list[dict[str, Any]]] = {}
    for case in json.loads((HERE / "servers.json").read_text(encoding="utf-8")):
        by_group.setdefault(case["group"], []).append(case)
    return by_group


@cache
def failures(group: str) -> Mapping[str, tuple[Any, Any]]:
    """Send the cases of a group to a cloud; return the differing ones: expected and actual answer."""
    replay = _Replay()
    differences = {}
    for case in groups()[group]:
        difference = replay.difference(case)
        if difference is not None:
            differences[case["id"]] = difference
    return differences


def _sort_roles(value: Any) -> None:
    """Sort the words of each ``boot_roles``, whose order differs from process to process."""
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        if key == "boot_roles" and isinstance(part, str):
            value[key] = ",".join(sorted(part.split(",")))
        elif isinstance(part, dict | list):
            _sort_roles(part)


class _Replay:
    """One cloud, and the ids of what was created in it."""

    def __init__(self) -> None:
        with NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            file.write(servers_cloud.fixture())
            file.flush()
            self._cloud = Cloud(
                private=True,
                fixtures=(file.name,),
                dialect="nova",
                database="mariadb",
                auth_strategy="keystone",
            )
        self._seeded_images = {image["id"] for image in servers_cloud.recorded_cloud()["images"]}
        self._names: dict[str, str] = dict(_BASES)
        self._holds: set[str] = set()
        for server in servers_cloud.recorded_cloud()["servers"]:
            self._name("server", server["name"], servers_cloud.server_id(server["name"]))
        for name, project_id in servers_cloud.recorded_cloud()["projects"].items():
            self._names[f"{{project:{name}}}"] = project_id
        for user in self._cloud.emulator.cloud.directory.users:
            self._names[f"{{user:{user.name}}}"] = user.id
        self._seeded_servers = {server["id"] for server in self._servers()}

    def _name(self, kind: str, name: str, new_id: str) -> None:
        self._names[f"{{{kind}:{name}}}"] = new_id
        self._names[f"{{{kind.upper()}:{name}}}"] = new_id.upper()

    def _servers(self) -> list[dict[str, Any]]:
        servers: list[dict[str, Any]] = self._cloud.get("/_admin/servers")["servers"]
        return servers

    def difference(self, case: dict[str, Any]) -> tuple[Any, Any] | None:
        """Carry out a case with its steps; return the expected and the actual answer if they differ."""
        for step in case.get("before", ()):
            self._take_step(*step)
        expected = case["answer"]
        kind = "server" if case["path"].endswith("/servers") else "image"
        self._names.pop(f"{{{kind}:{case.get('keep')}}}", None)  # the case creates another one
        actual = self._answer(case, expected)
        for step in case.get("after", ()):
            self._take_step(*step)
        _sort_roles(expected)
        _sort_roles(actual)
        if expected["status"] == 500:  # what the real service fails at is refused, or done as it was meant
            return None if actual["status"] < 500 else (expected, actual)
        return None if self._matches(expected, actual) else (expected, actual)

    def _answer(self, case: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
        headers = {"Accept": "application/json"}
        body = case.get("raw")
        if "json" in case:
            body = self._fill(json.dumps(case["json"]))
        if body is not None:
            headers["Content-Type"] = "application/json"
        headers |= {name: self._fill(value) for name, value in case.get("headers", {}).items()}
        headers = {name: value for name, value in headers.items() if value is not None}
        if case["as"] == "bad":
            headers["X-Auth-Token"] = "gAAAAABnope"
        user = None if case["as"] in ("none", "bad") else case["as"]
        path = _PREFIXES[case["service"]] + self._fill(case["path"])
        if isinstance(body, str):  # the record shows bytes that are not UTF-8 as Latin-1
            charset = "latin-1" if "raw" in case and max(body, default="") <= "\xff" else "utf-8"
            body = body.encode(charset, "surrogatepass")
        response = self._cloud.ask(case["method"], path, user, headers=headers, data=body)
        text = response.get_data(as_text=True)
        parsed = json.loads(text) if isinstance(expected["body"], dict) and text[:1] == "{" else text
        return {
            "status": response.status_code,
            "headers": {
                name: ", ".join(response.headers.getlist(name))
                for name in HEADERS
                if name in response.headers
            },
            "body": parsed,
        }

    def _fill(self, text: Any) -> Any:
        """Return a text with the stand-ins filled in whose values are known."""
        if not isinstance(text, str):
            return text
        return _STAND_IN.sub(lambda match: self._names.get(match[0], match[0]), text)

    def _matches(self, expected: Any, actual: Any) -> bool:
        if isinstance(expected, dict):
            is_alike = isinstance(actual, dict) and {self._fill(key) for key in expected} == set(actual)
            return is_alike and all(
                self._matches(value, actual[self._fill(key)]) for key, value in expected.items()
            )
        if isinstance(expected, list):
            is_alike = isinstance(actual, list) and len(actual) == len(expected)
            return is_alike and all(map(self._matches, expected, actual))
        if not isinstance(expected, str):
            return type(expected) is type(actual) and bool(expected == actual)
        text = self._fill(expected)
        if _SET.search(text):  # Nova writes a set, whose order differs from process to process
            return isinstance(actual, str) and sorted(re.split("[ ,\\[\\]]+", text)) == sorted(
                re.split("[ ,\\[\\]]+", actual)
            )
        return text == actual or (isinstance(actual, str) and self._matches_masks(text, actual))

    def _matches_masks(self, expected: str, actual: str) -> bool:
        """Return whether a text has the form of the expected one. It names what was created."""
        names: list[str] = []
        pattern = ""
        position = 0
        for match in _STAND_IN.finditer(expected):
            pattern += re.escape(expected[position : match.start()])
            position = match.end()
            form = _MASKS.get(match[0])
            if form is None and not match[0].startswith(("{image:", "{server:")):
                form = re.escape(match[0])
            if form is None:
                names.append(match[0])
                form = f"({_MASKS['{uuid}']})"
            pattern += form
        whole_match = re.fullmatch(pattern + re.escape(expected[position:]), actual)
        if whole_match is None:
            return False
        for name, new_id in zip(names, whole_match.groups(), strict=True):
            kind, _, label = name[1:-1].partition(":")
            self._name(kind, label, new_id)
        return True

    def _take_step(self, name: str, *arguments: Any) -> None:
        getattr(self, f"_step_{name}")(*arguments)

    def _step_hold(self, step: str) -> None:
        self._admin("PUT", "/plans/held", {"steps": _HELD_PLAN})
        self._admin("PUT", "/plans", {"default": "fails" if step == "fail" else "held"})
        self._holds.add(step)

    def _step_release(self, step: str) -> None:
        self._holds.discard(step)
        if not self._holds:
            self._admin("PUT", "/plans", {"default": None})
            self._admin("PUT", "/clock", {"advance": sum(each.get("seconds", 0) for each in _HELD_PLAN)})

    def _step_task(self, server: str, task_state: str) -> None:
        path = f"/servers/{self._names[f'{{server:{server}}}']}"
        for _ in range(2 * len(_HELD_PLAN)):
            if self._admin("GET", path)["task_state"] == task_state:
                return
            self._admin("PUT", "/clock", {"advance": _HELD_SECONDS})

    def _step_settled(self, *_: Any) -> None:
        self._step_wait()

    def _admin(self, method: str, path: str, document: Any = None) -> Any:
        response = self._cloud.ask(method, f"/_admin{path}", json=document)
        assert response.status_code < 300, response.text
        return response.get_json(silent=True)

    def _step_state(self, server: str, vm_state: str, task_state: str | None, power_state: int) -> None:
        path = f"/servers/{self._names[f'{{server:{server}}}']}"
        host = None if vm_state in ("building", "shelved_offloaded") else "compute1"
        states = {"vm_state": vm_state, "task_state": task_state, "power_state": power_state, "host": host}
        updated_at = self._admin("GET", path)["updated_at"]
        self._admin("PATCH", path, {**states, "updated_at": updated_at})

    def _step_boot(self, name: str) -> None:
        image = servers_cloud.recorded_cloud()["images"][0]["id"]
        document = {"name": name, "owner": "studio", "user": "ada", "flavor": "1", "image": image}
        self._name("server", name, self._admin("POST", "/servers", document)["id"])

    def _step_remove(self, *names: str) -> None:
        ids = {self._names.get(f"{{server:{name}}}") for name in names}
        for server in self._servers():
            is_booted = server["id"] not in self._seeded_servers
            if (is_booted and not names) or server["id"] in ids:
                self._admin("DELETE", f"/servers/{server['id']}")

    def _step_reset(self, *_: Any) -> None:
        self._admin("POST", "/reset")

    def _step_no_images(self, *_: Any) -> None:
        for image in self._admin("GET", "/images")["images"]:
            if image["id"] not in self._seeded_images:
                self._admin("DELETE", f"/images/{image['id']}")

    def _step_wait(self, *_: Any) -> None:
        self._admin("PUT", "/clock", {"advance": _IDLE_AFTER})

    def _step_sleep(self, seconds: float) -> None:
        self._admin("PUT", "/clock", {"advance": seconds})
