"""Servers, flavors, key pairs and quotas belong to a generation, a snapshot and a scope, and leak into no other."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.conftest import Cloud

IMAGE: Final = "155d900f-4e14-4e4c-a73d-069cbf4541e6"
WEB: Final = "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"
PROJECT: Final = "9c53a566cb3443ab910cf0daebca90c4"
OTHER_PROJECT: Final = "0" * 31 + "7"
PUBLIC_KEY: Final = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA" + "A" * 42
LATEST: Final = {"OpenStack-API-Version": "compute 2.104"}

#: Flavors, a key pair, a quota and a server that a document adds.
DOCUMENT: Final = {
    "flavors": [{"id": "77", "name": "own"}],
    "keypairs": [{"name": "added", "user": "demo", "public_key": PUBLIC_KEY}],
    "quotas": [{"project": "demo", "instances": 77}],
    "servers": [{"name": "added", "owner": "demo"}],
}


def content(cloud: Cloud, query: str = "") -> dict[str, Any]:
    """Return what clients see of servers, actions, flavors, key pairs, quotas and limits."""
    servers = cloud.get(f"/v2.1/servers/detail{query}", headers=LATEST)["servers"]
    return {
        "servers": {
            server["name"]: (server["status"], server["metadata"], server["tags"]) for server in servers
        },
        "flavors": [each["name"] for each in cloud.get("/v2.1/flavors")["flavors"]],
        "keypairs": [each["keypair"]["name"] for each in cloud.get("/v2.1/os-keypairs")["keypairs"]],
        "quota": cloud.get(f"/v2.1/os-quota-sets/{PROJECT}")["quota_set"]["instances"],
        "used": cloud.get("/v2.1/limits")["limits"]["absolute"]["totalInstancesUsed"],
    }


def change_everything(cloud: Cloud) -> None:
    """Send a request of each kind that changes what `content` shows."""
    requests: tuple[tuple[str, str, Any], ...] = (
        (
            "POST",
            "/v2.1/servers",
            {"server": {"name": "new", "imageRef": IMAGE, "flavorRef": "2", "networks": "none"}},
        ),
        ("POST", "/v2.1/os-keypairs", {"keypair": {"name": "new", "type": "ssh", "public_key": PUBLIC_KEY}}),
        ("POST", f"/v2.1/servers/{WEB}/metadata", {"metadata": {"new": "yes"}}),
        ("PUT", f"/v2.1/servers/{WEB}", {"server": {"name": "renamed"}}),
        ("POST", f"/v2.1/servers/{WEB}/action", {"pause": None}),
    )
    for method, url, body in requests:
        response = cloud.ask(method, url, headers=LATEST, json=body)
        assert response.status_code < 300, f"{method} {url}: {response.text}"


@pytest.fixture
def frozen_cloud() -> Cloud:
    """A cloud of its own, because documents that are added stay after a reset; its clock stands still."""
    cloud = Cloud(private=True)
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen", "now": "2030-01-01T00:00:00Z"})
    return cloud


def advance(cloud: Cloud, seconds: float) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"advance": seconds})


def test_a_reset_leaves_nothing_behind(frozen_cloud: Cloud) -> None:
    before = content(frozen_cloud)
    change_everything(frozen_cloud)
    after = content(frozen_cloud)
    assert {name for name in before if before[name] != after[name]} == {"servers", "keypairs", "used"}
    frozen_cloud.ask("POST", "/_admin/reset", json={})
    assert content(frozen_cloud) == before
    assert len(frozen_cloud.get(f"/v2.1/servers/{WEB}/os-instance-actions")["instanceActions"]) == 1


def test_an_unfinished_action_does_not_go_on_after_a_reset(frozen_cloud: Cloud) -> None:
    change_everything(frozen_cloud)
    frozen_cloud.ask("POST", "/_admin/reset", json={})
    before = content(frozen_cloud)
    frozen_cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen", "now": "2031-01-01T00:00:00Z"})
    assert content(frozen_cloud) == before


def test_a_snapshot_brings_everything_back(frozen_cloud: Cloud) -> None:
    assert frozen_cloud.ask("POST", "/_admin/fixtures", json={**DOCUMENT, "flavors": []}).status_code == 201
    change_everything(frozen_cloud)
    before = content(frozen_cloud)
    frozen_cloud.ask("POST", "/_admin/snapshots", json={"name": "changed"})
    frozen_cloud.ask("DELETE", "/v2.1/os-keypairs/new")
    frozen_cloud.ask("DELETE", f"/v2.1/servers/{WEB}")
    frozen_cloud.ask(
        "POST", "/_admin/fixtures", json={"flavors": [{"name": "later"}], "quotas": [{"project": "demo"}]}
    )
    advance(frozen_cloud, 3600)
    after = content(frozen_cloud)
    assert {name for name in before if before[name] != after[name]} == set(before)
    frozen_cloud.ask("POST", "/_admin/snapshots/changed/restore")
    assert content(frozen_cloud) == before
    advance(frozen_cloud, 3600)
    finished = content(frozen_cloud)
    assert finished["servers"]["new"][0] == "ACTIVE"
    assert finished["servers"]["renamed"][0] == "PAUSED"


def test_the_snapshot_of_the_seed_takes_key_pairs_and_quotas_away(frozen_cloud: Cloud) -> None:
    before = content(frozen_cloud)
    change_everything(frozen_cloud)
    frozen_cloud.ask("POST", "/_admin/reset", json={})
    frozen_cloud.ask("POST", "/v2.1/os-keypairs", json={"keypair": {"name": "new"}})
    assert frozen_cloud.ask("POST", "/_admin/snapshots/seed/restore").status_code == 200
    assert content(frozen_cloud) == before


def test_a_scope_has_servers_and_key_pairs_of_its_own() -> None:
    cloud = Cloud(private=True)
    before = content(cloud)
    scope = {"project": OTHER_PROJECT}
    assert cloud.ask("POST", "/_admin/scopes", json=scope).status_code == 201
    url = f"/v2.1/{OTHER_PROJECT}"
    server = {"name": "scoped", "imageRef": IMAGE, "flavorRef": "2"}
    assert cloud.ask("POST", f"{url}/servers", json={"server": server}).status_code == 202
    assert cloud.ask("POST", f"{url}/os-keypairs", json={"keypair": {"name": "scoped"}}).status_code == 200
    document = {"flavors": [{"name": "scoped"}], "quotas": [{"project": "demo", "instances": 5}]}
    assert cloud.ask("POST", f"/_admin/fixtures?scope={OTHER_PROJECT}", json=document).status_code == 201
    names = {each["name"] for each in cloud.get(f"{url}/servers")["servers"]}
    assert "scoped" in names
    assert [each["name"] for each in cloud.get(f"{url}/flavors")["flavors"]] == ["scoped"]
    assert content(cloud) == before
    assert cloud.ask("DELETE", f"/_admin/scopes/{OTHER_PROJECT}").status_code == 204
    assert content(cloud) == before
