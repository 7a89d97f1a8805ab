"""fake-nova: serve a cloud, check fixture files."""

from __future__ import annotations

import argparse
import logging
import shlex
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, NoReturn

import fake_nova
from fake_nova.cloud import memory
from fake_nova.errors import FakeNovaError, Unusable
from fake_nova.patterns import compiled_when_used
from fake_nova.settings import SETTINGS, Settings, check_exposure, from_environment

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from fake_nova.cloud.emulator import Emulator
    from fake_nova.control import Control

_WORKERS = (
    "--workers: {} is not allowed; allowed: 1. The cloud lives in the memory of one process; several would "
    "each have a cloud of their own. Use --threads for more requests at the same time."
)


class _Parser(argparse.ArgumentParser):
    """argparse, with one line for an error."""

    def error(self, message: str) -> NoReturn:
        raise Unusable(f"{message} (try {self.prog} --help)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, or 2 with one line on standard error for each problem."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # fixtures may have names that the locale has no letters for
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    try:
        options = _parser().parse_args(arguments)
        code: int = options.run(options)
    except FakeNovaError as error:
        for line in str(error).splitlines():
            _say(f"fake-nova: {line}", sys.stderr)
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="fake-nova", description="OpenStack Nova's images API as a test double.")
    parser.add_argument("--version", action="version", version=f"fake-nova {fake_nova.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    serve = commands.add_parser("serve", help="run an emulated cloud until Ctrl-C or SIGTERM")
    serve.set_defaults(run=_serve)
    for setting in SETTINGS:
        serve.add_argument(
            setting.option,
            metavar=setting.name.upper(),
            action="append" if setting.name == "fixtures" else "store",
            help=f"{setting.help} (default {_default(setting.name)}; variable {setting.variable})",
        )
    serve.add_argument(
        "--state", metavar="FILE", help="start in the state that an export or a test's report tells"
    )
    serve.add_argument("--workers", help=argparse.SUPPRESS)
    for name, run, said in (
        ("wait", _wait, "wait until a server is ready"),
        ("env", _env, "print what a shell has to export for OpenStack clients"),
    ):
        command = commands.add_parser(name, help=said)
        command.add_argument(
            "--url", help="where it listens (default: as the variables of host and port say)"
        )
        command.add_argument("--admin-token", help="its admin token (variable FAKE_NOVA_ADMIN_TOKEN)")
        command.set_defaults(run=run)
        if name == "wait":
            command.add_argument("--timeout", default="30", metavar="SECONDS", help="how long (default 30)")
    check = commands.add_parser("check", help="say what is wrong with fixture files")
    check.add_argument(
        "paths", metavar="PATH", nargs="+", help="a file, a folder, or a shipped fixture's name"
    )
    check.set_defaults(run=_check)
    return parser


def _default(name: str) -> str:
    value = getattr(Settings(), name)
    return ", ".join(value) if isinstance(value, tuple) else str(value).lower()


def _chosen(options: argparse.Namespace) -> Settings:
    """Return the settings that the command line chooses, above those of the environment."""
    chosen: dict[str, Any] = {}
    if options.state is not None:
        if options.fixtures is not None:
            raise Unusable(
                "--state: allowed: without --fixtures, for the state has all that they would bring"
            )
        from fake_nova.cloud import fixtures  # noqa: PLC0415
        from fake_nova.cloud.clock import SystemClock  # noqa: PLC0415

        seed = fixtures.load_files((options.state,), SystemClock().now())
        chosen = {**seed.settings, "fixtures": (options.state,)}
    for setting in SETTINGS:
        given = getattr(options, setting.name)
        if setting.name == "fixtures" and given is not None:
            chosen["fixtures"] = tuple(given)
        elif given is not None:
            chosen[setting.name] = setting.value(given, setting.option)
    if options.workers not in (None, "1"):
        raise Unusable(_WORKERS.format(options.workers))
    return from_environment(**chosen)


def _serve(options: argparse.Namespace) -> int:
    from fake_nova import server  # noqa: PLC0415  # `check` and `--help` do without a server

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = _chosen(options)
    check_exposure(settings)
    listener = server.listening_socket(settings.host, settings.port)
    try:
        emulator, application = _seeded(settings)
    except FakeNovaError:
        listener.close()
        raise
    url = server.url_of(listener)

    def ready() -> None:
        for line in greeting(url, emulator):
            _say(line)

    server.serve(application, listener, settings.threads, ready, settings.server)
    return 0


def _seeded(settings: Settings) -> tuple[Emulator, WSGIApplication]:
    """Return an emulator with its fixtures in, and the application that is it."""
    with memory.loading(), compiled_when_used("marshmallow.validate"):  # what is imported does not go again
        from fake_nova import apis, front  # noqa: PLC0415
        from fake_nova.cloud.emulator import Emulator  # noqa: PLC0415

        emulator = Emulator(settings, operations=apis.routes().operations())
        emulator.seed()
        return emulator, front.alone(emulator)


def greeting(url: str, emulator: Emulator) -> list[str]:
    """Say where the emulator listens, what it loaded, and what a shell has to export."""
    cloud, settings = emulator.cloud, emulator.settings
    project = cloud.directory.first_project
    trial = f"curl -s {url}/v2.1/{project.id}/images/detail"
    if settings.auth_strategy == "keystone":  # without a token that is a 401
        trial = f'eval "$(fake-nova env --url {url})" && openstack image list'
    lines = [
        f"fake_nova {fake_nova.__version__} listens on {url} "
        f"(dialect {settings.dialect}, {settings.auth_strategy})",
        f"loaded {len(cloud.images)} images from {', '.join(settings.fixtures)}",
        f"try    {trial}",
    ]
    user = next(iter(cloud.directory.users), None)
    exports = {"OS_AUTH_TYPE": "none", "OS_ENDPOINT": f"{url}/v2.1/{project.id}"}
    if user is not None:
        exports = {
            "OS_AUTH_URL": f"{url}/identity/v3",
            "OS_USERNAME": user.name,
            "OS_USER_DOMAIN_ID": "default",
            "OS_PROJECT_NAME": user.project.name,
            "OS_PROJECT_DOMAIN_ID": "default",
            "OS_IDENTITY_API_VERSION": "3",
            "OS_REGION_NAME": "RegionOne",
        }
    lines.extend(f"export {name}={shlex.quote(value)}" for name, value in exports.items())
    if user is not None:
        lines.append(f"export OS_PASSWORD=...   # the fixtures' password of {user.name}")
    return lines


def _server(options: argparse.Namespace) -> Control:
    """Return the handle of the server that a command is about."""
    from fake_nova.control import Control  # noqa: PLC0415  # `serve` does without a client

    settings = from_environment()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = options.url or f"http://{host}:{settings.port}"
    return Control(url, token=options.admin_token or settings.admin_token)


def _wait(options: argparse.Namespace) -> int:
    """Wait until a server is ready; 1 where it is not in time."""
    from fake_nova.control import Unreachable, seconds  # noqa: PLC0415

    patience = seconds(options.timeout, "--timeout")
    server = _server(options)
    try:
        server.wait(patience)
    except Unreachable as error:
        _say(f"fake-nova: {error}", sys.stderr)
        return 1
    return 0


def _env(options: argparse.Namespace) -> int:
    for name, value in _server(options).environment.items():
        _say(f"export {name}={shlex.quote(value)}")
    return 0


def _check(options: argparse.Namespace) -> int:
    from fake_nova import apis  # noqa: PLC0415
    from fake_nova.cloud import fixtures  # noqa: PLC0415
    from fake_nova.cloud.clock import SystemClock  # noqa: PLC0415

    seed = fixtures.load_files(options.paths, SystemClock().now(), apis.routes().operations())
    people = seed.directory
    _say(f"{len(seed.images)} images, {len(people.projects)} projects, {len(people.users)} users")
    return 0


def _say(line: str, stream: Any = None) -> None:
    print(line, file=stream or sys.stdout, flush=True)
