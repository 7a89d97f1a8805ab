"""Lines that the command prints."""

from __future__ import annotations

import sys

from fake_nova.serving import logs


def echo(line: str) -> None:
    """Print a line at once, or nothing if the reader of stdout has gone, such as ``head``."""
    try:
        print(line, flush=True)  # noqa: T201  # output of the command
    except OSError:
        sys.stdout = logs.open_devnull()


def print_error(line: str, as_json: bool = False) -> None:
    """Print an error line on stderr."""
    text = logs.json_line("error", "fake_nova", line) if as_json else f"fake-nova: {line}"
    print(text, file=sys.stderr, flush=True)  # noqa: T201  # output of the command
