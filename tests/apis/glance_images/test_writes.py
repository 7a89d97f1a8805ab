"""Writes through the image service that the record does not cover."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Cloud

IMAGES = "/image/v2/images"
PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}


def create_image(cloud: Cloud, text: str = "{}") -> Any:
    """POST an image; *text* is its JSON, because 1.0 and 1 are equal in Python."""
    return cloud.ask("POST", IMAGES, data=text, headers={"Content-Type": "application/json"})


def patch_image(cloud: Cloud, name: str, value: str) -> Any:
    """Create an image and PATCH one field of it; *value* is its JSON."""
    path = f"{IMAGES}/{create_image(cloud).get_json()['id']}"
    return cloud.ask(
        "PATCH", path, data=f'[{{"op": "add", "path": "/{name}", "value": {value}}}]', headers=PATCH
    )


@pytest.mark.parametrize("name", ["min_ram", "min_disk"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.0", "1"), ("0.0", "0"), ("-0.0", "0"), ("5e1", "50"), ("2147483647.0", "2147483647")],
)
def test_an_integer_can_be_written_with_a_zero_fraction(
    cloud: Cloud, name: str, value: str, expected: str
) -> None:
    create_response, patch_response = (
        create_image(cloud, f'{{"{name}": {value}}}'),
        patch_image(cloud, name, value),
    )
    assert (create_response.status_code, patch_response.status_code) == (201, 200)
    for response in (create_response, patch_response):
        assert f'"{name}": {expected},' in response.text
        assert f'"{name}": {expected},' in cloud.ask("GET", f"{IMAGES}/{response.get_json()['id']}").text


@pytest.mark.parametrize("name", ["min_ram", "min_disk"])
@pytest.mark.parametrize("value", ["1.5", "true", '"1.0"', "1e400", "NaN", "-1.0", "2147483648.0", "1e300"])
def test_an_invalid_or_too_large_integer_is_a_400(cloud: Cloud, name: str, value: str) -> None:
    assert create_image(cloud, f'{{"{name}": {value}}}').status_code == 400
    assert patch_image(cloud, name, value).status_code == 400


def test_only_a_patch_accepts_property_names_over_255_characters_and_only_on_sqlite() -> None:
    name, cloud = "k" * 256, Cloud(database="sqlite")
    create_response = create_image(cloud, json.dumps({name: "v"}))
    assert create_response.status_code == 400
    assert "Custom property should not be greater than 255 characters." in create_response.text
    response = patch_image(cloud, name, '"v"')
    assert (response.status_code, response.get_json()[name]) == (200, "v")
    assert cloud.get(f"{IMAGES}/{response.get_json()['id']}")[name] == "v"
    response = patch_image(Cloud(database="mariadb"), name, '"v"')
    assert response.status_code == 400
    assert response.headers["X-Fake-Nova-Hint"] == "A real cloud on MariaDB fails here with a 500."
