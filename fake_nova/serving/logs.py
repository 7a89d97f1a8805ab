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
ACCESS_LOGGER: Final = "fake_nova.access"


def json_line(level: str, logger: str, message: str, **fields: object) -> str:
    """Return a line of JSON for a log.

    Args:
        level: such as ``info``.
        logger: the part of the program that says it.
        message: what it says, for people.
        fields: the same for programs.
    """
    timestamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"at": timestamp, "level": level, "logger": logger, "message": message, **fields})


class _JsonFormatter(logging.Formatter):
    """Writes a record as a line of JSON; its message includes the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return json_line(record.levelname.lower(), record.name, super().format(record))


class _PipeSafeHandler(logging.StreamHandler[TextIO]):
    """Writes to a stream that may be closed by its reader, as ``head`` does."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        """Stop writing to a stream whose reader has gone."""
        if isinstance(sys.exception(), OSError):
            self.setStream(open_devnull())
        else:
            super().handleError(record)


def configure(log_format: str) -> None:
    """Set up the logs of a process that serves.

    Args:
        log_format: `JSON` for a line of JSON for each record; else lines for people.
    """
    error_handler = _PipeSafeHandler(sys.stderr)
    error_handler.setFormatter(_JsonFormatter() if log_format == JSON else logging.Formatter("%(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[error_handler], force=True)
    access_logger = logging.getLogger(ACCESS_LOGGER)
    access_logger.handlers = [_PipeSafeHandler(sys.stdout)]  # an access record is a whole line already
    access_logger.propagate = False
    logging.captureWarnings(True)


def open_devnull() -> TextIO:
    """Return a stream that drops what is written to it."""
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  # it stays open


def open_standard_streams() -> None:
    """Open stdin, stdout and stderr to nowhere if they are closed, so that no socket gets their numbers."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    sys.stdout = sys.stdout or open_devnull()  # Python leaves None for a closed one
    sys.stderr = sys.stderr or open_devnull()
