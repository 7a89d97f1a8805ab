"""Servers on real sockets: startup, errors, responses and shutdown."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from fake_nova.app import create_app
from fake_nova.control import Control
from fake_nova.errors import ConfigurationError
from fake_nova.serving import serve
from fake_nova.serving.sockets import bind_socket
from fake_nova.settings import Settings
from fake_nova.testing.fake_nova import FakeNova
from tests.conftest import shared_emulator
from tests.serving.command import COMMAND, Command


@pytest.fixture
def nova() -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",)) as server:
        yield server


def raw(url: str, request: bytes) -> bytes:
    """Send bytes on a new connection; return everything that arrives until it is closed."""
    address = urlsplit(url)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=60) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


ASTERISK = b"OPTIONS * HTTP/1.1\r\nHost: cloud\r\nConnection: close\r\n\r\n"


def test_options_asterisk_lists_the_versions(nova: FakeNova, command: Command) -> None:
    for url in (nova.url, command.url):
        head, _, body = raw(url, ASTERISK).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert [version["id"] for version in json.loads(body)["versions"]] == ["v2.0", "v2.1"]


def test_an_unresolvable_host_is_refused_with_the_reason() -> None:
    with pytest.raises(ConfigurationError, match="host: cannot be resolved"):
        FakeNova(host="no.such.host.invalid", fixtures=("default",))


@pytest.fixture
def command() -> Iterator[Command]:
    with Command() as serve_command:
        yield serve_command


def test_the_greeting_has_address_fixtures_and_environment(command: Command) -> None:
    assert command.greeting[0] == f"fake_nova 0.1.0 listens on {command.url} (dialect huaweicloud, noauth)"
    assert command.greeting[1] == "loaded 6 images and 1 server from default"
    assert f"export OS_AUTH_URL={command.url}/identity/v3" in command.greeting
    assert not any("demo-secret" in line for line in command.greeting)


def test_the_command_breaks_connections_like_the_thread_server(command: Command) -> None:
    for connection, fault_name in (("reset", "Connection reset by peer"), ("cut", "IncompleteRead")):
        fault = {"effect": {"connection": connection}, "times": 1}
        requests.post(f"{command.url}/_admin/faults", json=fault, timeout=60)
        with pytest.raises(
            (requests.ConnectionError, requests.exceptions.ChunkedEncodingError), match=fault_name
        ):
            requests.get(f"{command.url}/v2.1/images", timeout=60)
        assert requests.get(f"{command.url}/v2.1/images", timeout=60).status_code == 200
    assert "Traceback" not in command.end(signal.SIGTERM)[1]


def half_of_stalled_list(url: str) -> bytes:
    """Read what arrives of a list whose response stalls; end the stall, and expect the end of the connection."""
    host, port = urlsplit(url).netloc.split(":")
    control = Control(url)
    control.faults.add(operation="images.list", stall=60, times=1)
    with socket.create_connection((host, int(port)), timeout=30) as client:
        client.sendall(b"GET /v2.1/images HTTP/1.1\r\nHost: x\r\n\r\n")
        received = b""
        while b'{"images": [' not in received:
            received += client.recv(65_536)
        control.reset()  # a stall ends with its generation
        while more := client.recv(65_536):
            received += more
    return received


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_a_stalled_response_without_a_body_holds_its_head_back(nova: FakeNova, server: str) -> None:
    with Command("--server", server) as command:
        for url in (nova.url, command.url):
            host, port = urlsplit(url).netloc.split(":")
            control = Control(url)
            control.faults.add(operation="images.delete", stall=60)
            image = control.images.add(name="mine")
            with socket.create_connection((host, int(port)), timeout=0.2) as client:
                head = f"DELETE /v2.1/images/{image['id']} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
                client.sendall(head.encode())
                with pytest.raises(TimeoutError):
                    client.recv(1)
                assert control.images.get(image["id"])["status"] == "deleted"
                control.reset()
                client.settimeout(30)
                while client.recv(65_536):
                    pass


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_a_stalled_response_stops_within_its_body(nova: FakeNova, server: str) -> None:
    with Command("--server", server) as command:
        responses = [half_of_stalled_list(url) for url in (nova.url, command.url)]
    lengths = [re.search(rb"(?i)Content-Length: (\d+)", response) for response in responses]
    for response, length in zip(responses, lengths, strict=True):
        assert length is not None
        assert len(response.partition(b"\r\n\r\n")[2]) == int(length[1]) // 2


def test_a_cut_response_without_a_body_says_that_its_connection_ends(
    command: Command, nova: FakeNova
) -> None:
    for url in (nova.url, command.url):
        Control(url).faults.add(connection="cut", times=1)
        response = requests.delete(f"{url}/v2.1/images/c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f50", timeout=60)
        assert (response.status_code, response.headers["Connection"]) == (204, "close")


def test_the_command_answers_like_the_thread_server(command: Command, nova: FakeNova) -> None:
    def responses(url: str) -> list[Any]:
        results: list[Any] = []
        for method, path in (
            ("GET", "/v2.1/images/detail"),
            ("GET", "/"),
            ("HEAD", "/v2.1/images"),
            ("OPTIONS", "/v2.1/images"),
            ("GET", "/v2.1/images/"),
            ("PURGE", "/v2.1/images"),
            ("DELETE", "/v2.1/images/70a599e0-31e7-49b7-b260-868f441e862b"),
        ):
            headers = {"X-Forwarded-Proto": "https", "Accept": "application/json"}
            response = requests.request(method, url + path, headers=headers, timeout=60)
            kind = response.headers.get("Content-Type")
            results.append(
                (method, path, response.status_code, response.reason, kind, response.text.replace(url, ""))
            )
        return results

    assert responses(command.url) == responses(nova.url)


def test_all_threads_share_one_state(command: Command) -> None:
    for number in range(12):
        requests.post(f"{command.url}/_admin/images", json={"name": f"n{number}"}, timeout=60)
    assert len(requests.get(f"{command.url}/_admin/images", timeout=60).json()["images"]) == 18


@pytest.mark.parametrize("name", ["TTIN", "TTOU", "USR1", "USR2", "WINCH"])
def test_no_signal_starts_a_second_process(command: Command, name: str) -> None:
    requests.post(f"{command.url}/_admin/images", json={"name": "mine"}, timeout=60)
    command.process.send_signal(signal.Signals[f"SIG{name}"])
    for _ in range(20):
        health = requests.get(f"{command.url}/_admin/health", timeout=60).json()
        assert health["images"] == 7
    assert command.end(signal.SIGTERM) == (0, "")


def test_a_closed_terminal_ends_the_command_unless_it_runs_under_nohup() -> None:
    hangup_command = Command()
    os.killpg(hangup_command.process.pid, signal.SIGHUP)
    assert hangup_command.process.communicate(timeout=60)[1] == ""
    assert hangup_command.process.returncode == 0
    nohup_command = Command(before=("nohup",))
    os.killpg(nohup_command.process.pid, signal.SIGHUP)
    assert requests.get(f"{nohup_command.url}/_admin/health", timeout=60).status_code == 200
    assert nohup_command.end(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_command_cleanly_with_a_client_connected(
    command: Command, number: signal.Signals
) -> None:
    with requests.Session() as session:
        session.get(f"{command.url}/v2.1/images", timeout=60)
        assert command.end(number) == (0, "")


def test_a_waiting_request_does_not_block_others(command: Command) -> None:
    wait_path = "/_admin/requests/wait?operation=images.list&timeout=30"
    with ThreadPoolExecutor() as pool:
        waited = pool.submit(requests.get, f"{command.url}{wait_path}", timeout=40)
        while not waited.done():
            assert requests.get(f"{command.url}/v2.1/images?limit=1", timeout=40).status_code == 200
    assert waited.result().json()["request"]["query"] == "limit=1"


def test_a_server_with_several_processes_is_refused_with_the_reason(tmp_path: Path) -> None:
    response = create_app(shared_emulator(Settings())).test_client().get("/v2.1/images", multiprocess=True)
    assert response.status_code == 500
    assert "--workers 1" in response.get_json()["computeFault"]["message"]


def chunked(path: str, chunks: bytes, **headers: str) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"POST {path} HTTP/1.1\r\nHost: cloud\r\nTransfer-Encoding: chunked\r\n{lines}\r\n"
    return head.encode() + chunks


@pytest.mark.parametrize("chunks", [b"zz\r\n{}\r\n0\r\n\r\n", b"-1\r\n\r\n0\r\n\r\n"])
def test_a_malformed_chunked_body_is_a_400_with_the_reason(
    nova: FakeNova, command: Command, chunks: bytes
) -> None:
    for url in (nova.url, command.url):
        before = requests.get(f"{url}/_admin/images", timeout=60).json()
        head, _, body = raw(url, chunked("/_admin/images", chunks, Connection="close")).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert json.loads(body)["badRequest"]["message"] == (
            "body: incomplete or broken; expected as many bytes as Content-Length says, or complete chunks"
        )
        assert requests.get(f"{url}/_admin/images", timeout=60).json() == before


def test_a_chunked_body_is_read(nova: FakeNova, command: Command) -> None:
    for url in (nova.url, command.url):
        body = b'8\r\n{"name":\r\n6\r\n "in"}\r\n0\r\n\r\n'
        head, _, _ = raw(url, chunked("/_admin/images", body, Connection="close")).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 201 ")
        assert any(
            image["name"] == "in"
            for image in requests.get(f"{url}/_admin/images", timeout=60).json()["images"]
        )


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_a_token_of_9_kb_is_accepted_by_every_server(nova: FakeNova, server: str) -> None:
    token = {"X-Auth-Token": "t" * 9_000}
    with Command("--server", server, "--auth-strategy", "noauth") as command:
        for url in (nova.url, command.url):
            response = requests.get(f"{url}/v2.1/images?limit=1", headers=token, timeout=60)
            assert (response.status_code, len(response.json()["images"])) == (200, 1)


KILLABLE_SERVER = """
import os, signal
from fake_nova import create_app, serving
from fake_nova.serving import sockets
from fake_nova.settings import Settings

app = create_app(fixtures=("default",))

def killable_server(environ, start):
    if environ["PATH_INFO"] == "/die":
        os.kill(os.getpid(), signal.SIGKILL)
    return app(environ, start)

bound = sockets.bind_socket("127.0.0.1", 0)
url = sockets.server_url(bound)
serving.serve(killable_server, bound, Settings(), lambda: print(url, flush=True))
"""


@pytest.fixture
def killable_server() -> Iterator[subprocess.Popen[str]]:
    """A server with one worker, which a request to /die kills."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLABLE_SERVER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.communicate()


def test_a_server_whose_worker_dies_exits_with_a_message(killable_server: subprocess.Popen[str]) -> None:
    assert killable_server.stdout is not None
    url = killable_server.stdout.readline().strip()
    assert requests.get(f"{url}/v2.1/images", timeout=60).status_code == 200
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/die", timeout=60)
    _, errors = killable_server.communicate(timeout=60)
    assert killable_server.returncode == 1
    (line,) = (line for line in errors.splitlines() if "cloud" in line)
    assert line.endswith("the process that held the cloud has died, and the cloud with it")
    assert "Traceback" not in errors


def test_granian_serves_the_same_and_its_greeting_means_ready() -> None:
    process = subprocess.Popen([*COMMAND, "--server", "granian"], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address is not None
        response = requests.get(f"{address[0]}/v2.1/images?limit=2", timeout=60)
        health = requests.get(f"{address[0]}/_admin/health", timeout=60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    assert [image["name"] for image in response.json()["images"]] == ["image1", "cirros-0.6.2-x86_64"]
    assert health.json()["status"] == "ok"


def test_a_server_that_is_not_installed_is_reported_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "granian", None)
    monkeypatch.delitem(sys.modules, "fake_nova.serving.granian", raising=False)
    with bind_socket("127.0.0.1", 0) as bound, pytest.raises(ConfigurationError, match="pip install"):
        serve(create_app(shared_emulator(Settings())), bound, Settings(server="granian"), lambda: None)
