"""Images that are being created from a server: what the server shows meanwhile, and what can come between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from fake_nova.apis.nova_servers import action_requests
from tests.apis.nova_servers.steps import (
    SERVERS,
    WEB,
    act,
    advance,
    back_up,
    capture,
    define_plan,
    image_status,
    set_plan,
    show,
    state,
)
from tests.conftest import Cloud

BUSY = [
    ("createImage", {"name": "twice"}, "createImage"),
    ("createBackup", {"name": "s", "backup_type": "d", "rotation": 1}, "createBackup"),
    ("os-stop", None, "stop"),
    ("rebuild", {"imageRef": "155d900f-4e14-4e4c-a73d-069cbf4541e6"}, "rebuild"),
    ("shelve", None, "shelve"),
    ("resize", {"flavorRef": "3"}, "resize"),
    ("reboot", {"type": "HARD"}, "reboot"),
]


def statuses(cloud: Cloud, image_id: str) -> tuple[str | None, str | None]:
    """Return the task_state of the server, and the status of the image."""
    return state(cloud, WEB)[1], image_status(cloud, image_id)


def backups(cloud: Cloud) -> list[str]:
    return sorted(cloud.names("/v2.1/images?type=backup"))


@pytest.mark.parametrize(
    ("action", "extra", "first_task"),
    [
        ("createImage", {}, "image_snapshot"),
        ("createBackup", {"backup_type": "daily", "rotation": 1}, "image_backup"),
    ],
)
def test_an_image_is_queued_until_the_upload_has_begun(
    frozen_cloud: Cloud, action: str, extra: dict[str, Any], first_task: str
) -> None:
    response = act(frozen_cloud, WEB, action, {"name": "shot", **extra})
    image_id = response.headers["Location"].rpartition("/")[2]
    seen = []
    for seconds in (0, 1, 0.5, 0.5, 5):
        advance(frozen_cloud, seconds)
        seen.append(statuses(frozen_cloud, image_id))
        assert state(frozen_cloud, WEB)[0] == "ACTIVE"
    assert seen == [
        (first_task, "queued"),
        ("image_pending_upload", "queued"),
        ("image_uploading", "queued"),
        ("image_uploading", "saving"),
        (None, "active"),
    ]


def test_a_server_is_updated_whenever_its_task_state_changes(frozen_cloud: Cloud) -> None:
    capture(frozen_cloud)
    seen = []
    for seconds in (0, 3, 60):
        advance(frozen_cloud, seconds)
        seen.append(show(frozen_cloud)["updated"])
    assert seen == ["2030-01-01T00:00:00Z", "2030-01-01T00:00:02Z", "2030-01-01T00:00:07Z"]


def test_with_steps_of_polls_each_poll_of_the_server_or_of_the_image_counts(frozen_cloud: Cloud) -> None:
    steps = {"status": "queued", "looks": 4}, {"status": "saving", "looks": 1}, {"status": "active"}
    define_plan(frozen_cloud, "polled", *steps)
    image_id = capture(frozen_cloud)
    seen = [state(frozen_cloud, WEB)[1] for _ in range(2)]
    seen += [image_status(frozen_cloud, image_id), state(frozen_cloud, WEB)[1]]
    seen += [state(frozen_cloud, WEB)[1] for _ in range(2)]
    assert seen == [
        *("image_snapshot", "image_snapshot", "queued", "image_uploading"),
        *("image_uploading", None),
    ]


def test_with_clock_auto_a_client_can_wait_for_the_server_alone(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "auto"})
    image_id = capture(cloud)
    assert [state(cloud, WEB)[1] for _ in range(3)] == ["image_snapshot", "image_uploading", None]
    assert image_status(cloud, image_id) == "active"


@pytest.mark.parametrize(("action", "params", "verb"), BUSY, ids=[row[0] for row in BUSY])
def test_nothing_else_can_begin_under_way(frozen_cloud: Cloud, action: str, params: Any, verb: str) -> None:
    capture(frozen_cloud)
    for seconds, task_state in ((0, "image_snapshot"), (1, "image_pending_upload"), (2, "image_uploading")):
        advance(frozen_cloud, seconds)
        response = act(frozen_cloud, WEB, action, params)
        message = f"Cannot '{verb}' instance {WEB} while it is in task_state {task_state}"
        assert response.status_code == 409
        assert response.get_json() == {"conflictingRequest": {"code": 409, "message": message}}


@pytest.mark.parametrize("action", ["createImage", "os-stop"])
def test_of_two_actions_at_once_one_is_a_409(
    frozen_cloud: Cloud, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    barrier = Barrier(2)
    check_state = action_requests.check_state

    def check_and_meet(*arguments: Any) -> None:
        check_state(*arguments)
        with suppress(BrokenBarrierError):
            barrier.wait(timeout=0.1)  # two threads meet here unless an action is atomic

    monkeypatch.setattr(action_requests, "check_state", check_and_meet)
    params = {"name": "shot"} if action == "createImage" else None
    client = frozen_cloud.http.application.test_client
    with ThreadPoolExecutor(2) as threads:
        requests = [
            threads.submit(client().post, f"{SERVERS}/{WEB}/action", json={action: params}) for _ in range(2)
        ]
    assert sorted(request.result().status_code for request in requests) == [202, 409]


def test_a_snapshot_that_fails_is_deleted_and_its_server_goes_on(frozen_cloud: Cloud) -> None:
    set_plan(frozen_cloud, "fails")
    image_id = capture(frozen_cloud)
    advance(frozen_cloud, 3)
    assert statuses(frozen_cloud, image_id) == ("image_uploading", "saving")
    advance(frozen_cloud)
    assert statuses(frozen_cloud, image_id) == (None, None)
    assert frozen_cloud.ask("GET", f"/v2.1/images/{image_id}").status_code == 404
    server = show(frozen_cloud)
    assert (server["status"], "fault" in server) == ("ACTIVE", False)


def test_a_backup_that_fails_rotates_nothing(frozen_cloud: Cloud) -> None:
    back_up(frozen_cloud, "first", 1)
    advance(frozen_cloud)
    set_plan(frozen_cloud, "fails")
    back_up(frozen_cloud, "second", 0)
    advance(frozen_cloud)
    assert backups(frozen_cloud) == ["first"]


def test_backups_are_rotated_after_the_upload(frozen_cloud: Cloud) -> None:
    for name in ("first", "second"):
        back_up(frozen_cloud, name, 1)
        assert name in backups(frozen_cloud)
        advance(frozen_cloud, 3)
        assert "first" in backups(frozen_cloud)
        advance(frozen_cloud, 60)
    assert backups(frozen_cloud) == ["second"]


def test_a_rotation_of_0_keeps_the_new_backup_until_it_is_complete(frozen_cloud: Cloud) -> None:
    back_up(frozen_cloud, "first", 3)
    advance(frozen_cloud)
    back_up(frozen_cloud, "second", 0)
    assert backups(frozen_cloud) == ["first", "second"]
    advance(frozen_cloud)
    assert backups(frozen_cloud) == []


def test_a_protected_backup_is_not_rotated_away(frozen_cloud: Cloud) -> None:
    back_up(frozen_cloud, "first", 1)
    advance(frozen_cloud)
    (image,) = frozen_cloud.get("/v2.1/images?type=backup")["images"]
    frozen_cloud.ask("PATCH", f"/_admin/images/{image['id']}", json={"protected": True})
    back_up(frozen_cloud, "second", 0)
    advance(frozen_cloud)
    assert backups(frozen_cloud) == ["first"]


def test_a_backup_that_the_caller_calls_a_snapshot_is_not_counted(frozen_cloud: Cloud) -> None:
    back_up(frozen_cloud, "first", 1)
    advance(frozen_cloud)
    back_up(frozen_cloud, "second", 1, metadata={"image_type": "snapshot"})
    advance(frozen_cloud)
    assert backups(frozen_cloud) == ["first"]


def test_a_server_deleted_before_the_upload_leaves_a_queued_image_that_is_then_deleted(
    frozen_cloud: Cloud,
) -> None:
    image_id = capture(frozen_cloud)
    assert frozen_cloud.ask("DELETE", f"{SERVERS}/{WEB}").status_code == 204
    assert frozen_cloud.ask("GET", f"{SERVERS}/{WEB}").status_code == 404
    assert image_status(frozen_cloud, image_id) == "queued"
    advance(frozen_cloud, 2)
    assert image_status(frozen_cloud, image_id) is None


def test_the_upload_of_a_server_that_is_deleted_is_completed(frozen_cloud: Cloud) -> None:
    image_id = capture(frozen_cloud)
    advance(frozen_cloud, 3)
    assert frozen_cloud.ask("DELETE", f"{SERVERS}/{WEB}").status_code == 204
    advance(frozen_cloud)
    image = frozen_cloud.get(f"/image/v2/images/{image_id}")
    assert (image["status"], image["disk_format"], image["size"]) == ("active", "qcow2", 262144)


def test_the_snapshot_of_a_server_whose_state_an_admin_reset_is_deleted(frozen_cloud: Cloud) -> None:
    image_id = capture(frozen_cloud)
    frozen_cloud.ask("PATCH", f"/_admin/servers/{WEB}", json={"status": "SHUTOFF"})
    assert state(frozen_cloud, WEB) == ("SHUTOFF", None)
    advance(frozen_cloud, 2)
    assert image_status(frozen_cloud, image_id) is None
    assert state(frozen_cloud, WEB) == ("SHUTOFF", None)


@pytest.mark.parametrize("seconds", [0, 1, 3])
def test_an_image_deleted_under_way_frees_its_server(frozen_cloud: Cloud, seconds: float) -> None:
    image_id = capture(frozen_cloud)
    advance(frozen_cloud, seconds)
    assert frozen_cloud.ask("DELETE", f"/v2.1/images/{image_id}").status_code == 204
    assert state(frozen_cloud, WEB) == ("ACTIVE", None)
    capture(frozen_cloud, "the next one")
    advance(frozen_cloud)
    assert frozen_cloud.names("/v2.1/images?name=the%20next%20one") == ["the next one"]


def test_an_upload_that_never_ends_occupies_its_server(frozen_cloud: Cloud) -> None:
    define_plan(frozen_cloud, "hangs", {"status": "queued", "seconds": 1}, {"status": "saving"})
    image_id = capture(frozen_cloud)
    advance(frozen_cloud, 100_000)
    assert statuses(frozen_cloud, image_id) == ("image_uploading", "saving")
    frozen_cloud.ask("DELETE", f"/v2.1/images/{image_id}")
    assert state(frozen_cloud, WEB) == ("ACTIVE", None)


def test_a_plan_that_is_started_for_an_unfinished_image_goes_on_with_the_snapshot(
    frozen_cloud: Cloud,
) -> None:
    image_id = capture(frozen_cloud)
    frozen_cloud.ask("PUT", f"/_admin/images/{image_id}/plan", json={"plan": "instant"})
    assert statuses(frozen_cloud, image_id) == (None, "active")
    assert frozen_cloud.get(f"/image/v2/images/{image_id}")["image_location"] == "snapshot"


@pytest.mark.parametrize("path", [f"{SERVERS}/{WEB}", f"/_admin/servers/{WEB}"])
@pytest.mark.parametrize(("plan", "last"), [("instant", "active"), ("slow", None)])
def test_a_plan_that_is_started_after_the_server_is_gone_leaves_the_server_alone(
    frozen_cloud: Cloud, path: str, plan: str, last: str | None
) -> None:
    image_id = capture(frozen_cloud)
    frozen_cloud.ask("DELETE", path)
    response = frozen_cloud.ask("PUT", f"/_admin/images/{image_id}/plan", json={"plan": plan})
    assert response.status_code == 200, response.text
    servers = frozen_cloud.get("/_admin/servers")["servers"]
    assert [each["task_state"] for each in servers if each["id"] == WEB] in ([], [None])
    advance(frozen_cloud)
    assert image_status(frozen_cloud, image_id) == last


@pytest.mark.parametrize("metadata", [{"instance_uuid": "another"}, {"image_type": "mine"}])
def test_metadata_does_not_hide_which_server_is_occupied(
    frozen_cloud: Cloud, metadata: dict[str, str]
) -> None:
    act(frozen_cloud, WEB, "createImage", {"name": "shot", "metadata": metadata})
    assert state(frozen_cloud, WEB)[1] == "image_snapshot"


def test_two_snapshots_in_a_row_are_two_images_of_one_name(frozen_cloud: Cloud) -> None:
    for _ in range(2):
        capture(frozen_cloud)
        advance(frozen_cloud)
    assert frozen_cloud.names("/v2.1/images?name=shot") == ["shot", "shot"]


def test_an_image_under_way_is_saving_for_nova_and_queued_for_glance(frozen_cloud: Cloud) -> None:
    image_id = capture(frozen_cloud)
    image = frozen_cloud.get(f"/v2.1/images/{image_id}")["image"]
    assert (image["status"], image["progress"], image["OS-EXT-IMG-SIZE:size"]) == ("SAVING", 25, 0)
    assert image_status(frozen_cloud, image_id) == "queued"
    advance(frozen_cloud)
    image = frozen_cloud.get(f"/v2.1/images/{image_id}")["image"]
    assert (image["status"], image["progress"], image["OS-EXT-IMG-SIZE:size"]) == ("ACTIVE", 100, 262144)


def test_a_server_that_is_being_shelved_shows_the_upload_of_its_image(frozen_cloud: Cloud) -> None:
    act(frozen_cloud, WEB, "shelve")
    seen = []
    for seconds in (0, 1, 0.5, 60):
        advance(frozen_cloud, seconds)
        seen.append(state(frozen_cloud, WEB))
    assert seen == [
        ("ACTIVE", "shelving"),
        ("ACTIVE", "shelving_image_pending_upload"),
        ("ACTIVE", "shelving_image_uploading"),
        ("SHELVED", None),
    ]


def test_a_server_that_cannot_be_shelved_goes_on_and_leaves_a_queued_image(frozen_cloud: Cloud) -> None:
    set_plan(frozen_cloud, "fails")
    act(frozen_cloud, WEB, "shelve")
    advance(frozen_cloud)
    assert state(frozen_cloud, WEB) == ("ACTIVE", None)
    (image,) = frozen_cloud.get("/v2.1/images/detail?name=web-1-shelved")["images"]
    assert image_status(frozen_cloud, image["id"]) == "queued"


def test_an_offloaded_server_without_its_image_cannot_be_unshelved(frozen_cloud: Cloud) -> None:
    act(frozen_cloud, WEB, "shelve")
    advance(frozen_cloud)
    (image,) = frozen_cloud.get("/v2.1/images?name=web-1-shelved")["images"]
    states = {"vm_state": "shelved_offloaded", "host": None, "availability_zone": ""}
    frozen_cloud.ask("PATCH", f"/_admin/servers/{WEB}", json=states)
    frozen_cloud.ask("DELETE", f"/v2.1/images/{image['id']}")
    assert act(frozen_cloud, WEB, "unshelve").status_code == 202
    assert state(frozen_cloud, WEB)[1] == "unshelving"
    advance(frozen_cloud)
    assert state(frozen_cloud, WEB) == ("ERROR", None)


def test_a_volume_backed_server_loses_its_host_when_it_is_shelved(frozen_cloud: Cloud) -> None:
    frozen_cloud.ask("PATCH", f"/_admin/servers/{WEB}", json={"image": None})
    act(frozen_cloud, WEB, "shelve")
    assert state(frozen_cloud, WEB)[1] == "shelving"
    advance(frozen_cloud)
    server = show(frozen_cloud)
    assert (server["status"], server["hostId"]) == ("SHELVED_OFFLOADED", "")
    assert frozen_cloud.names("/v2.1/images?name=web-1-shelved") == []


def test_an_export_goes_on_with_a_backup_where_it_is_loaded(frozen_cloud: Cloud) -> None:
    back_up(frozen_cloud, "first", 1)
    advance(frozen_cloud)
    back_up(frozen_cloud, "second", 1)
    advance(frozen_cloud, 1)
    export = frozen_cloud.ask("GET", "/_admin/export?format=json")
    next_cloud = Cloud(private=True)
    next_cloud.ask("POST", "/_admin/fixtures?replace=true", data=export.get_data())
    assert state(next_cloud, WEB)[1] == "image_pending_upload"
    advance(next_cloud)
    (backup,) = next_cloud.get("/v2.1/images/detail?type=backup")["images"]
    assert (backup["name"], backup["status"], backup["OS-EXT-IMG-SIZE:size"]) == ("second", "ACTIVE", 262144)
    assert state(next_cloud, WEB) == ("ACTIVE", None)


def test_a_restored_snapshot_of_the_cloud_goes_on_with_the_image(frozen_cloud: Cloud) -> None:
    image_id = capture(frozen_cloud)
    frozen_cloud.ask("POST", "/_admin/snapshots", json={"name": "before"})
    advance(frozen_cloud)
    assert statuses(frozen_cloud, image_id) == (None, "active")
    frozen_cloud.ask("POST", "/_admin/snapshots/before/restore")
    assert statuses(frozen_cloud, image_id) == ("image_snapshot", "queued")
    advance(frozen_cloud)
    assert statuses(frozen_cloud, image_id) == (None, "active")
    assert frozen_cloud.get(f"/image/v2/images/{image_id}")["size"] == 262144
