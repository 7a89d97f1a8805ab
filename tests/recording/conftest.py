"""A cloud on a socket that is recorded, and the log-in of its users."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from fake_nova.recording import Pacing, connect
from fake_nova.recording.connection import Cloud
from fake_nova.testing.fake_nova import FakeNova

#: The cloud of the comparison with the real services.
CLOUD = str(Path(__file__).parent.parent / "against_openstack" / "cloud.yaml")

#: Logs in to a cloud as one of its users.
LogIn = Callable[..., Cloud]


@pytest.fixture(autouse=True)
def isolated_environment(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Remove OS_* variables and proxies, and use empty folders as home and as working directory."""
    for name in list(os.environ):
        if name.startswith("OS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "*")
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path_factory.getbasetemp()))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def shared_nova() -> Iterator[FakeNova]:
    with FakeNova(fixtures=(CLOUD,), auth_strategy="keystone", dialect="nova") as running:
        yield running


@pytest.fixture
def nova(shared_nova: FakeNova) -> FakeNova:
    """The cloud, reset to its seed."""
    shared_nova.reset()
    return shared_nova


def write_clouds(name: str = "here", **entry: Any) -> None:
    """Write ``clouds.yaml`` into the working directory."""
    Path("clouds.yaml").write_text(json.dumps({"clouds": {name: entry}}), encoding="utf-8")


def auth_of(nova: FakeNova, user: str, project: str, password: str | None = None) -> dict[str, str]:
    """Return the section ``auth`` of ``clouds.yaml``."""
    return {
        "auth_url": nova.auth_url,
        "username": user,
        "password": password or f"{user}-secret",
        "project_name": project,
        "user_domain_id": "default",
        "project_domain_id": "default",
    }


@pytest.fixture
def pauses() -> list[float]:
    """The seconds that the log-in of `log_in` waited."""
    return []


@pytest.fixture
def log_in(nova: FakeNova, pauses: list[float]) -> LogIn:
    """Log in, by default as the admin; nothing waits."""

    def call(user: str = "admin", project: str = "admin", **options: Any) -> Cloud:
        password = "secret" if user == "admin" else None
        write_clouds(auth=auth_of(nova, user, project, password))
        return connect("here", Pacing(**{"rate": 1e6, "pause": pauses.append, "now": lambda: 0.0, **options}))

    return call


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """Run a server that answers each request so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
