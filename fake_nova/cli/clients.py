"""The commands for a server that runs: wait until it is ready, and print the variables of its clients."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Mapping
from typing import Final

from fake_nova.cli.greeting import export_commands
from fake_nova.cli.output import echo, print_error
from fake_nova.cli.processes import foreign_listener, is_running, parse_pid
from fake_nova.cli.server_address import Server, server_of
from fake_nova.control import Control, Unreachable, parse_seconds
from fake_nova.control.transport import HttpTransport, check_may_become_ready, variables_without_proxy
from fake_nova.errors import ConfigurationError
from fake_nova.support.messages import count_of, quote_path

#: The maximum number of seconds that `wait` waits for one response.
_MAX_RESPONSE_SECONDS: Final = 70


def _wait(options: argparse.Namespace) -> int:
    """Wait until a server is ready.

    Returns:
        The exit code: 0, or 1 if the server is not ready in time, or if the process of ``--pid`` has ended.
    """
    timeout = parse_seconds(options.timeout, "--timeout")
    pid = None if options.pid is None else parse_pid(options.pid)
    deadline = time.monotonic() + timeout
    while not _has_ended(pid):
        server = server_of(options)
        reason = "no such file" if server is None else _why_not_ready(server, pid, deadline)
        if reason is None and not _has_ended(pid):
            return 0
        if reason is not None and time.monotonic() > deadline:
            place = options.url_file if server is None else server.url
            print_error(
                f"{place}: not ready after {count_of(timeout, 'second')} ({reason}); "
                "expected a running server"
            )
            return 1
        time.sleep(0.05)
    print_error(
        f"--pid: this process does not run (got {pid}); "
        "expected a server that does: its own output says why it has ended"
    )
    return 1


def _has_ended(pid: int | None) -> bool:
    return pid is not None and not is_running(pid)


def _why_not_ready(server: Server, pid: int | None, deadline: float) -> str | None:
    """Return why a server is not ready, or None if it is.

    Args:
        server: the address of the server.
        pid: the process of the server, or None for any.
        deadline: the time on the monotonic clock at which the caller gives up.
    """
    seconds = min(max(deadline - time.monotonic(), 1), _MAX_RESPONSE_SECONDS)
    url = server.url
    try:
        status, body = HttpTransport(url, seconds, server.ca_file)("GET", "/healthcheck", b"", {})
    except Unreachable as error:
        return str(error)
    if status != 200:
        check_may_become_ready(url, status, body)
        return body.decode("utf-8", "replace")
    listener = None if pid is None else foreign_listener(url, pid)
    if listener is None:
        return None
    return f"process {listener} listens there, which process {pid} did not start"


def _print_environment(options: argparse.Namespace) -> int:
    """Print the variables of OpenStack clients as commands for a shell, and return the exit code."""
    server = server_of(options)
    if server is None:
        raise ConfigurationError(
            f"--url-file: no server is ready (got {quote_path(options.url_file)}, which does not exist); "
            "expected fake-nova wait --url-file before this command"
        )
    control = Control(server.url, token=server.admin_token, ca_file=server.ca_file)
    environment = control.environment
    for name in sorted(os.environ):
        if name.startswith("OS_") and name not in environment:
            echo(f"unset {name}")
    for command in export_commands({**variables_without_proxy(server.url), **environment}):
        echo(command)
    return 0


#: Name of a command -> the function that runs it and returns the exit code.
COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "wait": _wait,
    "env": _print_environment,
}
