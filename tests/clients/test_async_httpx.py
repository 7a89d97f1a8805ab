"""An asynchronous httpx client without a socket, under asyncio and trio."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import anyio
import httpx
import pytest

from fake_nova.control import Control
from fake_nova.httpx_transport import AsyncInProcessTransport, async_client
from fake_nova.testing.fake_nova import FakeNova
from tests.clients.test_in_process import REQUESTS, comparable

Run = Callable[[Callable[[], Awaitable[None]]], None]


@pytest.fixture
def nova() -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",), auth_strategy="noauth") as server:
        yield server


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs an asynchronous function to its end, in an event loop of each kind."""
    return lambda function: anyio.run(function, backend=request.param)


async def wait_for_requests_in_flight(nova: Control, number: int) -> None:
    while nova.requests.count(status="") < number:
        await anyio.sleep(0)


@pytest.mark.parametrize("sample", REQUESTS)
def test_it_gets_the_same_response_as_over_a_socket(nova: FakeNova, run: Run, sample: Any) -> None:
    method, path, headers, body = sample
    url = nova.url + path
    socket_response = httpx.request(method, url, headers=headers, content=body, trust_env=False)

    async def test() -> None:
        async with async_client(nova.app, nova.url) as direct:
            response = await direct.request(method, url, headers=headers, content=body)
        assert comparable(response) == comparable(socket_response)
        assert response.reason_phrase == socket_response.reason_phrase

    run(test)


def test_a_body_and_a_response_can_come_in_pieces(nova: FakeNova, run: Run) -> None:
    async def pieces() -> Any:
        yield b'{"name": '
        yield b'"in pieces"}'

    async def test() -> None:
        direct = async_client(nova.app, nova.url)
        async with direct, direct.stream("POST", "/_admin/images", content=pieces()) as response:
            text = b"".join([piece async for piece in response.aiter_raw()])
        assert b'"name": "in pieces"' in text

    run(test)


def test_a_delay_does_not_block_the_event_loop(nova: FakeNova, run: Run) -> None:
    """More requests wait at once than anyio's default number of threads."""
    number = 45
    nova.faults.add(operation="images.list", delay=300)

    async def test() -> None:
        async with async_client(nova.app, nova.compute_url) as direct, anyio.create_task_group() as tasks:
            for _ in range(number):
                tasks.start_soon(lambda: direct.get("/images", timeout=None))
            await wait_for_requests_in_flight(nova, number)
            assert (await direct.get("/images/detail")).status_code == 200
            nova.reset()

    run(test)


def test_it_gives_up_on_a_delay_after_its_timeout(nova: FakeNova, run: Run) -> None:
    nova.faults.add(operation="images.list", delay=300)

    async def test() -> None:
        async with async_client(nova.app, nova.compute_url) as direct:
            with pytest.raises(httpx.ReadTimeout):
                await direct.get("/images", timeout=0.02)

    run(test)
    nova.requests.expect(1, operation="images.list")


def test_a_cancelled_request_ends_at_once_and_stays_in_flight(nova: FakeNova, run: Run) -> None:
    nova.faults.add(operation="images.list", delay=300)

    async def test() -> None:
        async with async_client(nova.app, nova.compute_url) as direct, anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: direct.get("/images", timeout=None))
            await wait_for_requests_in_flight(nova, 1)
            tasks.cancel_scope.cancel()

    run(test)
    nova.requests.expect(1, operation="images.list", status="")
    nova.reset()


def test_a_connection_fault_is_a_read_error(nova: FakeNova, run: Run) -> None:
    nova.faults.add(operation="images.list", connection="reset")

    async def test() -> None:
        async with httpx.AsyncClient(transport=AsyncInProcessTransport(nova.app)) as direct:
            with pytest.raises(httpx.ReadError):
                await direct.get(f"{nova.compute_url}/images")

    run(test)


def test_the_plugin_provides_an_asynchronous_client(
    fake_nova: Control, fake_nova_async_httpx: httpx.AsyncClient, run: Run
) -> None:
    async def test() -> None:
        assert (await fake_nova_async_httpx.get("/images")).json()["images"]

    run(test)
    fake_nova.requests.expect(1, operation="images.list")
