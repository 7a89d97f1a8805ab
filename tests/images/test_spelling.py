"""What explains that an image was found, or missed, only because of how the database compares text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fake_nova.images.conditions import Condition, HasTag, PropertyEquals, TextIsOneOf
from fake_nova.images.database import MARIADB, SQLITE
from fake_nova.images.model import Image
from fake_nova.images.spelling import TextPair, explain_match, text_pair
from tests.conftest import Cloud

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def image(**fields: Any) -> Image:
    return Image(id="a" * 36, created_at=NOW, updated_at=NOW, **fields)


@pytest.mark.parametrize(
    ("image_text", "request_text", "difference"),
    [
        ("Twin", "TWIN", "case"),
        ("Café", "cafe", "accents"),
        ("pad", "pad  ", "trailing blanks"),
        ("Pad ", "pad", "case and trailing blanks"),
        ("straße", "strase", "accents"),
    ],
)
def test_the_difference_of_two_equal_texts_has_a_name(
    image_text: str, request_text: str, difference: str
) -> None:
    assert TextPair("name", image_text, request_text).difference == difference


@pytest.mark.parametrize(
    ("condition", "note"),
    [
        (
            TextIsOneOf.of("name", ("x", "TWIN"), MARIADB),
            'name "Twin" equals "TWIN" on MariaDB: differs in case',
        ),
        (PropertyEquals.of("K", "v", MARIADB), 'property key "k" equals "K" on MariaDB: differs in case'),
        (PropertyEquals.of("k", "V", MARIADB), 'property k "v" equals "V" on MariaDB: differs in case'),
        (HasTag("rèd", MARIADB), 'tag "red" equals "rèd" on MariaDB: differs in accents'),
    ],
)
def test_a_match_by_another_spelling_is_explained(condition: Condition, note: str) -> None:
    match = image(name="Twin", properties={"k": "v"}, tags=("red",))
    assert explain_match((condition,), (match,)) == f"{note}."
    assert str(text_pair(condition, match)) == note


@pytest.mark.parametrize(
    "condition",
    [
        TextIsOneOf.of("name", ("TWIN", "Twin"), MARIADB),
        PropertyEquals.of("k", "v", MARIADB),
        HasTag("red", MARIADB),
        TextIsOneOf.of("checksum", ("a",), MARIADB),
    ],
)
def test_a_match_by_the_same_spelling_needs_no_explanation(condition: Condition) -> None:
    match = image(name="Twin", properties={"k": "v"}, tags=("red",))
    assert explain_match((condition,), (match,)) == ""


@pytest.mark.parametrize("path", ["/v2.1/images/detail?name=EVERY", "/image/v2/images?name=EVERY"])
def test_a_list_that_only_mariadb_fills_has_a_hint_and_a_note(path: str) -> None:
    cloud = Cloud()
    cloud.ask("POST", "/_admin/images", json={"name": "every"})
    for _ in range(2):  # the second page comes from the cache
        response = cloud.ask("GET", path)
        assert [listed["name"] for listed in response.get_json()["images"]] == ["every"]
        hint = 'name "every" equals "EVERY" on MariaDB: differs in case.'
        assert response.headers["X-Fake-Nova-Hint"] == hint
    rows = cloud.get("/_admin/explain?path=" + path.replace("?", "%3F"))["images"]
    assert {row["name"]: row["note"] for row in rows}["every"] == hint
    assert all(row["note"] is None for row in rows if row["name"] != "every")


def test_an_image_that_sqlite_misses_says_that_mariadb_would_find_it() -> None:
    cloud = Cloud(database="sqlite")
    cloud.ask("POST", "/_admin/images", json={"name": "every"})
    rows = cloud.get("/_admin/explain?path=/v2.1/images%3Fname=EVERY")["images"]
    reasons = {row["name"]: row["dropped"] for row in rows}
    assert reasons["every"] == 'name is "every"; asked for "EVERY"; equal on MariaDB: differs in case'
    assert text_pair(TextIsOneOf.of("name", ("EVERY",), SQLITE), image(name="other")) is None


@pytest.mark.parametrize("path", ["/v2.1/images", "/image/v2/images"])
def test_an_image_shown_by_an_id_in_capitals_has_a_hint(path: str) -> None:
    cloud = Cloud()
    image_id = cloud.get(path)["images"][0]["id"]
    response = cloud.ask("GET", f"{path}/{image_id.upper()}")
    shown_image = response.get_json()
    assert shown_image.get("image", shown_image)["id"] == image_id
    hint = f'id "{image_id}" equals "{image_id.upper()}" on MariaDB: differs in case.'
    assert response.headers["X-Fake-Nova-Hint"] == hint
    assert "X-Fake-Nova-Hint" not in cloud.ask("GET", f"{path}/{image_id}").headers
