"""Real requests of the tests and the routes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from fake_nova.apis import discover
from tests.speed.exchange import Request
from tests.speed.subjects import PROJECT
from tests.speed.worlds import JSON

_TESTS: Final = Path(__file__).parent.parent

#: Stand-ins of the tests' files -> what stands for them here. ``{token:alice}`` stays, until a request is sent.
_STAND_INS: Final = {
    "{compute}": "",
    "{glance}": "/image",
    "{keystone}": "/identity",
    "{host}": "http://127.0.0.1:8774",
    "{admin_project}": "ad" * 16,
    "{demo}": PROJECT,
    "{alice-project}": PROJECT,
    "{bob-project}": "d9ebe43510414ef590a4aa158605329e",
    "{service}": "d9ebe43510414ef590a4aa158605329e",
    "{admin}": "5f705771bb3e4e8fa4b0c6a0a4f4c6a1",
}

#: What the braces of a route may stand for.
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "image_id": (
        "ee10f19c-503c-44af-af2f-73d5e42f7a17",
        "70a599e0-31e7-49b7-b260-868f441e862b",
        "10000000-0000-4000-8000-00000000001e",
        "c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f50",
    ),
    "server_id": ("9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f",),
    "project_id": (PROJECT, "ad" * 16),
    "key": ("os_distro", "architecture"),
    "tag": ("lts", "a%20b"),
    "member_id": (PROJECT, "d9ebe43510414ef590a4aa158605329e"),
    "name": ("seed", "slow", "before"),
    "fault_id": ("fault-1",),
    "user_id": ("0" * 32,),
}

#: Requests that no file of the tests has, of which much can be made.
_EXTRA: Final = (
    Request("POST", "/_admin/faults", (JSON,), b'{"match": {"operation": "images.*", "method": "GET", "path": "/v2*", "header": {"Accept": "*"}, "query": {"limit": "?"}, "probability": 0.5, "seed": 3, "nth": 2}, "effect": {"status": 503, "retry_after": 1, "message": "no"}, "times": 2, "seconds": 5, "owner": "me"}'),
    Request("POST", "/_admin/faults", (JSON,), b'{"faults": [{"effect": {"body": "truncated"}, "times": 3}, {"effect": {"stale": 5}}, {"effect": {"connection": "cut"}, "times": 1}]}'),
    Request("POST", "/_admin/faults", (JSON,), b'{"effect": {"delay": 0.01, "token": "expired"}, "match": {"project": "*"}, "times": 1}'),
    Request("DELETE", "/_admin/faults?owner=me"),
    Request("PUT", "/_admin/plans", (JSON,), b'{"default": "slow", "assign": [{"match": {"name": "snap-*", "tags": ["a*"], "properties": {"os": "*"}}, "plan": "fails"}]}'),
    Request("PUT", "/_admin/plans/mine", (JSON,), b'{"steps": [{"status": "queued", "seconds": 2}, {"status": "saving", "looks": 3}, {"status": "active"}]}'),
    Request("PUT", "/_admin/clock", (JSON,), b'{"mode": "frozen", "now": "2031-05-06T07:08:09Z", "advance": 90}'),
    Request("PUT", "/_admin/clock", (), b"mode=auto"),
    Request("POST", "/_admin/scopes", (JSON,), b'{"project": "abcdef0123", "dialect": "nova", "auth_strategy": "keystone"}'),
    Request("DELETE", "/_admin/scopes/abcdef0123"),
    Request("GET", "/v2.1/abcdef0123/images/detail"),
    Request("GET", "/_admin/images?scope=abcdef0123"),
    Request("POST", "/_admin/snapshots", (JSON,), b'{"name": "before"}'),
    Request("POST", "/_admin/snapshots/before/restore"),
    Request("GET", "/_admin/snapshots/seed/changes?to=before"),
    Request("GET", "/_admin/export?format=json"),
    Request("GET", "/_admin/requests?operation=images.*&path=*images*&body=*a*&limit=5&marker=1"),
    Request("GET", "/_admin/requests/count?expect=1&method=GET&status=200&query=*&user_agent=*"),
    Request("GET", "/_admin/requests/wait?timeout=0&operation=images.list"),
    Request("GET", "/_admin/explain?path=/v2.1/images/detail%3Fstatus%3DACTIVE%26limit%3D1"),
    Request("GET", "/_admin/explain?path=/image/v2/images%3Fsort%3Dname:asc%26name%3Din:a,b"),
    Request("POST", "/_admin/fixtures", (), b'images:\n- {name: a, size: 5, tags: [x], members: [{member: abc, status: accepted}], properties: {k: v}, plan: slow}\nplans: {p: [{status: queued, looks: 1}, {status: active}]}\nusers: [{name: zoe, password: x, project: new, roles: [admin]}]\nprojects: [{id: abc0, name: new}]\nfaults: [{match: {operation: images.delete}, effect: {status: 409}, times: 1}]\nclock: {mode: frozen}\nservers: [{name: s, status: SHUTOFF, flavor: {name: f, ram: 5, vcpus: 1, disk: 0}}]\ngenerate: [{count: 3, seed: 7}]\n'),
    Request("POST", "/_admin/fixtures?replace=true", (JSON,), b'{"images": [{"name": "a"}], "projects": [{"id": "9c53a566cb3443ab910cf0daebca90c4", "name": "demo"}], "users": [{"name": "alice", "password": "alice-secret", "project": "demo"}]}'),
    Request("POST", "/_admin/images", (JSON,), b'{"images": [{"name": "a", "plan": "slow"}, {"id": "11111111-2222-4333-8444-555555555555", "status": "queued", "disk_format": "raw", "container_format": "bare"}]}'),
    Request("PATCH", "/_admin/images/ee10f19c-503c-44af-af2f-73d5e42f7a17", (JSON,), b'{"created_at": "2014-01-01T00:00:00Z", "visibility": "shared", "members": [{"member": "abc"}], "min_ram": 5, "properties": {"a": "b"}, "tags": ["x"]}'),
    Request("PUT", "/_admin/images/ee10f19c-503c-44af-af2f-73d5e42f7a17/plan", (), b"plan=slow"),
    Request("POST", "/_admin/images/generate", (JSON,), b'{"count": 5, "seed": 3, "template": {"status": "queued"}}'),
    Request("PUT", "/image/v2/images/11111111-2222-4333-8444-555555555555/file", (("Content-Type", "application/octet-stream"),), b"hello"),
    Request("PUT", "/image/v2/images/11111111-2222-4333-8444-555555555555/stage", (("Content-Type", "application/octet-stream"), ("X-OpenStack-Image-Size", "5")), b"QFI\xfb\0\0\0\x03" + b"\0" * 80),
    Request("POST", "/image/v2/images/11111111-2222-4333-8444-555555555555/import", (JSON,), b'{"method": {"name": "glance-direct"}, "all_stores": true}'),
    Request("GET", "/image/v2/images/11111111-2222-4333-8444-555555555555/file", (("Range", "bytes=1-3"),)),
    Request("GET", "/v2.1/servers/detail?name=web.*&status=ACTIVE&limit=1", (("OpenStack-API-Version", "compute 2.90"),)),
    Request("POST", "/v2.1/servers/9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f/action", (JSON,), b'{"createBackup": {"name": "b", "backup_type": "daily", "rotation": 1, "metadata": {"a": "b"}}}'),
    Request("POST", "/identity/v2.0/tokens", (JSON,), b'{"auth": {"passwordCredentials": {"username": "demo", "password": "demo-secret"}, "tenantName": "demo"}}'),
    Request("GET", "/_admin/metrics"),
    Request("GET", "/_admin/complaints"),
    Request("OPTIONS", "*"),
)  # fmt: skip


def _replace_stand_ins(text: str) -> str:
    for stand_in, stands_for in _STAND_INS.items():
        text = text.replace(stand_in, stands_for)
    return text


def _token(user: str | None) -> tuple[tuple[str, str], ...]:
    if user in (None, "none"):
        return ()
    texts = {"bad": "gAAAAABnope", "empty": ""}
    return (("X-Auth-Token", texts.get(str(user), f"{{token:{user}}}")),)


def _of_case(case: Mapping[str, Any], prefix: str = "") -> Request:
    """Return the request of a recorded case, or of a step of an exchange."""
    headers = [
        (name, _replace_stand_ins(str(value)))
        for name, value in case.get("headers", {}).items()
        if value is not None
    ]
    body = b""
    if "json" in case:
        body = _replace_stand_ins(json.dumps(case["json"])).encode()
    elif case.get("raw") is not None:
        body = str(case["raw"]).encode("utf-8", "surrogatepass")
    elif "hex" in case:
        body = bytes.fromhex(case["hex"])
    if body and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(JSON)
    path = _replace_stand_ins(prefix + case["path"]).encode().decode("latin-1")
    return Request(case["method"], path, (*_token(case.get("as")), *headers), body)


METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE")


@cache
def requests() -> tuple[Request, ...]:
    """Return every real request that the tests have, and one or more of each route."""
    result = list(_EXTRA)
    for name, prefix in (
        ("record/nova", ""),
        ("record/glance", "/image"),
        ("record/keystone", "/identity"),
        ("apis/keystone/measured", "/identity"),
        ("apis/glance_images/measured", "/image"),
    ):
        cases = json.loads((_TESTS / f"{name}.json").read_text(encoding="utf-8"))
        result += [_of_case(case, prefix) for case in cases]
    for path in sorted((_TESTS / "contract").glob("*.yaml")):
        for exchange in yaml.safe_load(path.read_text(encoding="utf-8"))["exchanges"]:
            for step in exchange["steps"]:
                method = next(iter(set(METHODS) & set(step)))
                result.append(_of_case({**step, "method": method, "path": step[method]}))
    for api in discover():
        for prefix in api.service.prefixes:
            for route in api.routes:
                for number in range(3):
                    target = f"/{prefix}{route.path}" if prefix else route.path
                    for name, values in _PARTS.items():
                        target = target.replace(f"{{{name}}}", values[number % len(values)])
                    method = "GET" if route.method == "*" else route.method
                    result.append(Request(method, target or "/", _token("admin" if number else None)))
    return tuple(dict.fromkeys(result))
