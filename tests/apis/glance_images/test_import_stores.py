"""The stores that an import names (measured with Glance 33.0.0, whose only store was ``files``)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cloud

DATA_HEADERS = {"Content-Type": "application/octet-stream"}
ALL_STORES_CONFLICT = "All_stores parameter can't be used with x-image-meta-store header or stores parameter"
BOTH_CONFLICT = "Stores parameter and x-image-meta-store header can't be both specified"


def create_image(cloud: Cloud) -> str:
    body = {"name": "new", "disk_format": "raw", "container_format": "bare"}
    return str(cloud.ask("POST", "/image/v2/images", json=body).get_json()["id"])


def stage(cloud: Cloud, image_id: str, **headers: str) -> None:
    url = f"/image/v2/images/{image_id}/stage"
    assert cloud.ask("PUT", url, data=b"hello", headers={**DATA_HEADERS, **headers}).status_code == 204


def start_import(cloud: Cloud, image_id: str, store_header: str | None = None, **fields: Any) -> Any:
    headers = {"Accept": "text/plain"}
    if store_header is not None:
        headers["X-Image-Meta-Store"] = store_header
    body = {"method": {"name": "glance-direct"}, **fields}
    return cloud.ask("POST", f"/image/v2/images/{image_id}/import", json=body, headers=headers)


@pytest.mark.parametrize(
    ("fields", "header", "status", "message"),
    [
        ({"stores": ["nope"]}, None, 409, "Store for identifier nope not found"),
        ({"stores": ["files", "nope"]}, None, 409, "Store for identifier nope not found"),
        ({"stores": [None]}, None, 409, "Store for identifier None not found"),
        ({"stores": "files"}, None, 409, "Store for identifier f not found"),
        ({"stores": ["nope"], "all_stores_must_succeed": False}, None, 409, "identifier nope not found"),
        ({}, "nope", 409, "Store for identifier nope not found"),
        ({"stores": ["files"], "all_stores": True}, None, 400, ALL_STORES_CONFLICT),
        ({"stores": ["nope"], "all_stores": True}, None, 400, ALL_STORES_CONFLICT),
        ({"all_stores": True}, "files", 400, ALL_STORES_CONFLICT),
        ({"stores": ["files"]}, "files", 400, BOTH_CONFLICT),
    ],
)
def test_an_import_into_other_stores_is_refused_and_the_image_stays_staged(
    cloud: Cloud, fields: dict[str, Any], header: str | None, status: int, message: str
) -> None:
    image_id = create_image(cloud)
    stage(cloud, image_id)
    response = start_import(cloud, image_id, header, **fields)
    assert response.status_code == status
    assert message in response.text
    assert cloud.get(f"/image/v2/images/{image_id}")["status"] == "uploading"


@pytest.mark.parametrize("value", [None, 3])
def test_stores_that_make_the_real_service_fail_are_a_400_with_a_hint(cloud: Cloud, value: Any) -> None:
    image_id = create_image(cloud)
    stage(cloud, image_id)
    response = start_import(cloud, image_id, stores=value)
    assert response.status_code == 400
    assert "fails with a 500" in response.headers["X-Fake-Nova-Hint"]


@pytest.mark.parametrize(
    ("fields", "header"),
    [
        ({"stores": ["files"]}, None),
        ({"stores": ["files", "files"]}, None),
        ({"stores": ["files"], "all_stores": False}, None),
        ({"all_stores": True}, None),
        ({}, "files"),
    ],
)
def test_an_import_into_the_only_store_is_accepted(
    cloud: Cloud, fields: dict[str, Any], header: str | None
) -> None:
    image_id = create_image(cloud)
    stage(cloud, image_id)
    assert start_import(cloud, image_id, header, **fields).status_code == 202


def test_the_status_of_the_image_is_checked_before_the_stores(cloud: Cloud) -> None:
    response = start_import(cloud, create_image(cloud), stores=["nope"])
    assert response.status_code == 409
    assert "needs to be staged" in response.text


def test_staging_ignores_the_store_in_the_header(cloud: Cloud) -> None:
    image_id = create_image(cloud)
    stage(cloud, image_id, **{"X-Image-Meta-Store": "nope"})
    assert cloud.get(f"/image/v2/images/{image_id}")["status"] == "uploading"


def test_data_that_comes_later_lies_in_the_emulators_store_and_an_export_names_others() -> None:
    cloud = Cloud(private=True, fixtures=("empty",))
    images = (("queued", {"status": "queued"}), ("ceph", {"os_hash_value": "00"}))
    for name, fields in images:
        document = {
            "name": name,
            "stores": "ceph",
            "disk_format": "raw",
            "container_format": "bare",
            **fields,
        }
        assert cloud.ask("POST", "/_admin/images", json=document).status_code == 201
    queued_id = next(
        image["id"] for image in cloud.get("/_admin/images")["images"] if image["name"] == "queued"
    )
    headers = {"Content-Type": "application/octet-stream"}
    assert (
        cloud.ask("PUT", f"/image/v2/images/{queued_id}/file", data=b"x", headers=headers).status_code == 204
    )
    listed_images = cloud.get("/image/v2/images")["images"]
    assert {image["name"]: image["stores"] for image in listed_images} == {"queued": "files", "ceph": "ceph"}
    exported_images = cloud.get("/_admin/export?format=json")["images"]
    assert {image["name"]: image.get("stores") for image in exported_images} == {
        "queued": None,
        "ceph": "ceph",
    }
