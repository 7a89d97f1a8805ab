"""Resets restore the initial state exactly, also during active requests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_nova.app import create_app
from fake_nova.cloud.emulator import Emulator
from fake_nova.documents.loading import start_from_fixtures
from fake_nova.images import deletions
from fake_nova.images.model import Image
from fake_nova.images.store import ImageStore
from fake_nova.settings import Settings
from tests.conftest import RECORDED_CLOUD, Cloud


def visible_state(cloud: Cloud) -> Any:
    """Return everything that the cloud shows: the store, and the lists of each user."""
    return [
        cloud.get("/_admin/images"),
        *(cloud.get("/v2.1/images/detail", user) for user in ("alice", "bob", "admin")),
        *(cloud.get("/v2.1/images?status=active&limit=3", user) for user in ("alice", "bob", "admin")),
        cloud.emulator.cloud.directory.users,
    ]


def test_a_reset_restores_the_seed_exactly(recorded_cloud: Cloud) -> None:
    before = visible_state(recorded_cloud)
    own_url = "/v2.1/images/10000000-0000-4000-8000-00000000000c"
    shared_id = "10000000-0000-4000-8000-000000000027"
    recorded_cloud.ask("POST", f"{own_url}/metadata", "alice", json={"metadata": {"dirty": "yes"}})
    recorded_cloud.ask("PUT", f"{own_url}/metadata", "alice", json={"metadata": {"all": "gone"}})
    recorded_cloud.ask("PUT", f"{own_url}/metadata/one", "alice", json={"meta": {"one": "more"}})
    recorded_cloud.ask("DELETE", f"{own_url}/metadata/all", "alice")
    recorded_cloud.ask("DELETE", own_url, "alice")
    recorded_cloud.ask(
        "PATCH", f"/_admin/images/{shared_id}", json={"members": [], "tags": ["x"], "owner": "alice-project"}
    )
    recorded_cloud.ask(
        "PUT", "/_admin/images/10000000-0000-4000-8000-000000000001/status", json={"status": "killed"}
    )
    recorded_cloud.ask("DELETE", "/_admin/images/10000000-0000-4000-8000-000000000002")
    recorded_cloud.ask("POST", "/_admin/images", json={"name": "new", "created_at": "2030-01-01T00:00:00Z"})
    recorded_cloud.ask("POST", "/_admin/images/generate", json={"count": 20, "seed": 3})
    changed_state = visible_state(recorded_cloud)
    assert all(
        state_after != state_before
        for state_after, state_before in zip(changed_state[:-1], before[:-1], strict=True)
    )
    old_token = recorded_cloud.token("alice")

    recorded_cloud.ask("POST", "/_admin/reset")

    assert visible_state(recorded_cloud) == before
    assert recorded_cloud.ask("GET", "/v2.1/images", headers={"X-Auth-Token": old_token}).status_code == 401


def test_a_reset_restores_the_seed_after_a_reset_to_empty(cloud: Cloud) -> None:
    before = cloud.get("/_admin/images")
    body = cloud.ask("POST", "/_admin/reset", json={"to": "empty"}).get_json()
    assert body == {"to": "empty", "images": 0}
    assert cloud.get("/v2.1/images") == {"images": []}
    cloud.ask("POST", "/_admin/reset")
    assert cloud.get("/_admin/images") == before


def test_a_request_during_a_reset_leaves_no_trace(cloud: Cloud, monkeypatch: Any) -> None:
    before = cloud.get("/_admin/images")
    image_id = before["images"][0]["id"]
    update = ImageStore.update

    def update_after_reset(store: ImageStore, key: str, change: Any) -> Image:
        monkeypatch.undo()
        cloud.emulator.reset()
        return update(store, key, change)

    monkeypatch.setattr(ImageStore, "update", update_after_reset)
    response = cloud.ask("PUT", f"/_admin/images/{image_id}/status", json={"status": "killed"})
    assert response.status_code == 200
    assert response.get_json()["status"] == "killed"
    assert cloud.get("/_admin/images") == before


def test_requests_are_refused_until_the_seed_is_loaded() -> None:
    emulator = Emulator(Settings(fixtures=(RECORDED_CLOUD,)))
    http = create_app(emulator).test_client()
    for url in ("/_admin/health", "/_admin/images", "/v2.1/images", "/v2.1/", "/"):
        response = http.get(url)
        assert response.status_code == 503, url
        assert json.loads(response.data)["serviceUnavailable"]["code"] == 503
    start_from_fixtures(emulator)
    assert http.get("/_admin/health").get_json()["images"] == 50


def test_two_clouds_in_one_process_share_nothing() -> None:
    first, second = (create_app(fixtures=("default",)).test_client() for _ in range(2))
    before = second.get("/_admin/images").get_json()
    first.post("/_admin/images", json={"name": "only here"})
    first.put(f"/_admin/images/{before['images'][0]['id']}/status", json={"status": "killed"})
    assert second.get("/_admin/images").get_json() == before


@pytest.mark.parametrize("in_scope", [False, True])
def test_a_reset_clears_clock_plans_faults_journal_and_snapshots(in_scope: bool) -> None:
    cloud = Cloud(private=True)
    query = ""
    if in_scope:
        project = cloud.ask("POST", "/_admin/scopes", json={}).get_json()["project"]["id"]
        query = f"?scope={project}"
    in_force = ("clock", "plans", "faults", "requests", "snapshots", "complaints", "images")
    before = {name: cloud.get(f"/_admin/{name}{query}") for name in in_force}
    cloud.ask("PUT", f"/_admin/clock{query}", json={"mode": "frozen", "now": "2031-01-01T00:00:00Z"})
    cloud.ask("PUT", f"/_admin/plans/own{query}", json={"steps": [{"status": "killed"}]})
    cloud.ask("PUT", f"/_admin/plans{query}", json={"default": "slow"})
    cloud.ask("POST", f"/_admin/images{query}", json={"name": "in progress"})
    cloud.ask("POST", f"/_admin/faults{query}", json={"effect": {"status": 503}, "match": {"path": "/x"}})
    cloud.ask("POST", f"/_admin/snapshots{query}", json={"name": "x"})
    cloud.ask("GET", f"/v2.1/{project}/images" if in_scope else "/v2.1/images")
    changed_state = {name: cloud.get(f"/_admin/{name}{query}") for name in in_force}
    assert all(changed_state[name] != before[name] for name in in_force)
    cloud.ask("POST", f"/_admin/reset{query}")
    after = {name: cloud.get(f"/_admin/{name}{query}") for name in in_force}
    assert after.pop("clock")["mode"] == before.pop("clock")["mode"] == "real"
    assert after["requests"].pop("generation") != before["requests"].pop("generation")
    assert after == before


@pytest.mark.parametrize("path", ["/v2.1/images", "/image/v2/images"])
def test_both_apis_remember_only_the_latest_deleted_images(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    assert deletions.MAX_DELETED_IMAGES == 10_000
    monkeypatch.setattr(deletions, "MAX_DELETED_IMAGES", 2)
    ids = [cloud.ask("POST", "/_admin/images", json={"name": "x"}).get_json()["id"] for _ in range(4)]
    for image_id in ids:
        assert cloud.ask("DELETE", f"{path}/{image_id}").status_code == 204
    assert [cloud.ask("GET", f"/_admin/images/{image_id}").status_code for image_id in ids] == [
        *(404, 404),
        *(200, 200),
    ]


def test_a_restored_image_is_not_purged(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletions, "MAX_DELETED_IMAGES", 1)
    restored_id, purged_id = (
        cloud.ask("POST", "/_admin/images", json={"name": "x"}).get_json()["id"] for _ in range(2)
    )
    cloud.ask("DELETE", f"/v2.1/images/{restored_id}")
    cloud.ask("PUT", f"/_admin/images/{restored_id}/status", json={"status": "active"})
    cloud.ask("DELETE", f"/v2.1/images/{purged_id}")
    assert cloud.get(f"/v2.1/images/{restored_id}")["image"]["status"] == "ACTIVE"


def names_of_deleted_images(cloud: Cloud) -> list[str]:
    images = cloud.get("/_admin/images")["images"]
    return sorted(image["name"] for image in images if image["status"] == "deleted")


def add_image(cloud: Cloud, **fields: Any) -> str:
    image_id: str = cloud.ask("POST", "/_admin/images", json=fields).get_json()["id"]
    return image_id


def test_the_images_that_an_admin_or_a_plan_deletes_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(fixtures=("empty",))
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    monkeypatch.setattr(deletions, "MAX_DELETED_IMAGES", 2)
    steps = [{"status": "active", "seconds": 1}, {"status": "deleted"}]
    assert cloud.ask("PUT", "/_admin/plans/short", json={"steps": steps}).status_code == 200
    add_image(cloud, name="1 added", status="deleted")
    image_id = add_image(cloud, name="2 set")
    cloud.ask("PUT", f"/_admin/images/{image_id}/status", json={"status": "deleted"})
    assert names_of_deleted_images(cloud) == ["1 added", "2 set"]
    add_image(cloud, name="3 planned", plan="short")
    cloud.ask("PUT", "/_admin/clock", json={"advance": 1})
    assert names_of_deleted_images(cloud) == ["2 set", "3 planned"]
    image_id = add_image(cloud, name="4 changed")
    cloud.ask("PATCH", f"/_admin/images/{image_id}", json={"status": "deleted"})
    assert names_of_deleted_images(cloud) == ["3 planned", "4 changed"]
    cloud.ask("POST", "/_admin/images", json=[{"name": f"{n} added", "status": "deleted"} for n in (5, 6, 7)])
    assert names_of_deleted_images(cloud) == ["6 added", "7 added"]


def test_the_deleted_images_of_a_fixture_and_of_a_snapshot_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(private=True, fixtures=("empty",))
    monkeypatch.setattr(deletions, "MAX_DELETED_IMAGES", 2)
    images = [
        {"name": str(day), "status": "deleted", "updated_at": f"2030-01-0{day}T00:00:00Z"}
        for day in (1, 3, 2)
    ]
    assert cloud.ask("POST", "/_admin/fixtures", json={"images": images}).status_code == 201
    assert names_of_deleted_images(cloud) == ["2", "3"]
    cloud.ask("POST", "/_admin/reset")
    assert names_of_deleted_images(cloud) == ["2", "3"]
    cloud.ask("POST", "/_admin/snapshots", json={"name": "two"})
    add_image(cloud, name="4", status="deleted")
    assert names_of_deleted_images(cloud) == ["3", "4"]
    cloud.ask("POST", "/_admin/snapshots/two/restore")
    assert names_of_deleted_images(cloud) == ["2", "3"]
    add_image(cloud, name="5", status="deleted")
    assert names_of_deleted_images(cloud) == ["3", "5"]


def test_an_image_that_was_deleted_twice_is_dropped_after_those_deleted_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = Cloud(fixtures=("empty",))
    monkeypatch.setattr(deletions, "MAX_DELETED_IMAGES", 2)
    twice, between, last = (add_image(cloud, name=name) for name in ("twice", "between", "last"))
    cloud.ask("DELETE", f"/v2.1/images/{twice}")
    cloud.ask("PUT", f"/_admin/images/{twice}/status", json={"status": "active"})
    cloud.ask("DELETE", f"/v2.1/images/{between}")
    cloud.ask("DELETE", f"/v2.1/images/{twice}")
    assert names_of_deleted_images(cloud) == ["between", "twice"]
    cloud.ask("DELETE", f"/v2.1/images/{last}")
    assert names_of_deleted_images(cloud) == ["last", "twice"]
