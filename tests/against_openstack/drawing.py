"""Chance, and the rows of fake_nova's tables that it has drawn so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any, Final, TypeVar

from fake_nova.apis import glance_images, keystone, nova_images, nova_versions
from fake_nova.apis.glance_images import tables as glance_tables
from fake_nova.apis.keystone import tables as keystone_tables
from fake_nova.apis.nova_images import tables as nova_tables
from fake_nova.images.glance_filters import FILTER_PARSERS, RANGE_FIELDS, SORT_KEYS
from fake_nova.wire.service import ANY, Route
from tests.against_openstack import values
from tests.against_openstack.cases import Pairs

T = TypeVar("T")

METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")

#: Group -> the route tables that are compared. Nova's servers have a comparison of their own to come, and the real
#: cloud has none; the admin API and the health check are fake_nova's own.
APIS: Final = {"nova": (nova_images, nova_versions), "glance": (glance_images,), "keystone": (keystone,)}

ACCEPTS: Final = (
    "*/*",
    "text/html",
    "text/plain",
    "application/xml",
    "application/vnd.openstack.compute+json",
    "x",
    "",
)

CONTENT_TYPES: Final = (
    "application/json; charset=utf-8",
    "text/plain",
    "application/xml",
    "",
    "APPLICATION/JSON",
    "*/*",
)

#: Headers that change nothing, or that only some services read.
ODD_HEADERS: Final = (
    *(
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Openstack-Request-Id", "req-1"),
        ("X-Roles", "admin"),
        ("X-Project-Id", "x"),
    ),
    *(
        ("X-Forwarded-Host", "example.org"),
        ("X-Forwarded-For", "10.0.0.1"),
        ("X-Service-Token", "gAAAAABnope"),
    ),
    *(
        ("If-None-Match", "*"),
        ("Accept-Language", "de"),
        ("Range", "bytes=0-1"),
        ("X-Identity-Status", "Confirmed"),
    ),
)

#: What Glance reads itself besides its filters.
GLANCE_PARAMETERS: Final = ("limit", "marker", "tag", "sort", "sort_key", "sort_dir", "member_status")

#: Attributes of an image that bodies and patches name.
ATTRIBUTES: Final = tuple(
    dict.fromkeys(
        (
            *glance_tables.WRITABLE_ATTRIBUTES,
            *glance_tables.READ_ONLY_ATTRIBUTES,
            *glance_tables.DISALLOWED_ATTRIBUTES,
            *glance_tables.RESERVED_NAMES,
        )
    )
)

#: Metadata keys with a rule of their own in Nova.
METADATA_KEYS: Final = (
    *nova_tables.KEY_RULES,
    *nova_tables.OPTIONAL_PROPERTIES,
    f"{nova_tables.RESERVED_PREFIX}x",
)


def routes(group: str) -> list[Route[Any]]:
    """Return the routes of a group; of Keystone's writes only those of tokens, because others change every later case."""
    all_routes = [route for package in APIS[group] for api in package.APIS for route in api.routes]
    if group != "keystone":
        return all_routes
    return [
        route for route in all_routes if route.method in (ANY, "GET", "HEAD") or "token" in route.operation
    ]


def parameter_row(route: Route[Any], name: str) -> str:
    """Return the name of the row of a route's parameter."""
    return f"{route.path} ? {name}"


def table_rows() -> frozenset[str]:
    """Return a name for every row of the tables of routes, parameters and filters."""
    kinds: dict[str, Iterable[str]] = {
        **{f"{group} route": [f"{each.method} {each.path}" for each in routes(group)] for group in APIS},
        "nova parameter": (
            *nova_tables.GLANCE_FILTER_BY_PARAMETER,
            *nova_tables.PAGE_PARAMETERS,
            nova_tables.PROPERTY_PREFIX,
        ),
        "metadata key": METADATA_KEYS,
        "glance parameter": (*FILTER_PARSERS, *GLANCE_PARAMETERS),
        "glance range": (f"{name}_{end}" for name in RANGE_FIELDS for end in ("min", "max")),
        "sort key": SORT_KEYS,
        "attribute": ATTRIBUTES,
        "patch": glance_tables.PATCH_DRAFTS,
        "keystone parameter": [
            parameter_row(route, name) for route in routes("keystone") for name in route.query_parameters
        ],
        "method of authentication": keystone_tables.AUTH_METHODS,
        "scope": keystone_tables.SCOPE_KINDS,
    }
    return frozenset(f"{kind}: {name}" for kind, names in kinds.items() for name in names)


class Draw:
    """Chance of one case.

    Attributes:
        random: where all chance comes from.
        rows: the rows that were drawn.
    """

    def __init__(self, random: Random) -> None:
        self.random: Final = random
        self.rows: Final[set[str]] = set()

    def one(self, choices: Sequence[T]) -> T:
        """Return one of these."""
        return self.random.choice(choices)

    def happens(self, probability: float) -> bool:
        """Return whether something of this probability happens."""
        return self.random.random() < probability

    def mostly(self, usual: T, others: Sequence[T], probability: float = 0.9) -> T:
        """Return the usual value with this probability, otherwise one of the others."""
        return usual if self.happens(probability) else self.one(others)

    def spelling(self, text: str) -> str:
        """Return a text as it is, or now and then in another spelling."""
        return values.respell(self.random, text) if self.happens(0.3) else text

    def row(self, kind: str, names: Iterable[str]) -> str:
        """Return one of the names of a table, and note its row."""
        name = self.random.choice(list(names))
        self.rows.add(f"{kind}: {name}")
        return name

    def route(self, group: str, choices: Sequence[Route[Any]]) -> tuple[str, str]:
        """Return the method and the path, with its braces, of one of these routes."""
        route = self.one(choices)
        self.rows.add(f"{group} route: {route.method} {route.path}")
        method = self.one(METHODS) if route.method == ANY else route.method
        return method, route.path

    def pair(self, name: str, value: str) -> str:
        """Return a parameter as a query has it."""
        if not value and self.happens(0.2):
            return values.encode(self.random, name)
        return f"{values.encode(self.random, name)}={values.encode(self.random, value)}"

    def query(self, draw_parameter: Callable[[], tuple[str, str]], most: int = 4) -> Pairs:
        """Return some parameters with their separators; now and then one of them twice."""
        pairs = [self.pair(*draw_parameter()) for _ in range(self.one((0, 1, 1, 1, 2, 2, 3, most)))]
        if pairs and self.happens(0.05):
            pairs.append(self.one(pairs))
        separators = ("?", *("&" if self.happens(0.95) else ";" for _ in pairs))
        return tuple(zip(separators, pairs, strict=False))

    def token(self, user: str | None = None) -> Pairs:
        """Return the header with a token of a user, or now and then an odd one, or none."""
        name = user or self.one(values.USERS)
        roll = self.random.random()
        if user is None and 0.92 <= roll < 0.94:
            name = self.one(values.SCOPES)
        if user is not None or roll < 0.94:
            return (("X-Auth-Token", f"{{token:{name}}}"),)
        if roll < 0.95:
            return ()
        if roll < 0.96:
            return (("X-Storage-Token", f"{{token:{name}}}"),)
        if roll < 0.97:
            return (("X-Auth-Token", f"{{token:{name}}} "),)
        if roll < 0.98:
            return (
                ("X-Auth-Token", f"{{token:{name}}}"),
                ("X-Service-Token", f"{{token:{self.one(values.USERS)}}}"),
            )
        return (("X-Auth-Token", self.one(values.ODD_TOKENS)),)

    def headers(self, body: str | None, content_type: str = "application/json") -> Pairs:
        """Return Accept, Content-Type and now and then an odd header."""
        headers = [("Accept", self.mostly("application/json", ACCEPTS))]
        if body is not None:
            headers.append(("Content-Type", self.mostly(content_type, CONTENT_TYPES, 0.95)))
        if self.happens(0.05):
            headers.append(self.one(ODD_HEADERS))
        return tuple(headers)
