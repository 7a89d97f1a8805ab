"""Fixtures and helpers for all tests: emulated clouds, and requests as a user."""

from __future__ import annotations

import gc
import os
import signal
import socket
import warnings
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from fake_nova.app import create_app
from fake_nova.cloud.emulator import Emulator
from fake_nova.documents.loading import start_from_fixtures
from fake_nova.settings import Settings

pytest_plugins = ["pytester"]

# Slow test machines must not fail a test.
hypothesis_settings.register_profile("fake_nova", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("fake_nova")

# A shell that starts tests in the background or under nohup ignores these signals, and so would the commands that
# tests start. They do not inherit a handler.
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, lambda *_: None)

#: For tests that run pytest: the plugin of schemathesis takes 0.4 s to import, and needs pytest 8.4.
NO_SCHEMATHESIS = "-p no:schemathesis"
os.environ["PYTEST_ADDOPTS"] = NO_SCHEMATHESIS

# This library replaces the finder of importlib.metadata when it is imported. If that happens within a run of pytester,
# pytest takes the new finder away afterwards, and nobody finds the metadata of packages any more.
with suppress(ImportError):
    import_module("importlib_metadata")

# The same for this module: requests takes it from its package, which would still have the one of the run before.
import_module("http.cookiejar")

#: Plugins that only some pages of the documentation use; pyfakefs replaces modules of the whole process.
NO_TOOLS = f"{NO_SCHEMATHESIS} -p no:fakefs -p no:requests_mock"

#: A separate project, which `test_client_project` runs; and tests whose tools only the locked environment has.
collect_ignore = [
    "client_project",
    *(["test_openapi.py", "schemathesis"] if find_spec("schemathesis") is None else []),
    *(["page"] if find_spec("playwright") is None else []),
]

HERE = Path(__file__).parent

#: The initial state of the real services when they were recorded.
RECORDED_CLOUD = str(HERE / "record" / "cloud.yaml")


def new_emulator(settings: Settings) -> Emulator:
    """Return an emulator that serves the fixtures of its settings."""
    emulator = Emulator(settings)
    start_from_fixtures(emulator)
    return emulator


_shared_emulators: dict[Settings, tuple[Emulator, object]] = {}


def shared_emulator(settings: Settings) -> Emulator:
    """Return the emulator of this process with these settings, which the caller resets.

    It is a new one if a test has changed what a reset goes back to.
    """
    emulator, initial_state = _shared_emulators.get(settings, (None, None))
    if emulator is None or emulator._shared.initial_state is not initial_state:
        emulator = new_emulator(settings)
        _shared_emulators[settings] = emulator, emulator._shared.initial_state
    return emulator


class Cloud:
    """An emulated cloud with a client: requests as any user, without a socket."""

    def __init__(self, *, private: bool = False, **settings: Any) -> None:
        """Use the shared emulator with these *settings*, or a *private* one that no other test uses."""
        if "fixtures" in settings:
            settings["fixtures"] = tuple(settings["fixtures"])
        self.emulator = (new_emulator if private else shared_emulator)(Settings(**settings))
        self.emulator.reset()
        self.http: FlaskClient = create_app(self.emulator).test_client(use_cookies=False)
        self._tokens: dict[str, str] = {}

    def token(self, name: str) -> str:
        """Return a token of this user; the same one until a reset."""
        cloud = self.emulator.cloud
        if name not in self._tokens or cloud.tokens.find(self._tokens[name]) is None:
            user = cloud.directory.user(name)
            assert user is not None, f"the fixtures have no user {name}"
            self._tokens[name] = cloud.tokens.issue(user, user.project, origin="http://localhost")[0]
        return self._tokens[name]

    def ask(self, method: str, url: str, user: str | None = None, **options: Any) -> Any:
        """Send a request, and return the response; with *user* None, without a token."""
        headers = dict(options.pop("headers", {}))
        if user is not None:
            headers.setdefault("X-Auth-Token", self.token(user))
        return self.http.open(url, method=method, headers=headers, **options)

    def get(self, url: str, user: str | None = None, **options: Any) -> Any:
        """Send a GET request, and return the JSON of the response."""
        return self.ask("GET", url, user, **options).get_json()

    def names(self, url: str, user: str | None = None) -> list[str]:
        """Return the names in a list of images, in order."""
        return [image["name"] for image in self.get(url, user)["images"]]


@pytest.fixture
def pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Runs of pytest without the plugins of other tools; pytester itself drops the variable."""
    monkeypatch.setenv("PYTEST_ADDOPTS", NO_TOOLS)
    with warnings.catch_warnings():  # responses that the tests of earlier runs left open
        warnings.simplefilter("ignore")
        gc.collect()
    return pytester


@pytest.fixture
def cloud() -> Cloud:
    """The default cloud: dialect huaweicloud, no authentication."""
    return Cloud()


@pytest.fixture
def recorded_cloud() -> Cloud:
    """The cloud that was recorded: dialect nova, on SQLite, with tokens."""
    return Cloud(fixtures=(RECORDED_CLOUD,), dialect="nova", database="sqlite", auth_strategy="keystone")


@pytest.fixture
def unused_url() -> Iterator[str]:
    """A URL where nothing listens; no other test can get its port before the test ends."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{holder.getsockname()[1]}"


@pytest.fixture
def free_port() -> int:
    """A free port that no parallel test gets, because the system hands out higher ones."""
    first = 20_000 + os.getpid() % 1_000 * 12
    for port in range(first, first + 12):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError(f"no free port from {first} to {first + 11}")
