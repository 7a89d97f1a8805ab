"""The command ``fake-nova``: serve a cloud, check fixtures, record and verify real clouds, and more."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from io import TextIOWrapper
from itertools import pairwise
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from fake_nova import serving
from fake_nova.cli.greeting import client_url, page_url, startup_banner, startup_banner_as_json
from fake_nova.cli.output import echo, print_error
from fake_nova.cli.parser import build_parser
from fake_nova.cli.server_ca import published_ca
from fake_nova.cli.server_files import ServerFile
from fake_nova.errors import ConfigurationError, FakeNovaError
from fake_nova.serving import logs, signals, sockets
from fake_nova.settings import (
    REPEATABLE_SETTINGS,
    SETTINGS,
    Settings,
    load_settings,
    refuse_unprotected_admin,
)
from fake_nova.support import gc_tuning, log_names

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from fake_nova.cloud.emulator import Emulator
    from fake_nova.documents.watcher import FixtureWatcher
    from fake_nova.serving.tls import ServerTls

_SINGLE_WORKER_MESSAGE = (
    "--workers: invalid value (got {}); expected 1. The cloud lives in the memory of one process; "
    "several would each have a cloud of their own. Use --threads for more requests at the same time."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    The exit code of an error is 2; standard error then has one line for each problem. `wait` returns 1 if the
    server is not ready in time, or if the process of ``--pid`` has ended.
    """
    logs.open_standard_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # names in fixtures may not fit the locale's encoding
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        options = build_parser().parse_arguments(arguments)
        return _COMMANDS[options.command](options)
    except FakeNovaError as error:
        for line in str(error).splitlines():
            print_error(line, as_json=_wants_json(arguments))
        if "env" in arguments[:1]:  # so that eval "$(fake-nova env)" fails too
            echo("false")
        return 2


def _wants_json(arguments: Sequence[str]) -> bool:
    """Return whether errors are to be JSON lines; *arguments* may be invalid, so they are not parsed."""
    if "--access-log=json" in arguments or ("--access-log", log_names.JSON) in pairwise(arguments):
        return True
    return os.environ.get("FAKE_NOVA_ACCESS_LOG") == log_names.JSON


def _settings_from_options(options: argparse.Namespace) -> Settings:
    """Return the settings: from the command line, or else from a state file, variables or the defaults."""
    overrides: dict[str, Any] = {}
    if options.state is not None:
        if options.fixtures is not None:
            raise ConfigurationError(
                "--state: cannot be combined with --fixtures; expected one of them: the state "
                "file contains its fixtures"
            )
        overrides = _settings_from_state(options.state)
    for setting in SETTINGS:
        value = getattr(options, setting.name)
        if value is not None:
            parse = setting.parse_many if setting.name in REPEATABLE_SETTINGS else setting.parse_text
            overrides[setting.name] = parse(value, setting.option)
    if options.workers not in (None, "1"):
        raise ConfigurationError(_SINGLE_WORKER_MESSAGE.format(options.workers))
    return load_settings(**overrides)


def _settings_from_state(path: str) -> dict[str, Any]:
    """Return the settings in a state file, with that file as the fixture."""
    from fake_nova.cli import fixtures  # noqa: PLC0415  # slow to import; not needed by `wait` and `env`

    seed = fixtures.load_seed((path,), "sqlite")  # the start compares as the settings say
    return {**seed.settings, "fixtures": (path,)}


def _serve(options: argparse.Namespace) -> int:
    serving.check_unix()
    signals.install_immediate_exit()  # until the server installs its own handlers
    url_file = ServerFile(options.url_file, "--url-file") if options.url_file is not None else None
    settings = _settings_from_options(options)
    refuse_unprotected_admin(settings)
    if options.open and settings.admin == "off":
        raise ConfigurationError("--open: the server has no page (got --admin off); expected another --admin")
    tls = _load_tls(settings)
    with ExitStack() as stack:
        bound_socket = stack.enter_context(sockets.bind_socket(settings.host, settings.port))
        ca_file = stack.enter_context(published_ca(settings, tls, bound_socket.getsockname()[1]))
        watcher = _fixture_watcher(settings)
        emulator, application = _build_application(settings)
        url = sockets.server_url(bound_socket, "http" if tls is None else "https")
        url_line = f"{client_url(url)}\n"

        def on_ready() -> None:  # runs in the process that serves
            if watcher is not None:
                watcher.start(emulator)
            if url_file is not None:
                url_file.write(url_line)
            _print_greeting(url, emulator, ca_file)
            if options.open:
                _open_browser(page_url(url))

        logs.configure(settings.access_log)
        try:
            serving.serve(application, bound_socket, settings, on_ready, tls)
        finally:
            if url_file is not None:
                url_file.remove(url_line)
    return 0


def _load_tls(settings: Settings) -> ServerTls | None:
    """Return the TLS of the server; None for plain HTTP."""
    if not settings.speaks_tls:
        return None
    from fake_nova.serving.tls import ServerTls  # noqa: PLC0415  # needed only with TLS

    return ServerTls(settings)


def _print_greeting(url: str, emulator: Emulator, ca_file: str | None) -> None:
    if emulator.settings.access_log == log_names.JSON:
        echo(startup_banner_as_json(url, emulator, ca_file))
        return
    for line in startup_banner(url, emulator, ca_file):
        echo(line)


def _open_browser(url: str) -> None:
    """Open a URL in a browser, in a thread of its own because some browsers end only when they are closed."""
    import webbrowser  # noqa: PLC0415  # only --open needs it

    Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _fixture_watcher(settings: Settings) -> FixtureWatcher | None:
    """Return a watcher of the fixtures before they are loaded; None without ``--watch``."""
    if not settings.watch:
        return None
    from fake_nova.documents.watcher import FixtureWatcher  # noqa: PLC0415  # not needed by `wait` and `env`

    return FixtureWatcher(settings.fixtures)


def _build_application(settings: Settings) -> tuple[Emulator, WSGIApplication]:
    """Return a seeded emulator and its WSGI application."""
    with gc_tuning.gc_paused():  # imported modules are never garbage
        from fake_nova import apis  # noqa: PLC0415  # not needed by `wait` and `env`
        from fake_nova.cloud.emulator import Emulator  # noqa: PLC0415  # not needed by `wait` and `env`
        from fake_nova.documents.loading import start_from_fixtures  # noqa: PLC0415  # not needed by `wait`
        from fake_nova.serving import wsgi  # noqa: PLC0415  # not needed by `wait` and `env`

        emulator = Emulator(settings, operations=apis.router().operations)
        start_from_fixtures(emulator)
        _refuse_missing_users(emulator)
        return emulator, wsgi.standalone_application(emulator)


def _refuse_missing_users(emulator: Emulator) -> None:
    """Check that somebody can log in to a server that requires it.

    Raises:
        ConfigurationError: if nobody can, and no fixture says so with an empty list of users.
    """
    from fake_nova.documents.fixture_files import has_key  # noqa: PLC0415  # not needed by `wait` and `env`

    settings = emulator.settings
    directory = emulator.cloud.directory
    if settings.auth_strategy != "keystone" or directory.users or has_key(settings.fixtures, "users"):
        return
    example = f"users: [{{name: me, password: not-a-secret, project: {directory.first_project.name}}}]"
    raise ConfigurationError(
        f"users: nobody could log in with --auth-strategy keystone (got {', '.join(settings.fixtures)}); "
        f"expected a fixture with {example}, or with users: [] for no user"
    )


def _run_client_command(options: argparse.Namespace) -> int:
    from fake_nova.cli import clients  # noqa: PLC0415  # `serve` does without a client

    return clients.COMMANDS[options.command](options)


def _run_fixture_command(options: argparse.Namespace) -> int:
    from fake_nova.cli import fixtures  # noqa: PLC0415  # slow to import; not needed by `wait` and `env`

    return fixtures.COMMANDS[options.command](options)


def _run_cloud_command(options: argparse.Namespace) -> int:
    """Run a command on a real cloud, which has the module of its name; no other command needs that."""
    commands = import_module(f"fake_nova.cli.{options.command}").COMMANDS
    exit_code: int = commands[options.command](options)
    return exit_code


#: Name of a command -> the function that runs it and returns the exit code.
_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "serve": _serve,
    "wait": _run_client_command,
    "env": _run_client_command,
    "check": _run_fixture_command,
    "schema": _run_fixture_command,
    "record": _run_cloud_command,
    "verify": _run_cloud_command,
}
