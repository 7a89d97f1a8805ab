"""The implementation of the pytest plugin's fixtures, imported when a test first uses one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from concurrent.futures import Future, wait
from contextlib import ExitStack, suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

import pytest

from fake_nova.control import AdminError, Control, Unreachable
from fake_nova.control.transport import variables_without_proxy
from fake_nova.errors import ConfigurationError
from fake_nova.support.messages import count_of, quote_python
from fake_nova.testing.each_fault_hooks import RUN_KEY
from fake_nova.testing.plugin_errors import START_TIMEOUT, wait_for_server
from fake_nova.testing.plugin_options import (
    COVERAGE_PLUGIN,
    ENDPOINT_OPTIONS,
    ca_file_option,
    ini_options,
    ini_value,
    marker_options,
)

if TYPE_CHECKING:
    from flask import Flask

    from fake_nova.testing.coverage_plugin import CoveragePlugin
    from fake_nova.testing.local_clouds import LocalCloudPool

#: Options that need a server or scope of their own. The other options apply to a cloud before each test.
_SCOPE_SETTINGS: Final = ("dialect", "database", "auth_strategy")

#: Options that need a server of their own, or a scope.
_SERVER_SETTINGS: Final = (*_SCOPE_SETTINGS, *ENDPOINT_OPTIONS)

#: Options that need a server of their own, with an address of its own.
_OWN_SERVER_SETTINGS: Final = ("tls",)


class CloudPool:
    """The clouds that the tests of one process use, each with an address of its own.

    A cloud is a server in this process. If the tests use a server elsewhere, it is a scope there, invisible
    to other tests and processes.

    Args:
        config: pytest's configuration, with the ini options.
        settings: the result of the fixture ``fake_nova_settings``: settings by name.
    """

    def __init__(self, config: pytest.Config, settings: Mapping[str, object]) -> None:
        self._config: Final = config
        self._settings: Final = dict(settings)
        self._url: Final = config.getoption("--fake-nova-url") or ini_value(config, "fake_nova_url")
        self._token: Final = ini_value(config, "fake_nova_admin_token") or None
        self._ca_file: Final = ca_file_option(config)
        self._start_timeout: Final[float | None] = ini_value(config, "fake_nova_start_timeout")
        self._open_clouds: Final[list[Control]] = []
        self._coverage: Final[CoveragePlugin | None] = config.pluginmanager.get_plugin(COVERAGE_PLUGIN)

    @cached_property
    def _local(self) -> LocalCloudPool:
        from fake_nova.testing.local_clouds import LocalCloudPool  # noqa: PLC0415  # loads Flask, which a remote cloud does not need

        return LocalCloudPool()

    def close(self) -> None:
        """End all clouds."""
        with ExitStack() as closing:
            if not self._url:
                closing.callback(self._local.close)
            for nova in self._open_clouds.copy():
                closing.callback(self.end, nova, "this test run")

    def cloud(self, item: pytest.Item) -> Control:
        """Return a cloud for a test, freshly seeded and configured by the test's marker.

        Raises:
            ConfigurationError: if the marker or an ini option is invalid.
        """
        nova = self._open(marker_options(item, self._settings), item.nodeid)
        run = item.stash.get(RUN_KEY, None)
        if run is not None:
            run.begin(nova)
        return nova

    def shared_cloud(self, options: Mapping[str, Any], owner: str) -> Control:
        """Return a cloud that several tests share, freshly seeded; the ini options are the defaults.

        Args:
            options: options of the marker by name.
            owner: see `end`.

        Raises:
            ConfigurationError: if an option or an ini option is invalid.
        """
        return self._open({**ini_options(self._config, self._settings), **options}, owner)

    def _open(self, options: Mapping[str, Any], owner: str) -> Control:
        """Return a new cloud with the options of the marker."""
        fixtures = _as_paths(options.get("fixtures") or ())
        names = (*_SERVER_SETTINGS, *_OWN_SERVER_SETTINGS)
        values = {name: options.get(name) or self._settings.get(name) for name in names}
        server_settings = {name: _hashable(value) for name, value in values.items() if value}
        open_cloud = self._open_remote if self._url else self._open_local
        nova = open_cloud(fixtures, server_settings)
        self._open_clouds.append(nova)
        try:
            if self._coverage is not None:
                self._coverage.watch(nova)
            _prepare_cloud(nova, options)
        except BaseException:
            self.end(nova, owner)
            raise
        return nova

    def end(self, nova: Control, owner: str) -> None:
        """End a cloud, so that no request reaches it any more; a second call does nothing.

        Args:
            nova: the cloud.
            owner: the test or fixture that it belongs to, for the responses to late requests.
        """
        if nova not in self._open_clouds:
            return
        self._open_clouds.remove(nova)
        if self._coverage is not None:
            self._coverage.end(nova)
        if self._url:
            with suppress(AdminError, Unreachable):  # the test closed it, or its server stopped
                nova.close()
        else:
            self._local.end(nova, f"this request belongs to {owner}, which has ended")  # type: ignore[arg-type]  # it is local

    def _open_local(self, fixtures: tuple[str, ...], server_settings: dict[str, Any]) -> Control:
        """Open a cloud in this process; the first one with these settings loads the fixtures."""
        key = (fixtures, *sorted(server_settings.items()))
        if not self._local.is_loaded(key):
            fixture_settings = {"fixtures": fixtures} if fixtures else {}
            self._load(key, {**self._settings, **server_settings, **fixture_settings})
        return self._local.open(key)

    def _load(self, key: tuple[Any, ...], settings: dict[str, Any]) -> None:
        """Load the fixtures for clouds in this process, for `_start_timeout` seconds at most."""
        future: Future[None] = Future()

        def load() -> None:
            try:
                self._local.load(key, settings)
                future.set_result(None)
            except BaseException as error:  # result() raises it in the test's thread
                future.set_exception(error)

        Thread(target=load, name="fake_nova loads fixtures", daemon=True).start()
        timeout = START_TIMEOUT if self._start_timeout is None else self._start_timeout
        if wait([future], timeout).not_done:
            raise ConfigurationError(
                f"fake_nova_start_timeout: the cloud was not ready after {count_of(timeout, 'second')}. "
                "Raise the timeout, or load fewer images."
            )
        future.result()

    def _open_remote(self, fixtures: tuple[str, ...], server_settings: dict[str, Any]) -> Control:
        """Open a scope on a server elsewhere, after waiting until that is ready."""
        self._refuse_remote_http(server_settings.pop("tls", "off"))
        self._refuse_remote_settings(server_settings)
        fixtures = fixtures or _as_paths(self._settings.get("fixtures", ()))
        wait_for_server(self._url, self._start_timeout, self._ca_file)
        control = Control(self._url, token=self._token, ca_file=self._ca_file)
        if not fixtures:
            return control.scope(**server_settings)
        from fake_nova.documents import fixture_files  # noqa: PLC0415  # not needed without fixtures

        settings: Any = {**fixture_files.settings_in_files(fixtures), **server_settings}
        scope = control.scope(**settings)
        for index, path in enumerate(fixture_files.find_files(fixtures)):
            _load_file(scope, path, replace=index == 0)
        return scope

    def _refuse_remote_http(self, tls: str) -> None:
        """Refuse a server elsewhere that speaks plain HTTP, if the tests want TLS."""
        if tls != "off" and not self._url.startswith("https:"):
            raise ConfigurationError(
                f"tls: the server of --fake-nova-url decides (got {quote_python(self._url)}); "
                "expected a URL that begins with https://"
            )

    def _refuse_remote_settings(self, options: Mapping[str, object]) -> None:
        """Refuse settings that a server elsewhere has for all of its scopes."""
        for name in ENDPOINT_OPTIONS:
            if name in options and name not in self._settings:
                raise ConfigurationError(
                    f"{name}: a setting of the server itself (got {quote_python(options[name])}); "
                    f"expected it as an option of fake-nova serve at {self._url}, not of the tests"
                )
        unsupported_names = sorted(
            set(self._settings) - {*_SCOPE_SETTINGS, *_OWN_SERVER_SETTINGS, "fixtures"}
        )
        if unsupported_names:
            raise ConfigurationError(
                "fake_nova_settings: a setting of the server itself "
                f"(got {quote_python(unsupported_names[0])}); "
                f"expected one of: {', '.join(('fixtures', *_SCOPE_SETTINGS))}"
            )


def _load_file(scope: Control, path: Path, replace: bool) -> None:
    """Load a fixture file into a scope of a remote server.

    Args:
        scope: the control of the scope.
        path: the absolute path of the file.
        replace: whether the file replaces the scope's contents instead of adding to them.

    Raises:
        ConfigurationError: if the file is invalid, or cannot be read; the message has one line for each
            problem.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 ({error}); expected YAML in UTF-8") from error
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be read ({error.strerror}); expected a readable file"
        ) from error
    try:
        scope.load(text, replace=replace)
    except AdminError as error:
        lines = [re.sub("^body:", f"{path}:", line) for line in error.message.splitlines()]
        raise ConfigurationError("\n".join(lines)) from error


def in_process_app(nova: Control, fixture: str) -> Flask:
    """Return the application of a cloud in this process.

    Args:
        nova: the cloud.
        fixture: the name of the pytest fixture that needs it, for the error message.

    Raises:
        ConfigurationError: if the cloud's server runs elsewhere.
    """
    app: Flask | None = getattr(nova, "app", None)
    if app is None:
        raise ConfigurationError(
            f"{fixture}: the server runs in another process (got {quote_python(nova.url)}); "
            "expected one in this process"
        )
    return app


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _as_paths(paths: Any) -> tuple[str, ...]:
    return (str(paths),) if isinstance(paths, (str, Path)) else tuple(map(str, paths))


def _prepare_cloud(nova: Control, options: Mapping[str, Any]) -> None:
    """Apply the options that need no server of their own; images and servers, which may have plans, last.

    A server may have one of the flavors.
    """
    if options.get("plan"):
        nova.plans.use(options["plan"])
    _set_clock(nova, options.get("clock"))
    if options.get("images"):
        nova.images.add_all(options["images"])
    if options.get("flavors"):
        nova.flavors.add_all(options["flavors"])
    if options.get("keypairs"):
        nova.keypairs.add_all(options["keypairs"])
    if options.get("servers"):
        nova.servers.add_all(options["servers"])


def _set_clock(nova: Control, clock: Any) -> None:
    if clock == "auto":
        nova.clock.auto()
    elif clock == "frozen":
        nova.clock.freeze()
    elif clock and clock != "real":
        time = clock if isinstance(clock, datetime) else str(clock)
        try:
            nova.clock.freeze(time)
        except AdminError as error:
            raise ConfigurationError(
                f"clock: invalid value (got {quote_python(clock)}); "
                "expected real, frozen, auto, or an ISO 8601 time"
            ) from error


def set_environment(nova: Control, monkeypatch: pytest.MonkeyPatch, folder: Path) -> dict[str, str]:
    """Set the environment variables of OpenStack clients, and unset all other OS_* variables.

    Args:
        nova: the cloud that the clients use.
        monkeypatch: pytest's, which restores the variables.
        folder: the folder for a ``clouds.yaml``.

    Returns:
        The variables that were set.
    """
    environment = nova.environment
    clouds_file = folder / "clouds.yaml"
    clouds_file.write_text(_clouds_yaml(nova, environment), encoding="utf-8")
    old_names = [name for name in os.environ if name.startswith("OS_")]
    for name in old_names:
        monkeypatch.delenv(name)
    proxies = variables_without_proxy(nova.url)
    variables = {**environment, "OS_CLIENT_CONFIG_FILE": str(clouds_file), **proxies}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


def _clouds_yaml(nova: Control, environment: Mapping[str, str]) -> str:
    """Return a ``clouds.yaml`` with the cloud ``fake_nova``.

    Args:
        nova: the cloud.
        environment: its variables.
    """
    entry: dict[str, Any] = {"region_name": environment.get("OS_REGION_NAME", "RegionOne")}
    if "OS_ENDPOINT" in environment:  # the cloud has no users
        entry |= {"auth_type": "none", "auth": {"endpoint": environment["OS_ENDPOINT"]}}
    else:
        entry |= {"auth": {"auth_url": nova.auth_url, **nova.login}}
    if nova.ca_file is not None:
        entry["cacert"] = nova.ca_file
    return json.dumps({"clouds": {"fake_nova": entry}}, ensure_ascii=False)  # JSON is YAML
