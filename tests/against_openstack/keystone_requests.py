"""Requests to Keystone: log-ins, tokens and what a token sees."""

from __future__ import annotations

import copy
import json
from typing import Any, Final
from urllib.parse import quote

from fake_nova.apis.keystone import tables
from fake_nova.apis.keystone.project_filters import PROJECT_FILTERS
from tests.against_openstack import values
from tests.against_openstack.cases import Pairs, Step
from tests.against_openstack.drawing import METHODS, Draw, routes

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
    password = user["password"] if draw.happens(0.93) else draw.one(("wrong", "", user["password"].upper()))
    if draw.happens(0.2):
        user_id = values.respell(draw.random, user["id"]) if draw.happens(0.4) else user["id"]
        return {"id": user_id, "password": password}
    name = values.respell(draw.random, user["name"]) if draw.happens(0.3) else user["name"]
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
    query: Pairs = (("?", draw.one(("nocatalog", "nocatalog=1", "x=1"))),) if draw.happens(0.2) else ()
    draw.rows.add("keystone route: POST /v3/auth/tokens")
    return Step("keystone", "POST", "/v3/auth/tokens", query, draw.headers(body), body, saves=saves)


def draw_token_use(draw: Draw, names: list[str]) -> Step:
    """Return a request with one of these tokens, about another one."""
    caller = draw.one((*names, "admin", "alice"))
    subject = draw.one((*names, *names, "alice", "bob"))
    method = draw.one(("GET", "GET", "HEAD", "DELETE"))
    tokens = {"GET": "GET", "HEAD": "HEAD", "DELETE": "DELETE"}
    draw.rows.add(f"keystone route: {tokens[method]} /v3/auth/tokens")
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
    query: Pairs = (
        (("?", draw.one(("nocatalog", "allow_expired=1", "allow_expired=true"))),)
        if draw.happens(0.15)
        else ()
    )
    return Step("keystone", method, "/v3/auth/tokens", query, (*headers, *draw.headers(None)))


def _project_parameter(draw: Draw) -> tuple[str, str]:
    name = (
        draw.row("project filter", PROJECT_FILTERS)
        if draw.happens(0.9)
        else draw.one(("foo", "is_domain", "limit", "sort_key"))
    )
    cloud_values = {
        "enabled": values.BOOLEANS,
        "domain_id": ("default", "DEFAULT", "nope", ""),
        "parent_id": ("default", *values.projects(), ""),
        "tags": ("", "x", "x,y"),
    }
    choices = cloud_values.get(
        name,
        ("alice-project", "ALICE-PROJECT", "alice", "project", "Project", "ad", "", "x", "alice-project "),
    )
    return name, draw.one(choices)


def draw_read(draw: Draw) -> Step:
    """Return a request that changes nothing."""
    if draw.happens(0.1):
        method = draw.one(METHODS)
        return Step("keystone", method, draw.one(ODD_PATHS), headers=(*draw.token(), *draw.headers(None)))
    reads = [route for route in routes("keystone") if route.method == "GET" or route.path.startswith("/v2.0")]
    method, path = draw.route("keystone", reads)
    users = values.users()
    user = draw.one(list(users.values()))
    project_id = (
        values.respell(draw.random, draw.one(values.projects()))
        if draw.happens(0.3)
        else draw.one(values.projects())
    )
    user_id = values.respell(draw.random, user["id"]) if draw.happens(0.3) else user["id"]
    path = path.replace("{project_id}", quote(project_id, safe="")).replace(
        "{user_id}", quote(user_id, safe="")
    )
    query = (
        draw.query(lambda: _project_parameter(draw)) if path == "/v3/projects" or draw.happens(0.05) else ()
    )
    body = "{}" if method == "POST" else None
    headers: Pairs = draw.token()
    if path == "/v3/auth/tokens":
        headers = (*headers, ("X-Subject-Token", f"{{token:{draw.one(values.USERS)}}}"))
    return Step("keystone", method, path, query, (*headers, *draw.headers(body)), body)
