"""New servers and changes of servers: flavors, tags, metadata with its quota, locks, and what a deletion leaves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apis.nova_servers.steps import IMAGE, SERVERS, WEB, act, advance, boot, show
from tests.conftest import Cloud

METADATA = f"{SERVERS}/{WEB}/metadata"
TAGS_VERSION = {"OpenStack-API-Version": "compute 2.26"}


def set_quota(cloud: Cloud, metadata_items: int) -> None:
    body = {"metadata_items": metadata_items}
    assert cloud.ask("PUT", "/_admin/quotas/demo", json=body).status_code == 200


def add_metadata(cloud: Cloud, count: int) -> Any:
    items = {f"key-{number}": "value" for number in range(count)}
    return cloud.ask("POST", METADATA, json={"metadata": items})


def test_metadata_is_counted_by_the_quota_of_the_project(frozen_cloud: Cloud) -> None:
    set_quota(frozen_cloud, 2)
    response = add_metadata(frozen_cloud, 3)
    message = "Maximum number of metadata items exceeds 2"
    assert (response.status_code, response.get_json()["forbidden"]["message"]) == (403, message)
    assert show(frozen_cloud)["metadata"] == {}
    assert add_metadata(frozen_cloud, 2).status_code == 200


@pytest.mark.parametrize(("quota", "status"), [(1, 403), (2, 202), (-1, 202)])
def test_metadata_of_an_image_is_counted_too(frozen_cloud: Cloud, quota: int, status: int) -> None:
    set_quota(frozen_cloud, quota)
    params = {"name": "shot", "metadata": {"a": "b", "c": "d"}}
    assert act(frozen_cloud, WEB, "createImage", params).status_code == status


def test_a_negative_quota_of_metadata_is_no_limit(frozen_cloud: Cloud) -> None:
    set_quota(frozen_cloud, -1)
    assert add_metadata(frozen_cloud, 200).status_code == 200
    assert len(show(frozen_cloud)["metadata"]) == 200
    items = {f"key-{number}": "value" for number in range(200)}
    assert boot(frozen_cloud, metadata=items).status_code == 202


def test_a_change_of_metadata_updates_the_server(frozen_cloud: Cloud) -> None:
    advance(frozen_cloud, 90)
    add_metadata(frozen_cloud, 1)
    assert show(frozen_cloud)["updated"] == "2030-01-01T00:01:30Z"


def test_an_owner_does_not_take_over_the_lock_of_an_admin(frozen_cloud: Cloud) -> None:
    action = f"{SERVERS}/{WEB}/action"
    assert frozen_cloud.ask("POST", action, "admin", json={"lock": None}).status_code == 202
    assert act(frozen_cloud, WEB, "lock").status_code == 202
    response = act(frozen_cloud, WEB, "unlock")
    assert response.status_code == 403
    assert "unlock_override" in response.get_json()["forbidden"]["message"]
    assert frozen_cloud.ask("POST", action, "admin", json={"unlock": None}).status_code == 202
    assert act(frozen_cloud, WEB, "lock").status_code == 202
    assert act(frozen_cloud, WEB, "unlock").status_code == 202


def test_a_server_without_a_host_is_not_ready(frozen_cloud: Cloud) -> None:
    server_id = boot(frozen_cloud).get_json()["server"]["id"]
    response = act(frozen_cloud, server_id, "os-stop")
    message = f"Instance {server_id} is not ready"
    assert (response.status_code, response.get_json()["conflictingRequest"]["message"]) == (409, message)


def test_a_deleted_server_has_no_power(frozen_cloud: Cloud) -> None:
    frozen_cloud.ask("DELETE", f"{SERVERS}/{WEB}")
    path = f"{SERVERS}/detail?changes-since=2030-01-01T00:00:00Z"
    (server,) = frozen_cloud.get(path)["servers"]
    assert (server["status"], server["OS-EXT-STS:power_state"]) == ("DELETED", 0)


def test_a_shelved_server_is_switched_off(frozen_cloud: Cloud) -> None:
    act(frozen_cloud, WEB, "shelve")
    advance(frozen_cloud)
    server = show(frozen_cloud)
    assert (server["status"], server["OS-EXT-STS:power_state"]) == ("SHELVED", 4)


@pytest.mark.parametrize(
    ("flavor", "status", "message"),
    [
        ({"is_public": False}, 400, "Flavor own could not be found."),
        ({"disk": 0}, 403, "Only volume-backed servers are allowed for flavors with zero disk."),
    ],
)
def test_some_flavors_are_for_admins(
    frozen_cloud: Cloud, flavor: dict[str, Any], status: int, message: str
) -> None:
    body = {"id": "own", "name": "own", "ram": 2048, "disk": 20, **flavor}
    assert frozen_cloud.ask("POST", "/_admin/flavors", json=body).status_code == 201
    response = boot(frozen_cloud, flavorRef="own")
    (error,) = response.get_json().values()
    assert (response.status_code, error["message"]) == (status, message)
    server = {"name": "new", "imageRef": IMAGE, "flavorRef": "own"}
    assert frozen_cloud.ask("POST", SERVERS, "admin", json={"server": server}).status_code == 202


@pytest.mark.parametrize(("database", "tags"), [("mariadb", ["a", "B", "c"]), ("sqlite", ["B", "a", "c"])])
def test_tags_come_in_the_order_of_the_database(database: str, tags: list[str]) -> None:
    cloud = Cloud(database=database)
    cloud.ask("PUT", f"{SERVERS}/{WEB}/tags", json={"tags": ["c", "B", "a"]}, headers=TAGS_VERSION)
    assert cloud.get(f"{SERVERS}/{WEB}/tags", headers=TAGS_VERSION)["tags"] == tags


def test_an_admin_sees_the_user_data_of_a_server(frozen_cloud: Cloud) -> None:
    server_id = boot(frozen_cloud, user_data="aGk=").get_json()["server"]["id"]
    headers = {"OpenStack-API-Version": "compute 2.3"}
    server = frozen_cloud.get(f"{SERVERS}/{server_id}", "admin", headers=headers)["server"]
    assert server["OS-EXT-SRV-ATTR:user_data"] == "aGk="
