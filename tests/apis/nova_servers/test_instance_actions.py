"""The log of what users did to a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fake_nova.cloud import server_actions
from tests.conftest import Cloud
from tests.record import servers_cloud

PLAIN = f"/v2.1/servers/{servers_cloud.server_id('plain')}"
ACTIONS = f"{PLAIN}/os-instance-actions"


@pytest.fixture
def studio(tmp_path: Path) -> Cloud:
    """The cloud on which the servers API was recorded; its clock stands still."""
    path = tmp_path / "studio.json"
    path.write_text(servers_cloud.fixture(), encoding="utf-8")
    cloud = Cloud(private=True, fixtures=(str(path),), dialect="nova", auth_strategy="keystone")
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen", "now": "2030-01-01T00:00:00Z"})
    return cloud


def version(minor: int) -> dict[str, str]:
    return {"OpenStack-API-Version": f"compute 2.{minor}"}


def act(cloud: Cloud, name: str, params: Any = None, user: str = "ada") -> Any:
    return cloud.ask("POST", f"{PLAIN}/action", user, json={name: params})


def names(cloud: Cloud, query: str = "", minor: int = 104, user: str = "ada") -> list[str]:
    actions = cloud.get(f"{ACTIONS}{query}", user, headers=version(minor))["instanceActions"]
    return [action["action"] for action in actions]


def test_the_log_of_a_seeded_server_has_its_creation(studio: Cloud) -> None:
    [action] = studio.get(ACTIONS, "rita")["instanceActions"]
    assert list(action) == [
        *("action", "instance_uuid", "request_id", "user_id", "project_id", "start_time", "message")
    ]
    assert (action["action"], action["start_time"]) == ("create", "2015-03-01T10:00:00.000000")


def test_actions_are_logged_newest_first_unless_they_are_refused(studio: Cloud) -> None:
    response = act(studio, "lock")
    assert act(studio, "unshelve").status_code == 409
    assert act(studio, "unlock", user="admin").status_code == 202
    assert act(studio, "os-getConsoleOutput", {}).status_code == 200
    assert act(studio, "os-stop").status_code == 202
    assert names(studio) == ["stop", "unlock", "lock", "create"]
    lock = studio.get(ACTIONS, "ada", headers=version(58))["instanceActions"][2]
    assert lock["request_id"] == response.headers["x-openstack-request-id"]
    assert lock["updated_at"] == lock["start_time"] == "2030-01-01T00:00:00.000000"


def test_a_created_server_knows_the_request_that_created_it(studio: Cloud) -> None:
    params = {"name": "new", "flavorRef": "1", "imageRef": "10000000-0000-4000-8000-000000000001"}
    response = studio.ask("POST", "/v2.1/servers", "ada", json={"server": params})
    path = f"{response.headers['Location']}/os-instance-actions"
    [action] = studio.get(path, "ada")["instanceActions"]
    assert action["request_id"] == response.headers["x-openstack-request-id"]


def test_the_log_of_a_deleted_server_is_there_since_2_21(studio: Cloud) -> None:
    studio.ask("DELETE", PLAIN, "ada")
    assert names(studio, minor=21) == ["delete", "create"]
    assert studio.ask("GET", ACTIONS, "ada", headers=version(20)).status_code == 404


def test_the_log_has_pages_and_times_since_2_58(studio: Cloud) -> None:
    act(studio, "lock")
    studio.ask("PUT", "/_admin/clock", json={"advance": 60})
    act(studio, "unlock")
    page = studio.get(f"{ACTIONS}?limit=1", "ada", headers=version(58))
    [link] = page["links"]
    assert [each["action"] for each in page["instanceActions"]] == ["unlock"]
    assert studio.get(link["href"], "ada", headers=version(58))["instanceActions"][0]["action"] == "lock"
    assert names(studio, "?changes-since=2030-01-01T00:00:30Z") == ["unlock"]
    assert names(studio, "?changes-before=2030-01-01T00:00:30Z") == ["lock", "create"]
    assert names(studio, "?limit=1", 57) == ["unlock", "lock", "create"]


@pytest.mark.parametrize(
    ("query", "minor", "message"),
    [
        ("x=1", 58, "Additional properties are not allowed ('x' was unexpected)"),
        ("marker=nope", 58, "Marker nope could not be found."),
        (
            "changes-before=2015-01-01",
            65,
            "Additional properties are not allowed ('changes-before' was unexpected)",
        ),
        (
            "changes-since=2016-01-01&changes-before=2015-01-01",
            66,
            "The value of changes-since must be less than or equal to changes-before.",
        ),
    ],
)
def test_the_query_of_the_log_is_checked(studio: Cloud, query: str, minor: int, message: str) -> None:
    response = studio.ask("GET", f"{ACTIONS}?{query}", "ada", headers=version(minor))
    assert response.get_json() == {"badRequest": {"code": 400, "message": message}}


def event(cloud: Cloud, user: str, minor: int, number: int = 0) -> dict[str, Any]:
    action = cloud.get(ACTIONS, user)["instanceActions"][number]
    shown = cloud.get(f"{ACTIONS}/{action['request_id']}", user, headers=version(minor))["instanceAction"]
    events: list[dict[str, Any]] = shown.get("events", [{}])
    return events[0]


def test_an_action_has_events_by_role_and_version(studio: Cloud) -> None:
    act(studio, "os-stop")
    common = ["event", "start_time", "finish_time", "result"]
    assert list(event(studio, "ada", 50)) == []
    assert list(event(studio, "ada", 51)) == common
    assert list(event(studio, "ada", 62)) == [*common, "hostId"]
    assert list(event(studio, "admin", 1)) == [*common, "traceback"]
    assert list(event(studio, "admin", 84)) == [*common, "traceback", "host", "hostId", "details"]
    assert (event(studio, "ada", 51)["event"], event(studio, "ada", 51)["result"]) == (
        "compute_stop_instance",
        None,
    )
    assert event(studio, "ada", 51, number=1)["result"] == "Success"  # the creation was over long ago
    studio.ask("PUT", "/_admin/clock", json={"advance": 60})
    assert event(studio, "ada", 51)["result"] == "Success"


def test_the_log_keeps_a_bounded_number_of_actions(studio: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_actions, "_MAX_ACTIONS", 2)
    for name in ("lock", "unlock", "lock"):
        act(studio, name)
    assert names(studio) == ["lock", "unlock", "create"]


def test_an_unknown_action_and_another_project_are_404_and_no_role_is_403(studio: Cloud) -> None:
    response = studio.ask("GET", f"{ACTIONS}/req-nope", "ada")
    assert response.get_json() == {"itemNotFound": {"code": 404, "message": "Action req-nope not found"}}
    assert studio.ask("GET", ACTIONS, "otto").status_code == 404
    assert studio.ask("GET", ACTIONS, "norole").status_code == 403


def test_the_log_says_which_action_failed_and_when(studio: Cloud) -> None:
    studio.ask("PUT", "/_admin/plans", json={"default": "fails"})
    act(studio, "reboot", {"type": "SOFT"})
    studio.ask("PUT", "/_admin/clock", json={"advance": 60})
    act(studio, "os-getVNCConsole", {"type": "nope"})  # its fault is no failure of an action in the log
    logged = studio.get(ACTIONS, "ada", headers=version(58))["instanceActions"]
    assert [(each["action"], each["message"]) for each in logged] == [("reboot", "Error"), ("create", None)]
    assert logged[0]["updated_at"] == "2030-01-01T00:00:07.000000"
    failed = event(studio, "admin", 84)
    assert (failed["result"], failed["finish_time"]) == ("Error", "2030-01-01T00:00:07.000000")
    assert failed["details"] == "The plan of the server ends in an error."


def test_the_first_step_of_a_failed_boot_is_the_creation(studio: Cloud) -> None:
    fault = {"message": "No valid host was found."}
    server = {"name": "broken", "owner": "studio", "status": "ERROR", "fault": fault}
    server_id = studio.ask("POST", "/_admin/servers", json=server).get_json()["id"]
    path = f"/v2.1/servers/{server_id}/os-instance-actions"
    assert [each["message"] for each in studio.get(path, "ada")["instanceActions"]] == ["Error"]
