"""Slow clients: a thread gets a request when its head is complete, and no client holds a thread for ever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from socket import SHUT_WR, SO_RCVBUF, SOL_SOCKET, socket
from threading import Event
from typing import Any

import pytest
import requests

from fake_nova.serving.gunicorn_worker import MAX_HEAD_BYTES
from tests.serving.command import Command, read_to_end

GET = b"GET /v2.1/images?limit=1 HTTP/1.1\r\nHost: cloud\r\nConnection: close\r\n\r\n"
HALF_A_HEAD = b"GET /v2.1/images HTTP/1.1\r\nHost: cloud\r\nX-Half: "
HALF_A_BODY = b"POST /_admin/images HTTP/1.1\r\nHost: cloud\r\nContent-Length: 30\r\n\r\n" + b'{"name": '


@pytest.fixture(scope="module")
def impatient() -> Iterator[Command]:
    """A server that waits for half a second, with three threads."""
    with Command("--head-timeout", "0.5", "--body-timeout", "0.5", "--threads", "3") as command:
        yield command


@pytest.fixture(scope="module")
def patient() -> Iterator[Command]:
    """A server that waits for longer than any test."""
    with Command("--head-timeout", "60", "--body-timeout", "60") as command:
        yield command


def opened(command: Command, stack: ExitStack, number: int, sent: bytes = b"") -> list[socket]:
    """Open connections that stop after *sent*."""
    connections = [stack.enter_context(command.connection()) for _ in range(number)]
    for connection in connections:
        connection.sendall(sent)
    return connections


def test_silent_clients_and_half_sent_heads_and_bodies_hold_up_nobody(patient: Command) -> None:
    with ExitStack() as stack:
        opened(patient, stack, 200)
        opened(patient, stack, 200, HALF_A_HEAD)
        opened(patient, stack, 100, HALF_A_BODY)
        assert [patient.raw(GET)[:15] for _ in range(20)] == [b"HTTP/1.1 200 OK"] * 20


def test_a_head_that_is_late_is_a_408_and_the_end_of_the_connection(impatient: Command) -> None:
    answer = impatient.raw(HALF_A_HEAD)
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n")


def test_a_client_that_sends_nothing_gets_no_answer_to_take_for_one_of_its_own(impatient: Command) -> None:
    assert impatient.raw(b"") == b""


def test_the_head_of_a_later_request_has_the_same_time(impatient: Command) -> None:
    with impatient.connection() as connection:
        connection.sendall(GET.replace(b"Connection: close\r\n", b""))
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 OK")
        connection.sendall(HALF_A_HEAD)
        assert b"HTTP/1.1 408 Request Timeout\r\n" in read_to_end(connection)


def test_a_head_in_pieces_is_one_head(patient: Command) -> None:
    with patient.connection() as connection:
        for piece in (b"\r\n", GET[:20], GET[20:-2], GET[-2:-1], GET[-1:]):
            connection.sendall(piece)
        assert read_to_end(connection).startswith(b"HTTP/1.1 200 OK")


def test_two_requests_at_once_are_two(patient: Command) -> None:
    first = GET.replace(b"Connection: close\r\n", b"")
    assert patient.raw(first + GET).count(b"HTTP/1.1 200 OK") == 2


def test_a_head_without_end_is_a_431(patient: Command) -> None:
    answer = patient.raw(HALF_A_HEAD + b"x" * (MAX_HEAD_BYTES + 1))
    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n")


def get_admin_json(command: Command, path: str) -> Any:
    """GET a document of the admin API."""
    head = f"GET /_admin{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    return json.loads(command.raw(head.encode()).partition(b"\r\n\r\n")[2])


def test_a_body_that_stops_is_a_408_in_the_journal_and_nothing_is_done(impatient: Command) -> None:
    before = get_admin_json(impatient, "/images")
    for path in (b"/_admin/images", b"/identity/v3/auth/tokens", b"/image/v2/images"):
        answer = impatient.raw(HALF_A_BODY.replace(b"/_admin/images", path))
        head, _, text = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert text == b"The rest of the body did not arrive in time (--body-timeout)."
    entries = get_admin_json(impatient, "/requests?status=408")["requests"]
    assert [entry["path"] for entry in entries] == ["/identity/v3/auth/tokens", "/image/v2/images"]
    assert get_admin_json(impatient, "/images") == before


def test_a_slow_body_that_moves_is_read_to_its_end(impatient: Command) -> None:
    body = b'{"a":1}'
    head = f"POST /_admin/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    with impatient.connection() as connection:
        connection.sendall(head.encode())
        for byte in body:
            Event().wait(0.1)  # all together longer than the limit, each not
            connection.sendall(bytes([byte]))
        assert connection.recv(65_536).startswith(b"HTTP/1.1 400 Bad Request")
        connection.sendall(GET)
        assert b"HTTP/1.1 200 OK" in read_to_end(connection)


def test_a_client_that_does_not_read_its_answer_is_let_go(impatient: Command) -> None:
    body = json.dumps({"images": [{"properties": {"k": "v" * 9_000_000}}]})
    post = f"POST /_admin/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    with ExitStack() as stack:
        for connection in opened(impatient, stack, 3, post.encode()):  # as many as there are threads
            connection.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
        assert impatient.raw(GET).startswith(b"HTTP/1.1 200 OK")


def test_a_body_that_is_shorter_than_it_says_changes_nothing(patient: Command) -> None:
    with patient.connection() as connection:
        connection.sendall(HALF_A_BODY)
        connection.shutdown(SHUT_WR)
        head, _, text = read_to_end(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request")
    assert json.loads(text)["badRequest"]["message"].startswith("body: incomplete or broken")


def test_blank_lines_before_a_head_are_nothing_of_it(patient: Command) -> None:
    with patient.connection() as connection:
        for piece in (b"\r\n", b"\r\n\r\n", GET):
            connection.sendall(piece)
        assert read_to_end(connection).startswith(b"HTTP/1.1 200 OK")


def test_a_head_whose_end_comes_in_two_pieces_is_complete(patient: Command) -> None:
    for cut in (1, 2, 3):
        with patient.connection() as connection:
            connection.sendall(GET[:-cut])
            patient.raw(GET)  # the server has read the first piece when it answers this
            connection.sendall(GET[-cut:])
            assert read_to_end(connection).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_whose_body_was_too_large_may_go_on_with_its_connection(
    patient: Command, chunked: bool
) -> None:
    with requests.Session() as session:
        body = b" " * 1_000_000
        content: Any = iter([body]) if chunked else body
        response = session.post(f"{patient.url}/identity/v3/auth/tokens", data=content, timeout=60)
        assert response.status_code == 413
        assert session.get(f"{patient.url}/v2.1/images", timeout=60).status_code == 200
        adapter: Any = session.get_adapter(patient.url)
        (pool,) = adapter.poolmanager.pools._container.values()
        assert pool.num_connections == 1
