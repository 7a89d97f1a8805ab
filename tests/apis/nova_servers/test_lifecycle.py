"""The life of servers: they are created, stopped, shelved, rebuilt and deleted, by plans and by the clock."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apis.nova_servers.steps import IMAGE, LATEST, SERVERS, WEB, act, advance, boot, set_plan, state
from tests.conftest import Cloud


def test_a_new_server_builds_and_becomes_active(frozen_cloud: Cloud) -> None:
    response = boot(frozen_cloud, metadata={"k": "v"})
    server_id = response.get_json()["server"]["id"]
    assert (response.status_code, response.headers["Location"]) == (
        202,
        f"http://localhost{SERVERS}/{server_id}",
    )
    states = []
    for _ in range(3):
        states.append(state(frozen_cloud, server_id))
        advance(frozen_cloud, 4)
    assert states == [("BUILD", "scheduling"), ("BUILD", "spawning"), ("ACTIVE", None)]
    server = frozen_cloud.get(f"{SERVERS}/{server_id}")["server"]
    assert server["OS-SRV-USG:launched_at"] == "2030-01-01T00:00:07.000000"
    assert (server["metadata"], server["hostId"] != "") == ({"k": "v"}, True)


def boot_in(cloud: Cloud, networks: Any, **params: Any) -> str:
    """Create a server in networks, and return its id."""
    server = {"name": "new", "imageRef": IMAGE, "flavorRef": "2", "networks": networks, **params}
    response = cloud.ask("POST", SERVERS, json={"server": server}, headers=LATEST)
    return str(response.get_json()["server"]["id"])


def addresses_of(cloud: Cloud, server_id: str) -> list[str]:
    """Return the addresses of a server in the network ``private``."""
    (server,) = [each for each in cloud.get(f"{SERVERS}/detail")["servers"] if each["id"] == server_id]
    return [address["addr"] for address in server["addresses"].get("private", ())]


def test_a_new_server_gets_its_address_and_its_group_with_its_host(frozen_cloud: Cloud) -> None:
    server_id = boot_in(frozen_cloud, "auto", security_groups=[{"name": "web"}])
    path = f"{SERVERS}/{server_id}"
    server = frozen_cloud.get(path)["server"]
    assert (server["addresses"], server["hostId"], "security_groups" in server) == ({}, "", False)
    assert frozen_cloud.get(f"{path}/ips") == {"addresses": {}}
    assert frozen_cloud.get(f"{path}/os-interface") == {"interfaceAttachments": []}
    advance(frozen_cloud, 4)
    server = frozen_cloud.get(path)["server"]
    assert (server["status"], server["security_groups"]) == ("BUILD", [{"name": "web"}])
    (address,) = server["addresses"]["private"]
    assert (address["version"], address["OS-EXT-IPS:type"]) == (4, "fixed")
    assert frozen_cloud.get(f"{path}/ips/private")["private"] == [{"version": 4, "addr": address["addr"]}]
    (port,) = frozen_cloud.get(f"{path}/os-interface")["interfaceAttachments"]
    assert port["mac_addr"] == address["OS-EXT-IPS-MAC:mac_addr"]
    found = frozen_cloud.get(f"{SERVERS}?ip=^{address['addr']}$")["servers"]
    assert [each["id"] for each in found] == []  # it is a text, not a pattern
    found = frozen_cloud.get(f"{SERVERS}?ip={address['addr']}")["servers"]
    assert [each["id"] for each in found] == [server_id]


@pytest.mark.parametrize(
    ("networks", "addresses"), [("none", []), ([{"uuid": IMAGE, "fixed_ip": "10.1.2.3"}], ["10.1.2.3"])]
)
def test_the_networks_of_a_request_decide_about_the_address(
    frozen_cloud: Cloud, networks: Any, addresses: list[str]
) -> None:
    set_plan(frozen_cloud, "instant")
    server_id = boot_in(frozen_cloud, networks)
    assert addresses_of(frozen_cloud, server_id) == addresses


def test_new_servers_have_different_addresses_also_without_networks_below_2_37(frozen_cloud: Cloud) -> None:
    set_plan(frozen_cloud, "instant")
    body = {"server": {"name": "new", "imageRef": IMAGE, "flavorRef": "2", "min_count": 2}}
    assert frozen_cloud.ask("POST", SERVERS, json=body).status_code == 202
    ids = [server["id"] for server in frozen_cloud.get(f"{SERVERS}?name=new")["servers"]]
    addresses = [addresses_of(frozen_cloud, server_id) for server_id in ids]
    assert [len(each) for each in addresses] == [1, 1]
    assert addresses[0] != addresses[1]


def test_a_plan_that_fails_leaves_a_server_in_error(frozen_cloud: Cloud) -> None:
    set_plan(frozen_cloud, "fails")
    server_id = boot(frozen_cloud).get_json()["server"]["id"]
    advance(frozen_cloud)
    server = frozen_cloud.get(f"{SERVERS}/{server_id}")["server"]
    assert (server["status"], server["fault"]["code"]) == ("ERROR", 500)


def test_with_plan_instant_nothing_takes_time(frozen_cloud: Cloud) -> None:
    set_plan(frozen_cloud, "instant")
    server_id = boot(frozen_cloud).get_json()["server"]["id"]
    assert state(frozen_cloud, server_id) == ("ACTIVE", None)
    assert act(frozen_cloud, server_id, "os-stop").status_code == 202
    assert state(frozen_cloud, server_id) == ("SHUTOFF", None)


def test_with_clock_auto_each_poll_ends_a_step(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "auto"})
    server_id = boot(cloud).get_json()["server"]["id"]
    assert [state(cloud, server_id)[0] for _ in range(3)] == ["BUILD", "BUILD", "ACTIVE"]


def test_a_list_counts_as_a_poll_of_its_servers(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "auto"})
    boot(cloud)
    statuses = [cloud.get(f"{SERVERS}/detail?name=new")["servers"][0]["status"] for _ in range(3)]
    assert statuses == ["BUILD", "BUILD", "ACTIVE"]


@pytest.mark.parametrize(
    ("actions", "task_state", "status"),
    [
        (["os-stop"], "powering-off", "SHUTOFF"),
        (["os-stop", "os-start"], "powering-on", "ACTIVE"),
        (["pause"], "pausing", "PAUSED"),
        (["pause", "unpause"], "unpausing", "ACTIVE"),
        (["suspend"], "suspending", "SUSPENDED"),
        (["suspend", "resume"], "resuming", "ACTIVE"),
        (["os-stop", "rescue"], "rescuing", "RESCUE"),
        (["rescue", "unrescue"], "unrescuing", "ACTIVE"),
        (["shelve"], "shelving", "SHELVED"),
        (["shelve", "unshelve"], "unshelving", "ACTIVE"),
    ],
)
def test_an_action_has_a_task_state_and_then_its_effect(
    frozen_cloud: Cloud, actions: list[str], task_state: str, status: str
) -> None:
    for action in actions:
        advance(frozen_cloud)
        assert act(frozen_cloud, WEB, action).status_code < 300
    assert state(frozen_cloud, WEB)[1] == task_state
    assert act(frozen_cloud, WEB, "createImage", {"name": "x"}).status_code == 409
    advance(frozen_cloud)
    assert state(frozen_cloud, WEB) == (status, None)


def test_unshelve_deletes_the_image_of_shelve(frozen_cloud: Cloud) -> None:
    act(frozen_cloud, WEB, "shelve")
    advance(frozen_cloud)
    assert frozen_cloud.names("/v2.1/images?name=web-1-shelved") == ["web-1-shelved"]
    act(frozen_cloud, WEB, "unshelve")
    assert frozen_cloud.names("/v2.1/images?name=web-1-shelved") == ["web-1-shelved"]
    advance(frozen_cloud)
    assert frozen_cloud.names("/v2.1/images?name=web-1-shelved") == []


def test_a_deleted_server_is_a_404_and_only_lists_of_changes_show_it(frozen_cloud: Cloud) -> None:
    assert frozen_cloud.ask("DELETE", f"{SERVERS}/{WEB}").status_code == 204
    assert frozen_cloud.ask("GET", f"{SERVERS}/{WEB}").status_code == 404
    assert frozen_cloud.ask("DELETE", f"{SERVERS}/{WEB}").status_code == 404
    assert frozen_cloud.get(SERVERS) == {"servers": []}
    (server,) = frozen_cloud.get(f"{SERVERS}/detail?changes-since=2029-12-31")["servers"]
    assert (server["id"], server["status"]) == (WEB, "DELETED")
    assert server["OS-SRV-USG:terminated_at"] == "2030-01-01T00:00:00.000000"


def test_a_deleted_image_frees_its_server(frozen_cloud: Cloud) -> None:
    location = act(frozen_cloud, WEB, "createImage", {"name": "cut"}).headers["Location"]
    assert state(frozen_cloud, WEB)[1] == "image_snapshot"
    advance(frozen_cloud, 3)
    assert state(frozen_cloud, WEB)[1] == "image_uploading"
    frozen_cloud.ask("DELETE", f"/v2.1/images/{location.rpartition('/')[2]}")
    assert state(frozen_cloud, WEB) == ("ACTIVE", None)


def test_an_image_gets_its_data_when_its_plan_ends(frozen_cloud: Cloud) -> None:
    location = act(frozen_cloud, WEB, "createImage", {"name": "nightly"}).headers["Location"]
    path = f"/image/v2/images/{location.rpartition('/')[2]}"
    image = frozen_cloud.get(path)
    assert (image["status"], image["size"], image["disk_format"]) == ("queued", None, None)
    assert "image_location" not in image
    advance(frozen_cloud)
    image = frozen_cloud.get(path)
    assert (image["status"], image["size"], image["disk_format"]) == ("active", 262144, "qcow2")
    assert image["image_location"] == "snapshot"


def test_a_rebuild_keeps_the_server_and_replaces_its_image(frozen_cloud: Cloud) -> None:
    other = "70a599e0-31e7-49b7-b260-868f441e862b"
    response = act(frozen_cloud, WEB, "rebuild", {"imageRef": other, "name": "renamed"})
    server = response.get_json()["server"]
    assert (response.status_code, server["status"], server["name"]) == (202, "REBUILD", "renamed")
    assert len(server["adminPass"]) == 12
    advance(frozen_cloud)
    server = frozen_cloud.get(f"{SERVERS}/{WEB}")["server"]
    assert (server["status"], server["image"]["id"]) == ("ACTIVE", other)


def test_the_admin_api_ends_what_is_done_with_a_server(frozen_cloud: Cloud) -> None:
    act(frozen_cloud, WEB, "os-stop")
    frozen_cloud.ask("PATCH", f"/_admin/servers/{WEB}", json={"status": "PAUSED"})
    advance(frozen_cloud)
    assert state(frozen_cloud, WEB) == ("PAUSED", None)


def test_several_servers_of_one_request_share_a_reservation(frozen_cloud: Cloud) -> None:
    response = boot(frozen_cloud, min_count=3, return_reservation_id=True)
    reservation = response.get_json()["reservation_id"]
    servers = frozen_cloud.get(f"{SERVERS}?reservation_id={reservation}")["servers"]
    assert sorted(server["name"] for server in servers) == ["new-1", "new-2", "new-3"]


def test_more_servers_than_the_quota_are_refused(frozen_cloud: Cloud) -> None:
    response = boot(frozen_cloud, min_count=10)
    problem = "Quota exceeded for instances: Requested 10, but already used 1 of 10 instances"
    assert (response.status_code, response.get_json()["forbidden"]["message"]) == (403, problem)
    assert len(frozen_cloud.get(SERVERS)["servers"]) == 1


def test_the_fields_of_a_server_come_in_novas_order(frozen_cloud: Cloud) -> None:
    server = frozen_cloud.get(f"{SERVERS}/{WEB}", headers=LATEST)["server"]
    names = list(frozen_cloud.ask("GET", f"{SERVERS}/{WEB}", headers=LATEST).get_json()["server"])
    assert names[:6] == ["accessIPv4", "accessIPv6", "addresses", "created", "flavor", "hostId"]
    assert names[-5:] == [
        *("server_groups", "locked_reason", "OS-EXT-SRV-ATTR:hostname", "pinned_availability_zone"),
        "scheduler_hints",
    ]
    assert server["flavor"]["original_name"] == "m1.small"


def test_a_nodepool_like_sequence_creates_polls_snapshots_and_deletes(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "auto"})
    server_id = boot(cloud, name="node-1", metadata={"pool": "a"}).get_json()["server"]["id"]
    polls = 0
    while state(cloud, server_id)[0] == "BUILD":
        polls += 1
    assert polls == 2
    image_id = act(cloud, server_id, "createImage", {"name": "baked"}).headers["Location"].rpartition("/")[2]
    while cloud.get(f"/v2.1/images/{image_id}")["image"]["status"] == "SAVING":
        polls += 1
    assert polls == 4
    assert cloud.get(f"/v2.1/images/{image_id}/metadata")["metadata"]["instance_uuid"] == server_id
    assert cloud.ask("DELETE", f"{SERVERS}/{server_id}").status_code == 204
    assert [each["name"] for each in cloud.get(f"{SERVERS}?name=node")["servers"]] == []
    assert cloud.names("/v2.1/images?name=baked") == ["baked"]


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"metadata": {"k": "\ud800"}}, 400),
        ({"user_data": "\U0001f600"}, 400),
        ({"min_count": 1e308}, 403),
        ({"min_count": "9" * 5000}, 403),
        ({"flavorRef": "http://nova.example/flavors/2"}, 202),
    ],
    ids=["half a surrogate pair", "an emoji", "a huge number", "many digits", "a URL"],
)
def test_odd_values_are_refused_without_a_500(
    frozen_cloud: Cloud, params: dict[str, Any], status: int
) -> None:
    assert boot(frozen_cloud, **params).status_code == status


def test_the_images_of_block_devices_exist(cloud: Cloud) -> None:
    def mapping(image_id: str) -> dict[str, str]:
        return {"source_type": "image", "destination_type": "local", "boot_index": "0", "uuid": image_id}

    second_disk = {"source_type": "image", "destination_type": "volume", "volume_size": 1, "uuid": "nope"}
    response = boot(cloud, block_device_mapping_v2=[mapping(IMAGE), second_disk])
    assert response.get_json()["badRequest"]["message"] == (
        "Block Device Mapping is Invalid: failed to get image nope."
    )
    assert boot(cloud, block_device_mapping_v2=[mapping(IMAGE)]).status_code == 202


def test_a_request_gets_as_many_servers_as_the_quota_leaves_room_for(cloud: Cloud) -> None:
    assert boot(cloud, name="many", max_count="9" * 5000).status_code == 202
    names = {each["name"] for each in cloud.get(f"{SERVERS}?name=many")["servers"]}
    assert names == {f"many-{number}" for number in range(1, 10)}  # one of ten instances was there
    response = boot(cloud, max_count=2)
    assert response.get_json()["forbidden"]["message"] == (
        "Quota exceeded for instances: Requested 1-2, but already used 10 of 10 instances"
    )


@pytest.mark.parametrize(
    ("zone", "status"),
    [
        ("nova:", 202),
        ("internal", 202),
        ("nova:compute1", 403),
        ("nova:a:b", 403),
        ("nova:a:b:c", 400),
        ("x", 400),
    ],
)
def test_only_an_admin_names_a_host_behind_a_zone(zone: str, status: int) -> None:
    cloud = Cloud(auth_strategy="keystone")
    body = {"server": {"name": "new", "imageRef": IMAGE, "flavorRef": "2", "availability_zone": zone}}
    assert cloud.ask("POST", SERVERS, "demo", json=body).status_code == status


def test_several_servers_cannot_have_one_host_name(cloud: Cloud) -> None:
    body = {
        "server": {"name": "n", "imageRef": IMAGE, "flavorRef": "2", "networks": "none", "hostname": "a.b"}
    }
    body["server"]["min_count"] = "2"
    response = cloud.ask("POST", SERVERS, json=body, headers=LATEST)
    assert response.get_json()["badRequest"]["message"] == (
        "Unable to allocate a single hostname to multiple instances"
    )


@pytest.mark.parametrize(
    ("params", "minor", "message"),
    [
        ({"user_data": "x"}, 1, "Value: x. 'x' is not a 'base64'"),
        ({"hostname": "a.b"}, 90, "does not match '^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$'"),
        ({"hostname": "a b"}, 94, "does not match '^[a-zA-Z0-9-._]*$'"),
        ({"networks": [{"uuid": "x"}]}, 37, "is not valid under any of the given schemas"),
        ({"networks": [{"tag": "x"}]}, 37, "is not valid under any of the given schemas"),
        ({"networks": [{"fixed_ip": "x"}]}, 1, "is not valid under any of the given schemas"),
        ({"block_device_mapping_v2": [{"tag": "x"}]}, 33, "('tag' was unexpected)"),
        ({"block_device_mapping_v2": [{"volume_type": "x"}]}, 66, "('volume_type' was unexpected)"),
        ({"block_device_mapping": [{"uuid": IMAGE}]}, 1, "('uuid' was unexpected)"),
        ({"trusted_image_certificates": []}, 63, "[] should be non-empty"),
        ({"personality": ["a"]}, 56, "'a' is not of type 'object'"),
    ],
)
def test_the_parameters_of_a_server_are_checked_by_version(
    cloud: Cloud, params: dict[str, Any], minor: int, message: str
) -> None:
    networks: Any = "none" if minor >= 37 else []
    body = {"server": {"name": "n", "imageRef": IMAGE, "flavorRef": "2", "networks": networks, **params}}
    headers = {"OpenStack-API-Version": f"compute 2.{minor}"}
    response = cloud.ask("POST", SERVERS, json=body, headers=headers)
    assert response.status_code == 400
    assert message in response.get_json()["badRequest"]["message"]


def test_the_image_of_a_server_that_a_request_suspended_has_its_state_before(frozen_cloud: Cloud) -> None:
    act(frozen_cloud, WEB, "suspend")
    advance(frozen_cloud)
    act(frozen_cloud, WEB, "createImage", {"name": "asleep"})
    [image] = frozen_cloud.get("/v2.1/images/detail?name=asleep")["images"]
    assert image["metadata"]["old_vm_state"] == "active"
    advance(frozen_cloud)
    act(frozen_cloud, WEB, "resume")
    advance(frozen_cloud)
    act(frozen_cloud, WEB, "createImage", {"name": "awake"})
    [image] = frozen_cloud.get("/v2.1/images/detail?name=awake")["images"]
    assert "old_vm_state" not in image["metadata"]
