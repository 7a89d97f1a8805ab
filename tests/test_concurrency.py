"""Concurrent clients: no failed request, no mixed versions, no lost write."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from json import dumps, loads
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from fake_nova.testing.fake_nova import FakeNova

ROUNDS = 25


class Client:
    """A client with its own connection; it records every unexpected response."""

    def __init__(self, nova: FakeNova, faults: list[Any]) -> None:
        address = urlsplit(nova.url)
        self.connection = HTTPConnection(str(address.hostname), address.port, timeout=30)
        self.faults = faults

    def ask(
        self, method: str, path: str, body: Any = None, expected_statuses: tuple[int, ...] = (200,)
    ) -> Any:
        self.connection.request(method, path, None if body is None else dumps(body))
        response = self.connection.getresponse()
        content = response.read()
        if response.status not in expected_statuses:
            self.faults.append((method, path, response.status, content))
        return loads(content) if content else None


Task = Callable[[Client], None]


def run_in_parallel(nova: FakeNova, tasks: list[Task]) -> list[Any]:
    """Run all *tasks* in parallel, each with a client; return all unexpected results."""
    faults: list[Any] = []

    def run(task: Callable[[Client], None]) -> None:
        client = Client(nova, faults)
        try:
            task(client)
        except Exception as error:  # a thread would swallow its error
            faults.append(error)
        finally:
            client.connection.close()

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_concurrent_writes_are_not_lost() -> None:
    with FakeNova(fixtures=("empty",)) as nova:
        image_id = nova.images.add(name="busy")["id"]
        url = f"/v2.1/{nova.project_id}/images/{image_id}/metadata"

        def writer(number: int) -> Callable[[Client], None]:
            def task(client: Client) -> None:
                for round_ in range(5):
                    client.ask("POST", url, {"metadata": {f"w{number}-{round_}": "v"}})

            return task

        assert run_in_parallel(nova, [writer(number) for number in range(20)]) == []
        assert len(nova.images.get(image_id)["properties"]) == 100


def test_no_response_mixes_two_versions_of_an_image() -> None:
    with FakeNova(fixtures=("default",)) as nova:
        url = f"/v2.1/{nova.project_id}/images"
        image_id = "70a599e0-31e7-49b7-b260-868f441e862b"
        versions = [
            {"status": "active", "size": 100, "min_ram": 1},
            {"status": "queued", "size": 25, "min_ram": 2},
        ]
        valid_states = {("ACTIVE", 100, 1), ("SAVING", 25, 2), ("ACTIVE", 21430272, 64)}
        mixed_states: list[Any] = []

        def check(image: dict[str, Any]) -> None:
            state = (image["status"], image["OS-EXT-IMG-SIZE:size"], image["minRam"])
            if state not in valid_states:
                mixed_states.append(state)

        def reader(client: Client) -> None:
            for _ in range(ROUNDS):
                for image in client.ask("GET", f"{url}/detail?name=cirros-0.6.2-x86_64")["images"]:
                    check(image)
                check(client.ask("GET", f"{url}/{image_id}")["image"])

        def changer(client: Client) -> None:
            for number in range(ROUNDS):
                client.ask("PATCH", f"/_admin/images/{image_id}", versions[number % 2])

        def tagger(client: Client) -> None:
            for number in range(ROUNDS):
                new_id = client.ask("POST", "/_admin/images", {"name": f"n{number}"}, (201,))["id"]
                path = f"{url}/{new_id}/metadata/k"
                client.ask("PUT", path, {"meta": {"k": "v"}}, (200, 404))
                client.ask("DELETE", f"{url}/{new_id}", expected_statuses=(204, 404))

        def resetter(client: Client) -> None:
            for _ in range(ROUNDS):
                client.ask("POST", "/_admin/reset", {})

        tasks: list[Task] = [*[reader] * 8, *[changer] * 4, *[tagger] * 4, resetter]
        assert run_in_parallel(nova, tasks) == []
        assert mixed_states == []
        before = FakeNova(fixtures=("default",))
        nova.reset()
        assert nova.images.all() == before.images.all()
        before.stop()


@pytest.fixture
def frequent_thread_switches() -> Iterator[None]:
    """Let threads interrupt each other several thousand times as often as usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("frequent_thread_switches")
def test_every_plan_finishes_despite_concurrent_documents_and_snapshots() -> None:
    with FakeNova(fixtures=("empty",)) as nova:
        url = f"/v2.1/{nova.project_id}/images"
        nova.clock.freeze()

        def adder(client: Client) -> None:
            for _ in range(ROUNDS):
                client.ask("POST", "/_admin/images", {"name": "added", "plan": "slow"}, (201,))

        def loader(client: Client) -> None:
            for _ in range(ROUNDS):
                document = {"id": str(uuid4()), "name": "loaded", "plan": "slow"}
                client.ask("POST", "/_admin/fixtures", {"images": [document]}, (201,))

        def poller(client: Client) -> None:
            for _ in range(ROUNDS):
                client.ask("PUT", "/_admin/clock", {"advance": 0.5})
                client.ask("GET", f"{url}/detail")

        def snapshotter(client: Client) -> None:
            for number in range(ROUNDS):
                client.ask("POST", "/_admin/snapshots", {"name": f"s{number}"}, (201,))

        assert run_in_parallel(nova, [*[adder] * 3, *[loader] * 3, *[poller] * 3, *[snapshotter] * 2]) == []
        assert len(nova.images.all()) == 6 * ROUNDS
        for number in range(ROUNDS):
            nova.clock.advance(100)
            assert {image["status"] for image in nova.images.all()} == {"active"}
            nova.restore(f"s{number}")
