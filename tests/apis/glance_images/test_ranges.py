"""Range filters of the image service's list: `size_min`, `size_max` and their siblings."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nova.images.glance_filters import RANGE_FIELDS
from tests.conftest import Cloud

#: Field -> its values in two images, the lower one first; SQLite compares texts with the digits of the bound.
FIELDS: dict[str, tuple[Any, Any]] = {
    "name": ("1", "3"),
    "id": ("10000000-0000-4000-8000-000000000000", "30000000-0000-4000-8000-000000000000"),
    "owner": ("1" * 32, "3" * 32),
    "size": (1, 3),
    "virtual_size": (1, 3),
    "min_ram": (1, 3),
    "min_disk": (1, 3),
    "checksum": ("1" * 32, "3" * 32),
    "os_hash_value": ("1" * 128, "3" * 128),
}

#: Field of text -> its values in two images, whose first numbers MariaDB compares with the bound.
NUMBERED_TEXTS = {
    "name": ("1 of 3", "3 of 3"),
    "id": ("1a000000-0000-4000-8000-000000000000", "3a000000-0000-4000-8000-000000000000"),
    "owner": ("1" + "a" * 31, "3" + "a" * 31),
    "checksum": ("1" + "a" * 31, "3" + "a" * 31),
    "os_hash_value": ("1" + "a" * 127, "3" + "a" * 127),
}

#: Texts that sort after any digits.
WORDS = {"status": "queued", "container_format": "bare", "disk_format": "raw", "os_hash_algo": "md5"}


def cloud_of(*images: dict[str, Any], database: str = "mariadb") -> Cloud:
    """Return a cloud of these images, all public, named low and high."""
    cloud = Cloud(fixtures=("empty",), database=database)
    for label, image in zip(("low", "high"), images, strict=True):
        new = {"visibility": "public", "status": "active", "properties": {"called": label}, **image}
        response = cloud.ask("POST", "/_admin/images", json=new)
        assert response.status_code == 201, response.text
    return cloud


def labels_found(cloud: Cloud, query: str) -> set[str]:
    return {image["called"] for image in cloud.get(f"/image/v2/images?{query}")["images"]}


@pytest.mark.parametrize(
    ("database", "field", "values"),
    [
        *(("sqlite", field, values) for field, values in FIELDS.items()),
        *(("mariadb", field, values) for field, values in {**FIELDS, **NUMBERED_TEXTS}.items()),
    ],
)
def test_a_range_filter_finds_the_images_on_its_side_of_the_bound(
    database: str, field: str, values: tuple[Any, Any]
) -> None:
    low, high = values
    cloud = cloud_of({field: low}, {field: high}, database=database)
    assert labels_found(cloud, f"{field}_min=2") == {"high"}
    assert labels_found(cloud, f"{field}_max=2") == {"low"}
    assert labels_found(cloud, f"{field}_min=0&{field}_max=4") == {"low", "high"}


@pytest.mark.parametrize("field", [name for name, (low, _) in FIELDS.items() if isinstance(low, int)])
def test_a_range_includes_its_bounds_and_excludes_images_without_a_value(field: str) -> None:
    cloud = cloud_of({field: 1}, {field: 3})
    assert labels_found(cloud, f"{field}_min=3") == {"high"}
    assert labels_found(cloud, f"{field}_max=1") == {"low"}
    if field in ("size", "virtual_size"):
        cloud = cloud_of({field: None}, {field: 3})
        assert labels_found(cloud, f"{field}_min=0") == labels_found(cloud, f"{field}_max=9") == {"high"}


@pytest.mark.parametrize("field", WORDS)
def test_a_word_is_greater_than_any_number_on_sqlite_and_0_on_mariadb(field: str) -> None:
    cloud = cloud_of({field: WORDS[field]}, {field: WORDS[field]}, database="sqlite")
    assert labels_found(cloud, f"{field}_min=99") == {"low", "high"}
    assert labels_found(cloud, f"{field}_max=99") == set()
    cloud = cloud_of({field: WORDS[field]}, {field: WORDS[field]}, database="mariadb")
    assert labels_found(cloud, f"{field}_min=1") == set()
    assert labels_found(cloud, f"{field}_max=0") == {"low", "high"}


def test_false_is_0_and_true_is_1_in_a_range() -> None:
    cloud = cloud_of({"protected": False}, {"protected": True})
    assert labels_found(cloud, "protected_min=1") == {"high"}
    assert labels_found(cloud, "protected_max=0") == {"low"}
    cloud = cloud_of({"os_hidden": False}, {"os_hidden": True})
    assert labels_found(cloud, "os_hidden_max=0") == {"low"}
    assert (
        labels_found(cloud, "os_hidden_min=1") == set()
    )  # lists have hidden images only with os_hidden=true
    assert labels_found(cloud, "os_hidden=true&os_hidden_min=1") == {"high"}


def test_every_field_with_a_range_is_covered() -> None:
    assert {*FIELDS, *WORDS, "protected", "os_hidden"} == set(RANGE_FIELDS)
