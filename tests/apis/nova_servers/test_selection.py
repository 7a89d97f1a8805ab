"""Lists of servers: indexes and searches select what a look at each server selects."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from random import Random
from typing import Any, Final
from urllib.parse import quote

import pytest
import regex

from fake_nova.apis.nova_common.client_patterns import ClientPattern
from fake_nova.cloud.server_states import status_of
from tests.conftest import Cloud

SERVERS: Final = "/v2.1/servers"
QUOTAS: Final = "/v2.1/limits"

#: vm_state and task_state of the servers of the cloud, in turn.
STATES: Final = (
    ("active", None),
    ("active", "rebooting"),
    ("active", "rebooting_hard"),
    ("stopped", None),
    ("stopped", "rebuilding"),
    ("error", None),
    ("building", "spawning"),
    ("soft-delete", None),
)

NAMES: Final = ("web-1", "WEB-2", "db", "web one", "Straße", "KELVIN", "\N{KELVIN SIGN}elvin")

Document = dict[str, Any]


def status(server: Document) -> str:
    return status_of(server["vm_state"], server["task_state"])


@pytest.fixture(params=["mariadb", "sqlite"])
def large_cloud(request: pytest.FixtureRequest) -> Cloud:
    """A cloud of 200 servers, some of which were deleted, renamed and restarted since."""
    cloud = Cloud(private=True, fixtures=("empty",), database=request.param)
    random = Random(7)
    servers = [
        {"name": random.choice(NAMES), "vm_state": vm_state, "task_state": task_state}
        for number in range(200)
        for vm_state, task_state in (STATES[number % len(STATES)],)
    ]
    assert cloud.ask("POST", "/_admin/servers", json={"servers": servers}).status_code == 201
    listed_servers = cloud.get(SERVERS)["servers"]
    for server in random.sample(listed_servers, 60):
        change = random.choice(
            ({"deleted": True}, {"name": "renamed"}, {"status": "ERROR"}, {"status": "ACTIVE"})
        )
        assert cloud.ask("PATCH", f"/_admin/servers/{server['id']}", json=change).status_code == 200
    return cloud


def selected(cloud: Cloud, query: str) -> list[str]:
    return [server["id"] for server in cloud.get(f"{SERVERS}?{query}")["servers"]]


def expected(cloud: Cloud, matches: Callable[[Document], bool]) -> list[str]:
    documents = {server["id"]: server for server in cloud.get("/_admin/servers")["servers"]}
    return [server_id for server_id in selected(cloud, "") if matches(documents[server_id])]


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ("status=ACTIVE", {"ACTIVE", "REBOOT", "HARD_REBOOT"}),
        ("status=error", {"ERROR"}),
        ("status=REBOOT", {"REBOOT"}),
        ("status=REBOOT&status=HARD_REBOOT", {"REBOOT", "HARD_REBOOT"}),
        ("status=SHUTOFF&status=ERROR&status=BUILD", {"SHUTOFF", "REBUILD", "ERROR", "BUILD"}),
        ("status=PAUSED", set()),
        ("status=SOFT_DELETED", set()),
    ],
)
def test_a_status_selects_what_has_it(large_cloud: Cloud, query: str, statuses: set[str]) -> None:
    ids = expected(large_cloud, lambda server: status(server) in statuses)
    assert selected(large_cloud, query) == ids
    if ids:
        assert selected(large_cloud, f"{query}&limit=3&marker={ids[1]}") == ids[2:5]
    oldest_first = selected(large_cloud, f"{query}&sort_key=created_at&sort_dir=asc")
    assert sorted(oldest_first) == sorted(ids)


@pytest.mark.parametrize(
    "text", ["web", "WEB-2", "renamed", "kelvin", "e", "web-1", "stra", "nothing", "w b"]
)
@pytest.mark.parametrize("more", ["", "&status=ACTIVE", "&status=REBOOT&status=HARD_REBOOT"])
def test_a_plain_name_selects_what_contains_it(large_cloud: Cloud, text: str, more: str) -> None:
    flags = regex.IGNORECASE if large_cloud.emulator.cloud.database.name == "mariadb" else 0
    with_states = set(selected(large_cloud, more))
    ids = expected(
        large_cloud,
        lambda server: bool(regex.search(text, server["name"], flags)) and server["id"] in with_states,
    )
    query = f"name={quote(text)}{more}"
    assert selected(large_cloud, query) == ids
    assert selected(large_cloud, f"{query}&limit=2") == ids[:2]
    if len(ids) > 1:
        assert selected(large_cloud, f"{query}&marker={ids[0]}") == ids[1:]


def test_a_plain_name_selects_deleted_servers_among_changes(large_cloud: Cloud) -> None:
    documents = large_cloud.get("/_admin/servers")["servers"]
    deleted_ids = {server["id"] for server in documents if server["deleted"] and "web" in server["name"]}
    assert deleted_ids
    assert deleted_ids <= set(selected(large_cloud, "name=web&changes-since=2000-01-01T00:00:00Z"))
    assert not deleted_ids & set(selected(large_cloud, "name=web"))


def test_a_plain_pattern_matches_each_character_as_the_library_does() -> None:
    characters = [chr(number) for number in range(sys.maxunicode + 1) if not 0xD800 <= number < 0xE000]
    text = "".join(characters)
    for letter in "abcdefghijklmnopqrstuvwxyz0_-":
        matches = set(regex.findall(re.escape(letter), text, regex.IGNORECASE))
        assert {each for each in matches if letter not in each.casefold()} == set()
        client = ClientPattern(letter, is_of_mariadb=True)
        assert {each for each in (*map(chr, range(0x250)), *matches) if client.is_in(each)} == matches


def test_limits_and_quotas_count_the_servers_that_exist(large_cloud: Cloud) -> None:
    listed_count = len(selected(large_cloud, ""))
    absolute = large_cloud.get(QUOTAS)["limits"]["absolute"]
    used = absolute["totalInstancesUsed"], absolute["totalCoresUsed"], absolute["totalRAMUsed"]
    assert used == (listed_count, listed_count, listed_count * 2048)
    body = {"server": {"name": "one more", "imageRef": "", "flavorRef": "1"}}
    body["server"]["imageRef"] = large_cloud.ask("POST", "/_admin/images", json={}).json["id"]
    response = large_cloud.ask("POST", SERVERS, json=body)
    assert f"but already used {listed_count}, {listed_count}, {listed_count * 2048} of" in response.text
