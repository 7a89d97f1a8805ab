"""openstacksdk: its image proxy, which uses the image service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openstack
import pytest
from openstack.exceptions import ForbiddenException, NotFoundException

from fake_nova.testing.fake_nova import FakeNova
from tests.real_clients.conftest import CIRROS, GOLDEN, NAMES, NIGHTLY, UNKNOWN, in_list_order, openrc

pytestmark = [
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.OpenStackDeprecationWarning"),
]


@pytest.fixture
def demo(nova: FakeNova, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in openrc(nova.auth_url).items():
        monkeypatch.setenv(name, value)
    with openstack.connect() as connection:
        yield connection


def test_both_proxies_list_the_same_images(demo: Any, dialect: str) -> None:
    assert [image.name for image in demo.image.images()] == list(NAMES[::-1])
    assert [image.name for image in demo.compute.images()] == in_list_order(dialect, *NAMES)


def test_paging_visits_every_image_once(demo: Any) -> None:
    assert [image.name for image in demo.image.images(limit=2)] == list(NAMES[::-1])


def test_an_image_is_found_by_name_and_shown(demo: Any) -> None:
    image = demo.image.find_image("golden", ignore_missing=False)
    assert (image.id, image.min_disk, image.min_ram) == (GOLDEN, 10, 2048)
    with pytest.raises(NotFoundException):
        demo.image.get_image(UNKNOWN)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # a property of the SDK
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_image_can_be_created_from_a_file_and_downloaded(demo: Any, tmp_path: Path) -> None:
    data = tmp_path / "data.raw"
    data.write_bytes(b"hello")
    image = demo.image.create_image(
        "new", filename=str(data), disk_format="raw", container_format="bare", os_distro="arch"
    )
    active_image = demo.image.get_image(image.id)
    assert (active_image.status, active_image.size, active_image.os_distro) == ("active", 5, "arch")
    assert demo.image.download_image(active_image).content == b"hello"
    assert demo.compute.get_image(active_image.id).metadata["os_distro"] == "arch"


def test_an_upload_fills_a_queued_image(demo: Any) -> None:
    image = demo.image.upload_image(name="new", disk_format="raw", container_format="bare", data=b"hello")
    assert demo.image.get_image(image.id).status == "active"


def test_an_image_is_imported_by_a_plan(demo: Any, nova: FakeNova) -> None:
    image = demo.image.create_image("new", disk_format="raw", container_format="bare", allow_duplicates=True)
    demo.image.stage_image(image, data=b"hello")
    demo.image.import_image(image)
    assert demo.image.get_image(image.id).status == "importing"
    assert demo.compute.get_image(image.id).status == "UNKNOWN"
    nova.clock.advance(2)
    assert demo.compute.get_image(image.id).status == "ACTIVE"


def test_an_update_through_one_proxy_is_visible_in_the_other_at_once(demo: Any) -> None:
    demo.image.update_image(NIGHTLY, name="renamed", min_ram=64)
    image = demo.compute.get_image(NIGHTLY)
    assert (image.name, image.min_ram) == ("renamed", 64)
    demo.compute.set_image_metadata(NIGHTLY, stage="test")
    assert demo.image.get_image(NIGHTLY).properties["stage"] == "test"
    demo.image.add_tag(NIGHTLY, "red")
    assert demo.image.get_image(NIGHTLY).tags == ["red"]


def test_members_can_be_added_and_removed(demo: Any) -> None:
    demo.image.update_image(NIGHTLY, visibility="shared")
    demo.image.add_member(NIGHTLY, member="someone")
    assert [member.member_id for member in demo.image.members(NIGHTLY)] == ["someone"]
    demo.image.remove_member("someone", NIGHTLY)
    assert list(demo.image.members(NIGHTLY)) == []


def test_a_deleted_image_is_gone_from_both_proxies(demo: Any) -> None:
    demo.image.delete_image(NIGHTLY)
    with pytest.raises(NotFoundException):
        demo.compute.get_image(NIGHTLY)
    with pytest.raises(ForbiddenException):
        demo.image.delete_image(CIRROS)
