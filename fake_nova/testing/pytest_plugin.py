"""The pytest plugin: fixtures, ini options, marker and failure reports for emulated clouds.

This module imports nothing else of the package, so a test run that uses none of its fixtures loads neither
Flask nor Faker. `fake_nova.testing.pytest_clouds` implements the fixtures.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

import pytest

if TYPE_CHECKING:
    import httpx
    import requests

    from fake_nova.control import Control
    from fake_nova.control.types import CloudOptions
    from fake_nova.testing.pytest_clouds import CloudPool
    from fake_nova.testing.shared_clouds import MakeFakeNova, SharedClouds

#: The hooks of each fault.
pytest_plugins = ("fake_nova.testing.each_fault_hooks",)

#: The stash key of a test's cloud.
_CLOUD_KEY: pytest.StashKey[Control] = pytest.StashKey()

#: The stash key of the clouds of this process.
_CLOUDS_KEY: pytest.StashKey[CloudPool] = pytest.StashKey()

#: The stash key of the clouds that several tests share.
_SHARED_CLOUDS_KEY: pytest.StashKey[SharedClouds] = pytest.StashKey()

#: The stash key of the folder to which the state of a failed test's cloud is written.
_STATE_FOLDER_KEY: pytest.StashKey[Path] = pytest.StashKey()

#: Name of an ini option -> its help.
INI_OPTIONS = {
    "fake_nova_fixtures": "fixture files, folders or bundled fixtures that seed the cloud, one per line",
    "fake_nova_dialect": "images API to emulate: huaweicloud or nova",
    "fake_nova_database": "how text compares: mariadb or sqlite",
    "fake_nova_auth_strategy": "noauth or keystone",
    "fake_nova_plan": "plan of new images",
    "fake_nova_clock": "real, frozen, auto, or an ISO 8601 time at which the clock is frozen",
    "fake_nova_strict": "true: faults, plans and parameters that have no effect fail a test",
    "fake_nova_coverage": "true: print which outcomes of each operation the tests met, and never met",
    "fake_nova_prefix": "paths at which services respond too, such as compute=/compute, one per line",
    "fake_nova_region": "regions of the service catalog, one per line",
    "fake_nova_compute_project_id": "true: the catalog's compute URL ends in the id of the project",
    "fake_nova_image_version_in_url": "true: the catalog's image URL ends in the version, /v2",
    "fake_nova_catalog": "services of the catalog that have only empty lists, one per line",
    "fake_nova_tls": "self-signed: the cloud speaks https; off",
    "fake_nova_url": "URL of a running server; several test runs can share it",
    "fake_nova_admin_token": "admin token of the running server, if it has one",
    "fake_nova_ca_file": "CA certificate of the running server, if it speaks https (default: OS_CACERT)",
    "fake_nova_start_timeout": "seconds to wait for the server (default 30; 0.5 if nothing listens)",
}

#: Name of a command-line option for behaviour coverage -> its keywords.
COVERAGE_OPTIONS: dict[str, dict[str, Any]] = {
    "--fake-nova-coverage": {
        "action": "store_true",
        "default": None,
        "help": "print which outcomes of each operation the tests met, and the lines that meet the others",
    },
    "--fake-nova-coverage-file": {
        "action": "append",
        "metavar": "FILE",
        "help": "write them to a .json or .html file, too; can be repeated",
    },
    "--fake-nova-coverage-fail-under": {
        "type": float,
        "metavar": "PERCENT",
        "help": "fail if the tests met a smaller share of the outcomes",
    },
}

#: The type of seconds. pytest knows floats since 8.4.
_SECONDS_TYPE: Literal["float", "string"] = "float" if pytest.version_tuple >= (8, 4) else "string"

#: Name of an ini option that is not a text -> its type and its default.
_INI_TYPES: dict[str, tuple[Literal["linelist", "bool", "float", "string"], object]] = {
    "fake_nova_fixtures": ("linelist", []),
    "fake_nova_strict": ("bool", False),
    "fake_nova_coverage": ("bool", False),
    "fake_nova_prefix": ("linelist", []),
    "fake_nova_region": ("linelist", []),
    "fake_nova_compute_project_id": ("bool", False),
    "fake_nova_image_version_in_url": ("bool", False),
    "fake_nova_catalog": ("linelist", []),
    "fake_nova_start_timeout": (_SECONDS_TYPE, None),
}

_MARKER_HELP = (
    "fake_nova(images=[...], servers=[...], fixtures=[...], dialect=..., database=..., auth_strategy=..., "
    "plan=..., clock=..., strict=..., prefix=[...], region=[...], compute_project_id=..., "
    "image_version_in_url=..., catalog=[...], tls=..., each_fault=..., survives=(...)): "
    "configure the emulated cloud of this test; the ini options are the defaults"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini options, ``--fake-nova-url``, and the options for coverage."""
    for name, help_text in INI_OPTIONS.items():
        kind, default = _INI_TYPES.get(name, ("string", ""))
        parser.addini(name, help_text, kind, default=default)
    group = parser.getgroup("fake_nova")
    group.addoption("--fake-nova-url", help=INI_OPTIONS["fake_nova_url"])
    for name, keywords in COVERAGE_OPTIONS.items():
        group.addoption(name, **keywords)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and check the ini options if there are any.

    Raises:
        UsageError: if an ini option is invalid.
    """
    config.addinivalue_line("markers", _MARKER_HELP)
    try:
        has_options = any(config.getini(name) for name in INI_OPTIONS)
    except (TypeError, ValueError, pytest.UsageError):
        has_options = True  # of a wrong type
    if has_options or any(config.getoption(name) is not None for name in COVERAGE_OPTIONS):
        from fake_nova.testing.plugin_options import check_ini_options, wants_coverage  # noqa: PLC0415  # most projects have no options

        check_ini_options(config, INI_OPTIONS)
        if wants_coverage(config, COVERAGE_OPTIONS):
            config.pluginmanager.import_plugin("fake_nova.testing.coverage_plugin")


@pytest.fixture(scope="session")
def fake_nova_settings() -> dict[str, object]:
    """Return settings of the emulated clouds by name; override this fixture in ``conftest.py``."""
    return {}


def _plugin_errors(session: pytest.Session) -> AbstractContextManager[None]:
    from fake_nova.testing.plugin_errors import report_errors  # noqa: PLC0415  # imported only for tests that use it

    return report_errors(session)


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> object | None:
    """Resolve relative paths in the settings against the folder of the fixture that returns them.

    Returns:
        The result of the fixture; None lets pytest set up any other fixture.
    """
    if fixturedef.argname != "fake_nova_settings":
        return None
    from fake_nova.testing.plugin_options import resolve_settings  # noqa: PLC0415  # imported only for tests that use it

    this_plugin = sys.modules[__name__]
    setup = request.config.pluginmanager.subset_hook_caller("pytest_fixture_setup", [this_plugin])
    settings = setup(fixturedef=fixturedef, request=request)
    with _plugin_errors(request.session):
        settings = resolve_settings(settings, fixturedef.func)
    if fixturedef.cached_result is not None:
        fixturedef.cached_result = (settings, fixturedef.cached_result[1], None)
    return settings


@pytest.fixture(scope="session")
def fake_nova_clouds(fake_nova_settings: dict[str, object], pytestconfig: pytest.Config) -> CloudPool:
    """Return the clouds of this process.

    They are closed after the last report, which comes after the teardown of this fixture.
    """
    from fake_nova.testing.pytest_clouds import CloudPool  # noqa: PLC0415  # imported only for tests that use it

    clouds = CloudPool(pytestconfig, fake_nova_settings)
    pytestconfig.stash[_CLOUDS_KEY] = clouds
    pytestconfig.add_cleanup(clouds.close)
    return clouds


@pytest.fixture
def fake_nova(
    request: pytest.FixtureRequest, fake_nova_clouds: CloudPool, tmp_path_factory: pytest.TempPathFactory
) -> Control:
    """Return a freshly seeded cloud of its own: `url`, `images`, `clock`, `faults`, `requests` and so on."""
    with _plugin_errors(request.session):
        nova = fake_nova_clouds.cloud(request.node)
    request.node.stash[_CLOUD_KEY] = nova
    request.node.stash[_STATE_FOLDER_KEY] = tmp_path_factory.getbasetemp()
    return nova


@pytest.fixture(scope="session")
def make_fake_nova(
    request: pytest.FixtureRequest, fake_nova_clouds: CloudPool, tmp_path_factory: pytest.TempPathFactory
) -> MakeFakeNova:
    """Return a factory of clouds for fixtures of class, module or session scope.

    It takes the options of the marker, and returns a context manager with a cloud, which ends with the block.
    The report of each test that fails within describes the cloud. The complaints of a strict cloud fail the
    end of the block.
    """
    from fake_nova.testing.shared_clouds import SharedCloud, SharedClouds  # noqa: PLC0415  # imported only for tests that use it

    shared_clouds = SharedClouds(request.session, fake_nova_clouds, tmp_path_factory.getbasetemp())
    request.config.stash[_SHARED_CLOUDS_KEY] = shared_clouds

    def make(**options: Unpack[CloudOptions]) -> AbstractContextManager[Control]:
        caller = sys._getframe(1)  # relative paths are relative to the caller's file
        return SharedCloud(shared_clouds, options, Path(caller.f_code.co_filename).parent)

    return make


@pytest.fixture
def fake_nova_session(request: pytest.FixtureRequest, fake_nova: Control) -> requests.Session:
    """Return a session of requests that reaches the cloud in this process, without a socket."""
    from fake_nova.clients.requests import session  # noqa: PLC0415  # requests is optional
    from fake_nova.testing.pytest_clouds import in_process_app  # noqa: PLC0415  # `fake_nova` has imported it

    with _plugin_errors(request.session):
        app = in_process_app(fake_nova, "fake_nova_session")
    return session(app, fake_nova.url)


@pytest.fixture
def fake_nova_httpx(request: pytest.FixtureRequest, fake_nova: Control) -> Iterator[httpx.Client]:
    """Yield an httpx client that reaches the cloud in this process, without a socket.

    Its base URL is the compute URL.
    """
    from fake_nova.clients.httpx import client  # noqa: PLC0415  # httpx is optional
    from fake_nova.testing.pytest_clouds import in_process_app  # noqa: PLC0415  # `fake_nova` has imported it

    with _plugin_errors(request.session):
        app = in_process_app(fake_nova, "fake_nova_httpx")
    with client(app, fake_nova.compute_url) as http_client:
        yield http_client


@pytest.fixture
def fake_nova_async_httpx(request: pytest.FixtureRequest, fake_nova: Control) -> httpx.AsyncClient:
    """Return an asynchronous httpx client that reaches the cloud in this process, without a socket.

    Its base URL is the compute URL. It holds nothing that must be closed, so it needs no asynchronous
    fixture, and works with every plugin for asynchronous tests.
    """
    from fake_nova.clients.httpx import async_client  # noqa: PLC0415  # httpx is optional
    from fake_nova.testing.pytest_clouds import in_process_app  # noqa: PLC0415  # `fake_nova` has imported it

    with _plugin_errors(request.session):
        app = in_process_app(fake_nova, "fake_nova_async_httpx")
    return async_client(app, fake_nova.compute_url)


@pytest.fixture
def fake_nova_env(
    request: pytest.FixtureRequest,
    fake_nova: Control,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """Set the OS_* variables, a clouds.yaml with the cloud ``fake_nova`` and NO_PROXY; return the variables.

    After the test the old variables are back.
    """
    from fake_nova.testing.pytest_clouds import set_environment  # noqa: PLC0415  # `fake_nova` has imported it

    with _plugin_errors(request.session):
        return set_environment(fake_nova, monkeypatch, tmp_path_factory.mktemp("fake_nova_env"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a strict test if a fault, plan or parameter had no effect."""
    yield
    nova = item.stash.get(_CLOUD_KEY, None)
    if nova is not None:
        from fake_nova.testing.plugin_options import is_strict  # noqa: PLC0415  # `fake_nova` has imported it

        with _plugin_errors(item.session):
            complaints = nova.complaints() if is_strict(item) else []
        if complaints:
            pytest.fail("\n".join(complaints), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add sections about the clouds to the report of a failed test; end its own after the last report."""
    report = yield
    nova = item.stash.get(_CLOUD_KEY, None)
    if nova is not None and report.failed:  # also in setup or teardown
        from fake_nova.testing.failure_report import describe_failure  # noqa: PLC0415  # only a failed test needs it

        section = describe_failure(item, nova, item.stash[_STATE_FOLDER_KEY], report)
        report.sections.append(("fake_nova", section))
    shared_clouds = item.config.stash.get(_SHARED_CLOUDS_KEY, None)
    if shared_clouds is not None:
        shared_clouds.add_sections(item, report)
    if nova is not None and report.when == "teardown":
        del item.stash[_CLOUD_KEY]
        item.config.stash[_CLOUDS_KEY].end(nova, item.nodeid)
    return report
