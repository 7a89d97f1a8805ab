"""The server for tests: its own port, threads of this process."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from fake_nova.app import create_app
from fake_nova.errors import ConfigurationError
from fake_nova.serving import threaded
from fake_nova.serving.sockets import open_listener
from fake_nova.serving.threaded import Acceptor, ThreadServer
from fake_nova.settings import Settings
from fake_nova.testing.fake_nova import FakeNova
from tests.conftest import shared_emulator


@pytest.fixture
def nova() -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",)) as server:
        yield server


def test_a_threaded_server_answers_over_a_socket(nova: FakeNova) -> None:
    response = requests.get(f"{nova.compute_url}/images/detail", timeout=60)
    assert response.status_code == 200
    assert response.json()["images"][0]["name"] == "image1"
    assert response.raw.headers.getlist("Vary") == ["OpenStack-API-Version", "X-OpenStack-Nova-API-Version"]


def test_a_delete_response_has_a_content_type_but_no_length_and_no_body(nova: FakeNova) -> None:
    image = nova.images.add(name="mine", owner=nova.project_id)
    response = requests.delete(f"{nova.compute_url}/images/{image['id']}", timeout=60)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Content-Type"] == "application/json"
    assert "Content-Length" not in response.headers


def test_double_slashes_in_a_path_are_merged(nova: FakeNova) -> None:
    address = urlsplit(nova.url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=60)
    for path in ("//v2.1//images?limit=1", "/v2.1/images?limit=1"):
        connection.request("GET", path)
        response = connection.getresponse()
        assert response.status == 200
        assert json.loads(response.read())["images"][0]["name"] == "image1"
    connection.close()


def test_one_connection_serves_many_requests_even_with_unread_bodies(nova: FakeNova) -> None:
    address = urlsplit(nova.url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=60)
    connection.connect()
    first = connection.sock
    for _ in range(3):
        connection.request("POST", "/v2.1/nothing", body=b"GET / HTTP/1.1\r\n" * 100)
        assert connection.getresponse().read()
        assert connection.sock is first
    connection.close()


def test_a_stopped_server_closes_open_connections_and_refuses_new_ones(free_port: int) -> None:
    server = FakeNova(fixtures=("default",), port=free_port)
    address = urlsplit(server.url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=60)
    connection.request("GET", "/v2.1/images")
    connection.getresponse().read()
    old_socket = connection.sock
    server.stop()
    server.stop()
    assert old_socket.recv(1) == b""
    connection.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", free_port), timeout=60)


def test_two_threads_can_stop_a_server_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    server = ThreadServer(create_app(shared_emulator(Settings())))
    # What each of the threads reads:
    monkeypatch.setattr(ThreadServer, "is_stopped", property(lambda _: False, lambda *_: None), raising=False)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda stop: stop(), [server.stop] * 2)) == [None, None]


def test_a_released_port_can_be_reused(free_port: int) -> None:
    first = FakeNova(fixtures=("default",), port=free_port)
    requests.get(f"{first.url}/v2.1/images", timeout=60)
    first.stop()
    with FakeNova(fixtures=("default",), port=free_port) as second:
        assert second.url == first.url


def test_a_port_in_use_is_refused_with_the_reason(nova: FakeNova) -> None:
    port = urlsplit(nova.url).port
    with pytest.raises(ConfigurationError) as error_info:
        ThreadServer(create_app(shared_emulator(Settings())), port=port or 0)
    assert str(error_info.value) == (
        f'port: cannot listen: another process listens there (got "127.0.0.1:{port}"); expected a free port, or 0 '
        "to pick one"
    )


def test_two_servers_in_one_process_share_nothing(nova: FakeNova) -> None:
    with FakeNova(fixtures=("default",)) as second_server:
        nova.reset("empty")
        assert nova.images.all() == []
        assert len(second_server.images.all()) == 6


def test_links_have_the_host_that_the_client_used(nova: FakeNova) -> None:
    headers = {
        "Host": "cloud.example.com:8443",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "elsewhere",
    }
    links = requests.get(f"{nova.url}/v2.1/images", headers=headers, timeout=60).json()["images"][0]["links"]
    assert links[0]["href"].startswith("http://cloud.example.com:8443/v2.1/images/")


def test_links_have_the_address_of_a_trusted_proxy() -> None:
    headers = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "cloud.example.com",
        "X-Forwarded-Prefix": "/nova",
    }
    with FakeNova(trust_forwarded=True, fixtures=("default",)) as nova:
        links = requests.get(f"{nova.url}/v2.1/images", headers=headers, timeout=60).json()["images"][0][
            "links"
        ]
    assert links[0]["href"].startswith("https://cloud.example.com/nova/v2.1/images/")


def test_a_connection_accepted_during_shutdown_is_closed() -> None:
    server = ThreadServer(create_app(shared_emulator(Settings())))
    stop_thread, handler_started = Thread(target=server.stop), Event()
    accept = server._server.process_request

    def accept_late(connection: Any, address: Any) -> None:
        stop_thread.start()
        handler_started.set()
        while not server.is_stopped:
            pass
        accept(connection, address)

    server._server.process_request = accept_late  # type: ignore[assignment,method-assign]
    address = urlsplit(server.url)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=60) as connection:
        assert handler_started.wait(10)
        stop_thread.join()
        assert connection.recv(1) == b""


HOST = b"Host: localhost\r\n"
LIST = b"GET /v2.1/images/detail HTTP/1.1\r\n" + HOST + b"\r\n"
UPLOAD = b"POST /image/v2/images HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST


@pytest.mark.parametrize(
    ("sends", "answer_length"),
    [
        (b"", 0),
        (b"GET /v2.1/images HTTP/1.1\r\nHo", 0),
        (UPLOAD + b"Content-Length: 1000\r\n\r\n{", 0),
        (UPLOAD + b"Transfer-Encoding: chunked\r\n\r\n10\r\n{", 0),
        (UPLOAD + b"Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n", 0),
        (LIST, 0),
        (LIST, 100),
        (LIST * 50, 100),
        (b"GET //[ HTTP/1.1\r\n\r\n", 0),
    ],
    ids=[
        "without a byte",
        "in the head",
        "in the body",
        "in a chunk",
        "before the body",
        "before the response",
        "in the response",
        "in many responses",
        "after an invalid URL",
    ],
)
def test_a_client_that_resets_its_connection_leaves_no_traceback(
    nova: FakeNova, capfd: pytest.CaptureFixture[str], sends: bytes, answer_length: int
) -> None:
    address = urlsplit(nova.url)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=60) as connection:
        connection.sendall(sends)
        if answer_length:
            connection.recv(answer_length)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    requests.get(f"{nova.url}/v2.1/images", timeout=60, headers={"Connection": "close"})  # accepted after it
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(60)
    assert capfd.readouterr() == ("", "")


def test_an_error_of_the_application_leaves_a_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    def respond(environ: object, start_response: object) -> list[bytes]:
        raise RuntimeError("a bug of the application")

    with ThreadServer(respond) as server, pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=60)
    assert "RuntimeError: a bug of the application" in capfd.readouterr().err


def test_a_free_port_is_none_that_an_earlier_server_had(monkeypatch: pytest.MonkeyPatch) -> None:
    acceptor, app = Acceptor(), create_app(shared_emulator(Settings()))
    with ThreadServer(app, acceptor=acceptor) as first:
        pass
    ports = [urlsplit(first.url).port or 0, 0]
    monkeypatch.setattr(threaded, "open_listener", lambda host, _: open_listener(host, ports.pop(0)))
    with ThreadServer(app, acceptor=acceptor) as second:
        assert second.url != first.url
    assert ports == []
