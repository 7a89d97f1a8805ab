"""What an admin sees of a server beside its states: attributes of fixtures, and those that a request sets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apis.nova_servers.steps import IMAGE, LATEST, SERVERS, advance
from tests.conftest import Cloud

PREFIX = "OS-EXT-SRV-ATTR:"

CERTIFICATE = "0b5d2c72-12cc-4ba6-a8d7-3ff5cc1d8cb8"

ATTRIBUTES = {
    "instance_name": "instance-0000002a",
    "root_device_name": "/dev/vda",
    "launch_index": 3,
    "kernel_id": "kernel",
    "ramdisk_id": "ramdisk",
    "reservation_id": "r-12345678",
    "user_data": "c2VjcmV0",
}

DEFAULTS = {
    "root_device_name": "/dev/sda",
    "launch_index": 0,
    "kernel_id": "",
    "ramdisk_id": "",
    "user_data": None,
}


def boot(cloud: Cloud, hints: Any = None, **params: Any) -> Any:
    server = {"name": "new", "imageRef": IMAGE, "flavorRef": "2", "networks": "none", **params}
    body = {"server": server} if hints is None else {"server": server, "os:scheduler_hints": hints}
    return cloud.ask("POST", SERVERS, json=body, headers=LATEST)


def show(cloud: Cloud, server_id: str, version: str = "latest") -> Any:
    headers = {"OpenStack-API-Version": f"compute {version}"}
    return cloud.get(f"{SERVERS}/{server_id}", "admin", headers=headers)["server"]


def attributes(server: Any, names: Any) -> dict[str, Any]:
    return {name: server[PREFIX + name] for name in names}


def message(response: Any) -> str:
    (error,) = response.get_json().values()
    return str(error["message"])


def test_the_attributes_of_a_fixture_are_shown(frozen_cloud: Cloud) -> None:
    document = {
        **ATTRIBUTES,
        "trusted_image_certificates": [CERTIFICATE],
        "scheduler_hints": {"group": "g", "different_host": ["a", "b"]},
        "config_drive": True,
    }
    server_id = frozen_cloud.ask("POST", "/_admin/servers", json=document).get_json()["id"]
    server = show(frozen_cloud, server_id)
    assert attributes(server, ATTRIBUTES) == ATTRIBUTES
    assert server["trusted_image_certificates"] == [CERTIFICATE]
    assert server["scheduler_hints"] == {"group": ["g"], "different_host": ["a", "b"]}
    assert server["config_drive"] == "True"
    (listed,) = (
        each
        for each in frozen_cloud.get(f"{SERVERS}/detail?all_tenants=1", "admin", headers=LATEST)["servers"]
        if each["id"] == server_id
    )
    assert attributes(listed, ATTRIBUTES) == ATTRIBUTES
    assert listed["scheduler_hints"] == server["scheduler_hints"]


def test_a_server_without_them_has_the_defaults(frozen_cloud: Cloud) -> None:
    properties = {"kernel_id": "kernel of the image"}
    document = {"image_properties": properties, "image": IMAGE}
    server_id = frozen_cloud.ask("POST", "/_admin/servers", json=document).get_json()["id"]
    server = show(frozen_cloud, server_id)
    assert attributes(server, DEFAULTS) == {**DEFAULTS, **properties}
    assert (
        server[f"{PREFIX}instance_name"],
        server["trusted_image_certificates"],
        server["scheduler_hints"],
    ) == (f"instance-{server_id[:8]}", None, {})
    frozen_cloud.ask(
        "PATCH", f"/_admin/servers/{server_id}", json={"kernel_id": "", "root_device_name": None}
    )
    assert attributes(show(frozen_cloud, server_id), ("kernel_id", "root_device_name")) == {
        "kernel_id": "",
        "root_device_name": None,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kernel_id=kernel", 1),
        ("ramdisk_id=nope", 0),
        ("launch_index=3", 1),
        ("root_device_name=%2Fdev%2Fvda", 1),
    ],
)
def test_lists_filter_by_them(frozen_cloud: Cloud, query: str, expected: int) -> None:
    frozen_cloud.ask("POST", "/_admin/servers", json=ATTRIBUTES)
    servers = frozen_cloud.get(f"{SERVERS}?all_tenants=1&{query}", "admin")["servers"]
    assert len(servers) == expected


def test_the_servers_of_one_request_are_numbered(frozen_cloud: Cloud) -> None:
    response = boot(frozen_cloud, min_count=2, return_reservation_id=True)
    reservation_id = response.get_json()["reservation_id"]
    servers = frozen_cloud.get(f"{SERVERS}/detail?all_tenants=1", "admin", headers=LATEST)["servers"]
    numbers = {
        each["name"]: each[f"{PREFIX}launch_index"]
        for each in servers
        if each[f"{PREFIX}reservation_id"] == reservation_id
    }
    assert numbers == {"new-1": 0, "new-2": 1}


def test_a_request_sets_hints_and_certificates(frozen_cloud: Cloud) -> None:
    hints = {"query": "[]", "different_host": [IMAGE], "_nova_check_type": "rebuild"}
    response = boot(frozen_cloud, hints, trusted_image_certificates=[CERTIFICATE])
    server = show(frozen_cloud, response.get_json()["server"]["id"])
    assert server["scheduler_hints"] == {"query": ["[]"], "different_host": [IMAGE]}
    assert server["trusted_image_certificates"] == [CERTIFICATE]
    assert "scheduler_hints" not in show(frozen_cloud, server["id"], "2.99")
    assert "trusted_image_certificates" not in show(frozen_cloud, server["id"], "2.62")


@pytest.mark.parametrize(("certificates", "expected"), [(["other"], ["other"]), (None, None)])
def test_a_rebuild_replaces_the_certificates(
    frozen_cloud: Cloud, certificates: list[str] | None, expected: list[str] | None
) -> None:
    server_id = boot(frozen_cloud, trusted_image_certificates=[CERTIFICATE]).get_json()["server"]["id"]
    advance(frozen_cloud)

    def rebuild(**params: Any) -> Any:
        body = {"rebuild": {"imageRef": IMAGE, **params}}
        return frozen_cloud.ask("POST", f"{SERVERS}/{server_id}/action", json=body, headers=LATEST)

    assert rebuild().get_json()["server"]["trusted_image_certificates"] == [CERTIFICATE]
    advance(frozen_cloud)
    response = rebuild(trusted_image_certificates=certificates)
    assert response.get_json()["server"]["trusted_image_certificates"] == expected


def test_certificates_need_an_image(frozen_cloud: Cloud) -> None:
    device = {"uuid": IMAGE, "source_type": "volume", "destination_type": "volume", "boot_index": 0}
    response = boot(
        frozen_cloud, imageRef="", block_device_mapping_v2=[device], trusted_image_certificates=[CERTIFICATE]
    )
    assert (response.status_code, message(response)) == (
        400,
        "Image certificate validation is not supported when booting from volume",
    )
    document = {"image": None, "volumes": [{"id": IMAGE}]}
    server_id = frozen_cloud.ask("POST", "/_admin/servers", json=document).get_json()["id"]
    body = {"rebuild": {"imageRef": IMAGE, "trusted_image_certificates": [CERTIFICATE]}}
    response = frozen_cloud.ask("POST", f"{SERVERS}/{server_id}/action", json=body, headers=LATEST)
    assert (response.status_code, message(response)) == (
        400,
        "Image certificate validation is not supported for volume-backed servers.",
    )


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"scheduler_hints": {"group": 1}}, 'scheduler_hints: invalid value (got {"group": 1}); expected'),
        ({"trusted_image_certificates": "a"}, "trusted_image_certificates: not a list; expected"),
        ({"launch_index": -1}, "launch_index: invalid value (got -1); expected"),
    ],
)
def test_mistakes_in_them_are_reported(frozen_cloud: Cloud, document: dict[str, Any], problem: str) -> None:
    response = frozen_cloud.ask("POST", "/_admin/servers", json=document)
    assert response.status_code == 400
    assert message(response).startswith(problem)
