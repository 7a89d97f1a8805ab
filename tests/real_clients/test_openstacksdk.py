"""openstacksdk: the images of its compute proxy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openstack
import pytest
import yaml
from keystoneauth1.exceptions import Unauthorized
from openstack.connection import Connection
from openstack.exceptions import DuplicateResource, ForbiddenException, NotFoundException

from fake_nova.control.types import ImageStatus
from fake_nova.testing.fake_nova import FakeNova
from tests.real_clients.conftest import (
    CIRROS,
    DEMO_PROJECT,
    GOLDEN,
    NAMES,
    NIGHTLY,
    NIGHTLYS_SERVER,
    STATUSES,
    UBUNTU,
    UNKNOWN,
    Place,
    Proxy,
    exports_of,
    in_list_order,
    openrc,
)
from tests.serving.command import Command

# The SDK warns at each use that the images of its compute proxy are deprecated, and so are many
# features that it uses itself.
pytestmark = [
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.OpenStackDeprecationWarning"),
]

Connect = Callable[..., Connection]


@pytest.fixture(autouse=True)
def configuration(isolated_environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the SDK, which looks for files when it is imported, find only these empty ones."""
    clouds, secrets = tmp_path / "clouds.yaml", tmp_path / "secure.yaml"
    clouds.write_text("clouds: {}\n")
    secrets.write_text("clouds: {}\n")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(clouds))
    monkeypatch.setenv("OS_CLIENT_SECURE_FILE", str(secrets))
    return clouds


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Connect with only these OS_* variables."""
    connections: list[Connection] = []

    def by_variables(variables: dict[str, str]) -> Connection:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        connections.append(openstack.connect())
        return connections[-1]

    yield by_variables
    for connection in connections:
        connection.close()


@pytest.fixture
def demo(nova: FakeNova, connect: Connect) -> Connection:
    return connect(openrc(nova.auth_url))


def names(images: Any) -> list[str]:
    return [image.name for image in images]


def test_a_connection_by_variables_lists_every_image_in_the_dialects_order(
    demo: Connection, dialect: str
) -> None:
    assert names(demo.compute.images()) == in_list_order(dialect, *NAMES)
    assert demo.current_project_id == DEMO_PROJECT


def test_a_connection_takes_the_login_of_control(nova: FakeNova, dialect: str) -> None:
    with openstack.connect(auth_url=nova.auth_url, **nova.login) as connection:
        assert [image.name for image in connection.compute.images()] == in_list_order(dialect, *NAMES)


def test_a_connection_by_clouds_yaml_lists_every_image_in_the_dialects_order(
    nova: FakeNova, configuration: Path, dialect: str
) -> None:
    cloud = {
        "auth": {
            "auth_url": nova.auth_url,
            "username": "demo",
            "password": "demo-secret",
            "project_name": "demo",
            "user_domain_id": "default",
            "project_domain_id": "default",
        },
        "region_name": "RegionOne",
    }
    configuration.write_text(yaml.safe_dump({"clouds": {"fake": cloud}}))
    with openstack.connect(cloud="fake") as connection:
        assert names(connection.compute.images()) == in_list_order(dialect, *NAMES)
        assert connection.compute.get_image(GOLDEN).name == "golden"


def test_a_list_without_details_has_only_ids_names_and_links(demo: Connection, dialect: str) -> None:
    images = list(demo.compute.images(details=False))
    assert names(images) == in_list_order(dialect, *NAMES)
    assert {image.status for image in images} == {None}
    for image in images:
        assert [link["rel"] for link in image.links] == ["self", "bookmark", "alternate"]
        assert image.id in image.links[0]["href"]


def test_an_image_has_its_numbers_times_status_and_metadata(demo: Connection) -> None:
    image = demo.compute.get_image(GOLDEN)
    assert (image.id, image.name, image.status, image.progress) == (GOLDEN, "golden", "ACTIVE", 100)
    assert (image.size, image.min_disk, image.min_ram) == (734003200, 10, 2048)
    assert datetime.fromisoformat(image.created_at) == datetime(2024, 6, 3, 15, 45, tzinfo=UTC)
    assert datetime.fromisoformat(image.updated_at) == datetime(2024, 6, 4, 9, 0, tzinfo=UTC)
    assert image.metadata == {"architecture": "aarch64", "os_distro": "debian", "os_version": "12"}


def test_list_and_show_return_equal_images(demo: Connection) -> None:
    for image in demo.compute.images():
        assert image.to_dict() == demo.compute.get_image(image.id).to_dict()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"name": "golden"}, ["golden"]),
        ({"name": "gold"}, []),
        ({"status": "ACTIVE"}, [name for name in NAMES if name != "web-1-nightly"]),
        ({"status": "SAVING"}, ["web-1-nightly"]),
        ({"changes_since": "2024-05-06T12:20:00Z"}, ["windows-2022", "web-1-nightly", "golden"]),
        ({"changes_since": "2024-06-04T09:00:01Z"}, []),
        ({"min_ram": 1024}, ["ubuntu-24.04"]),
        ({"min_disk": 10}, ["golden"]),
        ({"type": "snapshot"}, ["image1", "web-1-nightly"]),
        ({"server": NIGHTLYS_SERVER}, ["web-1-nightly"]),
        ({"type": "snapshot", "status": "ACTIVE"}, ["image1"]),
        ({"min_ram": 1024, "min_disk": 5}, []),
        ({"min_ram": 0, "limit": 1}, ["image1", "web-1-nightly"]),
    ],
)
def test_a_filter_finds_exactly_the_matching_images_with_and_without_details(
    demo: Connection, dialect: str, query: dict[str, Any], expected: list[str]
) -> None:
    assert names(demo.compute.images(**query)) == in_list_order(dialect, *expected)
    assert names(demo.compute.images(details=False, **query)) == in_list_order(dialect, *expected)


def test_a_client_side_filter_can_use_metadata(demo: Connection) -> None:
    assert names(demo.compute.images(metadata={"os_distro": "debian"})) == ["golden"]


@pytest.mark.parametrize("limit", [1, 2, 5, 6, 7])
def test_paging_visits_every_image_exactly_once(demo: Connection, dialect: str, limit: int) -> None:
    assert names(demo.compute.images(limit=limit)) == in_list_order(dialect, *NAMES)
    assert names(demo.compute.images(details=False, limit=limit)) == in_list_order(dialect, *NAMES)


def test_a_single_page_starts_after_its_marker(demo: Connection, dialect: str) -> None:
    all_images = list(demo.compute.images())
    page = demo.compute.images(limit=2, marker=all_images[1].id, paginated=False)
    assert names(page) == in_list_order(dialect, *NAMES)[2:4]


def test_an_image_is_found_by_id_and_by_name(demo: Connection) -> None:
    by_id = demo.compute.find_image(CIRROS, ignore_missing=False)
    by_name = demo.compute.find_image("cirros-0.6.2-x86_64", ignore_missing=False)
    assert by_id.id == by_name.id == CIRROS


def test_an_ambiguous_name_is_an_error(nova: FakeNova, demo: Connection) -> None:
    nova.images.add(name="golden")
    with pytest.raises(DuplicateResource):
        demo.compute.find_image("golden", ignore_missing=False)


def test_an_unknown_image_is_not_found(demo: Connection) -> None:
    for ask in (
        lambda: demo.compute.get_image(UNKNOWN),
        lambda: demo.compute.find_image("no such image", ignore_missing=False),
        lambda: demo.compute.delete_image(UNKNOWN, ignore_missing=False),
        lambda: demo.compute.fetch_image_metadata(UNKNOWN),
    ):
        with pytest.raises(NotFoundException):
            ask()
    demo.compute.delete_image(UNKNOWN)


def test_a_deleted_image_is_gone(demo: Connection, dialect: str) -> None:
    demo.compute.delete_image(NIGHTLY, ignore_missing=False)
    with pytest.raises(NotFoundException):
        demo.compute.get_image(NIGHTLY)
    with pytest.raises(NotFoundException):
        demo.compute.delete_image(NIGHTLY, ignore_missing=False)
    assert names(demo.compute.images()) == in_list_order(
        dialect, *(name for name in NAMES if name != "web-1-nightly")
    )


def test_another_projects_image_cannot_be_deleted(demo: Connection) -> None:
    with pytest.raises(ForbiddenException):
        demo.compute.delete_image(CIRROS, ignore_missing=False)
    assert demo.compute.get_image(CIRROS).status == "ACTIVE"


def test_not_even_its_owner_can_delete_a_protected_image(nova: FakeNova, connect: Connect) -> None:
    admin = connect(openrc(nova.auth_url, user="admin", password="admin-secret"))
    with pytest.raises(ForbiddenException):
        admin.compute.delete_image(UBUNTU, ignore_missing=False)
    admin.compute.delete_image(CIRROS, ignore_missing=False)
    assert CIRROS not in {image.id for image in admin.compute.images()}
    assert UBUNTU in {image.id for image in admin.compute.images()}


def test_metadata_can_be_added_read_and_deleted(demo: Connection) -> None:
    before = dict(demo.compute.fetch_image_metadata(NIGHTLY).metadata)
    demo.compute.set_image_metadata(NIGHTLY, colour="blue", base_image_ref="none")
    after = {**before, "colour": "blue", "base_image_ref": "none"}
    assert demo.compute.fetch_image_metadata(NIGHTLY).metadata == after
    assert demo.compute.get_image(NIGHTLY).metadata == after
    demo.compute.delete_image_metadata(NIGHTLY, ["colour", "base_image_ref"])
    del after["colour"], after["base_image_ref"]
    assert demo.compute.fetch_image_metadata(NIGHTLY).metadata == after
    demo.compute.delete_image_metadata(NIGHTLY)
    assert demo.compute.fetch_image_metadata(NIGHTLY).metadata == {}


def test_one_metadata_key_can_be_set_read_and_deleted(demo: Connection) -> None:
    image = demo.compute.get_image(NIGHTLY)
    image.set_metadata_item(demo.compute, "colour", "Größe & 50 %")
    reloaded_image = demo.compute.get_image(NIGHTLY)
    assert reloaded_image.get_metadata_item(demo.compute, "colour").metadata["colour"] == "Größe & 50 %"
    image.delete_metadata_item(demo.compute, "colour")
    with pytest.raises(NotFoundException):
        demo.compute.get_image(NIGHTLY).get_metadata_item(demo.compute, "colour")


def test_metadata_can_be_replaced_as_a_whole(demo: Connection) -> None:
    image = demo.compute.get_image(NIGHTLY)
    image.replace_metadata(demo.compute, {"only": "this"})
    assert demo.compute.get_image(NIGHTLY).metadata == {"only": "this"}


def test_another_projects_metadata_cannot_be_set(demo: Connection) -> None:
    before = demo.compute.get_image(CIRROS).metadata
    with pytest.raises(ForbiddenException):
        demo.compute.set_image_metadata(CIRROS, colour="blue")
    assert demo.compute.get_image(CIRROS).metadata == before


@pytest.mark.parametrize(("status", "nova_status"), STATUSES.items())
def test_a_status_has_novas_name(
    nova: FakeNova, demo: Connection, status: ImageStatus, nova_status: str
) -> None:
    nova.images.set_status(GOLDEN, status)
    assert demo.compute.get_image(GOLDEN).status == nova_status


def test_only_one_dialect_lists_a_failed_snapshot(nova: FakeNova, demo: Connection, dialect: str) -> None:
    nova.images.set_status(NIGHTLY, "killed")
    error_names = names(demo.compute.images(status="ERROR"))
    assert error_names == (["web-1-nightly"] if dialect == "huaweicloud" else [])


def test_a_wrong_password_is_unauthorized(nova: FakeNova, connect: Connect) -> None:
    with pytest.raises(Unauthorized):
        list(connect(openrc(nova.auth_url, password="wrong")).compute.images())


def test_a_token_that_the_server_forgot_is_renewed_automatically(
    nova: FakeNova, demo: Connection, dialect: str
) -> None:
    first = demo.auth_token
    nova.reset()
    assert names(demo.compute.images()) == in_list_order(dialect, *NAMES)
    assert demo.auth_token != first


def test_all_requests_stay_behind_a_proxy_with_another_host(
    place: Place, proxy: Proxy, connect: Connect, dialect: str
) -> None:
    connection = connect(openrc(proxy.auth_url))
    images = list(connection.compute.images(limit=2))
    assert names(images) == in_list_order(dialect, *NAMES)
    assert images[0].links[0]["href"].startswith(f"{proxy.url}{place.compute}/v2.1/")
    connection.compute.set_image_metadata(NIGHTLY, colour="blue")
    connection.compute.delete_image(NIGHTLY, ignore_missing=False)
    lists = [line for line in proxy.requests if line.startswith(f"GET {place.compute}/v2.1/images/detail?")]
    assert len(lists) == 4  # the third page is full, so the client requests a fourth, which is empty
    assert proxy.requests[-2:] == [
        f"POST {place.compute}/v2.1/images/{NIGHTLY}/metadata",
        f"DELETE {place.compute}/v2.1/images/{NIGHTLY}",
    ]


def test_the_exports_of_the_command_work_with_the_sdk(
    place: Place, command: Command, connect: Connect
) -> None:
    connection = connect(exports_of(command))
    assert names(connection.compute.images(limit=2)) == list(NAMES)
    image = connection.compute.find_image("golden", ignore_missing=False)
    assert image.links[0]["href"] == f"{command.url}{place.compute}/v2.1/images/{GOLDEN}"
    with pytest.raises(NotFoundException):
        connection.compute.get_image(UNKNOWN)


def test_a_snapshot_of_a_server_becomes_an_image(nova: FakeNova, demo: Connection) -> None:
    server = demo.compute.find_server("web-1")
    assert server is not None
    assert (server.id, server.status) == (NIGHTLYS_SERVER, "ACTIVE")
    assert [entry.name for entry in demo.compute.servers(details=False)] == ["web-1"]
    with pytest.raises(NotFoundException, match=f"Instance {UNKNOWN} could not be found"):
        demo.compute.get_server(UNKNOWN)
    nova.clock.freeze()
    action = {"createBackup": {"name": "weekly-1", "backup_type": "weekly", "rotation": 1}}
    assert demo.compute.post(f"/servers/{server.id}/action", json=action).status_code == 202
    nova.clock.advance(7)
    (backup,) = demo.compute.images(name="weekly-1")
    assert (backup.status, backup.metadata["instance_uuid"]) == ("ACTIVE", NIGHTLYS_SERVER)
