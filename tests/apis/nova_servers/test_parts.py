"""The parts of a server: tags, volumes, ports and security groups. Some parts no server has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cloud
from tests.record import servers_cloud

WEB = f"/v2.1/servers/{servers_cloud.server_id('web')}"
VOLUME = f"/v2.1/servers/{servers_cloud.server_id('volume')}"
VOLUME_ID = "40000000-0000-4000-8000-000000000001"


@pytest.fixture
def studio(tmp_path: Path) -> Cloud:
    """The cloud on which the servers API was recorded."""
    path = tmp_path / "studio.json"
    path.write_text(servers_cloud.fixture(), encoding="utf-8")
    return Cloud(private=True, fixtures=(str(path),), dialect="nova", auth_strategy="keystone")


def ask(cloud: Cloud, method: str, path: str, user: str = "ada", minor: int = 104, **options: Any) -> Any:
    headers = {"OpenStack-API-Version": f"compute 2.{minor}"}
    return cloud.ask(method, path, user, headers=headers, **options)


def message(response: Any) -> str:
    [error] = response.get_json().values()
    return str(error["message"])


def tags(cloud: Cloud) -> list[str]:
    names: list[str] = ask(cloud, "GET", f"{WEB}/tags").get_json()["tags"]
    return names


def test_tags_are_added_replaced_and_removed(studio: Cloud) -> None:
    response = ask(studio, "PUT", f"{WEB}/tags/a%20b")
    assert (response.status_code, response.headers["Location"]) == (201, f"http://localhost{WEB}/tags/a b")
    assert ask(studio, "PUT", f"{WEB}/tags/blue").status_code == 204
    assert tags(studio) == ["a b", "blue", "red"]
    assert ask(studio, "GET", f"{WEB}/tags/red").status_code == 204
    assert ask(studio, "DELETE", f"{WEB}/tags/red").status_code == 204
    assert message(ask(studio, "DELETE", f"{WEB}/tags/red")).endswith("has no tag 'red'")
    assert ask(studio, "PUT", f"{WEB}/tags", json={"tags": ["z", "c", "z"]}).get_json() == {
        "tags": ["c", "z"]
    }
    assert ask(studio, "DELETE", f"{WEB}/tags").status_code == 204
    assert tags(studio) == []


def test_tags_compare_without_case_on_mariadb_and_paths_are_not_decoded(studio: Cloud) -> None:
    assert ask(studio, "GET", f"{WEB}/tags/RED").status_code == 204
    assert ask(studio, "PUT", f"{WEB}/tags/RED").status_code == 201
    assert ask(studio, "PUT", f"{WEB}/tags/%C3%A9").status_code == 201
    assert tags(studio) == ["Ã©", "blue", "red"]
    assert ask(studio, "DELETE", f"{WEB}/tags/Red").status_code == 204
    assert tags(studio) == ["Ã©", "blue"]


def test_tags_are_checked(studio: Cloud) -> None:
    assert "is invalid. It must be a non empty string" in message(ask(studio, "PUT", f"{WEB}/tags/a,b"))
    assert message(ask(studio, "PUT", f"{WEB}/tags/x", json={})) == "{} is not of type 'null'"
    many = {"tags": [str(number) for number in range(50)]}
    assert ask(studio, "PUT", f"{WEB}/tags", json=many).status_code == 200
    assert (
        message(ask(studio, "PUT", f"{WEB}/tags/x")) == "The number of tags exceeded the per-server limit 50"
    )
    many["tags"].append("50")
    assert ask(studio, "PUT", f"{WEB}/tags", json=many).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "verb"),
    [("PUT", "tags/x", "update tag"), ("DELETE", "tags/x", "delete tag"), ("DELETE", "tags", "delete tags")],
)
def test_tags_do_not_change_while_a_server_builds(studio: Cloud, method: str, path: str, verb: str) -> None:
    server_id = servers_cloud.server_id("building")
    response = ask(studio, method, f"/v2.1/servers/{server_id}/{path}")
    assert response.status_code == 409
    assert message(response) == f"Cannot '{verb}' instance {server_id} while it is in vm_state building"


def test_tags_of_another_projects_server_are_forbidden_instead_of_not_found(studio: Cloud) -> None:
    rule = "Policy doesn't allow os_compute_api:os-server-tags:index to be performed."
    assert message(ask(studio, "GET", f"{WEB}/tags", "otto")) == rule
    assert message(ask(studio, "GET", "/v2.1/servers/nope/tags")) == "Instance nope has no mapping to a cell."
    for method in ("GET", "PUT", "DELETE"):
        assert ask(studio, method, f"{WEB}/tags", minor=25).status_code == 404
        assert ask(studio, method, f"{WEB}/tags/x", minor=25).status_code == 404


@pytest.mark.parametrize(
    ("minor", "keys"),
    [
        (69, "id volumeId serverId device"),
        (70, "id volumeId serverId device tag"),
        (79, "id volumeId serverId device tag delete_on_termination"),
        (89, "volumeId serverId device tag delete_on_termination attachment_id bdm_uuid"),
    ],
)
def test_the_attachment_of_a_volume_has_keys_by_version(studio: Cloud, minor: int, keys: str) -> None:
    path = f"{VOLUME}/os-volume_attachments"
    [attachment] = ask(studio, "GET", path, minor=minor).get_json()["volumeAttachments"]
    assert list(attachment) == keys.split()
    shown = ask(studio, "GET", f"{path}/{VOLUME_ID}?x=1", minor=minor).get_json()
    assert shown == {"volumeAttachment": attachment}
    assert message(ask(studio, "GET", f"{path}/nope")).endswith("is not attached to volume nope")


@pytest.mark.parametrize("goes", [True, False])
def test_a_volume_says_whether_it_goes_with_its_server(studio: Cloud, goes: bool) -> None:
    volumes = [{"id": VOLUME_ID, "delete_on_termination": goes}]
    path = VOLUME.removeprefix("/v2.1")
    assert studio.ask("PATCH", f"/_admin{path}", json={"volumes": volumes}).status_code == 200
    [attachment] = ask(studio, "GET", f"{VOLUME}/os-volume_attachments").get_json()["volumeAttachments"]
    assert attachment["delete_on_termination"] is goes


def test_ports_are_those_of_fixed_addresses(studio: Cloud) -> None:
    [port] = ask(studio, "GET", f"{WEB}/os-interface").get_json()["interfaceAttachments"]
    assert [each["ip_address"] for each in port["fixed_ips"]] == ["10.0.0.7", "fd00::7"]
    shown = ask(studio, "GET", f"{WEB}/os-interface/{port['port_id']}").get_json()
    assert shown == {"interfaceAttachment": port}
    assert (
        "tag" not in ask(studio, "GET", f"{WEB}/os-interface", minor=69).get_json()["interfaceAttachments"][0]
    )
    assert ask(studio, "GET", f"{WEB}/os-interface/nope").status_code == 404
    assert ask(studio, "GET", f"{VOLUME}/os-interface").get_json() == {"interfaceAttachments": []}


def test_security_groups_of_a_server_have_the_ids_of_the_list(studio: Cloud) -> None:
    groups = ask(studio, "GET", "/v2.1/os-security-groups", minor=1).get_json()
    assert ask(studio, "GET", f"{WEB}/os-security-groups").get_json() == groups
    assert ask(studio, "GET", f"{VOLUME}/os-security-groups").get_json() == {"security_groups": []}
    body = {"name": "other", "owner": "other", "security_groups": ["default"]}
    assert studio.ask("POST", "/_admin/servers", json=body).status_code == 201
    assert ask(studio, "GET", f"{WEB}/os-security-groups", "admin").get_json() == groups


@pytest.mark.parametrize(
    ("path", "since", "user", "body"),
    [
        ("os-server-password", 1, "rita", {"password": ""}),
        ("migrations", 23, "admin", {"migrations": []}),
        ("topology", 78, "rita", {"nodes": [], "pagesize_kb": None}),
        ("shares", 97, "rita", {"shares": []}),
    ],
)
def test_what_no_server_has_is_empty_and_needs_a_role(
    studio: Cloud, path: str, since: int, user: str, body: Any
) -> None:
    assert ask(studio, "GET", f"{WEB}/{path}", user, minor=since).get_json() == body
    assert ask(studio, "GET", f"{WEB}/{path}", "norole", minor=since).status_code == 403
    assert ask(studio, "GET", f"{WEB}/{path}?x=1", user, minor=102).status_code == 400
    if since > 1:
        assert ask(studio, "GET", f"{WEB}/{path}", user, minor=since - 1).status_code == 404


def test_diagnostics_are_for_admins_and_need_a_host(studio: Cloud) -> None:
    assert ask(studio, "GET", f"{WEB}/diagnostics").status_code == 403
    assert ask(studio, "GET", f"{WEB}/diagnostics", "admin").status_code == 501
    offloaded = f"/v2.1/servers/{servers_cloud.server_id('offloaded')}"
    assert ask(studio, "GET", f"{offloaded}/diagnostics", "admin").status_code == 409
