"""Plans: images that change status by themselves, as clients see it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cloud

START = "2031-01-01T00:00:00Z"


@pytest.fixture
def cloud() -> Cloud:
    frozen_cloud = Cloud()
    frozen_cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen", "now": START})
    return frozen_cloud


def add_image(cloud: Cloud, **fields: Any) -> str:
    response = cloud.ask("POST", "/_admin/images", json=fields)
    assert response.status_code == 201, response.text
    image_id: str = response.get_json()["id"]
    return image_id


def advance(cloud: Cloud, seconds: float) -> None:
    assert cloud.ask("PUT", "/_admin/clock", json={"advance": seconds}).status_code == 200


def image_state(cloud: Cloud, image_id: str) -> tuple[str, int, str]:
    image = cloud.get(f"/v2.1/images/{image_id}")["image"]
    return image["status"], image["progress"], image["updated"][11:]


def test_an_image_follows_its_plan_by_the_clock(cloud: Cloud) -> None:
    image_id = add_image(cloud, name="a", plan="slow")
    assert image_state(cloud, image_id) == ("SAVING", 25, "00:00:00Z")
    advance(cloud, 1.9)
    assert image_state(cloud, image_id) == ("SAVING", 25, "00:00:00Z")
    advance(cloud, 0.1)
    assert image_state(cloud, image_id) == ("SAVING", 50, "00:00:02Z")
    advance(cloud, 5)
    assert image_state(cloud, image_id) == ("ACTIVE", 100, "00:00:07Z")
    advance(cloud, 1000)
    assert image_state(cloud, image_id) == ("ACTIVE", 100, "00:00:07Z")


def test_overdue_steps_complete_together_each_at_its_own_time(cloud: Cloud) -> None:
    image_id = add_image(cloud, plan="fails")
    advance(cloud, 3600)
    assert image_state(cloud, image_id) == ("ERROR", 0, "00:00:07Z")


def test_due_steps_complete_before_filters_apply_and_before_the_admin_reads(cloud: Cloud) -> None:
    add_image(cloud, name="a", plan="slow")
    assert cloud.names("/v2.1/images?name=a&status=ACTIVE") == []
    advance(cloud, 7)
    assert cloud.names("/v2.1/images?name=a&status=ACTIVE&changes-since=2031-01-01T00:00:07Z") == ["a"]
    second_id = add_image(cloud, name="b", plan="slow")
    advance(cloud, 7)
    assert cloud.get(f"/_admin/images/{second_id}")["status"] == "active"


def test_a_step_can_end_after_a_number_of_polls(cloud: Cloud) -> None:
    steps = [{"status": "saving", "looks": 2}, {"status": "deactivated", "looks": 1}, {"status": "active"}]
    assert cloud.ask("PUT", "/_admin/plans/shy", json={"steps": steps}).status_code == 200
    image_id = add_image(cloud, name="a", plan="shy")
    statuses = [
        image_state(cloud, image_id)[0],
        cloud.get("/v2.1/images/detail?name=a")["images"][0]["status"],
    ]
    statuses += [image_state(cloud, image_id)[0] for _ in range(3)]
    assert statuses == ["SAVING", "SAVING", "UNKNOWN", "ACTIVE", "ACTIVE"]


def test_an_auto_clock_ends_a_wait_loop_after_one_poll_per_step(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "auto"})
    image_id = add_image(cloud, plan="slow")
    progress = [image_state(cloud, image_id)[1] for _ in range(4)]
    assert progress == [25, 50, 100, 100]


def test_setting_a_status_ends_the_plan(cloud: Cloud) -> None:
    image_id, second_id = add_image(cloud, plan="slow"), add_image(cloud, plan="slow")
    cloud.ask("PUT", f"/_admin/images/{image_id}/status", json={"status": "saving"})
    cloud.ask("PATCH", f"/_admin/images/{second_id}", json={"status": "importing"})
    advance(cloud, 100)
    assert image_state(cloud, image_id)[:2] == ("SAVING", 50)
    assert image_state(cloud, second_id)[:2] == ("UNKNOWN", 0)


def test_an_image_with_an_active_plan_can_be_changed_and_deleted(cloud: Cloud) -> None:
    image_id, second_id = add_image(cloud, plan="slow"), add_image(cloud, plan="slow")
    cloud.ask("PUT", f"/v2.1/images/{image_id}/metadata/k", json={"meta": {"k": "v"}})
    assert cloud.ask("DELETE", f"/v2.1/images/{second_id}").status_code == 204
    advance(cloud, 100)
    assert image_state(cloud, image_id)[0] == "ACTIVE"
    assert cloud.get(f"/v2.1/images/{image_id}/metadata") == {"metadata": {"k": "v"}}
    assert cloud.get(f"/_admin/images/{second_id}")["status"] == "deleted"


def test_an_existing_image_can_start_a_plan(cloud: Cloud) -> None:
    image_id = "70a599e0-31e7-49b7-b260-868f441e862b"
    assert (
        cloud.ask("PUT", f"/_admin/images/{image_id}/plan", data="plan=fails").get_json()["status"]
        == "queued"
    )
    advance(cloud, 7)
    assert image_state(cloud, image_id)[0] == "ERROR"


def test_new_images_follow_the_assigned_plan_unless_they_have_a_status(cloud: Cloud) -> None:
    body = {
        "default": "slow",
        "assign": [{"match": {"name": "bad-*", "visibility": "private"}, "plan": "fails"}],
    }
    assert cloud.ask("PUT", "/_admin/plans", json=body).status_code == 200
    ids = [
        add_image(cloud, name="good"),
        add_image(cloud, name="bad-1", visibility="private"),
        add_image(cloud, name="bad-2"),
        add_image(cloud, name="told", status="saving"),
    ]
    advance(cloud, 7)
    assert [image_state(cloud, image_id)[0] for image_id in ids] == ["ACTIVE", "ERROR", "ACTIVE", "SAVING"]


@pytest.mark.parametrize(
    ("match", "matching_fields", "other_fields"),
    [
        ({"status": "queued"}, {"status": "queued"}, {}),
        ({"tags": ["lts"]}, {"tags": ["a", "lts"]}, {"tags": ["a"]}),
        ({"tags": ["snap-*"]}, {"tags": ["snap-1"]}, {"tags": []}),
        ({"owner": "demo"}, {"owner": "demo"}, {"owner": "images"}),
        (
            {"properties": {"os": "ubu*"}},
            {"properties": {"os": "ubuntu", "more": "x"}},
            {"properties": {"more": "x"}},
        ),
        ({"created_at": "2014-01-01T00:00:00Z"}, {"created_at": "2014-01-01T00:00:00Z"}, {}),
        ({"min_ram": 5}, {"min_ram": 5}, {"min_ram": 6}),
    ],
)
def test_a_plan_can_be_assigned_by_any_field_of_an_image(
    cloud: Cloud, match: Any, matching_fields: Any, other_fields: Any
) -> None:
    cloud.ask("PUT", "/_admin/plans/own", json={"steps": [{"status": "active"}]})
    body = {"assign": [{"match": match, "plan": "own"}]}
    assert cloud.ask("PUT", "/_admin/plans", json=body).status_code == 200
    lifecycle = cloud.emulator.cloud.lifecycle
    plans = [
        lifecycle.matching_plan_name(cloud.emulator.cloud.images.get(add_image(cloud, **fields)))
        for fields in (matching_fields, other_fields)
    ]
    assert plans == ["own", None]


def test_an_assignment_by_members_is_refused(cloud: Cloud) -> None:
    before = cloud.get("/_admin/plans")
    body = {"assign": [{"match": {"members": [{"member": "a"}]}, "plan": "slow"}]}
    response = cloud.ask("PUT", "/_admin/plans", json=body)
    assert response.status_code == 400
    assert "assign[0].match.members: unknown key" in response.get_json()["badRequest"]["message"]
    assert cloud.get("/_admin/plans") == before


@pytest.mark.parametrize(("method", "part"), [("PATCH", ""), ("PUT", "/status")])
def test_setting_the_current_status_ends_the_plan_too(cloud: Cloud, method: str, part: str) -> None:
    image_id = add_image(cloud, plan="slow")
    cloud.ask(method, f"/_admin/images/{image_id}{part}", json={"status": "queued"})
    advance(cloud, 100)
    assert cloud.get(f"/_admin/images/{image_id}")["status"] == "queued"


def test_a_reused_image_id_does_not_inherit_the_old_plan(cloud: Cloud) -> None:
    image_id = add_image(cloud, plan="slow")
    cloud.ask("DELETE", f"/_admin/images/{image_id}")
    assert add_image(cloud, id=image_id, status="queued") == image_id
    advance(cloud, 100)
    assert cloud.get(f"/_admin/images/{image_id}")["status"] == "queued"


def test_a_plan_name_has_up_to_255_characters_of_utf_8(cloud: Cloud) -> None:
    steps = {"steps": [{"status": "importing"}]}
    assert "é" in cloud.ask("PUT", "/_admin/plans/é", json=steps).get_json()["plans"]
    assert cloud.ask("POST", "/_admin/images", json={"plan": "é"}).get_json()["status"] == "importing"
    assert cloud.ask("PUT", f"/_admin/plans/{'a' * 256}", json=steps).status_code == 400
    assert sorted(cloud.get("/_admin/plans")["plans"]) == ["fails", "import", "instant", "slow", "é"]


def test_a_reset_removes_plans_and_active_plans(cloud: Cloud) -> None:
    before = cloud.get("/_admin/images")
    cloud.ask("PUT", "/_admin/plans/own", json={"steps": [{"status": "active"}]})
    cloud.ask("PUT", "/_admin/plans", json={"default": "slow"})
    cloud.ask("PUT", "/_admin/images/70a599e0-31e7-49b7-b260-868f441e862b/plan", json={"plan": "fails"})
    cloud.ask("POST", "/_admin/reset")
    advance(cloud, 100)
    assert cloud.get("/_admin/images") == before
    plans = cloud.get("/_admin/plans")
    assert (sorted(plans["plans"]), plans["default"], plans["assign"]) == (
        ["fails", "import", "instant", "slow"],
        None,
        [],
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        (
            "POST",
            "images",
            {"plan": "sloow"},
            'plan: unknown plan (got "sloow"); expected one of: instant, slow, fails, import (is it slow?)',
        ),
        (
            "PUT",
            "plans",
            {"default": "x"},
            'plan: unknown plan (got "x"); expected one of: instant, slow, fails, import',
        ),
        ("PUT", "plans/own", {"steps": []}, "steps: invalid value (got []); expected one step or more"),
        (
            "PUT",
            "plans/own",
            {"steps": [{"status": "queued"}, {"status": "active"}]},
            "steps[0]: has no end, or two; expected either seconds or looks, because another step follows",
        ),
        (
            "PUT",
            "plans/own",
            {"steps": [{"status": "active", "seconds": 1}]},
            "steps[0]: has an end; expected neither seconds nor looks, because it is the last step",
        ),
        (
            "PUT",
            "plans/own",
            {"steps": [{"status": "x"}]},
            'steps[0].status: invalid value (got "x"); expected queued, saving, uploading, importing, active, deactivated, killed, pending_delete, deleted',
        ),
    ],
)
def test_an_invalid_plan_is_refused_and_changes_nothing(
    cloud: Cloud, method: str, path: str, body: Any, message: str
) -> None:
    before = cloud.get("/_admin/images"), cloud.get("/_admin/plans")
    response = cloud.ask(method, f"/_admin/{path}", json=body)
    assert (response.status_code, response.get_json()["badRequest"]["message"]) == (400, message)
    assert (cloud.get("/_admin/images"), cloud.get("/_admin/plans")) == before


SERVER = "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"

#: Who deletes an image -> method, path and body.
DELETIONS: dict[str, tuple[str, str, Any]] = {
    "Nova": ("DELETE", "/v2.1/images/{}", None),
    "Glance": ("DELETE", "/image/v2/images/{}", None),
    "admin's status": ("PUT", "/_admin/images/{}/status", {"status": "deleted"}),
    "admin's change": ("PATCH", "/_admin/images/{}", {"status": "deleted"}),
    "admin": ("DELETE", "/_admin/images/{}", None),
}


def cloud_from_export(cloud: Cloud) -> Cloud:
    """Return another cloud, with a frozen clock, that starts from an export of this one."""
    export = cloud.ask("GET", "/_admin/export").text
    second_cloud = Cloud(private=True)
    assert second_cloud.ask("POST", "/_admin/fixtures?replace=true", data=export).status_code == 201
    second_cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    return second_cloud


def is_gone(cloud: Cloud, image_id: str) -> bool:
    """Return whether clients cannot see an image and the admin API shows it as deleted or not at all."""
    admin_image = cloud.get(f"/_admin/images/{image_id}")
    responses = cloud.ask("GET", f"/v2.1/images/{image_id}"), cloud.ask("GET", f"/image/v2/images/{image_id}")
    return admin_image.get("status") in (None, "deleted") and [
        response.status_code for response in responses
    ] == [404, 404]


@pytest.mark.parametrize("author", DELETIONS)
@pytest.mark.parametrize("seconds", [0, 3])
def test_deleting_an_image_with_an_active_plan_survives_exports_and_snapshots(
    cloud: Cloud, author: str, seconds: int
) -> None:
    image_id = add_image(cloud, name="a", plan="slow")
    advance(cloud, seconds)
    method, path, body = DELETIONS[author]
    assert cloud.ask(method, path.format(image_id), json=body).status_code in (200, 204)
    assert cloud.ask("POST", "/_admin/snapshots", json={"name": "then"}).status_code == 201
    assert cloud.ask("POST", "/_admin/snapshots/then/restore").status_code == 200
    for next_cloud in (cloud, cloud_from_export(cloud)):
        assert is_gone(next_cloud, image_id)
        advance(next_cloud, 1000)
        assert is_gone(next_cloud, image_id)


def test_a_backup_rotated_away_stays_deleted_in_an_export(cloud: Cloud) -> None:
    body = {"createBackup": {"name": "b", "backup_type": "daily", "rotation": 0}}
    assert cloud.ask("POST", f"/v2.1/servers/{SERVER}/action", json=body).status_code == 202
    (backup,) = (image for image in cloud.get("/_admin/images")["images"] if image["name"] == "b")
    advance(cloud, 60)
    next_cloud = cloud_from_export(cloud)
    for seconds in (0, 1000):
        advance(next_cloud, seconds)
        assert is_gone(next_cloud, backup["id"])


def test_an_export_gives_a_deleted_image_no_plan(cloud: Cloud) -> None:
    deleted_id, present_id = (
        add_image(cloud, name="gone", plan="slow"),
        add_image(cloud, name="there", plan="slow"),
    )
    cloud.ask("DELETE", f"/v2.1/images/{deleted_id}")
    export = cloud.get("/_admin/export?format=json")["images"]
    plans = {image["id"]: image.get("plan", {}).get("name") for image in export}
    assert (plans[deleted_id], plans[present_id]) == (None, "slow")


@pytest.mark.parametrize("plan", ["slow", {"name": "slow", "elapsed": 3}])
def test_a_fixtures_deleted_image_stays_deleted_whatever_its_plan(plan: Any) -> None:
    image_id = "0badcafe-0000-4000-8000-000000000001"
    image = {"id": image_id, "name": "gone", "status": "deleted", "plan": plan}
    cloud = Cloud(private=True)
    assert cloud.ask("POST", "/_admin/fixtures", json={"images": [image]}).status_code == 201
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    assert is_gone(cloud, image_id)
    advance(cloud, 1000)
    assert is_gone(cloud, image_id)


def test_the_list_of_plans_has_the_images_that_follow_one(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    image_id = cloud.ask("POST", "/_admin/images", json={"name": "mine", "plan": "slow"}).json["id"]
    cloud.ask("PUT", "/_admin/clock", json={"advance": 3})
    cloud.ask("GET", f"/v2.1/images/{image_id}")
    (row,) = [row for row in cloud.get("/_admin/plans")["active"] if row["image"] == image_id]
    assert row == {
        "image": image_id,
        "name": "mine",
        "status": "saving",
        "plan": "slow",
        "steps": [{"status": "saving", "seconds": 5}, {"status": "active"}],
        "elapsed": 1.0,
        "looks": 1,
    }
    cloud.ask("PUT", "/_admin/clock", json={"advance": 5})
    assert image_id not in [row["image"] for row in cloud.get("/_admin/plans")["active"]]


def test_the_plans_list_the_servers_that_follow_one(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    server = cloud.ask("POST", "/_admin/servers", json={"name": "db", "plan": "slow"}).get_json()
    cloud.ask("PUT", "/_admin/clock", json={"advance": 3})
    (row,) = cloud.get("/_admin/plans")["active_servers"]
    assert row == {
        "server": server["id"],
        "name": "db",
        "status": "BUILD",
        "task_state": "spawning",
        "work": "boot",
        "plan": "slow",
        "steps": [{"status": "saving", "seconds": 5}, {"status": "active"}],
        "elapsed": 1,
        "looks": 0,
    }
    cloud.ask("PUT", "/_admin/clock", json={"advance": 5})
    assert cloud.get("/_admin/plans")["active_servers"] == []
