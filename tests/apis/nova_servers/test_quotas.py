"""What servers and resizes beyond the quotas of a project are told: each resource, and the numbers of each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apis.nova_servers.steps import SERVERS, WEB, act, boot
from tests.conftest import Cloud

FLAVORS = (
    {"id": "big", "name": "big", "ram": 4096, "vcpus": 4, "disk": 20},
    {"id": "one", "name": "one", "ram": 1024, "vcpus": 1, "disk": 20},
)


@pytest.fixture
def own_cloud() -> Cloud:
    """A cloud whose seed no other test uses, and whose clock stands still."""
    cloud = Cloud(private=True)
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    return cloud


def limit(cloud: Cloud, **quotas: int) -> None:
    document = {"flavors": FLAVORS, "quotas": [{"project": "demo", **quotas}]}
    assert cloud.ask("POST", "/_admin/fixtures", json=document).status_code in (200, 201)


def message(response: Any) -> str:
    assert response.status_code == 403, response.text
    return str(response.get_json()["forbidden"]["message"])


def used(cloud: Cloud) -> dict[str, int]:
    absolute = cloud.get("/v2.1/limits")["limits"]["absolute"]
    return {"cores": absolute["totalCoresUsed"], "ram": absolute["totalRAMUsed"]}


@pytest.mark.parametrize(("counts", "requested"), [({}, "1"), ({"min_count": 2, "max_count": 3}, "2-3")])
def test_a_refused_server_names_all_resources_that_are_exceeded(
    own_cloud: Cloud, counts: dict[str, int], requested: str
) -> None:
    before = used(own_cloud)
    limit(own_cloud, cores=before["cores"], ram=before["ram"] + 1, instances=1)
    count = counts.get("max_count", 1)
    assert message(boot(own_cloud, flavorRef="big", **counts)) == (
        f"Quota exceeded for cores, instances, ram: Requested {4 * count}, {requested}, {4096 * count},"
        f" but already used {before['cores']}, 1, {before['ram']}"
        f" of {before['cores']}, 1, {before['ram'] + 1} cores, instances, ram"
    )


def test_a_refused_resize_names_what_it_needs_more(own_cloud: Cloud) -> None:
    before = used(own_cloud)
    limit(own_cloud, cores=before["cores"], ram=before["ram"])
    flavor = own_cloud.get(f"{SERVERS}/{WEB}", headers={"OpenStack-API-Version": "compute 2.47"})["server"][
        "flavor"
    ]
    cores, ram = 4 - flavor["vcpus"], 4096 - flavor["ram"]
    assert message(act(own_cloud, WEB, "resize", {"flavorRef": "big"})) == (
        f"Quota exceeded for cores, ram: Requested {cores}, {ram}, but already used"
        f" {before['cores']}, {before['ram']} of {before['cores']}, {before['ram']} cores, ram"
    )


def test_fewer_servers_are_created_if_the_quotas_leave_room_for_these(own_cloud: Cloud) -> None:
    before = used(own_cloud)
    limit(own_cloud, cores=before["cores"] + 2)
    assert boot(own_cloud, flavorRef="one", min_count=1, max_count=3).status_code == 202
    assert used(own_cloud)["cores"] == before["cores"] + 2


def test_a_quota_without_instances_never_makes_do_with_fewer_servers(own_cloud: Cloud) -> None:
    before = used(own_cloud)
    limit(own_cloud, cores=before["cores"] + 2, instances=-1)
    assert message(boot(own_cloud, flavorRef="one", min_count=1, max_count=3)) == (
        f"Quota exceeded for cores: Requested 3, but already used {before['cores']} of {before['cores'] + 2} cores"
    )
