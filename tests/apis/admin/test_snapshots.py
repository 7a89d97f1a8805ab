"""Snapshots, changes since one, the history of an image, and exports."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.conftest import RECORDED_CLOUD, Cloud

IMAGES = "/_admin/images"
CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"
WEB = "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"
NIGHTLY = "c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f50"


def take_snapshot(cloud: Cloud, name: str) -> Any:
    response = cloud.ask("POST", "/_admin/snapshots", json={"name": name})
    assert response.status_code == 201, response.text
    return response.get_json()


def restore(cloud: Cloud, name: str) -> Any:
    return cloud.ask("POST", f"/_admin/snapshots/{name}/restore")


def changes(cloud: Cloud, name: str = "seed", query: str = "") -> Any:
    return cloud.get(f"/_admin/snapshots/{name}/changes{query}")


def statuses(cloud: Cloud) -> dict[str, str]:
    return {image["name"]: image["status"] for image in cloud.get("/v2.1/images/detail")["images"]}


def test_restoring_a_snapshot_restores_its_images_exactly(cloud: Cloud) -> None:
    image = cloud.ask("POST", IMAGES, json={"name": "mine"}).get_json()
    before = cloud.get(IMAGES)
    snapshot = take_snapshot(cloud, "before")
    assert (snapshot["name"], snapshot["images"], snapshot["servers"]) == ("before", 7, 1)
    cloud.ask("DELETE", f"{IMAGES}/{image['id']}")
    cloud.ask("PUT", f"{IMAGES}/{CIRROS}/status", json={"status": "killed"})
    cloud.ask("POST", IMAGES, json={"name": "other"})
    assert restore(cloud, "before").status_code == 200
    assert cloud.get(IMAGES) == before


def test_an_active_plan_continues_where_it_was_at_the_snapshot(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    cloud.ask("POST", IMAGES, json={"name": "mine", "plan": "slow"})
    cloud.ask("PUT", "/_admin/clock", json={"advance": 3})
    take_snapshot(cloud, "saving")
    cloud.ask("PUT", "/_admin/clock", json={"advance": 100})
    assert statuses(cloud)["mine"] == "ACTIVE"
    restore(cloud, "saving")
    cloud.ask("PUT", "/_admin/clock", json={"advance": 3})
    assert statuses(cloud)["mine"] == "SAVING"
    cloud.ask("PUT", "/_admin/clock", json={"advance": 1})
    assert statuses(cloud)["mine"] == "ACTIVE"


def test_changes_list_added_changed_and_removed_images(cloud: Cloud) -> None:
    take_snapshot(cloud, "before")
    image = cloud.ask("POST", IMAGES, json={"name": "mine"}).get_json()
    cloud.ask("PATCH", f"{IMAGES}/{CIRROS}", json={"min_ram": 77, "updated_at": "2024-05-06T07:08:09Z"})
    deleted_image = cloud.get(f"{IMAGES}/{NIGHTLY}")
    cloud.ask("DELETE", f"{IMAGES}/{NIGHTLY}")
    difference = changes(cloud, "before")
    assert difference["added"] == [image]
    assert difference["removed"] == [deleted_image]
    ((change),) = difference["changed"]
    assert (change["id"], change["name"]) == (CIRROS, "cirros-0.6.2-x86_64")
    assert change["fields"]["min_ram"] == [64, 77]
    assert set(change["fields"]) == {"min_ram", "updated_at"}
    assert changes(cloud) == difference
    take_snapshot(cloud, "after")
    cloud.ask("POST", "/_admin/reset", json={"to": "empty"})
    assert changes(cloud) == {"added": [], "changed": [], "removed": []}


def test_two_snapshots_can_be_compared(cloud: Cloud) -> None:
    take_snapshot(cloud, "one")
    cloud.ask("POST", IMAGES, json={"name": "mine"})
    take_snapshot(cloud, "two")
    cloud.ask("POST", IMAGES, json={"name": "later"})
    assert [image["name"] for image in changes(cloud, "one", "?to=two")["added"]] == ["mine"]
    assert [image["name"] for image in changes(cloud, "two", "?to=one")["removed"]] == ["mine"]
    assert changes(cloud, "one", "?to=seed") == {"added": [], "changed": [], "removed": []}


def test_changes_list_servers_flavors_and_key_pairs_if_they_differ() -> None:
    cloud = Cloud(private=True)  # later resets keep what is loaded
    take_snapshot(cloud, "before")
    flavors = "flavors: [{name: big, ram: 9000}]"
    assert cloud.ask("POST", "/_admin/fixtures", data=flavors).status_code == 201
    cloud.ask("POST", "/v2.1/os-keypairs", json={"keypair": {"name": "laptop"}})
    new = cloud.ask("POST", "/_admin/servers", json={"name": "db", "flavor": "big"}).get_json()
    cloud.ask("PATCH", f"/_admin/servers/{WEB}", json={"status": "SHUTOFF"})
    difference = changes(cloud, "before")
    assert difference["servers"]["added"] == [new]
    ((change),) = difference["servers"]["changed"]
    assert (change["id"], change["name"]) == (WEB, "web-1")
    assert change["fields"]["status"] == ["ACTIVE", "SHUTOFF"]
    assert [flavor["name"] for flavor in difference["flavors"]["added"]] == ["big"]
    assert "m1.tiny" in [flavor["name"] for flavor in difference["flavors"]["removed"]]
    (keypair,) = difference["keypairs"]["added"]
    assert (keypair["name"], keypair["user"]) == ("laptop", "demo")
    assert (difference["added"], difference["changed"], difference["removed"]) == ([], [], [])
    take_snapshot(cloud, "after")
    cloud.ask("DELETE", "/v2.1/os-keypairs/laptop")
    cloud.ask("DELETE", f"/_admin/servers/{WEB}")
    assert changes(cloud, "before", "?to=after") == difference
    later = changes(cloud, "after")
    assert [server["name"] for server in later["servers"]["removed"]] == ["web-1"]
    assert [keypair["name"] for keypair in later["keypairs"]["removed"]] == ["laptop"]
    assert "flavors" not in later


def test_the_changes_of_a_flavor_are_its_fields() -> None:
    cloud = Cloud(private=True)  # later resets keep what is loaded
    cloud.ask("POST", "/_admin/fixtures", data="flavors: [{id: '7', name: big, ram: 9000}]")
    take_snapshot(cloud, "before")
    cloud.ask("POST", "/_admin/fixtures", data="flavors: [{id: '7', name: big, ram: 9001}]")
    assert changes(cloud, "before")["flavors"] == {
        "added": [],
        "changed": [{"id": "7", "name": "big", "fields": {"ram": [9000, 9001]}}],
        "removed": [],
    }


def test_a_change_that_is_undone_is_not_listed(cloud: Cloud) -> None:
    image = cloud.get(f"{IMAGES}/{CIRROS}")
    cloud.ask("PATCH", f"{IMAGES}/{CIRROS}", json={"name": "x"})
    cloud.ask("PATCH", f"{IMAGES}/{CIRROS}", json={"name": image["name"], "updated_at": image["updated_at"]})
    assert changes(cloud) == {"added": [], "changed": [], "removed": []}


def test_a_snapshot_can_be_replaced_and_deleted_and_ends_with_a_reset(cloud: Cloud) -> None:
    take_snapshot(cloud, "a")
    cloud.ask("POST", IMAGES, json={"name": "mine"})
    assert take_snapshot(cloud, "a")["images"] == 7
    take_snapshot(cloud, "b")
    assert cloud.ask("DELETE", "/_admin/snapshots/a").status_code == 204
    assert [snapshot["name"] for snapshot in cloud.get("/_admin/snapshots")["snapshots"]] == ["seed", "b"]
    cloud.ask("POST", "/_admin/reset")
    assert [snapshot["name"] for snapshot in cloud.get("/_admin/snapshots")["snapshots"]] == ["seed"]
    restore_response = restore(cloud, "b")
    assert restore_response.status_code == 404
    assert (
        restore_response.get_json()["itemNotFound"]["message"]
        == 'snapshot: unknown name (got "b"); expected one of: seed'
    )


@pytest.mark.parametrize("name", ["", "a/b", "seed", "x" * 256])
def test_an_invalid_snapshot_name_is_refused(cloud: Cloud, name: str) -> None:
    response = cloud.ask("POST", "/_admin/snapshots", json={"name": name})
    assert response.status_code == 400
    assert response.get_json()["badRequest"]["message"].startswith("name: ")
    assert cloud.ask("DELETE", "/_admin/snapshots/seed").status_code == 400


def test_the_history_of_an_image_has_versions_times_and_authors(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen", "now": "2031-01-01T00:00:00Z"})
    meta = {"meta": {"x": "1"}}
    cloud.ask("PUT", f"/v2.1/images/{NIGHTLY}/metadata/x", json=meta)
    cloud.ask("PUT", f"{IMAGES}/{NIGHTLY}/plan", json={"plan": "slow"})
    cloud.ask("PUT", "/_admin/clock", json={"advance": 60})
    cloud.ask("GET", "/v2.1/images")
    cloud.ask("DELETE", f"{IMAGES}/{NIGHTLY}")
    versions = cloud.get(f"{IMAGES}/{NIGHTLY}/history")["versions"]
    assert [version["by"] for version in versions] == [
        {"seed": True},
        {"operation": "metadata.update", "request": 1},
        {"operation": "admin.images.plan"},
        {"plan": "slow"},
        {"plan": "slow"},
        {"operation": "admin.images.forget"},
    ]
    assert [version["image"] and version["image"]["status"] for version in versions] == [
        *("saving", "saving", "queued", "saving", "active"),
        None,
    ]
    assert versions[1]["at"] == "2031-01-01T00:00:00Z"
    assert versions[3]["image"]["updated_at"] == "2031-01-01T00:00:02Z"
    assert cloud.ask("GET", f"{IMAGES}/nope/history").status_code == 404


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_an_export_loads_as_an_equal_cloud(kind: str) -> None:
    first = Cloud(fixtures=(RECORDED_CLOUD,), dialect="nova", auth_strategy="keystone")
    first.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    first.ask(
        "PUT", "/_admin/plans/mine", json={"steps": [{"status": "queued", "looks": 3}, {"status": "active"}]}
    )
    first.ask(
        "PUT",
        "/_admin/plans",
        json={"default": "slow", "assign": [{"match": {"min_ram": 4}, "plan": "mine"}]},
    )
    first.ask("POST", IMAGES, json={"name": "in progress"})
    first.ask("POST", IMAGES, json={"name": "looked at", "min_ram": 4})
    first.ask("PUT", "/_admin/clock", json={"advance": 2.5})
    first.ask("GET", "/v2.1/images?name=looked at", user="alice")
    first.ask(
        "POST",
        "/_admin/faults",
        json={"effect": {"status": 503}, "times": 5, "seconds": 9, "match": {"path": "/x"}},
    )
    first.ask("GET", "/x")
    text = first.ask("GET", f"/_admin/export?format={kind}").text
    second = Cloud(private=True, dialect="nova", auth_strategy="keystone")
    load_response = second.ask("POST", "/_admin/fixtures?replace=true", data=text)
    assert load_response.status_code == 201, load_response.text
    assert second.ask("GET", f"/_admin/export?format={kind}").text == text
    assert second.get(IMAGES) == first.get(IMAGES)
    export = yaml.safe_load(text)
    assert export["faults"] == [
        {"match": {"path": "/x"}, "effect": {"status": 503}, "times": 4, "seconds": 9.0}
    ]
    for cloud in (first, second):
        cloud.ask("PUT", "/_admin/clock", json={"advance": 4.5})
        assert cloud.get("/v2.1/images/detail?name=in progress", "alice")["images"][0]["status"] == "ACTIVE"
        assert cloud.ask("GET", "/x").status_code == 503


#: Texts that YAML reads as another type, or that need escapes.
ODD = (
    "yes",
    "1e3",
    "0x10",
    "null",
    "~",
    "2014-02-10",
    "1:30",
    "=",
    "<<",
    "😀",
    "\x07",
    "a\x85b",
    "\u2028",
    " x ",
    "#",
)


def export_twice(cloud: Cloud, kind: str) -> tuple[str, str]:
    """Return an export of a cloud, and an export of a second cloud that was started from the first."""
    text = cloud.ask("GET", f"/_admin/export?format={kind}").text
    second = Cloud(private=True)
    load_response = second.ask("POST", "/_admin/fixtures?replace=true", data=text.encode())
    assert load_response.status_code == 201, load_response.text
    return text, second.ask("GET", f"/_admin/export?format={kind}").text


@pytest.mark.parametrize("kind", ["yaml", "json"])
@pytest.mark.parametrize("odd_text", ODD)
def test_an_export_preserves_unusual_texts(cloud: Cloud, kind: str, odd_text: str) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    image = {
        "name": odd_text,
        "tags": [odd_text],
        "properties": {odd_text: odd_text},
        "members": [{"member": odd_text}],
    }
    assert cloud.ask("POST", IMAGES, json=image).status_code == 201
    fault = {
        "match": {"header": {odd_text: odd_text}},
        "effect": {"status": 503, "message": odd_text},
        "owner": odd_text,
    }
    assert cloud.ask("POST", "/_admin/faults", json=fault).status_code == 201
    plans_body = {
        "assign": [{"match": {"name": odd_text, "properties": {odd_text: odd_text}}, "plan": "slow"}]
    }
    assert cloud.ask("PUT", "/_admin/plans", json=plans_body).status_code == 200
    text, second_text = export_twice(cloud, kind)
    assert second_text == text


@pytest.mark.parametrize("kind", ["yaml", "json"])
@pytest.mark.parametrize(
    "match",
    [
        {"status": "queued", "visibility": "private"},
        {"tags": ["a", "b"], "owner": "demo"},
        {"created_at": "2014-01-01T00:00:00Z", "protected": True, "size": None},
    ],
)
def test_an_export_has_the_assignments_of_plans(cloud: Cloud, kind: str, match: Any) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    cloud.ask("PUT", "/_admin/plans", json={"assign": [{"match": match, "plan": "slow"}]})
    text, second_text = export_twice(cloud, kind)
    assert second_text == text
    assert set(yaml.safe_load(text)["assign_plans"][0]["match"]) == set(match)


@pytest.mark.parametrize("year", ["1000", "1931", "2131", "8999"])
def test_an_export_loads_again_after_the_clock_was_set(cloud: Cloud, year: str) -> None:
    steps = [{"status": "queued", "looks": 5}, {"status": "active"}]
    cloud.ask("PUT", "/_admin/plans/looked", json={"steps": steps})
    cloud.ask("POST", IMAGES, json={"name": "a", "plan": "looked"})
    cloud.ask("POST", IMAGES, json={"name": "b", "plan": "slow"})
    cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 503}, "seconds": 100})
    cloud.ask("POST", "/_admin/faults", json={"effect": {"stale": 5}})
    cloud.ask("PUT", "/_admin/clock", json={"now": f"{year}-01-01T00:00:00Z"})
    text, second_text = export_twice(cloud, "yaml")
    assert second_text == text


@pytest.mark.parametrize("effect", [{"delay": 0}, {"delay": 0, "status": 503}, {"delay": 0.5}])
def test_an_export_has_the_delays_of_faults_even_a_delay_of_0(cloud: Cloud, effect: Any) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    assert cloud.ask("POST", "/_admin/faults", json={"effect": effect}).status_code == 201
    text, second_text = export_twice(cloud, "yaml")
    assert second_text == text


def test_an_unknown_export_format_is_refused(cloud: Cloud) -> None:
    response = cloud.ask("GET", "/_admin/export?format=xml")
    assert response.status_code == 400
    assert response.get_json()["badRequest"]["message"] == (
        'format: invalid value (got "xml"); expected one of: yaml, json'
    )


def test_a_cloud_holds_at_most_a_thousand_snapshots(cloud: Cloud) -> None:
    state = cloud.emulator.cloud.take_snapshot()
    cloud.emulator.cloud.snapshots.update({f"snapshot{number}": state for number in range(999)})
    take_snapshot(cloud, "the last one")
    response = cloud.ask("POST", "/_admin/snapshots", json={"name": "one too many"})
    assert response.status_code == 409
    assert response.get_json()["conflictingRequest"]["message"] == (
        "snapshots: too many; expected at most 1000: delete one first"
    )
    take_snapshot(cloud, "the last one")  # replaces the snapshot of this name
    assert cloud.ask("DELETE", "/_admin/snapshots/snapshot7").status_code == 204
    take_snapshot(cloud, "one too many")
