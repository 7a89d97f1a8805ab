"""Answers of a real Nova 34.0.0 about changes of servers, on the cloud of the record.

Each line of `measured.json` is a request, perhaps with the state that the server has before, and the answer.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cloud
from tests.record import servers_cloud

CASES = json.loads((Path(__file__).parent / "measured.json").read_text(encoding="utf-8"))
RULES = {case["rule"]: [each for each in CASES if each["rule"] == case["rule"]] for case in CASES}
NAMES = re.compile(r"\{server:(.*?)\}")

#: vm_state -> power state, if it is not 1.
POWER_STATES = {"paused": 3, "stopped": 4, "suspended": 4, "shelved": 4, "building": 0, "error": 0}


@pytest.fixture
def studio(tmp_path: Path) -> Cloud:
    """The cloud on which the servers API was recorded."""
    path = tmp_path / "studio.json"
    path.write_text(servers_cloud.fixture(), encoding="utf-8")
    return Cloud(
        private=True, fixtures=(str(path),), dialect="nova", database="mariadb", auth_strategy="keystone"
    )


def fill(value: Any) -> Any:
    """Return a value with the ids of servers for their names."""
    text = json.dumps(value)
    return json.loads(NAMES.sub(lambda match: servers_cloud.server_id(match[1]), text))


def set_state(cloud: Cloud, state: dict[str, Any]) -> None:
    """Set the state of the server ``plain``."""
    vm_state = state["vm_state"]
    host = None if vm_state in ("building", "shelved_offloaded") else "compute1"
    power_state = POWER_STATES.get(vm_state, 1)
    change = {"host": host, "power_state": power_state, "updated_at": "2015-03-01T11:00:00Z", **state}
    path = f"/_admin/servers/{servers_cloud.server_id('plain')}"
    assert cloud.ask("PATCH", path, json=change).status_code == 200


def answer(cloud: Cloud, case: dict[str, Any]) -> dict[str, Any]:
    """Send the request of a case; return what the case tells of the answer."""
    if "state" in case or case["path"].endswith("/servers"):
        assert cloud.ask("POST", "/_admin/reset").status_code == 200
    if "state" in case:
        set_state(cloud, case["state"])
    headers = {"OpenStack-API-Version": f"compute 2.{case.get('minor', 1)}"}
    path = fill(case["path"])
    response = cloud.ask(case["method"], path, case["as"], json=fill(case.get("json")), headers=headers)
    document = response.get_json(silent=True) or {}
    actual: dict[str, Any] = {"status": response.status_code}
    if response.status_code >= 400:
        actual["message"] = next(iter(document.values()))["message"]
    if "shows" in case:
        server = document.get("server", document)
        actual["shows"] = {name: server.get(name) for name in case["shows"]}
    if "content_type" in case:
        actual["content_type"] = response.headers["Content-Type"]
    return actual


@pytest.mark.parametrize("rule", RULES)
def test_a_change_of_a_server_is_answered_as_by_nova(studio: Cloud, rule: str) -> None:
    for case in RULES[rule]:
        facts = ("status", "message", "shows", "content_type")
        assert answer(studio, case) == {name: fill(case[name]) for name in facts if name in case}, case
