"""The history of a server, and the servers that changed since a cursor."""

from __future__ import annotations

from typing import Any

from tests.conftest import Cloud

SERVERS = "/_admin/servers"
WEB = "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"
ADVANCE = {"mode": "frozen", "advance": 100}


def act(cloud: Cloud, body: dict[str, Any]) -> None:
    response = cloud.ask("POST", f"/v2.1/servers/{WEB}/action", json=body)
    assert response.status_code == 202, response.text


def history(cloud: Cloud, server_id: str = WEB) -> Any:
    return cloud.get(f"{SERVERS}/{server_id}/history")["versions"]


def since(cloud: Cloud, cursor: str) -> Any:
    return cloud.get(f"{SERVERS}/changes?since={cursor}")


def test_the_history_of_a_server_has_versions_times_and_authors(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen", "now": "2031-01-01T00:00:00Z"})
    act(cloud, {"os-stop": None})
    cloud.ask("PUT", "/_admin/clock", json={"advance": 60})
    cloud.ask("PATCH", f"{SERVERS}/{WEB}", json={"name": "web-9"})
    cloud.ask("DELETE", f"{SERVERS}/{WEB}")
    versions = history(cloud)
    assert [version["by"] for version in versions] == [
        {"seed": True},
        {"operation": "servers.action", "request": 1},
        {"plan": "slow"},
        {"plan": "slow"},
        {"operation": "admin.servers.change"},
        {"operation": "admin.servers.forget"},
    ]
    states = [
        version["server"] and (version["server"]["status"], version["server"]["task_state"])
        for version in versions
    ]
    assert states == [("ACTIVE", None), *[("ACTIVE", "powering-off")] * 2, *[("SHUTOFF", None)] * 2, None]
    assert [version["at"] for version in versions[:2]] == [None, "2031-01-01T00:00:00Z"]
    assert versions[3]["server"]["updated_at"] == "2031-01-01T00:00:07Z"
    assert versions[4]["server"]["name"] == "web-9"


def test_an_unknown_server_has_no_history(cloud: Cloud) -> None:
    assert cloud.ask("GET", f"{SERVERS}/nope/history").status_code == 404


def test_the_plan_of_its_image_is_the_author_of_a_servers_task_states(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    cloud.ask("PUT", "/_admin/plans", json={"default": "slow"})
    act(cloud, {"createImage": {"name": "nightly"}})
    for _ in range(3):
        cloud.ask("PUT", "/_admin/clock", json={"advance": 1.2})
        cloud.get("/v2.1/servers")
    cloud.ask("PUT", "/_admin/clock", json={"advance": 60})
    versions = history(cloud)[1:]
    assert [(version["server"]["task_state"], version["by"]) for version in versions] == [
        ("image_snapshot", {"operation": "servers.action", "request": 1}),
        ("image_pending_upload", {"plan": "slow"}),
        ("image_uploading", {"plan": "slow"}),
        (None, {"plan": "slow"}),
    ]


def test_history_and_changes_show_the_task_state_of_now(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    cloud.ask("PUT", "/_admin/plans", json={"default": "slow"})
    act(cloud, {"createImage": {"name": "nightly"}})
    cursor = cloud.get(f"{SERVERS}/changes")["cursor"]
    cloud.ask("PUT", "/_admin/clock", json={"advance": 1.2})
    assert since(cloud, cursor)["servers"][0]["task_state"] == "image_pending_upload"
    cloud.ask("PUT", "/_admin/clock", json={"advance": 0.5})
    assert history(cloud)[-1]["server"]["task_state"] == "image_uploading"


def test_without_a_cursor_there_is_only_the_first_one_of_servers(cloud: Cloud) -> None:
    first = cloud.get(f"{SERVERS}/changes")
    assert (first["complete"], first["servers"], first["removed"]) == (False, [], [])
    assert since(cloud, first["cursor"]) == {**first, "complete": True}


def test_new_changed_and_removed_servers_are_listed_once(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    cursor = cloud.get(f"{SERVERS}/changes")["cursor"]
    cloud.ask("POST", SERVERS, json={"name": "booting", "plan": "slow"})
    gone = cloud.ask("POST", SERVERS, json={"name": "gone"}).get_json()
    cloud.ask("DELETE", f"{SERVERS}/{gone['id']}")
    cloud.ask("DELETE", f"{SERVERS}/{WEB}")
    cloud.ask("PUT", "/_admin/clock", json=ADVANCE)
    changes = since(cloud, cursor)
    assert [(server["name"], server["status"]) for server in changes["servers"]] == [("booting", "ACTIVE")]
    assert changes["removed"] == [gone["id"], WEB]
    assert since(cloud, changes["cursor"])["servers"] == []


def test_images_and_servers_have_cursors_of_their_own(cloud: Cloud) -> None:
    cursors = [cloud.get(path)["cursor"] for path in ("/_admin/changes", f"{SERVERS}/changes")]
    assert cursors[0] != cursors[1]
    cloud.ask("POST", "/_admin/images", json={"name": "nightly"})
    assert since(cloud, cursors[1])["servers"] == []
    assert not since(cloud, cursors[0])["complete"]


def test_a_restored_snapshot_is_a_change_of_servers(cloud: Cloud) -> None:
    cloud.ask("POST", "/_admin/snapshots", json={"name": "before"})
    new = cloud.ask("POST", SERVERS, json={"name": "new"}).get_json()
    cursor = cloud.get(f"{SERVERS}/changes")["cursor"]
    cloud.ask("POST", "/_admin/snapshots/before/restore")
    assert since(cloud, cursor)["removed"] == [new["id"]]
    assert history(cloud, new["id"])[-1]["by"] == {"operation": "admin.snapshots.restore"}
