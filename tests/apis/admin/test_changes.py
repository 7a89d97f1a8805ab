"""The images that changed since a cursor."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nova.apis.admin import changes as module
from tests.conftest import Cloud

CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"


def since(cloud: Cloud, cursor: str) -> Any:
    return cloud.get(f"/_admin/changes?since={cursor}")


def test_without_a_cursor_there_is_only_the_first_one(cloud: Cloud) -> None:
    first = cloud.get("/_admin/changes")
    assert (first["complete"], first["images"], first["removed"]) == (False, [], [])
    nothing = since(cloud, first["cursor"])
    assert nothing == {**first, "complete": True}


def test_new_changed_and_removed_images_are_listed_once(cloud: Cloud) -> None:
    cursor = cloud.get("/_admin/changes")["cursor"]
    new = cloud.ask("POST", "/_admin/images", json={"name": "new"}).get_json()
    cloud.ask("PUT", f"/_admin/images/{new['id']}/status", json={"status": "killed"})
    gone = cloud.ask("POST", "/_admin/images", json={"name": "gone"}).get_json()
    cloud.ask("DELETE", f"/_admin/images/{gone['id']}")
    cloud.ask("DELETE", f"/_admin/images/{CIRROS}")
    deleted = cloud.ask("POST", "/_admin/images", json={"name": "deleted"}).get_json()
    cloud.ask("DELETE", f"/v2.1/images/{deleted['id']}")
    changes = since(cloud, cursor)
    assert changes["complete"]
    assert [(image["name"], image["status"]) for image in changes["images"]] == [
        ("new", "killed"),
        ("deleted", "deleted"),
    ]
    assert changes["removed"] == [gone["id"], CIRROS]
    assert since(cloud, changes["cursor"])["images"] == []


def test_steps_of_plans_are_changes(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    cloud.ask("POST", "/_admin/images", json={"name": "nightly", "plan": "slow"})
    cursor = cloud.get("/_admin/changes")["cursor"]
    cloud.ask("PUT", "/_admin/clock", json={"advance": 100})
    (image,) = since(cloud, cursor)["images"]
    assert (image["name"], image["status"]) == ("nightly", "active")


def test_after_a_reset_the_cursor_is_of_another_cloud(cloud: Cloud) -> None:
    cursor = cloud.get("/_admin/changes")["cursor"]
    cloud.ask("POST", "/_admin/reset")
    changes = since(cloud, cursor)
    assert not changes["complete"]
    assert changes["cursor"] != cursor


def test_after_too_many_changes_the_list_is_incomplete(cloud: Cloud) -> None:
    cursor = cloud.get("/_admin/changes")["cursor"]
    cloud.ask("POST", "/_admin/images/generate", json={"count": 10_001})
    assert not since(cloud, cursor)["complete"]


def test_many_changes_come_in_parts(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_VERSIONS", 3)
    cursor = cloud.get("/_admin/changes")["cursor"]
    cloud.ask("POST", "/_admin/images/generate", json={"count": 7})
    counts = []
    for _ in range(4):
        changes = since(cloud, cursor)
        counts.append(len(changes["images"]))
        cursor = changes["cursor"]
    assert counts == [3, 3, 1, 0]


@pytest.mark.parametrize(
    "cursor", ["", "x", "1", "1-", "-1-2", "1-2-3", "\u0661-1", "1" * 20 + "-1", "1-1%0a"]
)
def test_an_odd_cursor_is_an_error(cloud: Cloud, cursor: str) -> None:
    response = cloud.ask("GET", f"/_admin/changes?since={cursor}")
    assert response.status_code == 400
    assert response.get_json()["badRequest"]["message"].startswith("since: not a cursor (got ")


def test_a_cursor_of_the_future_is_incomplete(cloud: Cloud) -> None:
    history_id, _, _ = cloud.get("/_admin/changes")["cursor"].partition("-")
    assert not since(cloud, f"{history_id}-999")["complete"]
