"""Slow clients: a request takes a thread only once its head is complete, and gives it back in time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
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


TlsOptions = Callable[[], list[str]]


@pytest.fixture(scope="module", params=["http", "https"])
def tls_options(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TlsOptions:
    """Return the options of a server: without TLS, and with it."""

    def options() -> list[str]:
        if request.param == "http":
            return []
        return ["--tls", "self-signed", "--tls-ca-file", str(tmp_path_factory.mktemp("tls") / "ca.pem")]

    return options


@pytest.fixture(scope="module")
def impatient_server(tls_options: TlsOptions) -> Iterator[Command]:
    """A server with timeouts of half a second and three threads."""
    limits = ("--head-timeout", "0.5", "--body-timeout", "0.5", "--threads", "3")
    with Command(*limits, *tls_options()) as command:
        yield command


@pytest.fixture(scope="module")
def patient_server(tls_options: TlsOptions) -> Iterator[Command]:
    """A server with timeouts longer than any test."""
    with Command("--head-timeout", "60", "--body-timeout", "60", *tls_options()) as command:
        yield command


def open_connections(command: Command, stack: ExitStack, number: int, sent: bytes = b"") -> list[socket]:
    """Open connections that send *sent* and then stall."""
    connections = [stack.enter_context(command.connection()) for _ in range(number)]
    for connection in connections:
        connection.sendall(sent)
    return connections


def test_stalled_clients_do_not_block_others(patient_server: Command) -> None:
    with ExitStack() as stack:
        open_connections(patient_server, stack, 200)
        open_connections(patient_server, stack, 200, HALF_A_HEAD)
        open_connections(patient_server, stack, 100, HALF_A_BODY)
        assert [patient_server.raw(GET)[:15] for _ in range(20)] == [b"HTTP/1.1 200 OK"] * 20


def test_a_late_head_is_a_408_and_closes_the_connection(impatient_server: Command) -> None:
    response = impatient_server.raw(HALF_A_HEAD)
    assert response.startswith(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n")


def test_a_silent_client_gets_no_response_at_the_timeout(impatient_server: Command) -> None:
    assert impatient_server.raw(b"") == b""


def test_the_head_timeout_applies_to_later_requests_of_a_connection(impatient_server: Command) -> None:
    with impatient_server.connection() as connection:
        connection.sendall(GET.replace(b"Connection: close\r\n", b""))
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 OK")
        connection.sendall(HALF_A_HEAD)
        assert b"HTTP/1.1 408 Request Timeout\r\n" in read_to_end(connection)


def test_a_head_in_several_pieces_is_read_as_one(patient_server: Command) -> None:
    with patient_server.connection() as connection:
        for piece in (b"\r\n", GET[:20], GET[20:-2], GET[-2:-1], GET[-1:]):
            connection.sendall(piece)
        assert read_to_end(connection).startswith(b"HTTP/1.1 200 OK")


def test_pipelined_requests_are_both_answered(patient_server: Command) -> None:
    first = GET.replace(b"Connection: close\r\n", b"")
    assert patient_server.raw(first + GET).count(b"HTTP/1.1 200 OK") == 2


def test_a_head_that_is_too_long_is_a_431(patient_server: Command) -> None:
    response = patient_server.raw(HALF_A_HEAD + b"x" * (MAX_HEAD_BYTES + 1))
    assert response.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n")


def get_admin_json(command: Command, path: str) -> Any:
    """GET a document of the admin API."""
    head = f"GET /_admin{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    return json.loads(command.raw(head.encode()).partition(b"\r\n\r\n")[2])


def test_a_stalled_body_is_a_408_and_changes_nothing(impatient_server: Command) -> None:
    before = get_admin_json(impatient_server, "/images")
    for path in (b"/_admin/images", b"/identity/v3/auth/tokens", b"/image/v2/images"):
        response = impatient_server.raw(HALF_A_BODY.replace(b"/_admin/images", path))
        head, _, text = response.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert text == b"The rest of the body did not arrive in time (--body-timeout)."
    entries = get_admin_json(impatient_server, "/requests?status=408")["requests"]
    assert [entry["path"] for entry in entries] == ["/identity/v3/auth/tokens", "/image/v2/images"]
    assert get_admin_json(impatient_server, "/images") == before


def test_a_slow_body_is_read_completely_if_it_keeps_arriving(impatient_server: Command) -> None:
    body = b'{"a":1}'
    head = f"POST /_admin/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    with impatient_server.connection() as connection:
        connection.sendall(head.encode())
        for byte in body:
            Event().wait(0.1)  # longer than the limit in total, but never between two bytes
            connection.sendall(bytes([byte]))
        assert connection.recv(65_536).startswith(b"HTTP/1.1 400 Bad Request")
        connection.sendall(GET)
        assert b"HTTP/1.1 200 OK" in read_to_end(connection)


def test_a_client_that_does_not_read_its_response_is_disconnected(impatient_server: Command) -> None:
    body = json.dumps({"images": [{"properties": {"k": "v" * 9_000_000}}]})
    post = f"POST /_admin/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    with ExitStack() as stack:
        for connection in open_connections(impatient_server, stack, 3, post.encode()):  # one for each thread
            connection.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
        assert impatient_server.raw(GET).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "tls_options", ["http"], indirect=True, scope="module"
)  # TLS has no half-open connection
def test_a_body_shorter_than_its_content_length_changes_nothing(patient_server: Command) -> None:
    with patient_server.connection() as connection:
        connection.sendall(HALF_A_BODY)
        connection.shutdown(SHUT_WR)
        head, _, text = read_to_end(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request")
    assert json.loads(text)["badRequest"]["message"].startswith("body: incomplete or broken")


def test_blank_lines_before_a_head_are_ignored(patient_server: Command) -> None:
    with patient_server.connection() as connection:
        for piece in (b"\r\n", b"\r\n\r\n", GET):
            connection.sendall(piece)
        assert read_to_end(connection).startswith(b"HTTP/1.1 200 OK")


def test_a_head_whose_end_arrives_in_two_pieces_is_complete(patient_server: Command) -> None:
    for cut in (1, 2, 3):
        with patient_server.connection() as connection:
            connection.sendall(GET[:-cut])
            patient_server.raw(GET)  # once this is answered, the server has read the first piece
            connection.sendall(GET[-cut:])
            assert read_to_end(connection).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_connection_can_be_reused_after_a_body_that_was_too_large(
    patient_server: Command, chunked: bool
) -> None:
    with requests.Session() as session:
        session.trust_env = False  # REQUESTS_CA_BUNDLE
        session.verify = patient_server.ca_file or True
        body = b" " * 1_000_000
        content: Any = iter([body]) if chunked else body
        response = session.post(f"{patient_server.url}/identity/v3/auth/tokens", data=content, timeout=60)
        assert response.status_code == 413
        assert session.get(f"{patient_server.url}/v2.1/images", timeout=60).status_code == 200
        adapter: Any = session.get_adapter(patient_server.url)
        (pool,) = adapter.poolmanager.pools._container.values()
        assert pool.num_connections == 1
