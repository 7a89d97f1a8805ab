"""The commands for a server that runs: wait until it is ready, and print the variables of its clients."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from fake_nova.cli.greeting import export_commands
from fake_nova.cli.output import echo, print_error
from fake_nova.settings import server_url_and_token

if TYPE_CHECKING:
    from fake_nova.control import Control


def _control_client(options: argparse.Namespace) -> Control:
    """Return a control for the server that the options or variables name."""
    url, token = server_url_and_token(options.url, options.admin_token)
    from fake_nova.control import Control  # noqa: PLC0415  # `serve` does without a client

    return Control(url, token=token)


def wait(options: argparse.Namespace) -> int:
    """Wait until a server is ready, and return the exit code: 0, or 1 if it is not ready in time."""
    from fake_nova.control import Unreachable, parse_seconds  # noqa: PLC0415  # not needed by `serve`

    timeout = parse_seconds(options.timeout, "--timeout")
    control = _control_client(options)
    try:
        control.wait(timeout)
    except Unreachable as error:
        print_error(str(error))
        return 1
    return 0


def print_environment(options: argparse.Namespace) -> int:
    """Print the variables of OpenStack clients as commands for a shell, and return the exit code."""
    for command in export_commands(_control_client(options).environment):
        echo(command)
    return 0
