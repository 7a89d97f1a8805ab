"""Fixtures for the tests of real clients: servers, a proxy, and an environment without the developer's settings."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from ssl import create_default_context
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from fake_nova.control.types import DialectName, SettingOptions
from fake_nova.settings import load_settings
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


class Place(NamedTuple):
    """Where the services of the server are, and so which requests the clients send.

    Attributes:
        settings: settings of the server by name.
    """

    settings: SettingOptions

    @property
    def paths(self) -> Mapping[str, str]:
        """Service -> its path in the catalog."""
        return load_settings({}, **self.settings).service_paths

    @property
    def compute(self) -> str:
        """The path that the versions of Nova follow."""
        return self.paths["compute"]

    @property
    def image(self) -> str:
        """The path that the versions of Glance follow."""
        return self.paths["image"]

    @property
    def identity(self) -> str:
        """The path that the versions of Keystone follow."""
        return self.paths["identity"]

    @property
    def options(self) -> list[str]:
        """The options of the command for these settings."""
        options: list[str] = []
        for name, value in self.settings.items():
            option = f"--{name.replace('_', '-')}"
            values = value if isinstance(value, tuple) else (value,)
            options += [text for each in values for text in (option, str(each))]
        return options


#: Name of a place -> the settings of the server there. Every test of a client runs at each place.
PLACES: dict[str, SettingOptions] = {
    "at-its-own-paths": {},
    "behind-prefixes": {"prefix": ("compute=/compute", "image=/os/glance", "identity=/keystone")},
    "over-tls": {"tls": "self-signed"},
}


@pytest.fixture(scope="module", params=PLACES)
def place(request: pytest.FixtureRequest) -> Place:
    """The place of the services; every test runs at each."""
    return Place(PLACES[request.param])


@pytest.fixture(scope="module", params=["huaweicloud", "nova"])
def dialect(request: pytest.FixtureRequest) -> str:
    """The dialect; every test runs in both."""
    return str(request.param)


@pytest.fixture(scope="module")
def server(dialect: DialectName, place: Place) -> Iterator[FakeNova]:
    settings: SettingOptions = {**place.settings, "auth_strategy": "keystone", "dialect": dialect}
    with FakeNova(**settings) as running:
        yield running


@pytest.fixture
def restored_command() -> Iterator[None]:
    """Undo what each run of ``openstack`` leaves in this process: clients, and handlers of the root logger."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    forget_clients()
    yield
    forget_clients()
    root.handlers[:] = handlers
    root.setLevel(level)


def forget_clients() -> None:
    """Drop the clients that ``openstack`` keeps for all runs in one process."""
    manager = import_module("openstackclient.common.clientmanager").ClientManager
    caches = [value for kind in manager.__mro__ for value in vars(kind).values() if hasattr(value, "_handle")]
    for cache in caches:
        cache._handle = None


#: The variables from which clients and their libraries read the file with CA certificates.
CA_VARIABLES = ("OS_CACERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def trust(monkeypatch: pytest.MonkeyPatch, ca_file: str | None) -> None:
    """Let clients trust the CA certificate in a file, if there is one, and no other."""
    if ca_file is not None:
        for name in CA_VARIABLES:
            monkeypatch.setenv(name, ca_file)
        monkeypatch.setattr(
            "libcloud.security.CA_CERTS_PATH", ca_file
        )  # read from a variable when it is imported


@pytest.fixture
def nova(server: FakeNova, place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNova]:
    """The server, reset to its seed and without the tokens of the previous test.

    Each request of a client must go to the path that the catalog has. Only novaclient lists Nova's versions
    at the root of every host.
    """
    server.reset()
    trust(monkeypatch, server.ca_file)
    yield server
    paths = {entry["path"] for entry in server.requests.all()} - {"/"}
    assert [path for path in paths if not path.startswith(tuple(place.paths.values()))] == []


@pytest.fixture(scope="module")
def running_command(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """The real command, in its own process."""
    options = list(place.options)
    if place.settings.get("tls"):
        options += ["--tls-ca-file", str(tmp_path_factory.mktemp("tls") / "ca.pem")]
    serve_command = Command("--auth-strategy", "keystone", *options)
    yield serve_command
    assert serve_command.end(signal.SIGTERM)[0] == 0


@pytest.fixture
def command(running_command: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The real command, whose CA certificate clients trust."""
    trust(monkeypatch, running_command.ca_file)
    return running_command


def in_list_order(dialect: str, *names: str) -> list[str]:
    """Return these names in the order of the dialect's lists."""
    names_in_order = [name for name in NAMES if name in names]
    return names_in_order if dialect == "huaweicloud" else names_in_order[::-1]


def openrc(auth_url: str, password: str = "demo-secret", user: str = "demo") -> dict[str, str]:
    """Return the variables of an openrc file."""
    return {
        "OS_AUTH_URL": auth_url,
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


def auth_url_of(command: Command) -> str:
    """Return the URL to log in at, which the command's greeting exports."""
    return exports_of(command)["OS_AUTH_URL"]


class Proxy:
    """A reverse proxy that passes on the client's Host header, so that the server's own address differs.

    It has TLS if the server has, with the same certificate.

    Attributes:
        url: the address for clients, with a name that the server does not know.
        auth_url: the URL to log in at.
        requests: method and path of each request.
    """

    def __init__(self, upstream: FakeNova, identity_path: str) -> None:
        self.requests: list[str] = []
        proxy, target = self, urlsplit(upstream.url)
        client_context = create_default_context(cafile=upstream.ca_file)

        class Handler(BaseHTTPRequestHandler):
            def forward(self) -> None:
                proxy.requests.append(f"{self.command} {self.path}")
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                connection = HTTPConnection(target.netloc, timeout=60)
                if target.scheme == "https":
                    connection = HTTPSConnection(target.netloc, timeout=60, context=client_context)
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
        self.url = f"{target.scheme}://localhost:{self._server.server_port}"
        if upstream._tls is not None:
            context = upstream._tls.server.context
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.auth_url = f"{self.url}{identity_path}/v3"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def proxy(nova: FakeNova, place: Place) -> Iterator[Proxy]:
    running = Proxy(nova, place.identity)
    yield running
    running.stop()
