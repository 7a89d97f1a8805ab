"""Requests to Glance."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from fake_nova.apis.glance_images import tables
from fake_nova.images.glance_filters import FILTER_PARSERS, RANGE_FIELDS, SORT_KEYS
from tests.against_openstack import glance_extras, values
from tests.against_openstack.cases import Pairs, Step
from tests.against_openstack.drawing import ATTRIBUTES, GLANCE_PARAMETERS, METHODS, Draw, routes

UNKNOWN_PARAMETERS: Final = (
    "foo",
    "NAME",
    "Name",
    "changes_since",
    "fields",
    "is_public",
    "metadata",
    "offset",
    "page_size",
)

ODD_PATHS: Final = (
    "/",
    "/versions",
    "/v1",
    "/v2",
    "/v2/",
    "/v2.17/",
    "/v3/",
    "/nothing",
    "/v2/nothing",
    "/v2/images/",
    "/v2/images.json",
    "/v2//images",
    "/v2/image",
    "/v2/schemas",
    "/v2/schemas/nope",
    "/healthcheck",
)

#: Attribute -> values that a body may give it.
ATTRIBUTE_VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "name": ("new", "New", "", None, "x" * 255, "x" * 256, 1, "😀", "é"),
    "visibility": ("private", "public", "shared", "community", "PRIVATE", "", None),
    "protected": (True, False, "true", None),
    "os_hidden": (True, False, "x"),
    "min_ram": (0, 512, -1, "1", 2**31, 1.5, None),
    "min_disk": (0, 20, -1, "1", 2**31, None),
    "disk_format": ("raw", "qcow2", "iso", "RAW", "nope", None, ""),
    "container_format": ("bare", "ami", "BARE", "nope", None),
    "tags": ([], ["a"], ["a", "A"], ["a", "a"], ["x" * 255], ["x" * 256], "a", [1], ["😀"]),
    "owner": (*values.projects(), "x", None, 1),
    "id": ("nope", "", 1, None),
    "locations": ([], [{"url": "file:///x", "metadata": {}}], "x"),
}

VALUES: Final[tuple[Any, ...]] = ("x", "X", "", "é", "x" * 300, 1, None, True, [], "😀", "\x00")

KEYS: Final = (
    "foo",
    "Foo",
    "fóo",
    "foo ",
    "bar",
    "os_type",
    "a.b",
    "a/b",
    "x" * 256,
    "",
    "ключ",
    "os_glance_x",
    "instance_uuid",
)

TAGS: Final = ("a", "A", "á", "a ", "red", "x" * 255, "x" * 256, "a/b", "é", "😀", ",")

#: Statuses that only the service leaves by itself are waited for after these operations.
SETTLING: Final = ("/import",)


def draw_parameter(draw: Draw) -> tuple[str, str]:
    """Return a parameter of a list, and a value."""
    random = draw.random
    roll = random.random()
    if roll < 0.08:
        return draw.one(UNKNOWN_PARAMETERS), values.draw_name(random)
    if roll < 0.2:
        key, value = values.draw_property(random)
        return draw.spelling(key), values.respell(random, value)
    if roll < 0.36:
        name = draw.row("glance range", [f"{name}_{end}" for name in RANGE_FIELDS for end in ("min", "max")])
        return name, draw.one((values.draw_number(random), "12", "1024"))
    name = draw.row(
        "glance parameter", (*FILTER_PARSERS, *GLANCE_PARAMETERS, "limit", "marker", "sort", "name")
    )
    return name, _value_of(draw, name)


def _sort(draw: Draw) -> str:
    parts = []
    for _ in range(draw.one((1, 1, 2, 3))):
        key = draw.mostly(draw.row("sort key", SORT_KEYS), ("nope", "", "NAME", "min_ram"))
        parts.append(key + draw.mostly(draw.one(("", ":asc", ":desc")), (":ASC", ":x")))
    return ",".join(parts)


def _value_of(draw: Draw, name: str) -> str:
    random = draw.random
    image = draw.one(values.images())
    makers: dict[str, Callable[[], str]] = {
        "name": lambda: values.draw_name(random),
        "id": lambda: values.draw_id(random),
        "marker": lambda: values.draw_id(random),
        "status": lambda: values.draw_status(random),
        "visibility": lambda: draw.one(
            ("public", "private", "shared", "community", "all", "PUBLIC", "", "x")
        ),
        "member_status": lambda: draw.one(("all", "pending", "accepted", "rejected", "ACCEPTED", "", "x")),
        "os_hidden": lambda: draw.one(values.BOOLEANS),
        "protected": lambda: draw.one(values.BOOLEANS),
        "deleted": lambda: draw.one(values.BOOLEANS),
        "limit": lambda: draw.one(("1", "2", "3", "10", "25", "0", "-1", "abc", "", "1000", "1001", " 2")),
        "sort": lambda: _sort(draw),
        "sort_key": lambda: draw.row("sort key", SORT_KEYS) if draw.happens(0.9) else draw.one(("nope", "")),
        "sort_dir": lambda: draw.one(("asc", "desc", "asc", "ASC", "")),
        "tag": lambda: values.respell(random, draw.one(("red", "blue", "Red", "café", "tag "))),
        "changes-since": lambda: draw.one(("", "2014")),
        **dict.fromkeys(("size", "min_ram", "min_disk", "virtual_size"), lambda: values.draw_number(random)),
        **dict.fromkeys(
            ("created_at", "updated_at"), lambda: draw.one(values.TIME_OPERATORS) + values.draw_time(random)
        ),
    }
    if name in makers:
        return makers[name]()
    text = str(image.get(name) or "")
    operator = draw.one(("in:", "eq:", "neq:")) if draw.happens(0.15) else ""
    return operator + values.respell(random, text)


def draw_read(draw: Draw) -> Step:
    """Return a request that changes nothing."""
    if draw.happens(0.06):
        method = draw.one(METHODS)
        return Step("glance", method, draw.one(ODD_PATHS), headers=(*draw.token(), *draw.headers(None)))
    if draw.happens(0.3):
        return glance_extras.draw(draw)
    reads = [route for route in routes("glance") if route.method in ("GET", "*")]
    reads = [route for route in reads if not glance_extras.is_extra(route)]
    weights = [
        60 if route.path == "/v2/images" else 4 if "{image_id}" in route.path else 1 for route in reads
    ]
    route = draw.random.choices(reads, weights)[0]
    method, path = draw.route("glance", (route,))
    if route.method == "*":
        method = "GET"
    elif draw.happens(0.03):
        method = draw.one(("HEAD", "OPTIONS"))
    member = values.respell(draw.random, draw.one(values.projects()))
    image_id = values.draw_id(draw.random)
    if path.endswith("/file"):  # the other images of the fixture have data in the real service only
        image_id = draw.one([image["id"] for image in values.images() if not image.get("checksum")])
    path = path.replace("{image_id}", quote(image_id, safe="")).replace("{member_id}", quote(member, safe=""))
    is_list = path == "/v2/images"
    query = draw.query(lambda: draw_parameter(draw)) if is_list or draw.happens(0.05) else ()
    return Step("glance", method, path, query, (*draw.token(), *draw.headers(None)))


def draw_image(draw: Draw, image_id: str) -> Step:
    """Return a request that makes an image of this id; mostly it succeeds."""
    candidates = [route for route in routes("glance") if route.operation == "glance.images.create"]
    method, path = draw.route("glance", candidates)
    content: dict[str, Any] = {
        "id": image_id,
        "name": "new",
        "disk_format": "raw",
        "container_format": "bare",
    }
    if draw.happens(0.5):
        content["visibility"] = draw.one(("private", "shared", "community"))
    for _ in range(draw.one((0, 0, 1, 2))):
        key = draw.one(KEYS)
        content[key] = draw.one(VALUES) if draw.happens(0.3) else "x"
    if draw.happens(0.3):
        name = draw.row("attribute", ATTRIBUTES)
        content[name] = draw.one(ATTRIBUTE_VALUES.get(name, VALUES))
    body = json.dumps(content) if draw.happens(0.97) else draw.one(("", "{", "[]", "null", '"x"'))
    return Step("glance", method, path, (), (*draw.token("alice"), *draw.headers(body)), body)


def _patch(draw: Draw) -> Any:
    operations = []
    for _ in range(draw.one((1, 1, 1, 2, 3))):
        name = draw.row("attribute", ATTRIBUTES) if draw.happens(0.5) else draw.one(KEYS)
        operation: dict[str, Any] = {
            "op": draw.one(("add", "replace", "replace", "remove", "add", "test", "move", "x")),
            "path": "/" + name.replace("/", "~1"),
        }
        if operation["op"] != "remove" or draw.happens(0.1):
            operation["value"] = draw.one(ATTRIBUTE_VALUES.get(name, VALUES)) if draw.happens(0.6) else "x"
        if draw.happens(0.03):
            operation.pop(draw.one(list(operation)))
        operations.append(operation)
    return operations if draw.happens(0.97) else draw.one(([], {}, "x", None, [1]))


_IMPORTS: Final[tuple[Any, ...]] = (
    {"method": {"name": "glance-direct"}},
    {"method": {"name": "glance-direct"}, "stores": ["files"]},
    {"method": {"name": "glance-direct"}, "stores": ["nope"]},
    {"method": {"name": "glance-direct"}, "stores": ["files"], "all_stores": True},
    {"method": {"name": "glance-direct"}, "all_stores": True},
    {"method": {"name": "glance-direct"}, "all_stores_must_succeed": False},
    {"method": {"name": "glance-direct"}, "all_stores_must_succeed": "x"},
    *({"method": {"name": "web-download", "uri": uri}} for uri in glance_extras.URIS),
    {"method": {"name": "copy-image"}, "stores": ["files"]},
    {"method": {"name": "nope"}},
    {"method": {}},
    {},
    [],
)


def draw_write(draw: Draw, image_id: str) -> Step:
    """Return a request that may change the image of this id."""
    if draw.happens(0.15):
        return glance_extras.draw(draw, image_id)
    writes = [route for route in routes("glance") if "{image_id}" in route.path]
    writes = [route for route in writes if not glance_extras.is_extra(route)]
    weights = [8 if route.method == "PATCH" else 1 for route in writes]
    method, path = draw.route("glance", draw.random.choices(writes, weights))
    if method == "DELETE" and path.endswith("{image_id}") and draw.happens(0.6):
        method = "GET"
    body: str | None = None
    extra_headers: Pairs = ()
    content_type = "application/json"
    if method == "PATCH":
        body = json.dumps(_patch(draw))
        content_type = draw.row("patch", tables.PATCH_DRAFTS)
    elif method == "PUT" and path.endswith(("/file", "/stage")):
        body = draw.one(("data", "", "x" * 1000))
        content_type = "application/octet-stream"
        extra_headers = (
            (("X-Image-Meta-Store", draw.one(("files", "nope", ""))),) if draw.happens(0.1) else ()
        )
    elif path.endswith("/import"):
        body = json.dumps(draw.one(_IMPORTS))
        extra_headers = (
            (("X-Image-Meta-Store", draw.one(("files", "nope", ""))),) if draw.happens(0.1) else ()
        )
    elif method == "POST" and path.endswith("/members"):
        member = values.respell(draw.random, draw.one(values.projects()))
        others: tuple[Any, ...] = ({}, [], {"member": 1}, {"member": ""}, {"member": "x" * 256})
        body = json.dumps(draw.mostly({"member": member}, others))
    elif method == "PUT" and "/members/" in path:
        status = draw.one(("accepted", "rejected", "pending", "x", "ACCEPTED"))
        body = json.dumps(draw.mostly({"status": status}, ({}, [], {"status": 1})))
    member = draw.one(values.projects())
    path = path.replace("{member_id}", quote(draw.spelling(member), safe=""))
    path = path.replace("{tag}", quote(draw.one(TAGS), safe="")).replace("{image_id}", image_id)
    user = draw.one(("alice", "alice", "alice", "alice", "bob", "rita", "admin"))
    if "/members/" in path and method == "PUT":
        user = draw.one(("bob", "carol", "alice", "admin"))
    settles = path.endswith(SETTLING)
    return Step(
        "glance",
        method,
        path,
        (),
        (*draw.token(user), *draw.headers(body, content_type), *extra_headers),
        body,
        settles=settles,
    )
