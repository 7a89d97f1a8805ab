"""The history of images has a limit in versions and in characters."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fake_nova.cloud import history as module
from fake_nova.cloud.clock import CloudClock, SystemClock
from fake_nova.cloud.history import History, image_char_count
from fake_nova.images.model import Image
from tests.conftest import Cloud

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def with_properties(characters: int) -> Image:
    return Image(id="a", created_at=NOW, updated_at=NOW, properties={"k": "v" * (characters - 1)})


def with_tags(characters: int) -> Image:
    return Image(id="a", created_at=NOW, updated_at=NOW, tags=("t" * (characters - 1), "u"))


@pytest.mark.parametrize("image", [with_properties(100), with_tags(100)], ids=["properties", "tags"])
def test_fewer_versions_of_large_images_are_remembered(monkeypatch: pytest.MonkeyPatch, image: Image) -> None:
    monkeypatch.setattr(module, "_MAX_CHARACTERS", 300)
    history = History(CloudClock(SystemClock()), image_char_count)
    for _ in range(9):
        history.record({"a": image})
    assert len(history.versions_of("a")) == 3
    for _ in range(9):
        history.record({"a": None})  # a deleted image takes no room
    assert len(history.versions_of("a")) == 12
    history.record({"a": with_properties(200)})
    assert len(history.versions_of("a")) == 11


def test_the_number_of_versions_is_limited_for_small_images() -> None:
    history = History(CloudClock(SystemClock()), image_char_count, max_versions=5)
    for _ in range(9):
        history.record({"a": with_properties(1)})
    assert len(history.versions_of("a")) == 5


def test_the_history_holds_four_million_characters() -> None:
    cloud = Cloud(database="sqlite")  # it stores values of any length
    image_id = cloud.ask("POST", "/_admin/images", json={"name": "x"}).get_json()["id"]
    for number in range(30):
        changes = {"properties": {"k": str(number) + "v" * 200_000}}
        assert cloud.ask("PATCH", f"/_admin/images/{image_id}", json=changes).status_code == 200
    versions = cloud.emulator.cloud.history.versions_of(image_id)
    assert len(versions) == 19
    assert [version.item.properties["k"][:2] for version in versions if version.item is not None][-1] == "29"
