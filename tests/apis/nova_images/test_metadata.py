"""Concurrent writes of metadata."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nova.images.status import ImageStatus
from tests.conftest import Cloud

IMAGE = "70a599e0-31e7-49b7-b260-868f441e862b"


@pytest.mark.parametrize(
    ("method", "key", "body"),
    [
        ("POST", "", {"metadata": {"k": "v"}}),
        ("PUT", "/k", {"meta": {"k": "v"}}),
        ("DELETE", "/os_distro", None),
    ],
)
def test_writing_metadata_of_an_image_that_is_deleted_meanwhile_is_a_404(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, method: str, key: str, body: Any
) -> None:
    images = cloud.emulator.cloud.images
    update = images.update

    def delayed_update(image_id: str, change: Any) -> Any:
        update(image_id, lambda image: image.replace(status=ImageStatus.DELETED))
        return update(image_id, change)

    monkeypatch.setattr(images, "update", delayed_update)
    response = cloud.ask(method, f"/v2.1/images/{IMAGE}/metadata{key}", json=body)
    assert (response.status_code, response.get_json()["itemNotFound"]["message"]) == (404, "Image not found.")
    stored_image = images.get(IMAGE)
    assert "k" not in stored_image.properties
    assert "os_distro" in stored_image.properties
