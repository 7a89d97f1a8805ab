"""Requests to Nova's images API."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote

from fake_nova.apis.nova_images import tables
from tests.against_openstack import values
from tests.against_openstack.cases import Pairs, Step
from tests.against_openstack.drawing import METADATA_KEYS, METHODS, Draw, routes

VERSIONS: Final = (
    "2.1",
    "2.1",
    "2.2",
    "2.35",
    "2.36",
    "2.37",
    "2.38",
    "2.39",
    "2.104",
    "2.105",
    "latest",
    "2.999",
    "abc",
    "2",
    "",
    "1.1",
    "3.0",
)

UNKNOWN_PARAMETERS: Final = (
    "NAME",
    "minram",
    "min_ram",
    "visibility",
    "owner",
    "tag",
    "sort_key",
    "all_tenants",
    "format",
    "Name",
    "tenant_id",
)

ODD_PATHS: Final = (
    "/",
    "/v2.1",
    "/v2",
    "/v2.1/",
    "/v2/",
    "/v3/",
    "/v2.0",
    "/nothing",
    "/images",
    "/v2.1/nothing",
    "/v2.1/images/",
    "/v2.1/images.json",
    "/V2.1/images",
    "/v2.1//images",
    "/versions",
)

KEYS: Final = (
    "foo",
    "Foo",
    "foo ",
    "fóo",
    "a.b",
    "a:b",
    "schlüssel",
    "x" * 255,
    "x" * 256,
    "",
    "a/b",
    "os_type",
    "image_type",
    "auto_disk_config",
    "instance_uuid",
)

VALUES: Final[tuple[Any, ...]] = (
    "",
    "x",
    "X",
    "x ",
    "é",
    "😀",
    "x" * 255,
    "x" * 256,
    "\x00",
    "True",
    "False",
    "none",
    1,
    None,
    True,
    ["a"],
    {},
)


def draw_parameter(draw: Draw) -> tuple[str, str]:
    """Return a parameter of a list, and a value."""
    random = draw.random
    roll = random.random()
    if roll < 0.1:
        name = draw.one(UNKNOWN_PARAMETERS)
        return name, draw.one((*values.projects(), values.draw_name(random)))
    if roll < 0.3:
        draw.rows.add(f"nova parameter: {tables.PROPERTY_PREFIX}")
        key, value = values.draw_property(random)
        key = draw.spelling(key)
        if draw.happens(0.2):
            key = draw.one(
                (
                    "name",
                    "id",
                    "min_ram",
                    "visibility",
                    "size_min",
                    "status",
                    "limit",
                    "marker",
                    "sort",
                    "tag",
                )
            )
        return f"{tables.PROPERTY_PREFIX}{key}", values.respell(random, value)
    name = draw.row("nova parameter", (*tables.GLANCE_FILTER_BY_PARAMETER, *tables.PAGE_PARAMETERS))
    makers: dict[str, Any] = {
        "name": values.draw_name,
        "status": values.draw_status,
        "changes-since": values.draw_time,
        "server": lambda random: draw.one(
            ("", "x/", *[str(i["properties"].get("instance_uuid", "")) for i in values.images()])
        ),
        "type": lambda random: values.respell(random, draw.one(("snapshot", "base", "backup", ""))),
        "minRam": values.draw_number,
        "minDisk": values.draw_number,
        "marker": values.draw_id,
        "limit": lambda random: draw.one(
            ("1", "2", "3", "10", "100", "0", "-1", "abc", "", "02", "1000", "1001", " 1")
        ),
        "offset": lambda random: draw.one(("1", "5", "0", "abc", "")),
        "page_size": lambda random: draw.one(("1", "2", "5", "0", "abc", "")),
    }
    return name, makers.get(name, values.draw_name)(random)


def draw_prefix(draw: Draw) -> str:
    """Return the beginning of a path: the version, and perhaps a project id."""
    version = "/v2.1" if draw.happens(0.85) else "/v2"
    roll = draw.random.random()
    if roll < 0.8:
        return version
    return f"{version}/{draw.one((*values.projects(), 'abc', 'not-a-project', 'ABC'))}"


def draw_version(draw: Draw) -> Pairs:
    """Return the headers that ask for a microversion; mostly none."""
    if draw.happens(0.85):
        return ()
    version = draw.one(VERSIONS)
    if draw.happens(0.6):
        return (
            (
                "OpenStack-API-Version",
                draw.one(
                    (
                        f"compute {version}",
                        f"Compute {version}",
                        f"compute 2.1, compute {version}",
                        version,
                        f"volume {version}",
                    )
                ),
            ),
        )
    return (("X-OpenStack-Nova-API-Version", version),)


def draw_read(draw: Draw) -> Step:
    """Return a request that changes nothing."""
    if draw.happens(0.06):
        method = draw.one(METHODS)
        path = draw.one(ODD_PATHS)
        if method in ("DELETE", "POST", "PUT", "PATCH"):
            method = "GET"
        return Step("nova", method, path, headers=(*draw.token(), *draw_version(draw), *draw.headers(None)))
    all_routes = routes("nova")
    reads = [
        route for route in all_routes if route.method != "POST" and route.method not in ("PUT", "DELETE")
    ]
    weights = [6 if route.path in ("/images", "/images/detail") else 1 for route in reads]
    route = draw.random.choices(reads, weights)[0]
    method, path = draw.route("nova", (route,))
    is_list = route.operation in ("images.list", "images.detail")
    if route.operation.startswith("versions."):
        prefix = "/v2.1/" + draw.one(values.projects()) if route.method != "*" else ""
    else:
        prefix = draw_prefix(draw)
        method = draw.one(("HEAD", "OPTIONS", "PATCH")) if draw.happens(0.02) else method
    key = draw.one((values.draw_property(draw.random)[0], *KEYS))
    path = path.replace("{image_id}", quote(values.draw_id(draw.random), safe="")).replace(
        "{key}", quote(key, safe="")
    )
    query = draw.query(lambda: draw_parameter(draw)) if is_list or draw.happens(0.1) else ()
    return Step(
        "nova", method, prefix + path, query, (*draw.token(), *draw_version(draw), *draw.headers(None))
    )


def draw_metadata(draw: Draw) -> dict[str, Any]:
    """Return keys and values, most of them valid."""
    metadata = {}
    for _ in range(draw.one((0, 1, 1, 1, 2, 3))):
        roll = draw.random.random()
        keys = KEYS if roll < 0.6 else ("foo", "bar", "os_type")
        key = draw.row("metadata key", METADATA_KEYS) if roll < 0.3 else draw.one(keys)
        metadata[key] = draw.one(VALUES) if draw.happens(0.3) else draw.one(("x", "y", ""))
    return metadata


def draw_write(draw: Draw, image_id: str) -> Step:
    """Return a request that may change the image of this id."""
    writes = [
        route
        for route in routes("nova")
        if route.method in ("POST", "PUT", "DELETE", "GET") and "{image_id}" in route.path
    ]
    method, path = draw.route("nova", writes)
    if method == "DELETE" and path.endswith("{image_id}") and draw.happens(0.6):
        method = "GET"
    metadata = draw_metadata(draw)
    key = next(iter(metadata), "foo")
    content: Any = {"metadata": metadata}
    if "{key}" in path:
        content = {"meta": metadata}
        key = draw.mostly(key, KEYS)
    if draw.happens(0.08):
        content = draw.one(
            ({}, [], "x", None, {"metadata": []}, {**content, "extra": 1}, {"metadata": None}, {"meta": {}})
        )
    body = None
    if method in ("POST", "PUT"):
        body = (
            json.dumps(content)
            if draw.happens(0.96)
            else draw.one(("", "{", "\ufeff{}", " ", '{"metadata": {"a": "1", "a": "2"}}'))
        )
    path = path.replace("{image_id}", image_id).replace("{key}", quote(key, safe=""))
    user = draw.one(("alice", "alice", "alice", "alice", "bob", "rita", "admin"))
    return Step(
        "nova",
        method,
        draw_prefix(draw) + path,
        (),
        (*draw.token(user), *draw_version(draw), *draw.headers(body)),
        body,
    )
