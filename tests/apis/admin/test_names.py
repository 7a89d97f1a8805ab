"""Paths of the admin API take the name of an image in the place of its id."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cloud

CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"
FIRST = "00000000-0000-4000-8000-000000000001"
SECOND = "00000000-0000-4000-8000-000000000002"

#: Method, end of the path and body of each request about one image.
REQUESTS = [
    ("GET", "", None),
    ("PATCH", "", {"min_ram": 1}),
    ("PUT", "/status", {"status": "killed"}),
    ("PUT", "/plan", {"plan": "slow"}),
    ("GET", "/history", None),
    ("DELETE", "", None),
]


def add(cloud: Cloud, **fields: Any) -> None:
    assert cloud.ask("POST", "/_admin/images", json=fields).status_code == 201


def set_status(cloud: Cloud, name: str, status: str = "killed") -> Any:
    return cloud.ask("PUT", f"/_admin/images/{name}/status", data=f"status={status}")


def message(response: Any) -> Any:
    (error,) = response.get_json().values()
    return error["message"]


@pytest.mark.parametrize(("method", "end", "body"), REQUESTS)
def test_every_path_of_an_image_takes_its_name(cloud: Cloud, method: str, end: str, body: Any) -> None:
    add(cloud, id=FIRST, name="nightly")
    by_name = cloud.ask(method, f"/_admin/images/nightly{end}", json=body)
    assert by_name.status_code in (200, 204)
    changed = cloud.ask("GET", f"/_admin/images/{FIRST}")
    assert changed.status_code == (404 if method == "DELETE" else 200)
    if method in ("PATCH", "PUT"):
        assert by_name.get_json() == changed.get_json()


def test_the_id_in_a_change_may_be_that_of_the_named_image(cloud: Cloud) -> None:
    add(cloud, id=FIRST, name="nightly")
    response = cloud.ask("PATCH", "/_admin/images/nightly", json={"id": FIRST, "name": "weekly"})
    assert response.get_json()["name"] == "weekly"
    assert set_status(cloud, "nightly").status_code == 404


def test_an_id_wins_over_a_name(cloud: Cloud) -> None:
    add(cloud, id=FIRST, name="first")
    add(cloud, id=SECOND, name=FIRST)
    assert set_status(cloud, FIRST).get_json()["name"] == "first"


def test_an_image_that_exists_wins_over_a_deleted_one(cloud: Cloud) -> None:
    add(cloud, id=FIRST, name="nightly", status="deleted")
    assert set_status(cloud, "nightly", "deleted").get_json()["id"] == FIRST
    add(cloud, id=SECOND, name="nightly")
    assert set_status(cloud, "nightly").get_json()["id"] == SECOND


def test_an_ambiguous_name_is_a_conflict_that_lists_the_ids(cloud: Cloud) -> None:
    add(cloud, id=FIRST, name="nightly")
    add(cloud, id=SECOND, name="nightly")
    response = set_status(cloud, "nightly")
    assert response.status_code == 409
    assert message(response) == (
        f'image: ambiguous name (got "nightly", the name of 2 images); expected an id: {FIRST}, {SECOND}'
    )
    cloud.ask("POST", "/_admin/images", json={"images": [{"name": "nightly"}] * 4})
    assert message(set_status(cloud, "nightly")).count("-") == 5 * 4
    assert message(set_status(cloud, "nightly")).endswith(", …")


def test_an_unknown_name_is_a_404_with_the_most_similar_names(cloud: Cloud) -> None:
    add(cloud, name="buster")
    response = set_status(cloud, "bustr")
    assert response.status_code == 404
    assert message(response) == (
        'image: unknown id or name (got "bustr"); expected the id or name of an existing image, such as "buster"'
    )
    assert message(set_status(cloud, "0")).endswith('(got "0"); expected the id or name of an existing image')


def test_a_name_is_looked_up_in_the_cloud_of_the_scope(cloud: Cloud) -> None:
    scope = cloud.ask("POST", "/_admin/scopes", json={}).get_json()["project"]["id"]
    add(cloud, name="nightly")
    assert cloud.ask("GET", "/_admin/images/nightly").status_code == 200
    assert cloud.ask("GET", f"/_admin/images/nightly?scope={scope}").status_code == 404


def test_the_history_of_a_removed_image_is_found_by_its_id(cloud: Cloud) -> None:
    assert cloud.ask("DELETE", "/_admin/images/cirros-0.6.2-x86_64").status_code == 204
    versions = cloud.get(f"/_admin/images/{CIRROS}/history")["versions"]
    assert versions[-1]["image"] is None


#: Method, end of the path and body of each request about one server.
SERVER_REQUESTS = [
    ("GET", "", None),
    ("PATCH", "", {"status": "ERROR"}),
    ("PUT", "/plan", {"plan": "slow"}),
    ("GET", "/history", None),
    ("DELETE", "", None),
]


@pytest.mark.parametrize(("method", "end", "body"), SERVER_REQUESTS)
def test_every_path_of_a_server_takes_its_name(cloud: Cloud, method: str, end: str, body: Any) -> None:
    cloud.ask("POST", "/_admin/servers", json={"id": FIRST, "name": "builder"})
    by_name = cloud.ask(method, f"/_admin/servers/builder{end}", json=body)
    assert by_name.status_code in (200, 204)
    changed = cloud.ask("GET", f"/_admin/servers/{FIRST}")
    assert changed.status_code == (404 if method == "DELETE" else 200)
    if method in ("PATCH", "PUT"):
        assert by_name.get_json() == changed.get_json()


def test_a_server_that_exists_wins_over_a_deleted_one_and_two_are_ambiguous(cloud: Cloud) -> None:
    cloud.ask("POST", "/_admin/servers", json={"id": FIRST, "name": "builder", "status": "DELETED"})
    assert cloud.get("/_admin/servers/builder")["id"] == FIRST
    cloud.ask("POST", "/_admin/servers", json={"id": SECOND, "name": "builder"})
    assert cloud.get("/_admin/servers/builder")["id"] == SECOND
    third = cloud.ask("POST", "/_admin/servers", json={"name": "builder"}).get_json()["id"]
    response = cloud.ask("PATCH", "/_admin/servers/builder", json={"status": "ERROR"})
    ids = ", ".join(sorted((SECOND, third)))
    assert (response.status_code, message(response)) == (
        409,
        f'server: ambiguous name (got "builder", the name of 2 servers); expected an id: {ids}',
    )


def test_an_unknown_name_of_a_server_shows_the_most_similar_ones(cloud: Cloud) -> None:
    response = cloud.ask("GET", "/_admin/servers/web")
    assert (response.status_code, message(response)) == (
        404,
        'server: unknown id or name (got "web"); expected the id or name of an existing server, such as "web-1"',
    )
