"""Admin requests whose body has one key: the key may be left out, as in fixture files."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cloud

IMAGE = "/_admin/images/70a599e0-31e7-49b7-b260-868f441e862b"
STEPS = [{"status": "saving", "seconds": 3}, {"status": "active"}]
FAULT = {"match": {"operation": "images.show"}, "effect": {"status": 503}}


def without_ids(document: Any) -> Any:
    """Return a document without ids and times, which differ between two clouds."""
    if isinstance(document, list):
        return [without_ids(item) for item in document]
    if not isinstance(document, dict):
        return document
    names = {"id", "at", "created_at", "updated_at"}
    return {name: without_ids(value) for name, value in document.items() if name not in names}


@pytest.mark.parametrize(
    ("method", "path", "key", "value"),
    [
        ("PUT", "/_admin/plans/nightly", "steps", STEPS),
        ("PUT", f"{IMAGE}/status", "status", "killed"),
        ("PUT", f"{IMAGE}/plan", "plan", "slow"),
        ("POST", "/_admin/images", "images", [{"name": "a"}, {"name": "b"}]),
        ("POST", "/_admin/faults", "faults", [FAULT, FAULT]),
        ("POST", "/_admin/snapshots", "name", "before"),
        ("POST", "/_admin/reset", "to", "empty"),
    ],
)
def test_a_body_means_the_same_with_its_key_and_without(method: str, path: str, key: str, value: Any) -> None:
    answers = []
    for body in ({key: value}, value):
        response = Cloud().ask(method, path, json=body)
        answers.append((response.status_code, without_ids(response.get_json())))
    assert answers[0] == answers[1]
    assert answers[0][0] in (200, 201)


def test_images_follow_a_plan_that_was_defined_by_its_steps_alone(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/plans/nightly", json=STEPS)
    assert cloud.get("/_admin/plans")["plans"]["nightly"] == STEPS
    image = cloud.ask("POST", "/_admin/images", json={"plan": "nightly"}).get_json()
    assert image["status"] == "saving"


def test_a_list_of_images_may_be_as_large_with_its_key_as_without(cloud: Cloud) -> None:
    images = [{"name": f"image {number}", "tags": ["a", "b", "c"]} for number in range(3_000)]
    assert cloud.ask("POST", "/_admin/images", json=images).status_code == 201
