"""Bad input to the admin API: every request answers 400, names the field and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nova.apis.admin import ROUTES
from tests.conftest import Cloud

CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"

#: Operation with a body -> invalid bodies, each with the name of the wrong field.
WRONG: dict[str, list[tuple[Any, str]]] = {
    "admin.images.add": [
        ({"size": "5"}, "size"),
        ({"nme": "x"}, "nme"),
        ({"images": [{}, {"id": 1}]}, "images[1].id"),
        ([{}, {"id": 1}], "images[1].id"),
    ],
    "admin.images.generate": [({"count": 0}, "count"), ({}, "count"), ({"count": 1, "seed": "x"}, "seed")],
    "admin.images.change": [({"min_ram": -1}, "min_ram"), ({"id": CIRROS[::-1]}, "id")],
    "admin.images.status": [({"status": "gone"}, "status"), ({}, "status"), ({"state": "active"}, "state")],
    "admin.images.plan": [({"plan": "lazy"}, "plan"), ({}, "plan"), ({"plan": 7}, "plan")],
    "admin.servers.add": [
        ({"power_state": 9}, "power_state"),
        ({"status": "ACTIVE", "vm_state": "stopped"}, "status"),
        ({"flavor": "m9.huge"}, "flavor"),
        ({"old_flavor": "m9.huge"}, "old_flavor"),
        ({"plan": "lazy"}, "plan"),
        ({"user": "nobody"}, "user"),
        ({"servers": [{}, {"id": 1}]}, "servers[1].id"),
        ([{}, {"id": 1}], "servers[1].id"),
    ],
    "admin.servers.generate": [({"count": 0}, "count"), ({}, "count"), ({"count": 1, "seed": "x"}, "seed")],
    "admin.servers.plan": [({"plan": "lazy"}, "plan"), ({}, "plan"), ({"plan": "slow", "work": "x"}, "work")],
    "admin.servers.change": [({"task_state": "sleeping"}, "task_state"), ({"id": CIRROS}, "id")],
    "admin.flavors.add": [
        ({"ram": 0}, "ram"),
        ({"colour": "red"}, "colour"),
        ({"flavors": [{}, {"id": 1}]}, "flavors[1].id"),
        ([{}, {"id": 1}], "flavors[1].id"),
    ],
    "admin.flavors.change": [({"vcpus": "2"}, "vcpus"), ({"id": "2"}, "id")],
    "admin.keypairs.add": [
        ({}, "name"),
        ({"name": "k", "user": "nobody"}, "user"),
        ({"name": "k", "public_key": "nonsense"}, "public_key"),
        ({"keypairs": [{"name": "k"}, {}]}, "keypairs[1].name"),
        ([{"name": "k"}, {}], "keypairs[1].name"),
    ],
    "admin.keypairs.change": [
        ({"type": "gpg"}, "type"),
        ({"name": "other"}, "name"),
        ({"user": "me"}, "user"),
    ],
    "admin.quotas.change": [({"cores": -2}, "cores"), ({"project": "demo"}, "project")],
    "admin.plans.assign": [({"default": "lazy"}, "plan"), ({"assign": [{"plan": 1}]}, "assign[0].plan")],
    "admin.plans.define": [
        ({"steps": []}, "steps"),
        ({"steps": [{"status": "gone"}]}, "steps[0].status"),
        ([{"status": "gone"}], "steps[0].status"),
    ],
    "admin.snapshots.take": [
        ({"name": ""}, "name"),
        ({}, "name"),
        ({"name": "a/b"}, "name"),
        ("a/b", "name"),
    ],
    "admin.faults.add": [({"effect": {"status": 1}}, "effect.status"), ({"effect": 7}, "effect")],
    "admin.scopes.open": [({"dialect": "aws"}, "dialect"), ({"project": "A B"}, "project")],
    "admin.clock.change": [
        ({"mode": "fast"}, "mode"),
        ({"advance": -1}, "advance"),
        ({"now": "noon"}, "now"),
    ],
    "admin.reset": [({"to": "yesterday"}, "to"), ({"from": "seed"}, "from")],
    "admin.fixtures": [({"images": [{"size": -1}]}, "images[0].size"), ({"pictures": []}, "pictures")],
}

#: Operation -> invalid queries, each with the name of the wrong parameter.
WRONG_QUERIES: dict[str, list[tuple[str, str]]] = {
    "admin.fixtures": [("replace=perhaps", "replace")],
    "admin.images.list": [
        ("status=ACTIVE", "status"),
        ("marker=x", "marker"),
        ("limit=-1", "limit"),
        ("limit=%2B1", "limit"),
    ],
    "admin.servers.list": [("status=gone", "status"), ("marker=x", "marker")],
    "admin.flavors.list": [("marker=x", "marker"), ("limit=x", "limit")],
    "admin.keypairs.list": [("type=gpg", "type"), ("user=nobody", "user")],
    "admin.requests.list": [
        ("limit=x", "limit"),
        ("marker=-1", "marker"),
        ("newest=x", "newest"),
        ("exchanges=1", "exchanges"),
    ],
    "admin.requests.count": [
        ("expect=many", "expect"),
        ("operation=images.shwo&expect=0", "operation"),
        ("method=get&expect=0", "method"),
        ("status=5O3&expect=0", "status"),
    ],
    "admin.requests.wait": [("timeout=61", "timeout"), ("timeout=x", "timeout")],
    "admin.explain": [("", "path"), ("path=nowhere", "path"), ("path=/v2.1/images&project=x", "project")],
    "admin.export": [("format=xml", "format")],
}

WEB = "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"

PARTS = {
    "image_id": CIRROS,
    "server_id": WEB,
    "flavor_id": "1",
    "keypair_name": "laptop",
    "project": "demo",
    "name": "slow",
    "project_id": "abc",
    "fault_id": "fault-1",
    "number": "1",
}


def admin_state(cloud: Cloud) -> Any:
    """Return everything that the admin API shows, to check that nothing has changed."""
    state = cloud.ask("GET", "/_admin/export?format=json").get_json()
    del state["clock"]
    paths = ("/_admin/snapshots", "/_admin/scopes", "/_admin/faults", "/_admin/requests", "/_admin/plans")
    return state, [cloud.get(path) for path in paths], cloud.get("/_admin/clock")["mode"]


def routes_with_bodies() -> list[Any]:
    return [route for route in ROUTES if route.operation in WRONG]


def test_every_route_with_a_body_is_covered() -> None:
    bodies = {route.operation for route in ROUTES if route.method in ("POST", "PUT", "PATCH")}
    assert bodies == set(WRONG) | {"admin.coverage.start", "admin.snapshots.restore", "admin.reload"}


@pytest.mark.parametrize("route", routes_with_bodies(), ids=lambda route: route.operation)
def test_an_invalid_body_names_the_field_and_changes_nothing(cloud: Cloud, route: Any) -> None:
    path = "/_admin" + route.path.format(**PARTS)
    before = admin_state(cloud)
    for body, field in WRONG[route.operation]:
        response = cloud.ask(route.method, path, json=body)
        assert response.status_code == 400, (body, response.text)
        message = response.get_json()["badRequest"]["message"]
        assert f"{field}: " in message, message
        assert "; expected " in message
    for raw in (b"{", b"\xff\xfe", b'{"a": 1', b"[" * 100_000, b"7", b'"a/b"', b"null", b"[1]"):
        response = cloud.ask(route.method, path, data=raw)
        assert response.status_code == 400, (raw[:20], response.text)
    assert admin_state(cloud) == before


@pytest.mark.parametrize("route", routes_with_bodies(), ids=lambda route: route.operation)
def test_a_duplicate_key_is_reported_and_changes_nothing(cloud: Cloud, route: Any) -> None:
    path = "/_admin" + route.path.format(**PARTS)
    before = admin_state(cloud)
    for raw in (b'{"name": "a", "name": "b"}', b"name=a&name=b"):
        response = cloud.ask(route.method, path, data=raw)
        assert response.status_code == 400, (raw, response.text)
    assert "duplicate key" in cloud.ask(route.method, path, data=b'{"name": "a", "name": "b"}').text
    assert admin_state(cloud) == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "images/\xff"),
        ("PUT", "plans/\xff"),
        ("POST", "snapshots/\xff/restore"),
        ("DELETE", "faults/\xff"),
        ("DELETE", "scopes/\xff"),
    ],
)
def test_a_path_that_is_not_utf_8_is_refused(cloud: Cloud, method: str, path: str) -> None:
    body, raw = {"steps": [{"status": "active"}]}, {"PATH_INFO": f"/_admin/{path}"}  # bytes as Latin-1
    response = cloud.ask(method, "/_admin/x", json=body, environ_overrides=raw)
    assert response.status_code == 400
    assert response.get_json()["badRequest"]["message"].startswith("path: ")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.operation}")
def test_an_invalid_query_names_the_parameter_and_changes_nothing(cloud: Cloud, route: Any) -> None:
    path = "/_admin" + route.path.format(**PARTS)
    before = admin_state(cloud)
    unknown = cloud.ask(route.method, f"{path}?colour=red")
    assert unknown.status_code == 400
    assert unknown.get_json()["badRequest"]["message"].startswith(
        'query: unknown parameter (got "colour"); expected one of: scope'
    )
    repeated_query_response = cloud.ask(route.method, f"{path}?scope=a&scope=b")
    assert (
        repeated_query_response.get_json()["badRequest"]["message"]
        == 'query: repeated parameter (got "scope" twice); expected it once'
    )
    missing_scope_response = cloud.ask(route.method, f"{path}?scope=nobody")
    assert missing_scope_response.status_code == 404
    for query, parameter in WRONG_QUERIES.get(route.operation, []):
        response = cloud.ask(route.method, f"{path}?{query}", json={"images": []})
        assert response.status_code == 400
        assert parameter in response.get_json()["badRequest"]["message"]
    assert admin_state(cloud) == before
