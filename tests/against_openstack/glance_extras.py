"""Requests to what Glance has besides images: tasks, metadata definitions, the cache, stores and locations."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote

from fake_nova.wire.service import Route
from tests.against_openstack import values
from tests.against_openstack.cases import Step
from tests.against_openstack.drawing import Draw, routes

#: What the paths of these routes begin with.
PREFIXES: Final = ("/v2/tasks", "/v2/metadefs", "/v2/cache", "/v2/stores", "/v2/info", "/v2/schemas")

#: The image of these requests, if a case makes none: nobody has it.
NO_IMAGE: Final = "99999999-0000-4000-8000-000000000000"

TASK_IDS: Final = ("{task}", NO_IMAGE, "nope", "1", "x" * 300)

#: Nobody can be reached there, so a download fails on both sides; the rest is refused.
URIS: Final = (
    *("http://255.255.255.255/x", "http://224.0.0.1/x", "https://255.255.255.255:443/x"),
    *("http://x.invalid/x", "http://127.0.0.1/x", "http://255.255.255.255:81/x", "ftp://224.0.0.1/x"),
    *("file:///x", "x", "", None),
)

_IMAGE_INPUT: Final = {"import_from_format": "raw", "image_properties": {"name": "x"}}

TASK_BODIES: Final[tuple[Any, ...]] = (
    *({"type": "import", "input": {"import_from": uri, **_IMAGE_INPUT}} for uri in URIS),
    *({"type": "import", "input": {"import_from": uri}} for uri in URIS),
    *({"type": name, "input": {}} for name in ("import", "api_image_import", "location_import", "nope")),
    {"type": "api_image_import", "input": {"image_id": NO_IMAGE}},
    {"type": "location_import", "input": {"image_id": NO_IMAGE, "loc_url": "http://224.0.0.1/"}},
    {"type": "import", "input": None},
    {"type": "import", "input": []},
    {"type": "import"},
    {"type": "import", "input": {}, "foo": 1},
    {},
    [],
)

#: Last part of a path, and method -> bodies that may be valid there.
_DEFINITIONS: Final[tuple[Any, ...]] = (
    {"namespace": "n"},
    {"namespace": "n", "visibility": "public", "description": "x"},
    {"namespace": "n", "properties": {"a": {"title": "t", "type": "string", "minimum": 0}}},
    {"namespace": "n", "objects": [{"name": "o", "properties": {"a": {}}}]},
    {"namespace": "x" * 81},
    {"name": "n"},
    {"name": "n", "prefix": "p"},
    {"name": "n", "title": "t", "type": "string"},
    {"name": "n", "title": "t", "type": "nope", "enum": []},
    {"tags": []},
    {"tags": [{"name": "a"}, {"name": 1}]},
    {"name": "n", "created_at": "x"},
    {"namespace": "n", "self": "x"},
    {"name": 1},
    {},
)

LOCATION_BODIES: Final[tuple[Any, ...]] = (
    *({"url": uri} for uri in ("http://224.0.0.1/x", "file:///x", "x", 1)),
    {"url": "http://224.0.0.1/x", "validation_data": {"os_hash_algo": "sha512"}},
    {"url": "http://224.0.0.1/x", "validation_data": {"os_hash_algo": "sha512", "os_hash_value": "x"}},
    {},
    [],
)

_TASK_QUERIES: Final = (
    *("type=import", "type=x", "type=", "status=x", "status=", "image_id={new:0}", f"owner={NO_IMAGE}"),
    *("limit=0", "limit=-1", "limit=x", "marker=x", f"marker={NO_IMAGE}", "sort_dir=x", "sort_key=x"),
    *("limit=0&sort_key=status&sort_dir=asc", "id=x", "created_at=x", "limit=0&foo=a%20b"),
)

_PAGE_QUERIES: Final = (
    *("limit=0", "limit=2", "limit=-1", "marker=x", "marker=", "sort_dir=x", "sort_key=namespace"),
    *("visibility=x", "visibility=public", "foo=a%20b", "limit=1&limit=2", "resource_types=a"),
)


def is_extra(route: Route[Any]) -> bool:
    """Return whether this module draws the requests of a route."""
    return route.path.startswith(PREFIXES) or route.path.endswith("/locations")


def draw(draw: Draw, image_id: str = NO_IMAGE) -> Step:
    """Return a request to one of these routes.

    Args:
        draw: the chance.
        image_id: the id of an image, or its stand-in.
    """
    candidates = [route for route in routes("glance") if is_extra(route)]
    weights = [4 if route.path.startswith("/v2/tasks") else 1 for route in candidates]
    method, path = draw.route("glance", draw.random.choices(candidates, weights))
    user = draw.one(("alice", "alice", "bob", "rita", "admin", "admin"))
    if "/tasks" in path and draw.happens(0.7):
        user = "admin"
    if method == "POST" and path.endswith("/namespaces") and user == "admin":
        user = "alice"  # an admin may create a namespace in the real service
    body = _body(draw, method, path)
    query = _query(draw, method, path)
    if image_id == NO_IMAGE and draw.happens(0.7):
        image_id = values.draw_id(draw.random)
    path = _fill(draw, path, quote(image_id, safe="{}:"))
    return Step("glance", method, path, query, (*draw.token(user), *draw.headers(body)), body)


def _fill(draw: Draw, path: str, image_id: str) -> str:
    names = {
        "{task_id}": draw.one(TASK_IDS),
        "{store_id}": draw.mostly("files", ("nope", "FILES")),
        "{namespace}": draw.one(("n", "OS::Compute::Hypervisor", "é", "x" * 300)),
        "{name}": draw.one(("n", "a b", "x" * 300)),
        "{image_id}": image_id,
    }
    for name, text in names.items():
        path = path.replace(name, text if text == "{task}" or name == "{image_id}" else quote(text, safe=""))
    return path


def _body(draw: Draw, method: str, path: str) -> str | None:
    if method not in ("POST", "PUT") or "/cache" in path:
        return draw.one(("{}", "{")) if draw.happens(0.04) else None
    if draw.happens(0.06):
        return draw.one((None, "", "{", "[]", "3"))
    if path.startswith("/v2/tasks"):
        return json.dumps(draw.one(TASK_BODIES))
    if path.endswith("/locations"):
        return json.dumps(draw.one(LOCATION_BODIES))
    return None if path.endswith("/tags/{name}") and method == "POST" else json.dumps(draw.one(_DEFINITIONS))


def _query(draw: Draw, method: str, path: str) -> tuple[tuple[str, str], ...]:
    if method != "GET" or draw.happens(0.4):
        return ()
    if path == "/v2/tasks":
        return (("?", draw.one(_TASK_QUERIES)),)
    if path.startswith("/v2/metadefs"):
        return (("?", draw.one(_PAGE_QUERIES)),)
    return ()
