"""Size limits of the bodies of the admin API."""

from __future__ import annotations

import json

import pytest

from fake_nova.apis.admin.body import MAX_FORM_BYTES, MAX_JSON_BYTES
from tests.conftest import Cloud

CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"


def of_length(length: int, beginning: str, end: str = "") -> str:
    return beginning + "x" * (length - len(beginning) - len(end)) + end


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/_admin/images"),
        ("POST", "/_admin/images/generate"),
        ("POST", "/_admin/servers/generate"),
        ("PATCH", f"/_admin/images/{CIRROS}"),
        ("PUT", "/_admin/plans"),
        ("PUT", "/_admin/plans/mine"),
        ("POST", "/_admin/faults"),
        ("POST", "/_admin/scopes"),
        ("POST", "/_admin/snapshots"),
        ("PUT", "/_admin/clock"),
        ("POST", "/_admin/reset"),
    ],
)
def test_a_json_body_for_one_object_is_limited_to_256_kilobytes(cloud: Cloud, method: str, path: str) -> None:
    response = cloud.ask(method, path, data=of_length(MAX_JSON_BYTES + 1, '{"zzz": "', '"}'))
    assert response.status_code == 413
    assert response.get_json()["overLimit"]["message"] == (
        "body: too large (got 262145 bytes); expected at most 262144"
    )
    response = cloud.ask(method, path, data=of_length(MAX_JSON_BYTES, '{"zzz": "', '"}'))
    assert response.status_code == 400
    assert "zzz: unknown key" in response.get_json()["badRequest"]["message"]


@pytest.mark.parametrize("path", ["/_admin/images", "/_admin/fixtures"])
def test_a_json_body_for_many_images_can_be_larger(path: str) -> None:
    cloud = Cloud(private=True)
    images = [{"name": "x", "properties": {"k": "v" * 10_000}}] * 60
    assert len(json.dumps(images)) > MAX_JSON_BYTES
    assert cloud.ask("POST", path, json={"images": images}).status_code == 201


@pytest.mark.parametrize(("method", "path"), [("POST", "/_admin/snapshots"), ("POST", "/_admin/reset")])
def test_a_form_is_limited_to_64_kilobytes(cloud: Cloud, method: str, path: str) -> None:
    response = cloud.ask(method, path, data=of_length(MAX_FORM_BYTES + 1, "zzz="))
    assert response.status_code == 413
    assert response.get_json()["overLimit"]["message"] == (
        "body: form too large (got 65537 bytes); expected at most 65536, or a JSON object"
    )
    response = cloud.ask(method, path, data=of_length(MAX_FORM_BYTES, "zzz="))
    assert response.status_code == 400
    assert "zzz: unknown key" in response.get_json()["badRequest"]["message"]


@pytest.mark.parametrize("body", [b"\x0b", b"\x0c", b"\x0b\x0b"])
def test_only_the_whitespace_of_json_is_an_empty_body(cloud: Cloud, body: bytes) -> None:
    assert cloud.ask("POST", "/_admin/scopes", data=body).status_code == 400
    assert cloud.ask("POST", "/_admin/reset", data=b" \t\r\n").status_code == 200
