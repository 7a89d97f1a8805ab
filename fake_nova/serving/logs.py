"""Where a served emulator writes: the greeting and the access log to stdout, everything else to stderr."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import Final, TextIO

#: The form of logs for programs; another one is for people.
JSON: Final = "json"

#: The logger of the access log.
ACCESS: Final = "fake_nova.access"


def json_line(level: str, logger: str, message: str, **facts: object) -> str:
    """Return a line of JSON for a log.

    Args:
        level: such as ``info``.
        logger: the part of the program that says it.
        message: what it says, for people.
        facts: the same for programs.
    """
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"at": at, "level": level, "logger": logger, "message": message, **facts})


class _JsonFormatter(logging.Formatter):
    """Writes a record as a line of JSON; its message includes the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return json_line(record.levelname.lower(), record.name, super().format(record))


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to a stream that may be closed by its reader, as ``head`` does."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        """Stop writing to a stream whose reader has gone."""
        if isinstance(sys.exception(), OSError):
            self.setStream(open_nowhere())
        else:
            super().handleError(record)


def configure(form: str) -> None:
    """Set up the logs of a process that serves.

    Args:
        form: `JSON` for a line of JSON for each record; else lines for people.
    """
    errors = _Handler(sys.stderr)
    errors.setFormatter(_JsonFormatter() if form == JSON else logging.Formatter("%(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[errors], force=True)
    access = logging.getLogger(ACCESS)
    access.handlers = [_Handler(sys.stdout)]  # an access record is a whole line already
    access.propagate = False
    logging.captureWarnings(True)


def open_nowhere() -> TextIO:
    """Return a stream that drops what is written to it."""
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  # it stays open


def open_standard_streams() -> None:
    """Open stdin, stdout and stderr to nowhere if they are closed, so that no socket gets their numbers."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    sys.stdout = sys.stdout or open_nowhere()  # Python leaves None for a closed one
    sys.stderr = sys.stderr or open_nowhere()
