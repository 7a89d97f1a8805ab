"""Requests to Keystone: log-ins, tokens and what a token sees."""

from __future__ import annotations

import copy
import itertools
import json
from typing import Any, Final
from urllib.parse import quote

from fake_nova.apis.keystone import render, tables
from fake_nova.cloud.roles import BUILT_IN_ROLES, stable_id
from fake_nova.settings import Settings
from fake_nova.wire.service import Route
from tests.against_openstack import values
from tests.against_openstack.cases import Pairs, Step
from tests.against_openstack.drawing import METHODS, Draw, parameter_row, routes

ODD_PATHS: Final = (
    "/",
    "/v3",
    "/v3/",
    "/v2.0",
    "/v2.0/tokens",
    "/v3/auth",
    "/nothing",
    "/v3/auth/tokens/",
    "/v3//auth/tokens",
    "/v3/auth/nothing",
    "/healthcheck",
    "/v4",
)

ODD_VALUES: Final[tuple[Any, ...]] = ("", "x", None, 1, True, [], {}, "x" * 300)


def _domain(draw: Draw) -> dict[str, str]:
    if draw.happens(0.5):
        return (
            {"id": "default"} if draw.happens(0.9) else {"id": draw.one(("DEFAULT", "default ", "nope", ""))}
        )
    return (
        {"name": "Default"}
        if draw.happens(0.7)
        else {"name": draw.one(("DEFAULT", "default", "Default ", "nope", ""))}
    )


def _user(draw: Draw, user: dict[str, Any]) -> dict[str, Any]:
    password = draw.mostly(user["password"], ("wrong", "", user["password"].upper()), 0.93)
    if draw.happens(0.2):
        user_id = draw.spelling(user["id"])
        return {"id": user_id, "password": password}
    name = draw.spelling(user["name"])
    return {"name": name, "password": password, "domain": _domain(draw)}


def _scope(draw: Draw, user: dict[str, Any]) -> Any:
    kind = "project" if draw.happens(0.6) else draw.one(tables.SCOPE_KINDS)
    draw.rows.add(f"scope: {kind}")
    project = {"id": user["project"], "name": user["project_name"]}
    if draw.happens(0.1):
        project = {"id": draw.one(values.projects()), "name": draw.one(("bob-project", "admin", "nope"))}
    if draw.happens(0.3):
        project = {key: values.respell(draw.random, text) for key, text in project.items()}
    scopes: dict[str, Any] = {
        "project": {"id": project["id"]}
        if draw.happens(0.4)
        else {"name": project["name"], "domain": _domain(draw)},
        "domain": _domain(draw),
        "system": {"all": draw.one((True, True, False, None))},
        "OS-TRUST:trust": {"id": "nope"},
    }
    return "unscoped" if kind == "unscoped" else {kind: scopes.get(kind, {})}


def _damage(draw: Draw, document: Any) -> None:
    """Change one value somewhere in the document, or take it away, or add one."""
    place = document
    for _ in range(draw.one((1, 2, 3, 4, 5))):
        key = draw.one(list(place)) if isinstance(place, dict) and place else None
        if key is None or not isinstance(place[key], dict):
            break
        place = place[key]
    if isinstance(place, dict) and place:
        key = draw.one(list(place))
        if draw.happens(0.4):
            del place[key]
        else:
            place[key if draw.happens(0.8) else "extra"] = draw.one(ODD_VALUES)


def draw_login(draw: Draw, saves: str, old_token: str | None = None) -> Step:
    """Return a log-in, by a password or by a token of before; mostly a valid one.

    Args:
        draw: chance.
        saves: the name under which the token is saved.
        old_token: the name of a token to log in with, or None.
    """
    user = values.users()[draw.one(("alice", "alice", "bob", "carol", "rita", "admin"))]
    identity: dict[str, Any] = {"methods": ["password"], "password": {"user": _user(draw, user)}}
    if old_token is not None:
        identity = {"methods": ["token"], "token": {"id": f"{{token:{old_token}}}"}}
    if draw.happens(0.06):
        identity["methods"] = [
            draw.row("method of authentication", tables.AUTH_METHODS) for _ in range(draw.one((1, 1, 2)))
        ]
    if draw.happens(0.01):
        identity["methods"] = draw.one(([], ["nope"], ["password", "token"], "password"))
    auth: dict[str, Any] = {"identity": identity}
    if draw.happens(0.8):
        auth["scope"] = _scope(draw, user)
    document: Any = {"auth": auth}
    if draw.happens(0.15):
        document = copy.deepcopy(document)
        _damage(draw, document)
    body = (
        json.dumps(document) if draw.happens(0.97) else draw.one(("", "{", "[]", '"x"', "null", "\ufeff{}"))
    )
    (route,) = (each for each in routes("keystone") if each.operation == "tokens.issue")
    method, path = draw.route("keystone", (route,))
    query = draw.query(lambda: _parameter(draw, route)) if draw.happens(0.2) else ()
    return Step("keystone", method, path, query, draw.headers(body), body, saves=saves)


def draw_token_use(draw: Draw, names: list[str]) -> Step:
    """Return a request with one of these tokens, about another one."""
    caller = draw.one((*names, "admin", "alice"))
    subject = draw.one((*names, *names, "alice", "bob"))
    method = draw.one(("GET", "GET", "HEAD", "DELETE"))
    (route,) = (
        each for each in routes("keystone") if (each.method, each.path) == (method, "/v3/auth/tokens")
    )
    draw.route("keystone", (route,))
    if method == "DELETE" and subject in values.users():
        subject = draw.one(names)
    headers: Pairs = (("X-Auth-Token", f"{{token:{caller}}}"), ("X-Subject-Token", f"{{token:{subject}}}"))
    if draw.happens(0.05):
        headers = draw.one(
            (
                headers[:1],
                headers[1:],
                (("X-Auth-Token", "nope"), headers[1]),
                (headers[0], ("X-Subject-Token", "nope")),
            )
        )
    query = draw.query(lambda: _parameter(draw, route)) if draw.happens(0.3) else ()
    return Step("keystone", method, "/v3/auth/tokens", query, (*headers, *draw.headers(None)))


#: Parameter -> values; of any other parameter, names and ids.
PARAMETER_VALUES: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("enabled", "is_domain", "nocatalog", "allow_expired", "cascade"), values.BOOLEANS),
    **dict.fromkeys(("effective", "include_names", "include_subtree"), ("", "1", "0", "true", "false")),
    "limit": ("1", "2", "3", "0", "-1", "abc", "", "1001"),
    "interface": ("public", "internal", "admin", "PUBLIC", ""),
    "type": ("image", "compute", "identity", "IMAGE", ""),
    "region_id": ("RegionOne", "regionone", ""),
    "parent_region_id": ("RegionOne", ""),
    "scope.system": ("all", "x", ""),
    **dict.fromkeys(("tags", "tags-any", "not-tags", "not-tags-any"), ("", "x", "x,y")),
}

NAMES: Final = (
    *(
        "alice",
        "alice-project",
        "admin",
        "member",
        "Default",
        "glance",
        "keystone",
        "nova",
        "project",
        "ad",
        "",
        "x",
    ),
    *("default", "RegionOne", "0"),
)


def ids() -> dict[str, list[str]]:
    """Return the ids that a segment in braces may have."""
    return {
        "user_id": [user["id"] for user in values.users().values()],
        "project_id": list(values.projects()),
        "domain_id": ["default"],
        "region_id": [Settings().region[0]],
        "role_id": [role.id for role in BUILT_IN_ROLES],
        "service_id": [render.serialize_service(entry)["id"] for entry in tables.CATALOG],
        "endpoint_id": [stable_id("endpoint", tables.CATALOG[0].type, name) for name in tables.INTERFACES],
        "tag": ["x"],
    }


def _parameter(draw: Draw, route: Route[Any]) -> tuple[str, str]:
    """Return a parameter that the route reads, or now and then another one, and a value."""
    if not route.query_parameters or draw.happens(0.1):
        return draw.one(("foo", "sort_key", "sort_dir", "name__contains", "page")), draw.one(NAMES)
    name = draw.one(route.query_parameters)
    draw.rows.add(f"keystone parameter: {parameter_row(route, name)}")
    candidates = PARAMETER_VALUES.get(name) or (*NAMES, *itertools.chain.from_iterable(ids().values()))
    comparator = draw.mostly("", ("__contains", "__icontains", "__istartswith", "__endswith", "__x"))
    return name + comparator, draw.spelling(draw.one(candidates))


def draw_read(draw: Draw) -> Step:
    """Return a request that changes nothing."""
    if draw.happens(0.06):
        method = draw.one(METHODS)
        return Step("keystone", method, draw.one(ODD_PATHS), headers=(*draw.token(), *draw.headers(None)))
    reads = [
        each for each in routes("keystone") if each.method != "DELETE" and each.path != "/v3/auth/tokens"
    ]
    weights = [1 + len(each.query_parameters) for each in reads]
    route = draw.random.choices(reads, weights)[0]
    method, path = draw.route("keystone", (route,))
    for name, candidates in ids().items():
        item_id = draw.mostly(
            draw.one(candidates), ("nope", candidates[0].upper(), f"{candidates[0]} ", "x" * 65)
        )
        path = path.replace(f"{{{name}}}", quote(item_id, safe=""))
    query = draw.query(lambda: _parameter(draw, route))
    body = "{}" if method == "POST" else None
    user = draw.mostly("admin", values.USERS, 0.5)
    headers = draw.token(user) if draw.happens(0.9) else draw.token()
    return Step("keystone", method, path, query, (*headers, *draw.headers(body)), body)
