"""Actions by microversion: which there are, what they accept, and what comes before the server and its lock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cloud
from tests.record import servers_cloud

NOT_FOUND = "The resource could not be found."
LIVE = {"host": None, "block_migration": False}


@pytest.fixture
def studio(tmp_path: Path) -> Cloud:
    """The cloud on which the servers API was recorded."""
    path = tmp_path / "studio.json"
    path.write_text(servers_cloud.fixture(), encoding="utf-8")
    return Cloud(private=True, fixtures=(str(path),), dialect="nova", auth_strategy="keystone")


def act(
    cloud: Cloud, user: str, name: str, params: Any = None, minor: int = 1, *, server: str = "plain"
) -> tuple[int, str]:
    """Run an action, and return the status and the message."""
    server_id = "nope" if server == "nope" else servers_cloud.server_id(server)
    headers = {"OpenStack-API-Version": f"compute 2.{minor}"}
    body = {name: params}
    response = cloud.ask("POST", f"/v2.1/servers/{server_id}/action", user, json=body, headers=headers)
    document = response.get_json(silent=True) or {}
    messages = [each["message"] for each in document.values() if isinstance(each, dict)]
    return response.status_code, "".join(messages)


@pytest.mark.parametrize(
    ("name", "params", "last", "status"),
    [
        ("os-getVNCConsole", {"type": "novnc"}, 5, 400),
        ("os-getSPICEConsole", {"type": "spice-html5"}, 5, 400),
        ("os-getSerialConsole", {"type": "serial"}, 5, 400),
        ("os-getRDPConsole", None, 5, 400),
        ("addFloatingIp", {"address": "1.2.3.4"}, 43, 400),
        ("removeFloatingIp", {"address": "1.2.3.4"}, 43, 404),
        ("addFixedIp", {"networkId": 1}, 43, 202),
        ("removeFixedIp", {"address": "1.2.3.4"}, 43, 202),
    ],
)
def test_an_action_ends_with_a_microversion(
    studio: Cloud, name: str, params: Any, last: int, status: int
) -> None:
    answer = act(studio, "ada", name, params, last)
    assert answer[0] == status
    assert answer[1] != NOT_FOUND
    assert act(studio, "ada", name, params, last + 1) == (404, NOT_FOUND)
    assert act(studio, "ada", name, {"x": 1}, last + 1) == (404, NOT_FOUND)


def test_a_crash_dump_begins_with_2_17(studio: Cloud) -> None:
    assert act(studio, "ada", "trigger_crash_dump", minor=16) == (404, NOT_FOUND)
    assert act(studio, "ada", "trigger_crash_dump", minor=17) == (202, "")
    assert act(studio, "ada", "trigger_crash_dump", {}, 17)[1].endswith("{} is not of type 'null'")
    assert act(studio, "ada", "trigger_crash_dump", minor=17, server="stopped")[0] == 409
    assert act(studio, "rita", "trigger_crash_dump", minor=17)[0] == 403


@pytest.mark.parametrize("name", ["os-stop", "os-start"])
def test_an_unknown_server_to_stop_or_start_has_no_mapping(studio: Cloud, name: str) -> None:
    assert act(studio, "ada", name, server="nope") == (404, "Instance nope has no mapping to a cell.")
    assert act(studio, "otto", name)[1].endswith("could not be found.")


@pytest.mark.parametrize(
    ("name", "params", "minor", "is_valid"),
    [
        ("os-getConsoleOutput", {"length": "-1"}, 1, True),
        ("os-getConsoleOutput", None, 1, False),
        ("unshelve", "x", 76, True),
        ("unshelve", {}, 77, False),
        ("unshelve", {"availability_zone": "nova"}, 77, True),
        ("unshelve", {"availability_zone": None}, 77, False),
        ("unshelve", {"availability_zone": None, "host": "h"}, 91, True),
        ("migrate", "x", 55, True),
        ("migrate", {"host": "a b"}, 56, False),
        ("os-migrateLive", LIVE, 24, False),
        ("os-migrateLive", {**LIVE, "disk_over_commit": "no"}, 24, True),
        ("os-migrateLive", {**LIVE, "block_migration": "auto"}, 25, True),
        ("os-migrateLive", {**LIVE, "force": True}, 29, False),
        ("os-migrateLive", {**LIVE, "force": True}, 30, True),
        ("os-migrateLive", {**LIVE, "force": True}, 68, False),
        ("evacuate", {"onSharedStorage": "1"}, 13, True),
        ("evacuate", {"onSharedStorage": "1"}, 14, False),
        ("evacuate", {"force": True}, 28, False),
        ("evacuate", {"force": True}, 29, True),
        ("addSecurityGroup", {"name": "x", "y": 1}, 1, False),
    ],
)
def test_the_body_of_an_action_is_checked_before_the_role(
    studio: Cloud, name: str, params: Any, minor: int, is_valid: bool
) -> None:
    assert act(studio, "rita", name, params, minor)[0] == (403 if is_valid else 400)


def test_a_move_to_a_chosen_host_has_a_rule_of_its_own(studio: Cloud) -> None:
    rule = "Policy doesn't allow os_compute_api:os-migrate-server:{} to be performed."
    assert act(studio, "ada", "migrate", {"host": "h"}, 56) == (403, rule.format("migrate:host"))
    assert act(studio, "ada", "migrate", {"host": None}, 56) == (403, rule.format("migrate"))
    assert act(studio, "ada", "os-migrateLive", {**LIVE, "host": "h"}, 25) == (
        403,
        rule.format("migrate_live:host"),
    )


def test_a_move_needs_a_state(studio: Cloud) -> None:
    assert act(studio, "admin", "migrate", server="rescued")[0] == 409
    assert act(studio, "admin", "os-migrateLive", LIVE, 25, server="stopped")[0] == 409
    assert act(studio, "admin", "migrate", server="stopped")[0] == 400


def test_some_actions_take_a_lock_for_a_wrong_state(studio: Cloud) -> None:
    server_id = servers_cloud.server_id("locked")
    message = f"Instance {server_id} is in an invalid state for 'restore'"
    assert act(studio, "ada", "restore", server="locked") == (409, message)
    assert act(studio, "ada", "shelve", server="locked") == (409, f"Instance {server_id} is locked")
    assert act(studio, "ada", "addSecurityGroup", {"name": "x"}, server="locked")[0] == 404


def test_a_refused_console_is_the_fault_of_a_server_in_error(studio: Cloud) -> None:
    act(studio, "ada", "os-getVNCConsole", {"type": "novnc"})
    act(studio, "admin", "os-resetState", {"state": "error"})
    server = studio.get(f"/v2.1/servers/{servers_cloud.server_id('plain')}", "ada")["server"]
    assert (server["fault"]["code"], server["fault"]["message"]) == (400, "Unavailable console type novnc.")
