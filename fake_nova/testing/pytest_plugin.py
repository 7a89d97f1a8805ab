"""The pytest plugin: emulated clouds for tests.

Importing this module imports nothing of the emulator; a test run that never asks for a fixture of it never
loads Flask or Faker. What the fixtures do is in `fake_nova.testing.pytest_clouds`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    import httpx
    import requests

    from fake_nova.control import Control
    from fake_nova.testing.pytest_clouds import Clouds

#: Where an item keeps the cloud that its test uses.
_CLOUD_KEY: pytest.StashKey[Control] = pytest.StashKey()

#: Where an item keeps the folder for the state that its cloud is in when its test fails.
_STATE_FOLDER_KEY: pytest.StashKey[Path] = pytest.StashKey()

#: Name of an option in the ini file -> what it says.
INI_OPTIONS = {
    "fake_nova_fixtures": "fixture files, folders or shipped names to seed the cloud from, a line each",
    "fake_nova_dialect": "huaweicloud or nova",
    "fake_nova_auth_strategy": "noauth or keystone",
    "fake_nova_plan": "the plan that new images go by",
    "fake_nova_clock": "real, frozen, auto, or a time at which it stands",
    "fake_nova_strict": "true: what was prepared or asked in vain fails a test",
    "fake_nova_url": "a server that runs already, which other processes may use at the same time",
    "fake_nova_admin_token": "its admin token, if it has one",
    "fake_nova_start_timeout": "seconds that it may take until the server answers (default 30)",
}

_MARKER_HELP = (
    "fake_nova(images=[...], fixtures=[...], dialect=..., auth_strategy=..., plan=..., clock=..., "
    "strict=...): the emulated cloud of this test; what is left out is as the ini options say"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini options, and the address of a server that runs already."""
    for name, help_text in INI_OPTIONS.items():
        kind: Literal["linelist", "string"] = "linelist" if name == "fake_nova_fixtures" else "string"
        parser.addini(name, help_text, kind, default="")
    parser.getgroup("fake_nova").addoption("--fake-nova-url", help=INI_OPTIONS["fake_nova_url"])


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER_HELP)


@pytest.fixture(scope="session")
def fake_nova_settings() -> dict[str, object]:
    """Settings of the emulated cloud by name; override it in ``conftest.py`` to choose others."""
    return {}


@pytest.fixture(scope="session")
def fake_nova_clouds(
    fake_nova_settings: dict[str, object],
    pytestconfig: pytest.Config,
) -> Iterator[Clouds]:
    """The servers of this process, or its scopes on one elsewhere; each starts when it is needed."""
    from fake_nova.testing.pytest_clouds import Clouds  # noqa: PLC0415  # only now is it needed

    with closing(Clouds(pytestconfig, fake_nova_settings)) as clouds:
        yield clouds


@pytest.fixture
def fake_nova(
    request: pytest.FixtureRequest, fake_nova_clouds: Clouds, tmp_path_factory: pytest.TempPathFactory
) -> Control:
    """An emulated cloud, as seeded: `url` for clients, `images`, `clock`, `faults`, `requests` and so on."""
    nova = fake_nova_clouds.cloud(request.node)
    request.node.stash[_CLOUD_KEY] = nova
    request.node.stash[_STATE_FOLDER_KEY] = tmp_path_factory.getbasetemp()
    return nova


@pytest.fixture
def fake_nova_session(fake_nova: Control) -> requests.Session:
    """A session of requests that reaches the cloud in this process, without a socket."""
    from fake_nova.clients.requests import session  # noqa: PLC0415  # only who uses it has requests
    from fake_nova.testing.pytest_clouds import in_process_app  # noqa: PLC0415  # loaded by `fake_nova`

    return session(in_process_app(fake_nova, "fake_nova_session"), fake_nova.url)


@pytest.fixture
def fake_nova_httpx(fake_nova: Control) -> Iterator[httpx.Client]:
    """A client of httpx, based at the compute URL; it reaches the cloud in this process without a socket."""
    from fake_nova.clients.httpx import client  # noqa: PLC0415  # only who uses it has httpx
    from fake_nova.testing.pytest_clouds import in_process_app  # noqa: PLC0415  # loaded by `fake_nova`

    with client(in_process_app(fake_nova, "fake_nova_httpx"), fake_nova.compute_url) as http_client:
        yield http_client


@pytest.fixture
def fake_nova_env(
    fake_nova: Control, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """OS_* variables, a clouds.yaml with the cloud ``fake_nova``, and NO_PROXY, for the time of the test."""
    from fake_nova.testing.pytest_clouds import set_environment  # noqa: PLC0415  # loaded by `fake_nova`

    return set_environment(fake_nova, monkeypatch, tmp_path_factory.mktemp("fake_nova_env"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Let a strict test fail for what it prepared or asked in vain."""
    yield
    nova = item.stash.get(_CLOUD_KEY, None)
    if nova is not None:
        from fake_nova.testing.pytest_clouds import is_strict  # noqa: PLC0415  # loaded by `fake_nova`

        complaints = nova.complaints() if is_strict(item) else []
        if complaints:
            pytest.fail("\n".join(complaints), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell of the cloud in the report of a test that failed."""
    report = yield
    nova = item.stash.get(_CLOUD_KEY, None)
    if nova is not None and report.failed:  # in its setup or its end, too
        from fake_nova.testing.pytest_clouds import describe_failure  # noqa: PLC0415  # loaded by `fake_nova`

        report.sections.append(("fake_nova", describe_failure(item, nova, item.stash[_STATE_FOLDER_KEY])))
    return report
