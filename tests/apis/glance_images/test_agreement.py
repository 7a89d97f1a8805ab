"""Both APIs read one store: equal queries give equal results, and a write to one is visible in the other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Cloud

PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
PRIVATE = "10000000-0000-4000-8000-000000000024"

TIE = "10000000-0000-4000-8000-00000000002e"

#: A query of Nova's proxy, and the equivalent query of the image service.
SAME = [
    ("", ""),
    ("name=twin", "name=twin"),
    ("status=active", "status=active"),
    ("status=queued", "status=queued"),
    ("minRam=512", "min_ram=512"),
    ("minDisk=20", "min_disk=20"),
    ("changes-since=2014-03-20T10:00:00Z", "updated_at=gte:2014-03-20T10:00:00Z"),
    ("server=not-a-uuid", "instance_uuid=not-a-uuid"),
    ("type=base", "image_type=base"),
    ("property-number=42", "number=42"),
    ("property-image_type=snapshot", "image_type=snapshot"),
    ("limit=3", "limit=3"),
    (f"limit=3&marker={TIE}", f"limit=3&marker={TIE}"),
    ("property-visibility=private", "visibility=private"),
    ("property-sort_key=name", "sort_key=name"),
    ("status=nonsense", "status=nonsense"),
]


@pytest.mark.parametrize("user", ["alice", "bob", "admin"])
@pytest.mark.parametrize(("old", "new"), SAME)
def test_equivalent_queries_find_the_same_images_in_the_same_order(
    recorded_cloud: Cloud, user: str, old: str, new: str
) -> None:
    proxy = recorded_cloud.get(f"/v2.1/images/detail?{old}", user)["images"]
    limit = "" if "limit" in new else "&limit=1000"
    service = recorded_cloud.get(f"/image/v2/images?{new}{limit}", user)["images"]
    assert [image["id"] for image in service] == [image["id"] for image in proxy]
    for nova_image, glance_image in zip(proxy, service, strict=True):
        glance_names = {"name": "name", "minRam": "min_ram", "minDisk": "min_disk"} | {
            "created": "created_at",
            "updated": "updated_at",
        }
        assert {key: nova_image[key] for key in glance_names} == {
            key: glance_image[name] for key, name in glance_names.items()
        }
        assert nova_image["OS-EXT-IMG-SIZE:size"] == (glance_image["size"] or 0)


@pytest.mark.parametrize("user", ["alice", "bob"])
def test_pages_of_both_apis_end_with_the_same_image(recorded_cloud: Cloud, user: str) -> None:
    ids_by_url: dict[str, list[str]] = {}
    for start in ("/v2.1/images?limit=7", "/image/v2/images?limit=7"):
        url: str | None = start
        while url is not None:
            page = recorded_cloud.get(url, user)
            ids_by_url.setdefault(start, []).extend(image["id"] for image in page["images"])
            links = page.get("images_links", [{"href": None}])
            following = page.get("next")
            url = f"/image{following}" if following else links[0]["href"]
    proxy, service = ids_by_url.values()
    assert proxy == service
    assert len(set(proxy)) == len(proxy) > 40


def change(cloud: Cloud, *operations: dict[str, Any]) -> Any:
    return cloud.ask(
        "PATCH", f"/image/v2/images/{PRIVATE}", "alice", data=json.dumps(operations), headers=PATCH
    )


def test_a_write_to_glance_is_visible_in_nova_at_once(recorded_cloud: Cloud) -> None:
    operations: list[dict[str, Any]] = [
        {"op": "replace", "path": "/name", "value": "renamed"},
        {"op": "replace", "path": "/min_ram", "value": 64},
        {"op": "add", "path": "/os_distro", "value": "arch"},
    ]
    assert change(recorded_cloud, *operations).status_code == 200
    image = recorded_cloud.get(f"/v2.1/images/{PRIVATE}", "alice")["image"]
    assert (image["name"], image["minRam"], image["metadata"]) == ("renamed", 64, {"os_distro": "arch"})
    assert recorded_cloud.names("/v2.1/images?property-image_type=x&name=renamed", "alice") == []
    assert recorded_cloud.names("/v2.1/images?minRam=64", "alice") == ["renamed"]


def test_a_write_to_nova_is_visible_in_glance_at_once(recorded_cloud: Cloud) -> None:
    recorded_cloud.ask("POST", f"/v2.1/images/{PRIVATE}/metadata", "alice", json={"metadata": {"k": "v"}})
    assert recorded_cloud.get(f"/image/v2/images/{PRIVATE}", "alice")["k"] == "v"
    recorded_cloud.ask("DELETE", f"/v2.1/images/{PRIVATE}", "alice")
    assert recorded_cloud.ask("GET", f"/image/v2/images/{PRIVATE}", "alice").status_code == 404


def test_an_image_without_data_is_saving_in_nova(recorded_cloud: Cloud) -> None:
    body = {"name": "new", "disk_format": "raw", "container_format": "bare"}
    image_id = recorded_cloud.ask("POST", "/image/v2/images", "alice", json=body).get_json()["id"]
    assert recorded_cloud.get(f"/v2.1/images/{image_id}", "alice")["image"]["status"] == "SAVING"
    recorded_cloud.ask(
        "PUT",
        f"/image/v2/images/{image_id}/file",
        "alice",
        data=b"hello",
        headers={"Content-Type": "application/octet-stream"},
    )
    image = recorded_cloud.get(f"/v2.1/images/{image_id}", "alice")["image"]
    assert (image["status"], image["progress"], image["OS-EXT-IMG-SIZE:size"]) == ("ACTIVE", 100, 5)


def test_a_status_set_by_an_admin_is_visible_in_both_apis(recorded_cloud: Cloud) -> None:
    recorded_cloud.ask("PUT", f"/_admin/images/{PRIVATE}/status", json={"status": "killed"})
    assert recorded_cloud.get(f"/image/v2/images/{PRIVATE}", "alice")["status"] == "killed"
    assert recorded_cloud.get(f"/v2.1/images/{PRIVATE}", "alice")["image"]["status"] == "ERROR"
