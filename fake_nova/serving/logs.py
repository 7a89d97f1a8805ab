"""The logs of a server: greeting and access log go to stdout, everything else to stderr."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from datetime import UTC, datetime
from threading import Lock
from typing import Final, TextIO

from fake_nova.support.log_names import ACCESS_LOGGER, JSON

#: The minimum number of seconds between two lines of a `LimitedLog` that begin alike.
_LOG_INTERVAL: Final = 60

_log = logging.getLogger("fake_nova")


class LimitedLog:
    """A log of what clients do wrong, with one line a minute for each kind of mistake."""

    def __init__(self) -> None:
        self._lock: Final = Lock()
        self._next_log_at: Final[dict[str, float]] = {}

    def warn(self, message: str, *arguments: object) -> None:
        """Log a warning, unless one with the same *message* was logged less than a minute ago."""
        now = time.monotonic()
        with self._lock:
            if now < self._next_log_at.get(message, now):
                return
            self._next_log_at[message] = now + _LOG_INTERVAL
        _log.warning(message, *arguments)


def json_line(level: str, logger: str, message: str, **fields: object) -> str:
    """Return a line of a JSON log.

    Args:
        level: the level in lower case, such as ``info``.
        logger: the name of the logger.
        message: the message, for people.
        fields: the details, for programs.
    """
    timestamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"at": timestamp, "level": level, "logger": logger, "message": message, **fields})


class _JsonFormatter(logging.Formatter):
    """A formatter that writes a record as a line of JSON; the message includes the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return json_line(record.levelname.lower(), record.name, super().format(record))


class _PipeSafeHandler(logging.StreamHandler[TextIO]):
    """A handler that tolerates a closed stream; ``head``, for example, closes its pipe early."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        """Discard further records if the stream's reader has gone; otherwise report the error."""
        if isinstance(sys.exception(), OSError):
            self.setStream(open_devnull())
        else:
            super().handleError(record)


def configure(log_format: str) -> None:
    """Configure the logs of a server process.

    Args:
        log_format: `JSON` for JSON lines on stderr; anything else for plain text.
    """
    error_handler = _PipeSafeHandler(sys.stderr)
    formatter = _JsonFormatter() if log_format == JSON else logging.Formatter("%(message)s")
    error_handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[error_handler], force=True)
    access_logger = logging.getLogger(ACCESS_LOGGER)
    access_logger.handlers = [_PipeSafeHandler(sys.stdout)]  # an access record is a complete line
    access_logger.propagate = False
    logging.captureWarnings(True)


def open_devnull() -> TextIO:
    """Return a text stream that discards its input."""
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  # stays open


def open_standard_streams() -> None:
    """Open the null device for closed standard streams, so that no socket gets their numbers."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number
    sys.stdout = sys.stdout or open_devnull()  # None if it was closed
    sys.stderr = sys.stderr or open_devnull()
