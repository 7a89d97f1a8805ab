"""The command ``fake-nova``: serve a cloud, wait for one, print its environment, check fixture files."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import get_close_matches
from io import TextIOWrapper
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from fake_nova import serving
from fake_nova._version import __version__
from fake_nova.cloud import gc_tuning
from fake_nova.errors import ConfigurationError, FakeNovaError
from fake_nova.serving import logs, signals, sockets
from fake_nova.settings import (
    REPEATABLE_SETTINGS,
    SETTINGS,
    Settings,
    load_settings,
    refuse_unprotected_admin,
    server_url_and_token,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from fake_nova.cloud.emulator import Emulator
    from fake_nova.cloud.seed import Seed
    from fake_nova.control import Control

_SINGLE_WORKER_MESSAGE = (
    "--workers: invalid value (got {}); expected 1. The cloud lives in the memory of one process; "
    "several would each have a cloud of their own. Use --threads for more requests at the same time."
)


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are `ConfigurationError` with one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, exit_on_error=False, **options)

    def parse_arguments(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parse the arguments of the command.

        Raises:
            ConfigurationError: if they are invalid.
        """
        expectation = f"expected one of {', '.join(_COMMANDS)}"
        try:
            options, extra_arguments = self.parse_known_args(arguments)
        except argparse.ArgumentError as error:
            argument_name = error.argument_name or ""
            problem = f"unknown command; {expectation}"
            if argument_name.startswith("-"):
                problem = "no value; expected one after it"
            raise ConfigurationError(f"{argument_name}: {problem} (try {self.prog} --help)") from error
        command = getattr(options, "command", None)
        if command is None:
            raise ConfigurationError(f"COMMAND: none given; {expectation} (try {self.prog} --help)")
        if extra_arguments:
            option = extra_arguments[0].partition("=")[0]
            suggestions = get_close_matches(option, [*options.options, "--help"], 1)
            hint = f" (is it {suggestions[0]}?)" if suggestions else ""
            problem = "unknown option" if option.startswith("-") else "unexpected argument"
            raise ConfigurationError(
                f"{option}: {problem}{hint}; expected one that {self.prog} {command} --help lists"
            )
        return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    The exit code of an error is 2; standard error then has one line for each problem. `wait` returns 1 if the
    server is not ready in time.
    """
    logs.open_standard_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # names in fixtures may not fit the locale's encoding
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        options = _build_parser().parse_arguments(arguments)
        return _COMMANDS[options.command](options)
    except FakeNovaError as error:
        for line in str(error).splitlines():
            _print_error(line, as_json=_wants_json(arguments))
        return 2


def _wants_json(arguments: Sequence[str]) -> bool:
    """Return whether errors are to be JSON lines; *arguments* may be invalid, so they are not parsed."""
    if "--access-log=json" in arguments or ("--access-log", logs.JSON) in pairwise(arguments):
        return True
    return os.environ.get("FAKE_NOVA_ACCESS_LOG") == logs.JSON


def _build_parser() -> _Parser:
    parser = _Parser(prog="fake-nova", description="OpenStack Nova's images API as a test double.")
    parser.add_argument("--version", action="version", version=f"fake-nova {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", parser_class=_Parser)
    serve = commands.add_parser("serve", help="run an emulated cloud until Ctrl-C or SIGTERM")
    for setting in SETTINGS:
        serve.add_argument(
            setting.option,
            metavar=setting.name.upper(),
            action="append" if setting.name in REPEATABLE_SETTINGS else "store",
            help=f"{setting.help} (default {setting.default}; variable {setting.variable})",
        )
    serve.add_argument(
        "--state", metavar="FILE", help="start from an export, or from the state file of a failed test"
    )
    serve.add_argument("--workers", help=argparse.SUPPRESS)
    server = _Parser(add_help=False)
    server.add_argument("--url", help="URL of the server (default: from the variables for host and port)")
    server.add_argument("--admin-token", help="admin token of the server (variable FAKE_NOVA_ADMIN_TOKEN)")
    wait = commands.add_parser("wait", parents=[server], help="wait until a server is ready")
    wait.add_argument("--timeout", default="30", metavar="SECONDS", help="seconds to wait (default 30)")
    commands.add_parser(
        "env", parents=[server], help="print the variables of OpenStack clients as export commands"
    )
    check = commands.add_parser("check", help="check fixture files and report all problems")
    check.add_argument(
        "paths", metavar="PATH", nargs="*", help="a file, a folder, or the name of a bundled fixture"
    )
    for command in commands.choices.values():
        command.set_defaults(options=list(command._option_string_actions))
    return parser


def _settings_from_options(options: argparse.Namespace) -> Settings:
    """Return the settings: from the command line, or else from a state file, variables or the defaults."""
    overrides: dict[str, Any] = {}
    if options.state is not None:
        if options.fixtures is not None:
            raise ConfigurationError(
                "--state: cannot be combined with --fixtures; expected one of them: the state "
                "file contains its fixtures"
            )
        seed = _seed_of((options.state,))
        overrides = {**seed.settings, "fixtures": (options.state,)}
    for setting in SETTINGS:
        value = getattr(options, setting.name)
        if value is not None:
            parse = setting.parse_many if setting.name in REPEATABLE_SETTINGS else setting.value
            overrides[setting.name] = parse(value, setting.option)
    if options.workers not in (None, "1"):
        raise ConfigurationError(_SINGLE_WORKER_MESSAGE.format(options.workers))
    return load_settings(**overrides)


def _seed_of(paths: Sequence[str], operations: Collection[str] = ()) -> Seed:
    from fake_nova.cloud.clock import SystemClock  # noqa: PLC0415  # not needed by `wait` and `env`
    from fake_nova.documents import fixture_files  # noqa: PLC0415  # takes 0.1 s; not needed by `wait` and `env`

    return fixture_files.load_files(paths, SystemClock().now(), operations)


def _serve(options: argparse.Namespace) -> int:
    signals.install_immediate_exit()  # until the server installs its own handlers
    settings = _settings_from_options(options)
    refuse_unprotected_admin(settings)
    with sockets.bind_socket(settings.host, settings.port) as bound_socket:
        emulator, application = _build_application(settings)
        url = sockets.server_url(bound_socket)

        def on_ready() -> None:
            as_json = settings.access_log == logs.JSON
            lines = [_startup_banner_as_json(url, emulator)] if as_json else startup_banner(url, emulator)
            for line in lines:
                _echo(line)

        logs.configure(settings.access_log)
        serving.serve(application, bound_socket, settings, on_ready)
    return 0


def _build_application(settings: Settings) -> tuple[Emulator, WSGIApplication]:
    """Return a seeded emulator and its WSGI application."""
    with gc_tuning.gc_paused():  # imported modules are never garbage
        from fake_nova import apis  # noqa: PLC0415  # not needed by `wait` and `env`
        from fake_nova.cloud.emulator import Emulator  # noqa: PLC0415  # not needed by `wait` and `env`
        from fake_nova.documents.loading import start_from_fixtures  # noqa: PLC0415  # not needed by `wait`
        from fake_nova.serving import wsgi  # noqa: PLC0415  # not needed by `wait` and `env`

        emulator = Emulator(settings, operations=apis.router().operations)
        start_from_fixtures(emulator)
        return emulator, wsgi.standalone_application(emulator)


def startup_banner(url: str, emulator: Emulator) -> list[str]:
    """Return the lines of the greeting: the URL, the fixtures, an example, and commands for a shell."""
    settings = emulator.settings
    user = next(iter(emulator.cloud.directory.users), None)
    lines = [
        _summary(url, settings),
        f"loaded {len(emulator.cloud.images)} images from {', '.join(settings.fixtures)}",
        f"try    {_example_command(url, emulator)}",
        *_export_commands(_client_environment(url, emulator)),
    ]
    if user is not None:
        lines.append(f"export OS_PASSWORD=...   # the fixtures' password of {user.name}")
    return lines


def _export_commands(variables: Mapping[str, str]) -> list[str]:
    return [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]


def _startup_banner_as_json(url: str, emulator: Emulator) -> str:
    settings = emulator.settings
    return logs.json_line(
        "info",
        "fake_nova",
        _summary(url, settings),
        url=url,
        version=__version__,
        dialect=settings.dialect,
        auth_strategy=settings.auth_strategy,
        fixtures=settings.fixtures,
        images=len(emulator.cloud.images),
        environment=_client_environment(url, emulator),
    )


def _summary(url: str, settings: Settings) -> str:
    services = f"dialect {settings.dialect}, {settings.auth_strategy}"
    return f"fake_nova {__version__} listens on {url} ({services})"


def _example_command(url: str, emulator: Emulator) -> str:
    if emulator.settings.auth_strategy == "keystone":  # curl without a token gets a 401
        return f'eval "$(fake-nova env --url {url})" && openstack image list'
    return f"curl -s {url}/v2.1/{emulator.cloud.directory.first_project.id}/images/detail"


def _client_environment(url: str, emulator: Emulator) -> dict[str, str]:
    """Return the variables with which a client logs in as the fixtures' first user, without the password."""
    directory = emulator.cloud.directory
    if not directory.users:
        return {"OS_AUTH_TYPE": "none", "OS_ENDPOINT": f"{url}/v2.1/{directory.first_project.id}"}
    variables = directory.users[0].client_variables(url)
    del variables["OS_PASSWORD"]
    return variables


def _control_client(options: argparse.Namespace) -> Control:
    """Return a control for the server that the options or variables name."""
    url, token = server_url_and_token(options.url, options.admin_token)
    from fake_nova.control import Control  # noqa: PLC0415  # `serve` does without a client

    return Control(url, token=token)


def _wait(options: argparse.Namespace) -> int:
    """Wait until a server is ready, and return the exit code: 0, or 1 if it is not ready in time."""
    from fake_nova.control import Unreachable, parse_seconds  # noqa: PLC0415  # not needed by `serve`

    timeout = parse_seconds(options.timeout, "--timeout")
    control = _control_client(options)
    try:
        control.wait(timeout)
    except Unreachable as error:
        _print_error(str(error))
        return 1
    return 0


def _print_environment(options: argparse.Namespace) -> int:
    for command in _export_commands(_control_client(options).environment):
        _echo(command)
    return 0


def _check(options: argparse.Namespace) -> int:
    from fake_nova import apis  # noqa: PLC0415  # not needed by `wait` and `env`

    if not options.paths:
        raise ConfigurationError(
            "PATH: none given; expected a file, a folder or the name of a bundled fixture"
        )
    seed = _seed_of(options.paths, apis.router().operations)
    directory = seed.directory
    _echo(f"{len(seed.images)} images, {len(directory.projects)} projects, {len(directory.users)} users")
    return 0


#: Name of a command -> the function that runs it and returns the exit code.
_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "serve": _serve,
    "wait": _wait,
    "env": _print_environment,
    "check": _check,
}


def _echo(line: str) -> None:
    """Print a line at once, or nothing if the reader of stdout has gone, such as ``head``."""
    try:
        print(line, flush=True)  # noqa: T201  # output of the command
    except OSError:
        sys.stdout = logs.open_devnull()


def _print_error(line: str, as_json: bool = False) -> None:
    """Print an error line on stderr."""
    text = logs.json_line("error", "fake_nova", line) if as_json else f"fake-nova: {line}"
    print(text, file=sys.stderr, flush=True)  # noqa: T201  # output of the command
