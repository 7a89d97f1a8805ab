"""The availability zone that a client chose for a server: it is pinned, and a change can pin it or remove the pin."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apis.nova_servers.steps import IMAGE, LATEST, SERVERS, WEB, act, advance
from tests.conftest import Cloud

PIN = "pinned_availability_zone"


def boot(cloud: Cloud, **params: Any) -> str:
    body = {"server": {"name": "new", "imageRef": IMAGE, "flavorRef": "2", **params}}
    return str(cloud.ask("POST", SERVERS, json=body).get_json()["server"]["id"])


def zones(cloud: Cloud, server_id: str) -> tuple[str, str | None]:
    server = cloud.get(f"{SERVERS}/{server_id}", headers=LATEST)["server"]
    return server["OS-EXT-AZ:availability_zone"], server[PIN]


def pin(cloud: Cloud, zone: str | None, server_id: str = WEB) -> Any:
    return cloud.ask("PUT", f"{SERVERS}/{server_id}", json={"server": {PIN: zone}}, headers=LATEST)


def test_a_server_is_pinned_to_the_zone_of_its_request(frozen_cloud: Cloud) -> None:
    with_zone = boot(frozen_cloud, availability_zone="nova")
    without_zone = boot(frozen_cloud)
    assert (zones(frozen_cloud, with_zone), zones(frozen_cloud, without_zone)) == (
        ("nova", "nova"),
        ("", None),
    )
    advance(frozen_cloud)
    assert zones(frozen_cloud, with_zone) == ("nova", "nova")
    assert zones(frozen_cloud, without_zone) == ("nova", None)


def test_a_change_pins_a_server_to_its_own_zone_only(frozen_cloud: Cloud) -> None:
    response = pin(frozen_cloud, "other")
    assert (response.status_code, response.get_json()["conflictingRequest"]["message"]) == (
        409,
        "Server can only be pinned to its current availability zone 'nova', but 'other' was requested.",
    )
    assert pin(frozen_cloud, "nova").get_json()["server"][PIN] == "nova"
    assert pin(frozen_cloud, "nova").status_code == 200
    response = pin(frozen_cloud, "other")
    assert (response.status_code, response.get_json()["conflictingRequest"]["message"]) == (
        409,
        "Cannot change pinned availability zone directly. "
        "Unpin first by setting pinned_availability_zone to null.",
    )
    assert pin(frozen_cloud, None).get_json()["server"][PIN] is None


def test_a_server_without_a_host_cannot_be_pinned(frozen_cloud: Cloud) -> None:
    response = pin(frozen_cloud, "nova", boot(frozen_cloud))
    assert response.status_code == 409
    assert "'None', but 'nova' was requested" in response.get_json()["conflictingRequest"]["message"]


@pytest.mark.parametrize(
    ("minor", "zone", "pinned"), [(76, "nova", None), (77, "nova", "nova"), (91, None, None)]
)
def test_unshelving_pins_a_server_since_2_77(
    frozen_cloud: Cloud, minor: int, zone: str | None, pinned: str | None
) -> None:
    if zone is None:
        pin(frozen_cloud, "nova")
    act(frozen_cloud, WEB, "shelve")
    advance(frozen_cloud)
    body = {"unshelve": {"availability_zone": zone}}
    headers = {"OpenStack-API-Version": f"compute 2.{minor}"}
    frozen_cloud.ask("PUT", "/_admin/servers/" + WEB, json={"vm_state": "shelved_offloaded"})
    response = frozen_cloud.ask("POST", f"{SERVERS}/{WEB}/action", json=body, headers=headers)
    assert (response.status_code, zones(frozen_cloud, WEB)[1]) == (202, pinned)


def test_an_export_has_the_pin_of_a_server(frozen_cloud: Cloud) -> None:
    pin(frozen_cloud, "nova")
    document = frozen_cloud.get("/_admin/export?format=json")
    assert [server["pinned_zone"] for server in document["servers"] if server["id"] == WEB] == ["nova"]
    frozen_cloud.ask("POST", "/_admin/reset")
    assert zones(frozen_cloud, WEB)[1] is None
