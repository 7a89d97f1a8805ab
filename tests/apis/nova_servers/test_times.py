"""Times of servers, of actions on them and of key pairs: whole seconds on MariaDB; when a server was launched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.apis.nova_servers.steps import LATEST, SERVERS, WEB, advance, boot, show
from tests.conftest import Cloud

HALF_PAST: Final = {"mode": "frozen", "now": "2030-01-01T00:00:00.5Z"}


def texts_of(value: Any) -> Iterator[str]:
    """Return the texts in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from texts_of(each)
    if isinstance(value, str):
        yield value


@pytest.mark.parametrize(("database", "fraction"), [("mariadb", "000000"), ("sqlite", "500000")])
def test_the_database_keeps_or_cuts_the_fractions_of_times(database: str, fraction: str) -> None:
    cloud = Cloud(private=True, database=database)
    cloud.ask("PUT", "/_admin/clock", json=HALF_PAST)
    cloud.ask("PUT", "/_admin/plans", json={"default": "instant"})
    server_id = boot(cloud).get_json()["server"]["id"]
    cloud.ask("POST", "/v2.1/os-keypairs", "admin", json={"keypair": {"name": "key"}})
    log = f"{SERVERS}/{server_id}/os-instance-actions"
    request_id = cloud.get(log)["instanceActions"][0]["request_id"]
    paths = [f"{SERVERS}/{server_id}", f"{log}/{request_id}", "/v2.1/os-keypairs/key"]
    paths += ["/v2.1/os-availability-zone/detail", "/v2.1/os-services"]
    answers = [cloud.ask("GET", path, "admin", headers=LATEST).get_json() for path in paths]
    times = [[text for text in texts_of(answer) if "." in text and "T00:00" in text] for answer in answers]
    assert [len(each) > 0 for each in times] == [True] * len(paths)
    assert {text for each in times for text in each} == {f"2030-01-01T00:00:00.{fraction}"}


def test_when_a_server_was_deleted_has_whole_seconds_on_mariadb() -> None:
    cloud = Cloud(private=True)
    cloud.ask("PUT", "/_admin/clock", json=HALF_PAST)
    cloud.ask("DELETE", f"{SERVERS}/{WEB}")
    server = cloud.get(f"{SERVERS}/detail?changes-since=2029-01-01")["servers"][0]
    assert server["OS-SRV-USG:terminated_at"] == "2030-01-01T00:00:00.000000"


@pytest.mark.parametrize(
    ("actions", "launched"),
    [
        (["os-stop", "os-start"], "2024-05-28T06:00:00"),
        (["shelve", "unshelve"], "2024-05-28T06:00:00"),
        (["reboot"], "2024-05-28T06:00:00"),
        (["rebuild"], "2030-01-01T00:00:07"),
        (["rescue"], "2030-01-01T00:00:07"),
        (["shelve", "shelveOffload", "unshelve"], "2030-01-01T00:02:07"),
    ],
)
def test_a_new_disk_or_host_is_a_new_launch(frozen_cloud: Cloud, actions: list[str], launched: str) -> None:
    image = show(frozen_cloud)["image"]["id"]
    params = {"reboot": {"type": "SOFT"}, "rebuild": {"imageRef": image}}
    for action in actions:
        response = frozen_cloud.ask(
            "POST", f"{SERVERS}/{WEB}/action", "admin", json={action: params.get(action)}
        )
        assert response.status_code in (200, 202), response.text
        advance(frozen_cloud)
    assert show(frozen_cloud)["OS-SRV-USG:launched_at"] == f"{launched}.000000"
