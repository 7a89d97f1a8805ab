"""Image data: uploads, downloads, imports and limits."""

from __future__ import annotations

from hashlib import md5, sha512
from typing import Any

import pytest

from tests.conftest import Cloud

BYTES = {"Content-Type": "application/octet-stream"}
IMPORT = {"method": {"name": "glance-direct"}}


def create_image(cloud: Cloud, **fields: Any) -> str:
    body = {"name": "new", "disk_format": "raw", "container_format": "bare", **fields}
    response = cloud.ask("POST", "/image/v2/images", json=body)
    assert response.status_code == 201, response.text
    return str(response.get_json()["id"])


def get_image(cloud: Cloud, image_id: str) -> Any:
    return cloud.get(f"/image/v2/images/{image_id}")


def upload(cloud: Cloud, image_id: str, data: bytes, resource: str = "file") -> Any:
    return cloud.ask("PUT", f"/image/v2/images/{image_id}/{resource}", data=data, headers=BYTES)


def start_import(cloud: Cloud, image_id: str, body: Any = None) -> Any:
    headers = {"Accept": "application/json"}
    return cloud.ask("POST", f"/image/v2/images/{image_id}/import", json=body or IMPORT, headers=headers)


def test_a_store_is_preferred_after_a_semicolon_too(cloud: Cloud) -> None:
    image_id = create_image(cloud)
    assert upload(cloud, image_id, b"hello").status_code == 204
    queries = ("a=1;prefer=nope", "prefer=nope", "a=1%3Bprefer=nope")
    responses = [cloud.ask("GET", f"/image/v2/images/{image_id}/file?{query}") for query in queries]
    assert [response.status_code for response in responses] == [400, 400, 200]


def test_size_checksum_and_hash_are_computed_from_the_data(cloud: Cloud) -> None:
    image_id = create_image(cloud)
    assert upload(cloud, image_id, b"hello").status_code == 204
    image = get_image(cloud, image_id)
    assert (image["status"], image["size"], image["virtual_size"]) == ("active", 5, 5)
    assert image["checksum"] == md5(b"hello", usedforsecurity=False).hexdigest()
    assert (image["os_hash_algo"], image["os_hash_value"]) == ("sha512", sha512(b"hello").hexdigest())
    assert image["stores"] == "files"
    response = cloud.ask("GET", f"/image/v2/images/{image_id}/file")
    assert (response.data, response.headers["Content-MD5"]) == (b"hello", image["checksum"])


def test_numbers_with_thousands_of_digits_are_valid(cloud: Cloud) -> None:
    many, image_id = "9" * 5000, create_image(cloud)
    url = f"/image/v2/images/{image_id}/file"
    too_short = cloud.ask("PUT", url, data=b"hello", headers={**BYTES, "X-OpenStack-Image-Size": many})
    assert too_short.status_code == 400
    assert "Size mismatch" in too_short.text
    upload(cloud, image_id, b"hello")
    range_headers = [
        {"Range": f"bytes={many}-"},
        {"Range": f"bytes=1-{many}"},
        {"Range": f"bytes=-{many}"},
        {"Content-Range": f"bytes 1-{many}/*"},
    ]
    responses = [cloud.ask("GET", url, headers=headers) for headers in range_headers]
    assert [response.status_code for response in responses] == [416, 206, 206, 416]
    assert [response.data for response in responses[1:3]] == [b"ello", b"hello"]


def test_data_over_the_size_limit_is_refused_and_the_image_stays_queued() -> None:
    cloud = Cloud(max_image_size=4)
    image_id = create_image(cloud)
    response = upload(cloud, image_id, b"hello")
    assert response.status_code == 413
    assert "--max-image-size limits image data to 4 bytes" in response.headers["X-Fake-Nova-Hint"]
    assert get_image(cloud, image_id)["status"] == "queued"
    assert upload(cloud, image_id, b"hell").status_code == 204


def test_deleting_an_image_frees_space_when_the_storage_is_full() -> None:
    cloud = Cloud(max_image_size=2)
    images = [create_image(cloud) for _ in range(17)]
    for at, image_id in enumerate(images[:16]):
        assert upload(cloud, image_id, b"%02d" % at).status_code == 204
    assert upload(cloud, images[16], b"xx").status_code == 413
    cloud.ask("DELETE", f"/image/v2/images/{images[0]}")
    assert upload(cloud, images[16], b"xx").status_code == 204
    assert cloud.ask("GET", f"/image/v2/images/{images[1]}/file").data == b"01"


def test_deleting_an_image_frees_space_when_the_staging_storage_is_full() -> None:
    cloud = Cloud(max_image_size=2)
    images = [create_image(cloud) for _ in range(17)]
    for image_id in images[:16]:
        assert upload(cloud, image_id, b"xx", "stage").status_code == 204
    assert upload(cloud, images[16], b"xx", "stage").status_code == 413
    assert get_image(cloud, images[16])["status"] == "queued"
    cloud.ask("DELETE", f"/image/v2/images/{images[0]}")
    assert upload(cloud, images[16], b"xx", "stage").status_code == 204
    assert start_import(cloud, images[1]).status_code == 202


def test_a_reset_drops_image_data_and_a_snapshot_keeps_it(cloud: Cloud) -> None:
    image_id = create_image(cloud)
    upload(cloud, image_id, b"hello")
    cloud.ask("POST", "/_admin/snapshots", json={"name": "filled"})
    cloud.ask("DELETE", f"/image/v2/images/{image_id}")
    cloud.ask("POST", "/_admin/snapshots/filled/restore")
    assert cloud.ask("GET", f"/image/v2/images/{image_id}/file").data == b"hello"
    cloud.ask("POST", "/_admin/reset")
    assert cloud.emulator.cloud.image_data.by_hash.get(sha512(b"hello").hexdigest()) is None


def test_an_uploaded_image_starts_its_assigned_plan_when_it_has_data(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    cloud.ask("PUT", "/_admin/plans", json={"default": "slow"})
    image_id = create_image(cloud)
    cloud.ask("PUT", "/_admin/clock", json={"advance": 100})
    assert get_image(cloud, image_id)["status"] == "queued"  # because it has no data
    upload(cloud, image_id, b"hello")
    assert get_image(cloud, image_id)["status"] == "saving"
    assert get_image(cloud, image_id)["checksum"] is None
    assert cloud.ask("GET", f"/image/v2/images/{image_id}/file").status_code == 204
    cloud.ask("PUT", "/_admin/clock", json={"advance": 5})
    assert get_image(cloud, image_id)["status"] == "active"
    assert cloud.ask("GET", f"/image/v2/images/{image_id}/file").data == b"hello"


def test_an_upload_whose_plan_fails_ends_as_killed(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    cloud.ask("PUT", "/_admin/plans", json={"assign": [{"match": {"name": "bad*"}, "plan": "fails"}]})
    image_id = create_image(cloud, name="bad-one")
    upload(cloud, image_id, b"hello")
    cloud.ask("PUT", "/_admin/clock", json={"advance": 7})
    assert get_image(cloud, image_id)["status"] == "killed"


def test_an_import_of_staged_data_can_follow_another_plan(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    first, second = create_image(cloud), create_image(cloud)
    for image_id in (first, second):
        assert upload(cloud, image_id, b"hello", "stage").status_code == 204
        assert get_image(cloud, image_id)["status"] == "uploading"
    assert start_import(cloud, first).status_code == 202
    assert get_image(cloud, first)["status"] == "importing"
    cloud.ask("PUT", "/_admin/clock", json={"advance": 2})
    assert get_image(cloud, first)["status"] == "active"
    steps = [{"status": "importing", "looks": 1}, {"status": "killed"}]
    assert cloud.ask("PUT", "/_admin/plans/import", json={"steps": steps}).status_code == 200
    start_import(cloud, second)
    assert [get_image(cloud, second)["status"] for _ in range(2)] == ["importing", "killed"]


def test_web_download_is_available_if_the_setting_enables_it(cloud: Cloud) -> None:
    body = {"method": {"name": "web-download", "uri": "https://example.com/disk"}}
    response = start_import(cloud, create_image(cloud), body)
    assert (response.status_code, response.get_json()["message"]) == (
        400,
        "Unknown import method name 'web-download'.<br /><br />\n\n\n",
    )
    second_cloud = Cloud(import_methods="glance-direct,web-download")
    assert second_cloud.get("/image/v2/info/import")["import-methods"]["value"] == [
        "glance-direct",
        "web-download",
    ]
    second_cloud.ask("PUT", "/_admin/clock", json={"mode": "auto"})
    image_id = create_image(second_cloud, disk_format="qcow2")
    assert start_import(second_cloud, image_id, body).status_code == 202
    assert [get_image(second_cloud, image_id)["status"] for _ in range(2)] == ["importing", "active"]
    assert second_cloud.ask("GET", f"/image/v2/images/{image_id}/file").data == b"https://example.com/disk"


@pytest.mark.parametrize(
    "uri", ["ftp://example.com/x", "http://example.com:8080/x", "http://", "nonsense", None, 5, "http://[x"]
)
def test_an_invalid_uri_of_a_web_download_is_refused(uri: object) -> None:
    cloud = Cloud(import_methods="web-download")
    response = start_import(cloud, create_image(cloud), {"method": {"name": "web-download", "uri": uri}})
    assert (response.status_code, response.get_json()["message"]) == (
        400,
        f"URI for web-download does not pass filtering: {uri}<br /><br />\n\n\n",
    )


def test_a_seeded_image_is_imported_without_data(cloud: Cloud) -> None:
    image_id = cloud.ask(
        "POST",
        "/_admin/images",
        json={"status": "uploading", "disk_format": "raw", "container_format": "bare"},
    ).get_json()["id"]
    cloud.ask("PUT", "/_admin/clock", json={"mode": "auto"})
    start_import(cloud, image_id)
    assert [get_image(cloud, image_id)["status"] for _ in range(2)] == ["importing", "active"]
    assert cloud.ask("GET", f"/image/v2/images/{image_id}/file").status_code == 204


QCOW2 = b"QFI\xfb" + bytes(20) + (2**30).to_bytes(8, "big") + bytes(100)


@pytest.mark.parametrize(
    ("data", "disk_format", "expected"),
    [
        (QCOW2, "qcow2", (204, 2**30)),
        (QCOW2, "raw", (204, len(QCOW2))),
        (b"hello", "qcow2", (415, None)),
        (QCOW2, "vmdk", (415, None)),
        (b"hello", "ami", (204, None)),
        (b"", "raw", (204, None)),
        (bytes(0x8001) + b"CD001", "iso", (204, 0x8006)),
    ],
)
def test_the_format_of_uploaded_data_is_inspected(
    cloud: Cloud, data: bytes, disk_format: str, expected: tuple[int, int | None]
) -> None:
    image_id = create_image(cloud, disk_format=disk_format)
    status = upload(cloud, image_id, data).status_code
    assert (status, get_image(cloud, image_id)["virtual_size"]) == expected


def test_data_in_a_refused_format_can_be_downloaded_until_there_is_other_data(cloud: Cloud) -> None:
    image_id = create_image(cloud, disk_format="qcow2")
    assert upload(cloud, image_id, b"hello").status_code == 415
    image = get_image(cloud, image_id)
    assert (image["status"], image["size"], image["checksum"], image["os_hash_algo"]) == (
        "queued",
        None,
        "5d41402abc4b2a76b9719d911017c592",
        "sha512",
    )
    assert cloud.ask("GET", f"/image/v2/images/{image_id}/file").data == b"hello"
    assert upload(cloud, image_id, QCOW2).status_code == 204
    assert cloud.ask("GET", f"/image/v2/images/{image_id}/file").data == QCOW2
    assert get_image(cloud, image_id)["status"] == "active"


def test_only_admins_see_the_stores_of_a_deactivated_image() -> None:
    cloud = Cloud(auth_strategy="keystone")
    body = {"name": "new", "disk_format": "raw", "container_format": "bare"}
    image_id = cloud.ask("POST", "/image/v2/images", "demo", json=body).get_json()["id"]
    url = f"/image/v2/images/{image_id}"
    cloud.ask("PUT", f"{url}/file", "demo", data=b"hello", headers=BYTES)
    assert cloud.ask("POST", f"{url}/actions/deactivate", "admin").status_code == 204
    patch_headers = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
    patch = [{"op": "replace", "path": "/name", "value": "other"}]
    for user, stores in (("admin", "files"), ("demo", None)):
        image = cloud.get(url, user)
        (listed_image,) = cloud.get("/image/v2/images?status=deactivated", user)["images"]
        changed_image = cloud.ask("PATCH", url, user, json=patch, headers=patch_headers).get_json()
        assert [item.get("stores") for item in (image, listed_image, changed_image)] == [stores] * 3
        assert list(image)[-1] == ("stores" if stores else "schema")
