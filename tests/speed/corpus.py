"""Real requests of the tests and the routes, and what a hostile or unlucky client makes of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import quote

import yaml

from fake_nova.apis import discover, routes
from tests.speed.exchange import Request

_TESTS: Final = Path(__file__).parent.parent

_PROJECT: Final = "9c53a566cb3443ab910cf0daebca90c4"

#: Stand-ins of the tests' files -> what stands for them here. ``{token:alice}`` stays, until a request is sent.
_STAND_INS: Final = {
    "{compute}": "",
    "{glance}": "/image",
    "{keystone}": "/identity",
    "{host}": "http://127.0.0.1:8774",
    "{admin_project}": "ad" * 16,
    "{demo}": _PROJECT,
    "{alice-project}": _PROJECT,
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
    "project_id": (_PROJECT, "ad" * 16),
    "key": ("os_distro", "architecture"),
    "tag": ("lts", "a%20b"),
    "member_id": (_PROJECT, "d9ebe43510414ef590a4aa158605329e"),
    "name": ("seed", "slow", "before"),
    "fault_id": ("fault-1",),
    "user_id": ("0" * 32,),
}

_JSON: Final = ("Content-Type", "application/json")

#: Requests that no file of the tests has, of which much can be made.
_MORE: Final = (
    Request("POST", "/_admin/faults", (_JSON,), b'{"match": {"operation": "images.*", "method": "GET", "path": "/v2*", "header": {"Accept": "*"}, "query": {"limit": "?"}, "probability": 0.5, "seed": 3, "nth": 2}, "effect": {"status": 503, "retry_after": 1, "message": "no"}, "times": 2, "seconds": 5, "owner": "me"}'),
    Request("POST", "/_admin/faults", (_JSON,), b'{"faults": [{"effect": {"body": "truncated"}, "times": 3}, {"effect": {"stale": 5}}, {"effect": {"connection": "cut"}, "times": 1}]}'),
    Request("POST", "/_admin/faults", (_JSON,), b'{"effect": {"delay": 0.01, "token": "expired"}, "match": {"project": "*"}, "times": 1}'),
    Request("DELETE", "/_admin/faults?owner=me"),
    Request("PUT", "/_admin/plans", (_JSON,), b'{"default": "slow", "assign": [{"match": {"name": "snap-*", "tags": ["a*"], "properties": {"os": "*"}}, "plan": "fails"}]}'),
    Request("PUT", "/_admin/plans/mine", (_JSON,), b'{"steps": [{"status": "queued", "seconds": 2}, {"status": "saving", "looks": 3}, {"status": "active"}]}'),
    Request("PUT", "/_admin/clock", (_JSON,), b'{"mode": "frozen", "now": "2031-05-06T07:08:09Z", "advance": 90}'),
    Request("PUT", "/_admin/clock", (), b"mode=auto"),
    Request("POST", "/_admin/scopes", (_JSON,), b'{"project": "abcdef0123", "dialect": "nova", "auth_strategy": "keystone"}'),
    Request("DELETE", "/_admin/scopes/abcdef0123"),
    Request("GET", "/v2.1/abcdef0123/images/detail"),
    Request("GET", "/_admin/images?scope=abcdef0123"),
    Request("POST", "/_admin/snapshots", (_JSON,), b'{"name": "before"}'),
    Request("POST", "/_admin/snapshots/before/restore"),
    Request("GET", "/_admin/snapshots/seed/changes?to=before"),
    Request("GET", "/_admin/export?format=json"),
    Request("GET", "/_admin/requests?operation=images.*&path=*images*&body=*a*&limit=5&marker=1"),
    Request("GET", "/_admin/requests/count?expect=1&method=GET&status=200&query=*&user_agent=*"),
    Request("GET", "/_admin/requests/wait?timeout=0&operation=images.list"),
    Request("GET", "/_admin/explain?path=/v2.1/images/detail%3Fstatus%3DACTIVE%26limit%3D1"),
    Request("GET", "/_admin/explain?path=/image/v2/images%3Fsort%3Dname:asc%26name%3Din:a,b"),
    Request("POST", "/_admin/fixtures", (), b'images:\n- {name: a, size: 5, tags: [x], members: [{member: abc, status: accepted}], properties: {k: v}, plan: slow}\nplans: {p: [{status: queued, looks: 1}, {status: active}]}\nusers: [{name: zoe, password: x, project: new, roles: [admin]}]\nprojects: [{id: abc0, name: new}]\nfaults: [{match: {operation: images.delete}, effect: {status: 409}, times: 1}]\nclock: {mode: frozen}\nservers: [{name: s, status: SHUTOFF, flavor: {name: f, ram: 5, vcpus: 1, disk: 0}}]\ngenerate: [{count: 3, seed: 7}]\n'),
    Request("POST", "/_admin/fixtures?replace=true", (_JSON,), b'{"images": [{"name": "a"}], "projects": [{"id": "9c53a566cb3443ab910cf0daebca90c4", "name": "demo"}], "users": [{"name": "alice", "password": "alice-secret", "project": "demo"}]}'),
    Request("POST", "/_admin/images", (_JSON,), b'{"images": [{"name": "a", "plan": "slow"}, {"id": "11111111-2222-4333-8444-555555555555", "status": "queued", "disk_format": "raw", "container_format": "bare"}]}'),
    Request("PATCH", "/_admin/images/ee10f19c-503c-44af-af2f-73d5e42f7a17", (_JSON,), b'{"created_at": "2014-01-01T00:00:00Z", "visibility": "shared", "members": [{"member": "abc"}], "min_ram": 5, "properties": {"a": "b"}, "tags": ["x"]}'),
    Request("PUT", "/_admin/images/ee10f19c-503c-44af-af2f-73d5e42f7a17/plan", (), b"plan=slow"),
    Request("POST", "/_admin/images/generate", (_JSON,), b'{"count": 5, "seed": 3, "template": {"status": "queued"}}'),
    Request("PUT", "/image/v2/images/11111111-2222-4333-8444-555555555555/file", (("Content-Type", "application/octet-stream"),), b"hello"),
    Request("PUT", "/image/v2/images/11111111-2222-4333-8444-555555555555/stage", (("Content-Type", "application/octet-stream"), ("X-OpenStack-Image-Size", "5")), b"QFI\xfb\0\0\0\x03" + b"\0" * 80),
    Request("POST", "/image/v2/images/11111111-2222-4333-8444-555555555555/import", (_JSON,), b'{"method": {"name": "glance-direct"}, "all_stores": true}'),
    Request("GET", "/image/v2/images/11111111-2222-4333-8444-555555555555/file", (("Range", "bytes=1-3"),)),
    Request("GET", "/v2.1/servers/detail?name=web.*&status=ACTIVE&limit=1", (("OpenStack-API-Version", "compute 2.90"),)),
    Request("POST", "/v2.1/servers/9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f/action", (_JSON,), b'{"createBackup": {"name": "b", "backup_type": "daily", "rotation": 1, "metadata": {"a": "b"}}}'),
    Request("POST", "/identity/v2.0/tokens", (_JSON,), b'{"auth": {"passwordCredentials": {"username": "demo", "password": "demo-secret"}, "tenantName": "demo"}}'),
    Request("GET", "/_admin/metrics"),
    Request("GET", "/_admin/complaints"),
    Request("OPTIONS", "*"),
)  # fmt: skip


def _stood_in(text: str) -> str:
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
        (name, _stood_in(str(value))) for name, value in case.get("headers", {}).items() if value is not None
    ]
    body = b""
    if "json" in case:
        body = _stood_in(json.dumps(case["json"])).encode()
    elif case.get("raw") is not None:
        body = str(case["raw"]).encode("utf-8", "surrogatepass")
    elif "hex" in case:
        body = bytes.fromhex(case["hex"])
    if body and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(_JSON)
    path = _stood_in(prefix + case["path"]).encode().decode("latin-1")
    return Request(case["method"], path, (*_token(case.get("as")), *headers), body)


_METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE")


@cache
def requests() -> tuple[Request, ...]:
    """Return every real request that the tests have, and one or more of each route."""
    found = list(_MORE)
    for name, prefix in (
        ("record/nova", ""),
        ("record/glance", "/image"),
        ("record/keystone", "/identity"),
        ("apis/keystone/measured", "/identity"),
        ("apis/glance_images/measured", "/image"),
    ):
        cases = json.loads((_TESTS / f"{name}.json").read_text(encoding="utf-8"))
        found += [_of_case(case, prefix) for case in cases]
    for path in sorted((_TESTS / "contract").glob("*.yaml")):
        for exchange in yaml.safe_load(path.read_text(encoding="utf-8"))["exchanges"]:
            for step in exchange["steps"]:
                method = next(iter(set(_METHODS) & set(step)))
                found.append(_of_case({**step, "method": method, "path": step[method]}))
    for api in discover():
        for prefix in api.service.prefixes:
            for route in api.routes:
                for number in range(3):
                    target = f"/{prefix}{route.path}" if prefix else route.path
                    for name, values in _PARTS.items():
                        target = target.replace(f"{{{name}}}", values[number % len(values)])
                    method = "GET" if route.method == "*" else route.method
                    found.append(Request(method, target or "/", _token("admin" if number else None)))
    return tuple(dict.fromkeys(found))


# ---------------------------------------------------------------------------- what is odd

#: Texts that parsers, patterns and comparisons may stumble over.
TEXTS: Final = (
    "", " ", "0", "-1", "1", "00", "1.0", "1e5", "1e400", "0x10", "1_0", "+1", "٣", "²", "NaN", "Infinity", "null", "None", "true", "False",
    "9" * 19, "9" * 400, "9" * 5000, "-" + "9" * 30, "a" * 255, "a" * 256, "a" * 3000, "é" * 300, "\u4e00", "😀", "\ud800", "\udfff\ud800",
    "\0", "\n", "\r\n", "\t", "\x7f", "\u2028", "\ufeff", "\x85", "%", "%%%", "%00", "%ff", "%C3", "+", "&", ";", "=", "#", "?", "/", "//", "..", ".",
    "<", "<br>", "<" * 300, "&amp;", '"', "'", "\\", '"a', 'a"b', "`", "{}", "[]", "{", "[", "${x}", "%s", "{0}", "%(image_id)s",
    "in:", "in:a,b", 'in:"a,b",c', 'in:"a', "in:,", "eq:a", "neq:a", "gt:5", "gte:2014-01-01T00:00:00Z", "lt:x", "x:y", ":", "::",
    "2014-01-01T00:00:00Z", "2014-13-01", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+23:59", "0000-01-01", "2014", "2014-01-01T24:00:00Z", "2014-02-30", "2014-01-01T00:00:60Z", "2014-01-01T00:00:00+99:99",
    "*", "?", "*a*", "[", "[!", "[a-z", "*" * 50, "*a" * 40, "(a+)+$", "a{99}", "a{99999999999}", "(", ")", "\\1", "(?P<a>", "(?i", "[z-a]", "(?#", "a**", "(?<=a+)b",
    "all", "public", "private", "shared", "community", "active", "ACTIVE", "queued", "deleted", "accepted", "pending", "latest", "compute latest", "compute 2.1", "2.36", "2.100", "3.0", "image 2",
    "name", "name:asc", "size:desc", "id", "created_at", "asc", "seed", "slow", "instant", "import", "fails", "nope", "demo", "alice", "admin", "default",
    _PROJECT, "ee10f19c-503c-44af-af2f-73d5e42f7a17", "EE10F19C-503C-44AF-AF2F-73D5E42F7A17", "11111111-2222-4333-8444-555555555555", "ee10f19c-503c-44af-af2f-73d5e42f7a1",
    "/v2.1/images", "/image/v2/images?limit=1", "http://127.0.0.1/", "http://[::1", "http://a:99999/", "bytes=0-", "bytes=1-x", "bytes 0-1/*", "[::1]", "[", "a:b:c", "localhost:x", "1.2.3.4.5",
)  # fmt: skip

#: Stand for a body's bytes that JSON's writer does not write.
_RAW: Final[Mapping[str, str]] = {
    "\0deep60": "[" * 60 + "]" * 60,
    "\0deep500": '{"a":' * 500 + "1" + "}" * 500,
    "\0deep5000": "[" * 5000 + "]" * 5000,
    "\0open": "[" * 3000,
    "\0digits": "9" * 5000,
    "\0fraction": "1." + "0" * 5000,
    "\0exponent": "1e999999",
    "\0twice": '{"a": 1, "a": 2}',
    "\0half": '"\\ud800"',
    "\0many": "[" + "0," * 30_000 + "0]",
    "\0objects": "[" + "{}," * 20_000 + "{}]",
    "\0wide": "{" + ",".join(f'"k{number}":{number}' for number in range(8000)) + "}",
}

#: Values of JSON that are of the wrong type, too large, or odd.
VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1, 1.0, 1.5, -0.0, 1e308, float("inf"), float("-inf"), float("nan"), 2**31 - 1, 2**31, 2**63 - 1, 2**63, -(2**63), 10**400,
    [], {}, [[]], [{}], {"": ""}, [None], ["a", "a"], ["a", 5], [0] * 300, {"a": {"b": {"c": []}}}, {f"k{i}": "v" for i in range(200)}, {f"k{i}": i for i in range(20)},
    *_RAW,
)  # fmt: skip

#: One value of each type.
_PLAIN: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    1.0,
    1.5,
    "",
    "x",
    [],
    ["x"],
    [1],
    {},
    {"x": 1},
    [[]],
    [{}],
)

#: Names of parameters, headers and keys that mean something somewhere.
_PARAMETERS: Final = (
    *(
        "limit",
        "marker",
        "name",
        "status",
        "changes-since",
        "minRam",
        "minDisk",
        "server",
        "type",
        "offset",
        "page_size",
    ),
    *(
        "property-os_distro",
        "property-",
        "property-marker",
        "visibility",
        "member_status",
        "os_hidden",
        "protected",
    ),
    *(
        "owner",
        "created_at",
        "updated_at",
        "size",
        "size_min",
        "size_max",
        "min_ram",
        "min_ram_max",
        "id",
        "checksum",
    ),
    *(
        "virtual_size",
        "virtual_size_min",
        "sort",
        "sort_key",
        "sort_dir",
        "tag",
        "prefer",
        "container_format",
        "deleted",
    ),
    *(
        "scope",
        "replace",
        "path",
        "format",
        "to",
        "operation",
        "method",
        "query",
        "project",
        "body",
        "user_agent",
    ),
    *(
        "global_request_id",
        "expect",
        "timeout",
        "all_tenants",
        "image",
        "nocatalog",
        "enabled",
        "name__contains",
    ),
    *("domain_id", "parent_id", "is_domain", "tags", "os_hash_value", "instance_uuid", "image_type", ""),
)
_HEADERS: Final = (
    *(
        "Accept",
        "Content-Type",
        "X-Auth-Token",
        "X-Service-Token",
        "X-Subject-Token",
        "OpenStack-API-Version",
    ),
    *(
        "X-OpenStack-Nova-API-Version",
        "X-OpenStack-Request-ID",
        "Range",
        "Content-Range",
        "X-OpenStack-Image-Size",
    ),
    *(
        "X-Image-Meta-Store",
        "X-Storage-Token",
        "Origin",
        "Host",
        "Sec-Fetch-Site",
        "Authorization",
        "User-Agent",
    ),
    *(
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-For",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "Cookie",
    ),
    *("Accept-Language", "Accept-Encoding", "Expect", "If-Match", "Access-Control-Request-Method", "X-Roles"),
)
_HEADER_VALUES: Final = (
    *(
        "*/*",
        "text/plain",
        "text/html",
        "application/json",
        "application/xml",
        "a/b;q=0",
        "*/*;q=0.1, text/html",
    ),
    *('a/b;c="d', "application/vnd.openstack.compute+json;version=2.1", "application/json; charset=utf-8"),
    *(
        "application/octet-stream",
        "application/openstack-images-v2.1-json-patch",
        "text/plain;q=x",
        ",",
        ";",
        "/",
    ),
    *("application/openstack-images-v2.0-json-patch", "req-abc", "same-origin", "Bearer x", "{token:admin}"),
    *(
        "{token:alice}",
        "{token:demo}",
        "gAAAAAB",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
    ),
)
_PATH_PARTS: Final = (
    *(
        "v2.1",
        "v2",
        "v2.0",
        "v2.17",
        "v3",
        "image",
        "identity",
        "_admin",
        "images",
        "detail",
        "metadata",
        "servers",
    ),
    *(
        "action",
        "file",
        "stage",
        "import",
        "members",
        "tags",
        "actions",
        "deactivate",
        "auth",
        "tokens",
        "projects",
    ),
    *(
        "users",
        "healthcheck",
        "health",
        "faults",
        "plans",
        "scopes",
        "clock",
        "reset",
        "requests",
        "count",
        "schemas",
    ),
    *(
        "info",
        "tasks",
        "history",
        "status",
        "plan",
        "generate",
        "snapshots",
        "restore",
        "changes",
        "export",
        "",
    ),
)


#: Pieces of which very many may cost more than they should.
_PIECES: Final = (
    *(
        "<",
        "%",
        "[",
        "(",
        "a",
        "9",
        "0",
        ",",
        '"',
        "\\",
        "/",
        " ",
        "*a",
        "?",
        "&",
        ";",
        ":",
        "~",
        "(a+)+",
        ".*",
    ),
    *("é", ".", "-", "_", "=", "\n", "{}", "{", "<br", "a=b&", "a/b,", "*", "+", "in:", "\\'", '\\"', "%25"),
)

#: Most characters of a text that is put in.
_LONGEST: Final = 20_000

#: Characters of a body in which a list is repeated.
_LARGEST_LIST: Final = 1_000_000


#: Most bytes of a body that is changed.
_LARGEST: Final = 200_000


#: Kinds of pages that errors come in.
_PAGES: Final = ("text/plain", "text/html", "application/json")


class Mutator:
    """Makes requests: the same random numbers make the same requests.

    Args:
        random: where all chance comes from.
    """

    def __init__(self, random: Random) -> None:
        self._random: Final = random
        by_operation: dict[str, list[Request]] = {}
        for request in requests():
            match = routes().match(request.method, request.path)
            name = match.service.name if match.route is None else match.route.operation
            by_operation.setdefault(name, []).append(request)
        self._operations: Final = list(by_operation.values())
        self._changes: Final[tuple[Callable[[Request], Request], ...]] = (
            *[self._body] * 6,
            *[self._query] * 5,
            *[self._path] * 3,
            *[self._header] * 4,
            *[self._bytes] * 2,
            self._method,
            self._crossed,
            self._framing,
        )

    def request(self) -> Request:
        """Return a real request, mostly with something changed, and tame."""
        random = self._random
        request = self._one()
        for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3, 5))):
            change = self._body if request.body and random.random() < 0.5 else random.choice(self._changes)
            request = change(request)
        if random.random() < 0.1:
            request = request._replace(headers=(*request.headers, ("Accept", random.choice(_PAGES))))
        return tame(_sendable(request))

    def noise(self) -> bytes:
        """Return bytes for a socket that are no request, or nearly one."""
        random = self._random
        if random.random() < 0.4:
            return random.randbytes(random.choice((1, 10, 100, 2000)))
        content = bytearray(self._one().raw())
        for _ in range(random.choice((1, 2, 5, 20))):
            at = random.randrange(len(content) + 1)
            kind = random.randrange(4)
            if kind == 0:
                content[at:at] = random.choice(
                    (b"\r\n", b"\n", b"\0", b" ", b":", b"\xff", b"%", b"\r\n\r\n", b"\t")
                )
            elif kind == 1:
                del content[at : at + random.choice((1, 3, 20, 500))]
            elif kind == 2 and at < len(content):
                content[at] = random.randrange(256)
            else:
                content[at:at] = content[at : at + random.choice((5, 50, 500))]
        return bytes(content).replace(b"/wait", b"/wail")  # that one waits for half a minute

    def _one(self) -> Request:
        """Return a real request; of each operation equally many."""
        return self._random.choice(self._random.choice(self._operations))

    def _text(self) -> str:
        random = self._random
        text = random.choice(TEXTS)
        kind = random.random()
        if kind < 0.1:
            text = random.choice(_PIECES) * random.choice((100, 3000, _LONGEST))
        elif kind < 0.2:
            text = (text + random.choice(TEXTS)) * random.choice((1, 2, 30))
        return text[:_LONGEST]

    def _escaped(self, text: str) -> str:
        safe = "" if self._random.random() < 0.8 else "%&=;+/"
        return quote(text.encode("utf-8", "surrogatepass"), safe=safe)

    def _method(self, request: Request) -> Request:
        others = ("PUT", "TRACE", "FOO", "CONNECT", "PROPFIND", "GETGET", "M-SEARCH", "X" * 20)
        return request._replace(method=self._random.choice((*_METHODS, *others)))

    def _crossed(self, request: Request) -> Request:
        """Take the body and its type from another request."""
        other = self._one()
        kept = tuple(header for header in request.headers if header[0].lower() != "content-type")
        types = tuple(header for header in other.headers if header[0].lower() == "content-type")
        return request._replace(body=other.body, headers=(*kept, *types))

    def _framing(self, request: Request) -> Request:
        random = self._random
        if random.random() < 0.6:
            return request._replace(chunked=not request.chunked and bool(request.body))
        if random.random() < 0.5:
            return request._replace(body=b"", chunked=False)
        return request._replace(body=request.body or b"{}")

    def _path(self, request: Request) -> Request:
        random = self._random
        path, mark, query = request.target.partition("?")
        parts = path.split("/")
        at = random.randrange(len(parts))
        kind = random.randrange(6)
        if kind == 0:
            del parts[at]
        elif kind == 1:
            parts.insert(at, random.choice(_PATH_PARTS))
        elif kind == 2:
            parts[at] = self._escaped(self._text())
        elif kind == 3:
            parts[at] = random.choice(_PATH_PARTS)
        elif kind == 4:
            parts[at] = "".join(f"%{ord(one):02x}" if random.random() < 0.3 else one for one in parts[at])
        else:
            other = self._one().target.partition("?")[0].split("/")
            parts = parts[:at] + other[at:]
        return request._replace(target="/".join(parts) + mark + query)

    def _query(self, request: Request) -> Request:
        random = self._random
        path, _, query = request.target.partition("?")
        pairs = query.split("&") if query else []
        kind = random.randrange(5)
        if kind == 0 and pairs:
            del pairs[random.randrange(len(pairs))]
        elif kind == 1 and pairs:
            pairs.append(random.choice(pairs))
        elif kind == 2 and pairs:
            at = random.randrange(len(pairs))
            pairs[at] = f"{pairs[at].partition('=')[0]}={self._escaped(self._text())}"
        elif kind == 3:
            pairs.append(self._escaped(self._text()))
        else:
            name = random.choice(_PARAMETERS)
            pairs.insert(random.randrange(len(pairs) + 1), f"{name}={self._escaped(self._text())}")
        return request._replace(target=f"{path}?{random.choice(('&', '&', '&', ';')).join(pairs)}")

    def _header(self, request: Request) -> Request:
        random = self._random
        headers = list(request.headers)
        kind = random.randrange(5)
        if kind == 0 and headers:
            del headers[random.randrange(len(headers))]
        elif kind == 1 and headers:
            headers.append(random.choice(headers))
        else:
            value = random.choice(_HEADER_VALUES) if random.random() < 0.6 else self._text()
            name = random.choice(_HEADERS)
            if kind == 2:
                headers = [header for header in headers if header[0].lower() != name.lower()]
            headers.append((name, value))
        return request._replace(headers=tuple(headers))

    def _body(self, request: Request) -> Request:
        """Change one thing in a JSON body."""
        try:
            document = json.loads(request.body) if request.body else {}
        except (ValueError, RecursionError):
            return self._bytes(request)
        text = json.dumps(self._changed(document))
        for stands, raw in _RAW.items():
            text = text.replace(json.dumps(stands), raw)
        if len(text) > _LARGEST:
            return request
        typed = request.headers if request.has("content-type") else (*request.headers, _JSON)
        return request._replace(body=text.encode(), headers=typed)

    def _value(self) -> Any:
        random = self._random
        kind = random.random()
        if kind < 0.4:
            return random.choice(_PLAIN)
        if kind < 0.65:
            return random.choice(VALUES)
        if kind < 0.95:
            return self._text()
        return [self._text() for _ in range(random.randrange(4))]

    def _changed(self, document: Any) -> Any:
        """Return a document with one of its values changed; each is as likely as any other."""
        places: list[tuple[Any, Any]] = [(None, None)]
        waiting = [document]
        while waiting and len(places) < 500:
            inner = waiting.pop()
            keys: list[Any] = []
            if isinstance(inner, (dict, list)):
                keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            for key in keys:
                places.append((inner, key))
                waiting.append(inner[key])
        parent, key = self._random.choice(places)
        if parent is None:
            return self._value()
        if isinstance(parent, dict):
            self._change_mapping(parent, key)
        else:
            self._change_list(parent, key)
        return document

    def _change_mapping(self, parent: dict[str, Any], key: str) -> None:
        random = self._random
        kind = random.randrange(10)
        if kind == 0:
            del parent[key]
        elif kind == 1:
            parent[self._text()] = parent.pop(key)
        elif kind == 2:
            parent[random.choice((*_PARAMETERS, self._text()))] = self._value()
        elif kind == 3:
            other = random.choice(list(parent))
            parent[key], parent[other] = parent[other], parent[key]
        else:
            parent[key] = self._value()

    def _change_list(self, parent: list[Any], at: int) -> None:
        random = self._random
        kind = random.randrange(6)
        if kind == 0:
            del parent[at]
        elif kind == 1:
            parent *= min(random.choice((2, 2, 20, 200)), max(1, _LARGEST_LIST // len(json.dumps(parent))))
        elif kind == 2:
            parent.insert(at, self._value())
        else:
            parent[at] = self._value()

    def _bytes(self, request: Request) -> Request:
        """Change bytes of a body, whatever they mean."""
        random = self._random
        content = bytearray(request.body or b"{}")
        at = random.randrange(len(content))
        kind = random.randrange(5)
        if kind == 0:
            del content[at:]
        elif kind == 1:
            del content[at : at + random.choice((1, 2, 10))]
        elif kind == 2:
            content[at] = random.randrange(256)
        elif kind == 3:
            content[at:at] = random.choice(
                (b"\0", b"\xff", b"\xef\xbb\xbf", b"\n", b"[" * 200, b"9" * 500, b'"', b"{", b"\\")
            )
        else:
            content[at:at] = content * random.choice((1, 5))
        return request._replace(body=bytes(content[:_LARGEST]))


_NO_TOKEN: Final = re.compile("[^!#$%&'*+.^_`|~0-9A-Za-z-]")
_CONTROL: Final = re.compile("[\0-\x08\x0a-\x1f\x7f]")


def _sendable(request: Request) -> Request:
    """Return *request* as a server would let it through: only it keeps such things from an application."""
    target = "".join(one if "!" <= one <= "~" and one != "#" else quote(one) for one in request.target)
    if target[:1] not in ("/", "*"):
        target = f"/{target}"
    headers = []
    for name, value in request.headers:
        text = value.encode("utf-8", "surrogatepass").decode("latin-1")
        headers.append((_NO_TOKEN.sub("", name) or "X", _CONTROL.sub("", text).strip(" \t")))
    return request._replace(
        method=_NO_TOKEN.sub("", request.method) or "GET", target=target, headers=tuple(headers)
    )


_COUNT: Final = re.compile(rb'("?count"?\s*:\s*)[0-9]{3,}')
_DELAY: Final = re.compile(rb'("?delay"?\s*:\s*)[0-9.e+-]+')


def tame(request: Request) -> Request:
    """Bound what a request asks for: images to be made up, and seconds to wait."""
    body = _DELAY.sub(rb"\g<1>0.001", _COUNT.sub(rb"\g<1>99", request.body))
    if "wait" not in request.path:
        return request._replace(body=body)
    target = re.sub("timeout=[^&;]*", "timeout=0", request.target)
    if "timeout=" not in target:
        target += "&timeout=0" if "?" in target else "?timeout=0"
    return request._replace(body=body, target=target)
