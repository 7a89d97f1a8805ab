"""Fixtures for the tests of real clients: servers, a proxy, and an environment without the developer's settings."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from fake_nova.control.types import DialectName
from fake_nova.testing.fake_nova import FakeNova
from tests.serving.command import Command

#: The images that user demo can see, oldest first.
NAMES = ("image1", "cirros-0.6.2-x86_64", "ubuntu-24.04", "windows-2022", "web-1-nightly", "golden")

CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"
UBUNTU = "155d900f-4e14-4e4c-a73d-069cbf4541e6"  # protected
NIGHTLY = "c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f50"  # owned by demo
GOLDEN = "d4b6e2c3-2a8f-4b54-9b66-1f2d3c4e5a61"  # shared with demo
UNKNOWN = "00000000-0000-4000-8000-000000000000"
DEMO_PROJECT = "9c53a566cb3443ab910cf0daebca90c4"
NIGHTLYS_SERVER = "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"

#: Status in the image service -> status in Nova.
STATUSES = {
    "queued": "SAVING",
    "saving": "SAVING",
    "active": "ACTIVE",
    "killed": "ERROR",
    "deactivated": "UNKNOWN",
    "importing": "UNKNOWN",
    "pending_delete": "DELETED",
}


@pytest.fixture(autouse=True)
def isolated_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove OS_* variables and proxies, and use an empty folder as home and working directory."""
    for name in list(os.environ):
        if name.startswith("OS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "*")
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module", params=["huaweicloud", "nova"])
def dialect(request: pytest.FixtureRequest) -> str:
    """The dialect; every test runs in both."""
    return str(request.param)


@pytest.fixture(scope="module")
def server(dialect: DialectName) -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",), auth_strategy="keystone", dialect=dialect) as running:
        yield running


@pytest.fixture
def nova(server: FakeNova) -> FakeNova:
    """The server, reset to its seed and without the tokens of the previous test."""
    server.reset()
    return server


@pytest.fixture(scope="module")
def command() -> Iterator[Command]:
    """The real command, in its own process."""
    serve_command = Command("--auth-strategy", "keystone")
    yield serve_command
    assert serve_command.end(signal.SIGTERM)[0] == 0


def in_list_order(dialect: str, *names: str) -> list[str]:
    """Return these names in the order of the dialect's lists."""
    names_in_order = [name for name in NAMES if name in names]
    return names_in_order if dialect == "huaweicloud" else names_in_order[::-1]


def openrc(url: str, password: str = "demo-secret", user: str = "demo") -> dict[str, str]:
    """Return the variables of an openrc file."""
    return {
        "OS_AUTH_URL": f"{url}/identity/v3",
        "OS_USERNAME": user,
        "OS_PASSWORD": password,
        "OS_PROJECT_NAME": user,
        "OS_USER_DOMAIN_ID": "default",
        "OS_PROJECT_DOMAIN_ID": "default",
        "OS_IDENTITY_API_VERSION": "3",
        "OS_REGION_NAME": "RegionOne",
    }


def exports_of(command: Command) -> dict[str, str]:
    """Return the variables that the command's greeting exports, with the password filled in."""
    exports = dict(
        line.removeprefix("export ").split("=", 1) for line in command.greeting if line.startswith("export ")
    )
    return {**exports, "OS_PASSWORD": "demo-secret"}


class Proxy:
    """A reverse proxy that passes on the client's Host header, so that the server's own address differs.

    Attributes:
        url: the address for clients, with a name that the server does not know.
        requests: method and path of each request.
    """

    def __init__(self, upstream: str) -> None:
        self.requests: list[str] = []
        proxy, target = self, urlsplit(upstream).netloc

        class Handler(BaseHTTPRequestHandler):
            def forward(self) -> None:
                proxy.requests.append(f"{self.command} {self.path}")
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                connection = HTTPConnection(target, timeout=60)
                connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    connection.putheader(name, value)
                connection.endheaders(body)
                response = connection.getresponse()
                content = response.read()
                connection.close()
                self.send_response_only(response.status, response.reason)
                for name, value in response.getheaders():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = forward  # noqa: N815  # http.server's names

            def log_message(self, format: str, *args: Any) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def proxy(nova: FakeNova) -> Iterator[Proxy]:
    running = Proxy(nova.url)
    yield running
    running.stop()
