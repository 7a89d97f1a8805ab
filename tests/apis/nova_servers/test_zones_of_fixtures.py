"""Availability zones of fixtures: what lists them, and where servers run."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nova.cloud.clock import SystemClock
from fake_nova.cloud.directory import Directory
from fake_nova.documents.fixture_files import load_text
from fake_nova.errors import FixtureError
from tests.apis.nova_servers.steps import IMAGE, LATEST, SERVERS, advance
from tests.conftest import Cloud

ZONES = """
availability_zones:
  - {name: west, hosts: [w1, w2]}
  - {name: east}
  - {name: closed, available: false}
"""
LIST = "/v2.1/os-availability-zone"
UNAVAILABLE = "The requested availability zone is not available"


@pytest.fixture
def cloud() -> Cloud:
    """A frozen cloud with three zones, one of which is closed."""
    cloud = Cloud(private=True)
    assert cloud.ask("POST", "/_admin/fixtures", data=ZONES).status_code == 201
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    return cloud


def boot(cloud: Cloud, user: str | None = None, **params: Any) -> Any:
    body = {"server": {"name": "new", "imageRef": IMAGE, "flavorRef": "2", "networks": "none", **params}}
    return cloud.ask("POST", SERVERS, user, json=body, headers=LATEST)


def place(cloud: Cloud, server_id: str) -> tuple[str | None, str, str | None]:
    server = cloud.get(f"{SERVERS}/{server_id}", "admin", headers=LATEST)["server"]
    zone, pinned_zone = server["OS-EXT-AZ:availability_zone"], server["pinned_availability_zone"]
    return server["OS-EXT-SRV-ATTR:host"], zone, pinned_zone


def placed(cloud: Cloud, user: str | None = None, **params: Any) -> tuple[str | None, str, str | None]:
    """Return host, zone and pinned zone of a new server after its boot."""
    response = boot(cloud, user, **params)
    assert response.status_code == 202, response.text
    advance(cloud)
    return place(cloud, response.get_json()["server"]["id"])


def act_as_admin(cloud: Cloud, server_id: str, body: dict[str, Any]) -> Any:
    return cloud.ask("POST", f"{SERVERS}/{server_id}/action", "admin", json=body, headers=LATEST)


def unshelve(cloud: Cloud, server_id: str, zone: str) -> Any:
    return act_as_admin(cloud, server_id, {"unshelve": {"availability_zone": zone}})


def message(response: Any) -> str:
    (error,) = response.get_json().values()
    return str(error["message"])


def test_the_list_has_the_available_zones_first(cloud: Cloud) -> None:
    zones = cloud.get(LIST)["availabilityZoneInfo"]
    assert [(zone["zoneName"], zone["zoneState"]["available"], zone["hosts"]) for zone in zones] == [
        ("east", True, None),
        ("west", True, None),
        ("closed", False, None),
    ]


def test_an_admin_sees_the_hosts_of_the_available_zones(cloud: Cloud) -> None:
    zones = cloud.get(f"{LIST}/detail", "admin")["availabilityZoneInfo"]
    hosts = {zone["zoneName"]: zone["hosts"] and list(zone["hosts"]) for zone in zones}
    expected: dict[str, list[str] | None] = {
        "east": ["east-compute1"],
        "internal": ["compute1"],
        "west": ["w1", "w2"],
    }
    assert hosts == {**expected, "closed": None}
    assert list(zones[2]["hosts"]["w1"]) == ["nova-compute"]


def test_a_new_server_runs_in_the_zone_that_it_names(cloud: Cloud) -> None:
    assert placed(cloud) == ("w1", "west", None)
    assert placed(cloud, availability_zone="east") == ("east-compute1", "east", "east")


@pytest.mark.parametrize("zone", ["closed", "nova", "nowhere"])
def test_a_closed_or_an_unknown_zone_is_refused(cloud: Cloud, zone: str) -> None:
    response = boot(cloud, availability_zone=zone)
    assert (response.status_code, message(response)) == (400, UNAVAILABLE)


def test_an_admin_chooses_a_host(cloud: Cloud) -> None:
    assert placed(cloud, "admin", availability_zone="west:w2") == ("w2", "west", "west")
    assert placed(cloud, "admin", availability_zone="east:w2") == (
        "w2",
        "west",
        None,
    )  # Nova ignores the zone
    assert placed(cloud, "admin", host="w2") == ("w2", "west", None)
    response = boot(cloud, "admin", host="compute1")
    assert (response.status_code, message(response)) == (400, "Compute host compute1 could not be found.")


def test_an_offloaded_server_can_be_unshelved_in_another_zone(cloud: Cloud) -> None:
    document = {"vm_state": "shelved_offloaded", "shelved_image": IMAGE}
    server = cloud.ask("POST", "/_admin/servers", json=document).get_json()
    response = unshelve(cloud, server["id"], "closed")
    assert (response.status_code, message(response)) == (400, UNAVAILABLE)
    assert unshelve(cloud, server["id"], "east").status_code == 202
    advance(cloud)
    assert place(cloud, server["id"]) == ("east-compute1", "east", "east")


def test_an_offloaded_server_forgets_the_host_that_an_admin_chose(cloud: Cloud) -> None:
    server_id = boot(cloud, "admin", availability_zone="west:w2").get_json()["server"]["id"]
    for action in ("shelve", "shelveOffload"):
        advance(cloud)
        assert act_as_admin(cloud, server_id, {action: None}).status_code == 202
    advance(cloud)
    assert place(cloud, server_id) == (None, "", "west")
    assert unshelve(cloud, server_id, "east").status_code == 202
    advance(cloud)
    assert place(cloud, server_id) == ("east-compute1", "east", "east")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, ("w1", "west")),
        ({"availability_zone": "east"}, ("east-compute1", "east")),
        ({"host": "w2"}, ("w2", "west")),
        ({"host": "other"}, ("other", "nova")),
        ({"host": "other", "availability_zone": "far"}, ("other", "far")),
        ({"availability_zone": "far"}, ("w1", "far")),
        ({"status": "BUILD"}, (None, "")),
        ({"plan": "instant"}, ("w1", "west")),
    ],
)
def test_a_server_of_a_fixture_has_the_host_of_its_zone_and_the_zone_of_its_host(
    cloud: Cloud, document: dict[str, Any], expected: tuple[str | None, str]
) -> None:
    added = cloud.ask("POST", "/_admin/servers", json=document).get_json()
    loaded = load_text(f"{ZONES}servers: [{document}]".encode(), "x.yaml", Directory(), SystemClock().now())
    (server,) = loaded.compute.servers
    assert (added["host"], added["availability_zone"]) == expected
    assert (server.host, server.availability_zone) == expected


def test_zones_are_state_of_the_cloud(cloud: Cloud) -> None:
    server_id = boot(cloud, "admin", availability_zone="west:w2").get_json()["server"]["id"]
    cloud.ask("POST", "/_admin/snapshots", json={"name": "before"})
    cloud.ask("POST", "/_admin/fixtures", data="availability_zones: [{name: east, available: false}]")
    assert boot(cloud, availability_zone="east").status_code == 400
    cloud.ask("POST", "/_admin/snapshots/before/restore")
    assert boot(cloud, availability_zone="east").status_code == 202
    export = cloud.get("/_admin/export?format=json")
    other = Cloud(private=True)
    assert other.ask("POST", "/_admin/fixtures?replace=true", json=export).status_code == 201
    assert other.get(LIST) == cloud.get(LIST)
    advance(other)
    assert place(other, server_id)[:2] == ("w2", "west")
    project = other.ask("POST", "/_admin/scopes").get_json()["project"]["id"]
    assert other.get(f"/v2.1/{project}/os-availability-zone") == cloud.get(LIST)
    other.ask("POST", "/_admin/reset", json={"to": "empty"})
    assert [zone["zoneName"] for zone in other.get(LIST)["availabilityZoneInfo"]] == ["nova"]


@pytest.mark.parametrize(
    ("zones", "problem"),
    [
        (
            "[{name: a}, {name: a, hosts: [h]}]",
            '[1].name: name already in use (got "a"); expected a name that comes once',
        ),
        (
            "[{name: a, hosts: [h]}, {name: b, hosts: [h]}]",
            '[1].hosts: already in a zone (got "h"); expected a host of no other',
        ),
        ("[{hosts: [h]}]", "[0].name: missing; expected text of 1 to 255 characters"),
    ],
)
def test_mistakes_in_zones_are_reported(zones: str, problem: str) -> None:
    text = f"availability_zones: {zones}"
    with pytest.raises(FixtureError) as error_info:
        load_text(text.encode(), "cloud.yaml", Directory(), SystemClock().now())
    (line,) = error_info.value.lines
    assert line.partition("availability_zones")[2] == problem
