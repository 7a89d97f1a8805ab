"""Snapshots and backups of servers."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nova.images import deletions
from tests.conftest import Cloud

SERVER = "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"
DEMO = "9c53a566cb3443ab910cf0daebca90c4"
ACTION = f"/v2.1/{DEMO}/servers/{SERVER}/action"


def frozen_cloud(**settings: Any) -> Cloud:
    cloud = Cloud(**settings)
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    return cloud


def post_action(cloud: Cloud, body: Any, **headers: str) -> Any:
    response = cloud.ask("POST", ACTION, json=body, headers=headers)
    assert response.status_code == 202, response.text
    return response


def image_named(cloud: Cloud, name: str) -> Any:
    (image,) = cloud.get(f"/v2.1/{DEMO}/images/detail?name={name}")["images"]
    return image


def advance(cloud: Cloud, seconds: float) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"advance": seconds})


@pytest.mark.parametrize(
    ("login_host", "action_host", "host"),
    [
        ("cloud.test:8774", "cloud.test:8774", "cloud.test:8774"),
        ("cloud.test:8774", "nova.test", "cloud.test:8774"),
        (f"{'long' * 100}.test", "nova.test", "nova.test"),
        (None, "nova.test", "nova.test"),
    ],
)
def test_the_location_of_a_snapshot_is_in_the_image_service_of_the_catalog(
    login_host: str | None, action_host: str, host: str
) -> None:
    cloud = frozen_cloud(dialect="nova")
    headers = {"Host": action_host}
    if login_host is not None:
        user = cloud.emulator.cloud.directory.first_user
        assert user is not None
        password = {"user": {"id": user.id, "password": user.password}}
        auth = {
            "identity": {"methods": ["password"], "password": password},
            "scope": {"project": {"id": DEMO}},
        }
        response = cloud.ask(
            "POST", "/identity/v3/auth/tokens", json={"auth": auth}, headers={"Host": login_host}
        )
        catalog = response.json["token"]["catalog"]
        urls = {service["type"]: service["endpoints"][0]["url"] for service in catalog}
        assert urls["image"] == f"http://{login_host}/image"
        headers["X-Auth-Token"] = response.headers["X-Subject-Token"]
    location = post_action(cloud, {"createImage": {"name": "snap"}}, **headers).headers["Location"]
    assert location == f"http://{host}/image/images/{image_named(cloud, 'snap')['id']}"


def test_numbers_with_thousands_of_digits_are_valid(cloud: Cloud) -> None:
    long_number = "9" * 5000
    assert len(cloud.get(f"/v2.1/{DEMO}/servers?limit={long_number}")["servers"]) == 1
    assert cloud.ask("GET", f"/v2.1/{DEMO}/servers?limit=%D9%A3").status_code == 400  # an Arabic three
    post_action(cloud, {"createBackup": {"name": "b", "backup_type": "daily", "rotation": long_number}})
    assert image_named(cloud, "b")["status"] == "SAVING"


@pytest.mark.parametrize(
    ("dialect", "location"),
    [("huaweicloud", f"http://localhost/{DEMO}/images/"), ("nova", "http://localhost/image/images/")],
)
def test_a_snapshot_goes_from_saving_to_active_and_frees_its_server(dialect: str, location: str) -> None:
    cloud = frozen_cloud(dialect=dialect)
    response = post_action(cloud, {"createImage": {"name": "snap", "metadata": {"why": "test"}}})
    image = image_named(cloud, "snap")
    assert response.headers["Location"] == location + image["id"]
    assert response.data == b""
    assert (image["status"], image["progress"]) == ("SAVING", 25)
    assert image["server"]["id"] == SERVER
    assert image["server"]["links"][0]["href"] == f"http://localhost/v2.1/{DEMO}/servers/{SERVER}"
    assert image["minDisk"] == 20
    advance(cloud, 2)
    assert (image_named(cloud, "snap")["status"], image_named(cloud, "snap")["progress"]) == ("SAVING", 50)
    advance(cloud, 5)
    assert (image_named(cloud, "snap")["status"], image_named(cloud, "snap")["progress"]) == ("ACTIVE", 100)
    assert image["metadata"] == {
        "architecture": "x86_64",
        "os_distro": "ubuntu",
        "os_version": "24.04",
        "auto_disk_config": "True",
        "base_image_ref": "155d900f-4e14-4e4c-a73d-069cbf4541e6",
        "boot_roles": "member,reader",
        "owner_user_name": "demo",
        "owner_project_name": "demo",
        "instance_uuid": SERVER,
        "user_id": image["metadata"]["user_id"],
        "image_type": "snapshot",
        "why": "test",
    }
    post_action(cloud, {"createImage": {"name": "next"}})  # the server is free again


def test_the_body_has_the_image_id_from_microversion_2_45() -> None:
    cloud = frozen_cloud()
    response = post_action(
        cloud, {"createImage": {"name": "snap"}}, **{"OpenStack-API-Version": "compute 2.45"}
    )
    assert response.get_json() == {"image_id": image_named(cloud, "snap")["id"]}
    assert "Location" not in response.headers


def test_an_assigned_plan_applies_to_snapshots_too() -> None:
    cloud = frozen_cloud()
    cloud.ask("PUT", "/_admin/plans", json={"assign": [{"match": {"name": "good*"}, "plan": "instant"}]})
    post_action(cloud, {"createImage": {"name": "good one"}})
    assert image_named(cloud, "good one")["status"] == "ACTIVE"


def test_backups_are_rotated_per_backup_type() -> None:
    cloud = frozen_cloud()
    for number in range(5):
        for kind in ("daily", "weekly"):
            rotation = 2 if kind == "daily" else "3"
            body = {"name": f"{kind}-{number}", "backup_type": kind, "rotation": rotation}
            post_action(cloud, {"createBackup": body})
            advance(cloud, 10)
    post_action(cloud, {"createImage": {"name": "no backup"}})
    backups = cloud.get(f"/v2.1/{DEMO}/images/detail?type=backup")["images"]
    assert sorted(image["name"] for image in backups) == [
        *("daily-3", "daily-4"),
        *("weekly-2", "weekly-3", "weekly-4"),
    ]
    assert {image["metadata"]["backup_type"] for image in backups} == {"daily", "weekly"}


@pytest.mark.parametrize(("rotation", "remaining_count"), [("2.0", 2), ("1e0", 1), ("0.0", 0), ("1e30", 3)])
def test_a_rotation_can_be_written_with_a_zero_fraction(rotation: str, remaining_count: int) -> None:
    cloud = frozen_cloud()
    for number in range(3):
        body = f'{{"name": "b{number}", "backup_type": "daily", "rotation": {rotation}}}'
        headers = {"Content-Type": "application/json"}
        response = cloud.ask("POST", ACTION, data=f'{{"createBackup": {body}}}', headers=headers)
        assert (response.status_code, "Location" in response.headers) == (202, remaining_count > 0)
        advance(cloud, 10)
    assert len(cloud.get(f"/v2.1/{DEMO}/images?type=backup")["images"]) == remaining_count


def test_a_fractional_rotation_is_a_400() -> None:
    body = {"createBackup": {"name": "b", "backup_type": "daily", "rotation": 1.5}}
    response = frozen_cloud().ask("POST", ACTION, json=body)
    assert response.status_code == 400
    assert "1.5 is not of type 'integer', 'string'" in response.get_json()["badRequest"]["message"]


def test_a_rotation_of_0_keeps_no_backup_and_sends_no_location() -> None:
    cloud = frozen_cloud()
    body = {"name": "gone", "backup_type": "daily", "rotation": 0}
    response = post_action(cloud, {"createBackup": body})
    assert "Location" not in response.headers
    advance(cloud, 60)
    assert cloud.get(f"/v2.1/{DEMO}/images?type=backup") == {"images": []}


def test_only_the_latest_backups_that_rotation_deleted_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deletions, "MAX_DELETED_IMAGES", 1)
    cloud = frozen_cloud()
    for number in range(3):
        post_action(
            cloud, {"createBackup": {"name": f"gone-{number}", "backup_type": "daily", "rotation": 0}}
        )
        advance(cloud, 60)
    deleted = [
        image["name"] for image in cloud.get("/_admin/images")["images"] if image["status"] == "deleted"
    ]
    assert [name for name in deleted if name.startswith("gone-")] == ["gone-2"]


def test_metadata_over_the_quota_is_refused_before_2_39_only() -> None:
    cloud = frozen_cloud(metadata_quota=1)
    body = {"createImage": {"name": "snap", "metadata": {"a": "1", "b": "2"}}}
    response = cloud.ask("POST", ACTION, json=body)
    assert response.status_code == 403
    assert response.get_json() == {"forbidden": {"code": 403, "message": "Image metadata limit exceeded"}}
    post_action(cloud, body, **{"OpenStack-API-Version": "compute 2.39"})


@pytest.mark.parametrize("status", ["BUILD", "ERROR", "SHELVED_OFFLOADED"])
def test_a_server_in_the_wrong_state_cannot_be_snapshotted(status: str) -> None:
    cloud = Cloud(private=True, fixtures=("empty",))
    text = f"servers: [{{id: {SERVER}, name: a, status: {status}}}]\n"
    assert cloud.ask("POST", "/_admin/fixtures?replace=true", data=text).status_code == 201
    response = cloud.ask("POST", ACTION, json={"createImage": {"name": "x"}})
    assert response.status_code == 409
    assert "while it is in vm_state" in response.get_json()["conflictingRequest"]["message"]


def test_a_fixtures_servers_are_exported_and_belong_to_the_scope() -> None:
    cloud = Cloud(private=True)
    export = cloud.ask("GET", "/_admin/export?format=json").get_json()
    assert [server["name"] for server in export["servers"]] == ["web-1"]
    project = cloud.ask("POST", "/_admin/scopes", json={}).get_json()["project"]["id"]
    assert [entry["name"] for entry in cloud.get(f"/v2.1/{project}/servers")["servers"]] == ["web-1"]


def test_a_fixture_with_the_id_of_a_server_in_use_is_refused_and_changes_nothing() -> None:
    cloud = Cloud(private=True)
    text = f"servers: [{{id: {SERVER}, name: other}}]\nimages: [{{name: new}}]\nfaults: [{{effect: {{status: 503}}}}]"
    before = [cloud.get(path) for path in ("/_admin/images", "/_admin/faults", f"/v2.1/{DEMO}/servers")]
    response = cloud.ask("POST", "/_admin/fixtures", data=text)
    assert response.status_code == 409
    assert response.get_json()["conflictingRequest"]["message"] == (
        f'servers: id already in use (got "{SERVER}"); expected an id that no server has'
    )
    after = [cloud.get(path) for path in ("/_admin/images", "/_admin/faults", f"/v2.1/{DEMO}/servers")]
    assert after == before
    assert cloud.ask("POST", "/_admin/fixtures?replace=true", data=text).status_code == 201
    cloud.ask("DELETE", "/_admin/faults")
    assert cloud.get(f"/v2.1/{DEMO}/servers/{SERVER}")["server"]["name"] == "other"


def test_an_empty_kernel_vanishes_and_a_location_is_refused() -> None:
    cloud = frozen_cloud()
    metadata = {"kernel_id": "", "ramdisk_id": "", "architecture": ""}
    post_action(cloud, {"createImage": {"name": "snap", "metadata": metadata}})
    image = image_named(cloud, "snap")
    assert metadata.keys() & image["metadata"].keys() == {"architecture"}
    body = {"createImage": {"name": "other", "metadata": {"location": "http://x"}}}
    advance(cloud, 60)
    response = cloud.ask("POST", ACTION, json=body)
    assert response.status_code == 403
    assert response.get_json()["forbidden"]["message"] == (
        "HTTP 403 Forbidden: http store must be enabled to use location API by normal user."
    )


def native(cloud: Cloud, name: str) -> Any:
    (image,) = cloud.get(f"/image/v2/images?name={name}")["images"]
    return image["status"], image["disk_format"], image["container_format"]


def test_formats_in_the_metadata_are_those_of_the_image_until_its_data_is_there() -> None:
    cloud = frozen_cloud()
    metadata = {"disk_format": "raw", "container_format": "ovf", "visibility": "public", "name": "x"}
    post_action(cloud, {"createImage": {"name": "m", "metadata": metadata}})
    assert native(cloud, "m") == ("queued", "raw", "ovf")
    advance(cloud, 60)
    assert native(cloud, "m") == ("active", "qcow2", "bare")
    body = {"name": "b", "backup_type": "daily", "rotation": 1, "metadata": {"disk_format": "vdi"}}
    post_action(cloud, {"createBackup": body})
    assert native(cloud, "b") == ("queued", "vdi", "bare")


@pytest.mark.parametrize("name", ["disk_format", "container_format"])
def test_a_format_that_the_image_service_does_not_have_is_refused(name: str) -> None:
    body = {"createImage": {"name": "m", "metadata": {name: "nonsense"}}}
    response = frozen_cloud().ask("POST", ACTION, json=body)
    assert (response.status_code, response.get_json()["badRequest"]["message"]) == (
        400,
        f"Metadata cannot have the {name} nonsense",
    )


def test_the_image_of_a_volume_backed_server_is_raw() -> None:
    cloud = frozen_cloud()
    created = cloud.ask("POST", "/_admin/servers", json={"name": "volume", "image": None, "volumes": []})
    url = f"/v2.1/{DEMO}/servers/{created.get_json()['id']}/action"
    response = cloud.ask(
        "POST", url, json={"createImage": {"name": "m", "metadata": {"disk_format": "qcow2"}}}
    )
    assert response.status_code == 400
    assert "Unable to force activate with disk_format=qcow2" in response.text
    metadata = {"disk_format": "raw", "container_format": "ovf", "visibility": "public"}
    assert (
        cloud.ask("POST", url, json={"createImage": {"name": "m", "metadata": metadata}}).status_code == 202
    )
    assert native(cloud, "m") == ("active", "raw", "ovf")
    assert "visibility" not in image_named(cloud, "m")["metadata"]


def test_a_backup_with_rotation_0_stays_until_its_upload_ends() -> None:
    cloud = frozen_cloud()
    post_action(cloud, {"createBackup": {"name": "b", "backup_type": "daily", "rotation": 0}})
    assert image_named(cloud, "b")["status"] == "SAVING"
    advance(cloud, 6)
    assert native(cloud, "b")[0] == "saving"
    advance(cloud, 60)
    assert cloud.get("/image/v2/images?name=b")["images"] == []
