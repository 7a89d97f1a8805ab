"""python-glanceclient: its library, version 2 of the API."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import glanceclient
import pytest
from glanceclient import exc
from keystoneauth1 import session
from keystoneauth1.identity import v3

from fake_nova.testing.fake_nova import FakeNova
from tests.real_clients.conftest import CIRROS, GOLDEN, NAMES, NIGHTLY, UNKNOWN

pytestmark = [pytest.mark.filterwarnings("ignore")]  # of warlock and its dependencies


@pytest.fixture
def demo(nova: FakeNova) -> Any:
    return connect(nova, "demo", "demo-secret")


def connect(nova: FakeNova, user: str, password: str) -> Any:
    auth = v3.Password(
        auth_url=nova.auth_url,
        username=user,
        password=password,
        project_name=user,
        user_domain_id="default",
        project_domain_id="default",
    )
    return glanceclient.Client("2", session=session.Session(auth=auth))


def test_a_list_has_the_images_of_nova_newest_first(demo: Any) -> None:
    assert [image.name for image in demo.images.list()] == list(NAMES[::-1])


def test_paging_visits_every_image_once(demo: Any) -> None:
    assert [image.name for image in demo.images.list(page_size=2)] == list(NAMES[::-1])
    assert [image.name for image in demo.images.list(limit=3)] == list(NAMES[:-4:-1])


def test_a_list_can_be_filtered_and_sorted_by_several_keys(demo: Any) -> None:
    assert [image.id for image in demo.images.list(filters={"name": "golden"})] == [GOLDEN]
    images = demo.images.list(
        filters={"status": "active"}, sort_key=["status", "name"], sort_dir=["asc", "asc"]
    )
    sorted_names = [image.name for image in images]
    assert sorted_names == sorted(sorted_names)


def test_an_unknown_image_is_not_found(demo: Any) -> None:
    with pytest.raises(exc.HTTPNotFound, match=f"No image found with ID {UNKNOWN}"):
        demo.images.get(UNKNOWN)


def test_an_image_can_be_created_uploaded_downloaded_and_deleted(demo: Any) -> None:
    image = demo.images.create(name="new", disk_format="raw", container_format="bare", os_distro="arch")
    assert (image.status, image.visibility, image.os_distro) == ("queued", "shared", "arch")
    demo.images.upload(image.id, BytesIO(b"hello"))
    active_image = demo.images.get(image.id)
    assert (active_image.status, active_image.size, active_image.os_hash_algo) == ("active", 5, "sha512")
    assert b"".join(demo.images.data(image.id)) == b"hello"  # the client compares the hash itself
    demo.images.delete(image.id)
    with pytest.raises(exc.HTTPNotFound):
        demo.images.get(image.id)


def test_an_update_is_a_patch_and_can_remove_properties(demo: Any) -> None:
    image = demo.images.update(NIGHTLY, name="renamed", os_distro="arch")
    assert (image.name, image.os_distro) == ("renamed", "arch")
    image = demo.images.update(NIGHTLY, remove_props=["os_distro"])
    assert "os_distro" not in image


def test_tags_and_members_can_be_added_and_removed(demo: Any) -> None:
    demo.image_tags.update(NIGHTLY, "red")
    assert demo.images.get(NIGHTLY).tags == ["red"]
    demo.image_tags.delete(NIGHTLY, "red")
    demo.images.update(NIGHTLY, visibility="shared")
    demo.image_members.create(NIGHTLY, "someone")
    assert [(member.member_id, member.status) for member in demo.image_members.list(NIGHTLY)] == [
        ("someone", "pending")
    ]
    demo.image_members.delete(NIGHTLY, "someone")
    assert list(demo.image_members.list(NIGHTLY)) == []


def test_staged_data_is_imported_by_a_plan(demo: Any, nova: FakeNova) -> None:
    image = demo.images.create(name="new", disk_format="raw", container_format="bare")
    demo.images.stage(image.id, BytesIO(b"hello"))
    assert demo.images.get(image.id).status == "uploading"
    demo.images.image_import(image.id, method="glance-direct")
    assert demo.images.get(image.id).status == "importing"
    nova.clock.advance(2)
    assert demo.images.get(image.id).status == "active"
    assert b"".join(demo.images.data(image.id)) == b"hello"


def test_an_image_can_be_deactivated_and_reactivated(demo: Any) -> None:
    image = demo.images.create(name="new", disk_format="raw", container_format="bare")
    with pytest.raises(exc.HTTPForbidden, match="Not allowed to deactivate image in status"):
        demo.images.deactivate(image.id)
    demo.images.upload(image.id, BytesIO(b"hello"))
    demo.images.deactivate(image.id)
    assert demo.images.get(image.id).status == "deactivated"
    with pytest.raises(exc.HTTPForbidden, match="deactivated"):
        demo.images.data(image.id)
    demo.images.reactivate(image.id)
    assert demo.images.get(image.id).status == "active"


def test_another_projects_image_cannot_be_changed(demo: Any) -> None:
    with pytest.raises(exc.HTTPForbidden, match="modify_image"):
        demo.images.update(CIRROS, name="mine")
    with pytest.raises(exc.HTTPForbidden, match="delete_image"):
        demo.images.delete(CIRROS)


def test_an_admin_lists_and_reads_the_tasks_of_imports(demo: Any, nova: FakeNova) -> None:
    admin = connect(nova, "admin", "admin-secret")
    image = demo.images.create(name="new", disk_format="raw", container_format="bare")
    demo.images.stage(image.id, BytesIO(b"hello"))
    demo.images.image_import(image.id)
    nova.clock.advance(2)
    (task,) = admin.tasks.list()
    assert (task.type, task.status) == ("api_image_import", "success")
    assert admin.tasks.get(task.id).result == {"image_id": image.id}
    assert [each["status"] for each in demo.images.get_associated_image_tasks(image.id)["tasks"]] == [
        "success"
    ]
    posted = admin.tasks.create(type="api_image_import", input={"x": "y"})
    assert admin.tasks.get(posted.id).message == "Missing required 'image_id' field"


def test_stores_definitions_and_the_cache_answer_the_client(demo: Any, nova: FakeNova) -> None:
    admin = connect(nova, "admin", "admin-secret")
    assert demo.images.get_stores_info()["stores"] == [{"id": "files", "default": "true"}]
    assert admin.images.get_stores_info_detail()["stores"][0]["type"] == "file"
    assert list(demo.metadefs_namespace.list()) == list(demo.metadefs_resource_type.list()) == []
    with pytest.raises(exc.HTTPForbidden):
        demo.metadefs_namespace.create(namespace="n")
    with pytest.raises(exc.HTTPNotImplemented):  # the list of versions has none with a cache
        admin.cache.list()
