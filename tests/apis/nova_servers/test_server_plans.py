"""Servers follow plans: those of fixtures and of the admin API, and the default of servers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apis.nova_servers.steps import SERVERS, WEB, act, advance, boot, capture, set_plan, show, state
from tests.conftest import Cloud

FROZEN = {"mode": "frozen", "now": "2030-01-01T00:00:00Z"}


def cloud_with(**server: Any) -> tuple[Cloud, str]:
    """Return a cloud with one server in its fixture, and the id of that server."""
    cloud = Cloud(private=True, fixtures=("empty",))
    document = {"clock": FROZEN, "servers": [{"name": "db", **server}]}
    response = cloud.ask("POST", "/_admin/fixtures?replace=true", json=document)
    assert response.status_code == 201, response.text
    return cloud, cloud.get("/_admin/servers")["servers"][0]["id"]


def states(cloud: Cloud, server_id: str, *seconds: float) -> list[tuple[str, str | None]]:
    """Return the status and the task_state of a server at first and after each number of seconds."""
    seen = [state(cloud, server_id)]
    for each in seconds:
        advance(cloud, each)
        seen.append(state(cloud, server_id))
    return seen


@pytest.mark.parametrize(("plan", "last"), [("slow", "ACTIVE"), ("fails", "ERROR")])
def test_a_server_of_a_fixture_boots_by_its_plan(plan: str, last: str) -> None:
    cloud, server_id = cloud_with(plan=plan, status="SHUTOFF")
    assert show(cloud, server_id)["hostId"] == ""
    assert states(cloud, server_id, 2, 5) == [("BUILD", "scheduling"), ("BUILD", "spawning"), (last, None)]


@pytest.mark.parametrize("plan", ["instant", {"name": "own", "steps": [{"status": "active"}]}])
def test_a_plan_of_one_step_is_over_at_once(plan: Any) -> None:
    cloud, server_id = cloud_with(plan=plan)
    assert states(cloud, server_id) == [("ACTIVE", None)]


def test_a_reset_lets_the_server_boot_again() -> None:
    cloud, server_id = cloud_with(plan="slow")
    advance(cloud)
    cloud.ask("POST", "/_admin/reset")
    assert states(cloud, server_id, 2, 5)[::2] == [("BUILD", "scheduling"), ("ACTIVE", None)]


def test_a_server_of_a_fixture_can_be_in_the_middle_of_other_work() -> None:
    plan = {"name": "slow", "elapsed": 1, "work": "reboot"}
    cloud, server_id = cloud_with(plan=plan)
    expected = [("REBOOT", "rebooting"), ("REBOOT", "reboot_started"), ("ACTIVE", None)]
    assert states(cloud, server_id, 1, 5) == expected


def test_an_unknown_plan_of_a_server_is_an_error_of_the_fixture() -> None:
    response = Cloud(private=True).ask("POST", "/_admin/fixtures", json={"servers": [{"plan": "lazy"}]})
    assert response.status_code == 400
    assert 'servers[0].plan: unknown plan (got "lazy")' in response.text.replace("\\", "")


def test_the_admin_api_adds_a_server_that_boots(frozen_cloud: Cloud) -> None:
    first = frozen_cloud.ask("POST", "/_admin/servers", json={"name": "a", "plan": "slow"}).get_json()
    assert (first["status"], first["task_state"], first["host"]) == ("BUILD", "scheduling", None)
    several = [{"name": "b", "plan": "fails"}, {"name": "c"}]
    response = frozen_cloud.ask("POST", "/_admin/servers", json={"servers": several}).get_json()
    assert [server["status"] for server in response["servers"]] == ["BUILD", "ACTIVE"]
    advance(frozen_cloud)
    statuses = {each["name"]: each["status"] for each in frozen_cloud.get("/_admin/servers")["servers"]}
    assert statuses == {"a": "ACTIVE", "b": "ERROR", "c": "ACTIVE", "web-1": "ACTIVE"}


def test_a_server_with_an_unknown_plan_is_not_added(frozen_cloud: Cloud) -> None:
    servers = [{"name": "a", "plan": "slow"}, {"name": "b", "plan": "lazy"}]
    assert frozen_cloud.ask("POST", "/_admin/servers", json=servers).status_code == 400
    assert [each["name"] for each in frozen_cloud.get("/_admin/servers")["servers"]] == ["web-1"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"plan": "slow"}, [("BUILD", "scheduling"), ("BUILD", "spawning"), ("ACTIVE", None)]),
        (
            {"plan": "fails", "work": "reboot"},
            [("REBOOT", "rebooting"), ("REBOOT", "reboot_started"), ("ERROR", None)],
        ),
        ({"plan": "fails", "work": "stop"}, [("ACTIVE", "powering-off"), ("ACTIVE", "powering-off")]),
    ],
)
def test_the_admin_api_starts_a_plan(frozen_cloud: Cloud, body: Any, expected: list[Any]) -> None:
    assert frozen_cloud.ask("PUT", f"/_admin/servers/{WEB}/plan", json=body).status_code == 200
    assert states(frozen_cloud, WEB, 2, 5)[: len(expected)] == expected


def test_a_plan_can_be_started_with_a_word_or_a_form(frozen_cloud: Cloud) -> None:
    path = f"/_admin/servers/{WEB}/plan"
    assert frozen_cloud.ask("PUT", path, data={"plan": "slow", "work": "pause"}).status_code == 200
    assert state(frozen_cloud, WEB) == ("ACTIVE", "pausing")
    unknown = frozen_cloud.ask("PUT", "/_admin/servers/9f1e2d3c-0000-4c6d-8e7f-0a1b2c3d4e5f/plan", json={})
    assert unknown.status_code == 400


def test_no_plan_starts_for_a_deleted_server(frozen_cloud: Cloud) -> None:
    frozen_cloud.ask("DELETE", f"{SERVERS}/{WEB}")
    response = frozen_cloud.ask("PUT", f"/_admin/servers/{WEB}/plan", json={"plan": "slow"})
    assert (response.status_code, response.get_json()["conflictingRequest"]["message"]) == (
        409,
        f'server: it is deleted (got "{WEB}"); expected a server that clients still see',
    )
    assert frozen_cloud.get(f"/_admin/servers/{WEB}")["task_state"] is None


def test_a_server_with_the_id_of_a_forgotten_one_follows_no_plan(frozen_cloud: Cloud) -> None:
    frozen_cloud.ask("PUT", f"/_admin/servers/{WEB}/plan", json={"plan": "slow", "work": "stop"})
    frozen_cloud.ask("DELETE", f"/_admin/servers/{WEB}")
    again = {"id": WEB, "name": "again", "task_state": "powering-off"}
    assert frozen_cloud.ask("POST", "/_admin/servers", json=again).status_code == 201
    assert states(frozen_cloud, WEB, 60) == [("ACTIVE", "powering-off")] * 2


def test_the_plan_of_servers_is_another_than_that_of_images(frozen_cloud: Cloud) -> None:
    plans = {"servers": "instant", "default": "fails"}
    assert frozen_cloud.ask("PUT", "/_admin/plans", json=plans).get_json()["servers"] == "instant"
    assert state(frozen_cloud, boot(frozen_cloud).get_json()["server"]["id"]) == ("ACTIVE", None)
    image_id = capture(frozen_cloud)
    advance(frozen_cloud)
    assert frozen_cloud.ask("GET", f"/v2.1/images/{image_id}").status_code == 404
    frozen_cloud.ask("PUT", "/_admin/plans", json={"servers": None})
    act(frozen_cloud, WEB, "reboot", {"type": "SOFT"})
    advance(frozen_cloud)
    assert state(frozen_cloud, WEB) == ("ERROR", None)


def test_a_fixture_sets_the_plan_of_servers() -> None:
    cloud, server_id = cloud_with()
    cloud.ask("POST", "/_admin/fixtures", json={"default_server_plan": "instant"})
    assert cloud.get("/_admin/plans")["servers"] == "instant"
    assert act(cloud, server_id, "pause").status_code == 202
    assert state(cloud, server_id) == ("PAUSED", None)
    response = cloud.ask("POST", "/_admin/fixtures", json={"default_server_plan": "lazy"})
    assert 'default_server_plan: unknown plan (got "lazy")' in response.text.replace("\\", "")


@pytest.mark.parametrize(
    ("action", "params", "status"),
    [
        ("os-stop", None, "ACTIVE"),
        ("pause", None, "ACTIVE"),
        ("suspend", None, "ACTIVE"),
        ("shelve", None, "ACTIVE"),
        ("reboot", {"type": "SOFT"}, "ERROR"),
        ("reboot", {"type": "HARD"}, "ERROR"),
        ("rescue", None, "ERROR"),
        ("rebuild", {"imageRef": "155d900f-4e14-4e4c-a73d-069cbf4541e6"}, "ERROR"),
    ],
)
def test_a_plan_that_fails_leaves_a_server_as_it_was_or_in_error(
    frozen_cloud: Cloud, action: str, params: Any, status: str
) -> None:
    set_plan(frozen_cloud, "fails")
    act(frozen_cloud, WEB, action, params)
    advance(frozen_cloud)
    server = show(frozen_cloud)
    assert (server["status"], server["OS-EXT-STS:task_state"]) == (status, None)
    assert ("fault" in server) == (status == "ERROR")


def test_a_server_has_a_host_when_it_spawns(frozen_cloud: Cloud) -> None:
    server_id = boot(frozen_cloud).get_json()["server"]["id"]
    hosts = []
    for _ in range(2):
        server = show(frozen_cloud, server_id)
        hosts.append((server["hostId"] != "", server["OS-EXT-AZ:availability_zone"]))
        advance(frozen_cloud, 3)
    assert hosts == [(False, ""), (True, "nova")]
    message = f"Cannot 'createImage' instance {server_id} while it is in vm_state building"
    response = act(frozen_cloud, server_id, "createImage", {"name": "early"})
    assert response.get_json()["conflictingRequest"]["message"] == message


def test_an_export_goes_on_with_the_work_where_it_is_loaded(frozen_cloud: Cloud) -> None:
    act(frozen_cloud, WEB, "reboot", {"type": "HARD"})
    server_id = boot(frozen_cloud).get_json()["server"]["id"]
    advance(frozen_cloud, 3)
    export = frozen_cloud.ask("GET", "/_admin/export?format=json")
    next_cloud = Cloud(private=True)
    next_cloud.ask("POST", "/_admin/fixtures?replace=true", data=export.get_data())
    assert state(next_cloud, WEB) == ("HARD_REBOOT", "reboot_started_hard")
    assert state(next_cloud, server_id) == ("BUILD", "spawning")
    advance(next_cloud, 4)
    assert [state(next_cloud, each)[0] for each in (WEB, server_id)] == ["ACTIVE", "ACTIVE"]


def test_a_restored_snapshot_of_the_cloud_goes_on_with_the_work(frozen_cloud: Cloud) -> None:
    act(frozen_cloud, WEB, "pause")
    frozen_cloud.ask("POST", "/_admin/snapshots", json={"name": "before"})
    advance(frozen_cloud)
    frozen_cloud.ask("POST", "/_admin/snapshots/before/restore")
    assert states(frozen_cloud, WEB, 60) == [("ACTIVE", "pausing"), ("PAUSED", None)]


def test_more_fixtures_do_not_stop_the_work(frozen_cloud: Cloud) -> None:
    cloud = Cloud(private=True)
    cloud.ask("PUT", "/_admin/clock", json=FROZEN)
    act(cloud, WEB, "pause")
    advance(cloud, 3)
    cloud.ask("POST", "/_admin/fixtures", json={"servers": [{"name": "more"}]})
    assert states(cloud, WEB, 4) == [("ACTIVE", "pausing"), ("PAUSED", None)]


def test_a_poll_of_servers_counts_for_a_strict_test(frozen_cloud: Cloud) -> None:
    set_plan(frozen_cloud, "slow")
    act(frozen_cloud, WEB, "pause")
    assert "slow" in str(frozen_cloud.get("/_admin/complaints"))
    frozen_cloud.get(f"{SERVERS}/{WEB}")
    assert "slow" not in str(frozen_cloud.get("/_admin/complaints"))


def test_a_plan_of_servers_that_ends_at_once_needs_no_poll_for_a_strict_test(frozen_cloud: Cloud) -> None:
    set_plan(frozen_cloud, "instant")
    assert "instant" in str(frozen_cloud.get("/_admin/complaints"))
    act(frozen_cloud, WEB, "pause")
    assert frozen_cloud.get("/_admin/complaints") == {"complaints": []}
