"""Bodies of the image service: size limits, and how errors quote them."""

from __future__ import annotations

import pytest

from tests.conftest import Cloud

CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"
IMAGES = "/image/v2/images"
TOO_LARGE = "The body of your request was too large for this server."


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", IMAGES, "application/json"),
        ("PATCH", f"{IMAGES}/{CIRROS}", "application/openstack-images-v2.1-json-patch"),
        ("POST", f"{IMAGES}/{CIRROS}/members", "application/json"),
        ("POST", f"{IMAGES}/{CIRROS}/import", "application/json"),
    ],
)
def test_a_json_body_is_limited_to_256_kilobytes(cloud: Cloud, method: str, path: str, kind: str) -> None:
    def status(length: int) -> tuple[int, bool]:
        response = cloud.ask(
            method, path, data=b"[" + b" " * (length - 2) + b"]", headers={"Content-Type": kind}
        )
        return response.status_code, TOO_LARGE in response.text

    assert status(262_144 + 1) == (413, True)
    assert status(262_144) != (413, True)


def test_image_properties_can_reach_the_size_limit(cloud: Cloud) -> None:
    properties = {f"key{number}": "x" * 2_000 for number in range(128)}
    response = cloud.ask("POST", IMAGES, json=properties, user="demo")
    assert response.status_code == 201
    assert response.get_json()["key127"] == "x" * 2_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>bold</b>", "bold"),
        ("a<br>b<BR/>c", "a\nb\nc"),
        ("a<!-- b -->c", "a b c"),
        ("a<b", "a<b"),
        ("<" * 32_000, "<" * 32_000),
        ("<" * 1_000 + "></" + ">" * 3, ">>"),
    ],
    ids=["tags", "breaks", "a comment", "no tag", "many starts of tags", "one long tag"],
)
def test_a_plain_text_error_has_no_html_tags(cloud: Cloud, text: str, expected: str) -> None:
    response = cloud.ask("POST", IMAGES, json={"visibility": text}, headers={"Accept": "text/plain"})
    assert response.status_code == 400
    assert f"Provided object does not match schema 'image': '{expected}' is not one of" in response.text


def test_an_unclosed_line_break_is_removed_to_the_end_of_the_page(cloud: Cloud) -> None:
    response = cloud.ask(
        "POST", IMAGES, json={"visibility": "<br" * 10_000}, headers={"Accept": "text/plain"}
    )
    assert response.text == (
        "400 Bad Request\n\nProvided object does not match schema 'image': '\n\n   "  # like WebOb's <br.*?>
    )


@pytest.mark.parametrize(
    ("address", "status"),
    [("http://example.com/" + "x" * 2_029, 202), ("http://example.com/" + "x" * 2_030, 400)],
    ids=["2048 characters", "2049 characters"],
)
def test_the_uri_of_a_web_download_has_up_to_2048_characters(address: str, status: int) -> None:
    cloud = Cloud(import_methods="web-download")
    new = {"name": "x", "disk_format": "raw", "container_format": "bare"}
    image_id = cloud.ask("POST", IMAGES, json=new, user="demo").get_json()["id"]
    method = {"method": {"name": "web-download", "uri": address}}
    response = cloud.ask("POST", f"{IMAGES}/{image_id}/import", json=method, user="demo")
    assert response.status_code == status


@pytest.mark.parametrize("name", ["name", "os_hash_algo", "os_hash_value"])
def test_a_character_of_four_bytes_is_refused_also_where_the_text_is_ignored(cloud: Cloud, name: str) -> None:
    response = cloud.ask("POST", "/image/v2/images", json={name: "\U0001f600"})
    assert response.status_code == 400
    assert f"{name.title()} can't contain 4 byte unicode characters." in response.text
