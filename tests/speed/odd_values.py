"""Texts, values and names that parsers, patterns and comparisons may stumble over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.speed.subjects import PROJECT

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
    PROJECT, "ee10f19c-503c-44af-af2f-73d5e42f7a17", "EE10F19C-503C-44AF-AF2F-73D5E42F7A17", "11111111-2222-4333-8444-555555555555", "ee10f19c-503c-44af-af2f-73d5e42f7a1",
    "/v2.1/images", "/image/v2/images?limit=1", "http://127.0.0.1/", "http://[::1", "http://a:99999/", "bytes=0-", "bytes=1-x", "bytes 0-1/*", "[::1]", "[", "a:b:c", "localhost:x", "1.2.3.4.5",
)  # fmt: skip

#: Stand for a body's bytes that JSON's writer does not write.
RAW: Final[Mapping[str, str]] = {
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
    *RAW,
)  # fmt: skip

#: One value of each type.
PLAIN: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 1.0, 1.5, "", "x", [], ["x"], [1], {}, {"x": 1}, [[]], [{}],
)  # fmt: skip

#: Names of parameters, headers and keys that mean something somewhere.
PARAMETERS: Final = (
    "limit", "marker", "name", "status", "changes-since", "minRam", "minDisk", "server", "type", "offset",
    "page_size", "property-os_distro", "property-", "property-marker", "visibility", "member_status",
    "os_hidden", "protected", "owner", "created_at", "updated_at", "size", "size_min", "size_max", "min_ram",
    "min_ram_max", "id", "checksum", "virtual_size", "virtual_size_min", "sort", "sort_key", "sort_dir", "tag",
    "prefer", "container_format", "deleted", "scope", "replace", "path", "format", "to", "operation", "method",
    "query", "project", "body", "user_agent", "global_request_id", "expect", "timeout", "all_tenants", "image",
    "nocatalog", "enabled", "name__contains", "domain_id", "parent_id", "is_domain", "tags", "os_hash_value",
    "instance_uuid", "image_type", "",
)  # fmt: skip
HEADERS: Final = (
    "Accept", "Content-Type", "X-Auth-Token", "X-Service-Token", "X-Subject-Token", "OpenStack-API-Version",
    "X-OpenStack-Nova-API-Version", "X-OpenStack-Request-ID", "Range", "Content-Range", "X-OpenStack-Image-Size",
    "X-Image-Meta-Store", "X-Storage-Token", "Origin", "Host", "Sec-Fetch-Site", "Authorization", "User-Agent",
    "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Prefix",
    "Cookie", "Accept-Language", "Accept-Encoding", "Expect", "If-Match", "Access-Control-Request-Method",
    "X-Roles",
)  # fmt: skip
HEADER_VALUES: Final = (
    "*/*", "text/plain", "text/html", "application/json", "application/xml", "a/b;q=0", "*/*;q=0.1, text/html",
    "a/b;c=\"d", "application/vnd.openstack.compute+json;version=2.1", "application/json; charset=utf-8",
    "application/octet-stream", "application/openstack-images-v2.1-json-patch", "text/plain;q=x", ",", ";", "/",
    "application/openstack-images-v2.0-json-patch", "req-abc", "same-origin", "Bearer x", "{token:admin}",
    "{token:alice}", "{token:demo}", "gAAAAAB", "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
)  # fmt: skip
PATH_PARTS: Final = (
    "v2.1", "v2", "v2.0", "v2.17", "v3", "image", "identity", "_admin", "images", "detail", "metadata",
    "servers", "action", "file", "stage", "import", "members", "tags", "actions", "deactivate", "auth", "tokens",
    "projects", "users", "healthcheck", "health", "faults", "plans", "scopes", "clock", "reset", "requests",
    "count", "schemas", "info", "tasks", "history", "status", "plan", "generate", "snapshots", "restore",
    "changes", "export", "",
)  # fmt: skip


#: Pieces of which very many may cost more than they should.
PIECES: Final = (
    "<", "%", "[", "(", "a", "9", "0", ",", "\"", "\\", "/", " ", "*a", "?", "&", ";", ":", "~", "(a+)+", ".*",
    "é", ".", "-", "_", "=", "\n", "{}", "{", "<br", "a=b&", "a/b,", "*", "+", "in:", "\\'", "\\\"", "%25",
)  # fmt: skip
