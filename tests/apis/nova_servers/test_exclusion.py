"""Nothing changes the servers between the check of a request and its write."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.apis.nova_servers.steps import IMAGE, LATEST, SERVERS, WEB
from tests.conftest import Cloud

NEW = {"server": {"name": "new", "imageRef": IMAGE, "flavorRef": "2", "networks": "none"}}

#: Requests that write to servers: method, path, body.
WRITES: list[tuple[str, str, Any]] = [
    ("POST", SERVERS, NEW),
    ("PUT", f"{SERVERS}/{WEB}", {"server": {"name": "other"}}),
    ("DELETE", f"{SERVERS}/{WEB}", None),
    ("POST", f"{SERVERS}/{WEB}/action", {"os-stop": None}),
    ("POST", f"{SERVERS}/{WEB}/metadata", {"metadata": {"a": "1"}}),
    ("PUT", f"{SERVERS}/{WEB}/metadata", {"metadata": {"a": "1"}}),
    ("PUT", f"{SERVERS}/{WEB}/metadata/a", {"meta": {"a": "1"}}),
    ("DELETE", f"{SERVERS}/{WEB}/metadata/role", None),
    ("PUT", f"{SERVERS}/{WEB}/tags", {"tags": ["a"]}),
    ("PUT", f"{SERVERS}/{WEB}/tags/a", None),
    ("DELETE", f"{SERVERS}/{WEB}/tags/old", None),
    ("DELETE", f"{SERVERS}/{WEB}/tags", None),
    ("PATCH", f"/_admin/servers/{WEB}", {"name": "other"}),
    ("PUT", f"/_admin/servers/{WEB}/plan", {"plan": "slow"}),
    ("DELETE", f"/_admin/servers/{WEB}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=[f"{each[0]} {each[1]}" for each in WRITES])
def test_no_snapshot_is_restored_between_check_and_write(
    monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: Any
) -> None:
    cloud = Cloud()
    start = {"metadata": {"role": "web"}, "tags": ["old"]}
    assert cloud.ask("PATCH", f"/_admin/servers/{WEB}", json=start).status_code == 200
    servers, lock = cloud.emulator.cloud.servers, cloud.emulator.cloud.lifecycle._lock  # other threads' view
    could_restore: list[bool] = []

    def try_lock() -> bool:
        is_free = lock.acquire(blocking=False)
        if is_free:
            lock.release()
        return is_free

    def watch(name: str) -> None:
        write = getattr(servers, name)

        def watched(*arguments: Any) -> Any:
            with ThreadPoolExecutor(1) as pool:
                could_restore.append(pool.submit(try_lock).result())
            return write(*arguments)

        monkeypatch.setattr(servers, name, watched)

    for name in ("add", "update", "forget"):
        watch(name)
    response = cloud.ask(method, path, json=body, headers=LATEST)
    assert response.status_code < 300, response.text
    assert set(could_restore) == {False}
