"""Ports and volumes that a server has can be detached; nothing else can be attached."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cloud

SERVER = "aa000000-0000-4000-8000-000000000001"
URL = f"/v2.1/servers/{SERVER}"
ROOT = "40000000-0000-4000-8000-000000000001"
DATA = "40000000-0000-4000-8000-000000000002"
SHARE = "50000000-0000-4000-8000-000000000001"


@pytest.fixture
def server_cloud(cloud: Cloud) -> Cloud:
    """A cloud with a server that booted from a volume."""
    networks = {"private": ["10.0.0.7"], "public": ["192.0.2.7"]}
    volumes = [{"id": ROOT}, {"id": DATA}]
    server = {"id": SERVER, "name": "web", "image": None, "addresses": networks, "volumes": volumes}
    assert cloud.ask("POST", "/_admin/servers", json=server).status_code == 201
    return cloud


def error(response: Any) -> tuple[int, str]:
    [body] = response.get_json().values()
    return response.status_code, body["message"]


def volumes(cloud: Cloud) -> dict[str, bool]:
    headers = {"OpenStack-API-Version": "compute 2.79"}
    attachments = cloud.get(f"{URL}/os-volume_attachments", headers=headers)["volumeAttachments"]
    return {each["volumeId"]: each["delete_on_termination"] for each in attachments}


def actions(cloud: Cloud) -> list[str]:
    return [each["action"] for each in cloud.get(f"{URL}/os-instance-actions")["instanceActions"]]


def test_a_detached_port_takes_its_addresses_with_it(server_cloud: Cloud) -> None:
    ports = server_cloud.get(f"{URL}/os-interface")["interfaceAttachments"]
    [private] = [port for port in ports if port["fixed_ips"][0]["ip_address"] == "10.0.0.7"]
    assert server_cloud.ask("DELETE", f"{URL}/os-interface/{private['port_id']}").status_code == 202
    assert list(server_cloud.get(URL)["server"]["addresses"]) == ["public"]
    assert actions(server_cloud)[0] == "detach_interface"


def test_a_volume_is_detached_unless_the_server_booted_from_it(server_cloud: Cloud) -> None:
    url = f"{URL}/os-volume_attachments"
    assert server_cloud.ask("DELETE", f"{url}/{DATA}").status_code == 202
    assert list(volumes(server_cloud)) == [ROOT]
    assert actions(server_cloud)[0] == "detach_volume"
    expected_error = 400, "Cannot detach a root device volume"
    assert error(server_cloud.ask("DELETE", f"{url}/{ROOT}")) == expected_error
    expected_error = 404, f"Volume {DATA} could not be found."
    assert error(server_cloud.ask("DELETE", f"{url}/{DATA}")) == expected_error


def test_a_volume_may_go_with_its_server_since_2_85(server_cloud: Cloud) -> None:
    body = {"volumeAttachment": {"volumeId": DATA, "delete_on_termination": "yes"}}
    headers = {"OpenStack-API-Version": "compute 2.85"}
    url = f"{URL}/os-volume_attachments/{DATA}"
    assert server_cloud.ask("PUT", url, json=body, headers=headers).status_code == 202
    assert volumes(server_cloud) == {ROOT: False, DATA: True}
    body["volumeAttachment"]["tag"] = "fast"
    response = server_cloud.ask("PUT", url, json=body, headers=headers)
    assert error(response) == (400, "The tag property is not mutable")


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"port_id": SHARE}, 404, f"Port id {SHARE} could not be found."),
        ({"net_id": SHARE}, 404, f"Network {SHARE} could not be found."),
        ({}, 400, "No specific network was requested and none are available for project"),
    ],
)
def test_no_port_can_be_attached(server_cloud: Cloud, body: Any, status: int, message: str) -> None:
    response = server_cloud.ask("POST", f"{URL}/os-interface", json={"interfaceAttachment": body})
    assert error(response)[0] == status
    assert error(response)[1].startswith(message)


def test_no_volume_share_and_console_can_be_attached(server_cloud: Cloud) -> None:
    headers = {"OpenStack-API-Version": "compute 2.97"}
    body: dict[str, Any] = {"volumeAttachment": {"volumeId": SHARE}}
    response = server_cloud.ask("POST", f"{URL}/os-volume_attachments", json=body)
    assert error(response) == (404, f"Volume {SHARE} could not be found.")
    server_cloud.ask("PUT", f"/_admin/servers/{SERVER}", json={"vm_state": "stopped"})
    response = server_cloud.ask("POST", f"{URL}/shares", json={"share": {"share_id": SHARE}}, headers=headers)
    assert response.status_code == 409
    body = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
    response = server_cloud.ask("POST", f"{URL}/remote-consoles", json=body, headers=headers)
    assert error(response) == (501, "The requested functionality is not supported.")
    assert "runs no servers" in response.headers["X-Fake-Nova-Hint"]
