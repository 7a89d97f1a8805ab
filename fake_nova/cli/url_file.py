"""The file of ``--url-file``, through which a server tells scripts its URL."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from fake_nova.errors import ConfigurationError
from fake_nova.support.messages import quote_python

_log = logging.getLogger("fake_nova")


class UrlFile:
    """The file with the URL of a server, which exists while the server is ready.

    The constructor removes the file of an earlier server that was killed.

    Args:
        path: the path of the file.

    Raises:
        ConfigurationError: if the file cannot be written.
    """

    def __init__(self, path: str) -> None:
        self._path: Final = Path(path).absolute()
        self._new_path: Final = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._remove_old_file()
            self._new_path.touch()
            self._new_path.unlink()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise ConfigurationError(
                f"--url-file: cannot be written: {reason} (got {quote_python(path)}); "
                "expected a file in a folder that exists and is writable"
            ) from error

    def _remove_old_file(self) -> None:
        if self._path.exists() and not self._path.is_file():  # such as /dev/stdout
            raise ValueError("not a regular file")
        self._path.unlink(missing_ok=True)

    def write(self, url: str) -> None:
        """Write the URL in one step, so that no reader sees a part of it; log an error if that fails."""
        try:
            self._new_path.write_text(f"{url}\n", encoding="utf-8")
            self._new_path.replace(self._path)
        except OSError as error:
            _log.error("--url-file: cannot be written: %s", error)

    def remove(self, url: str) -> None:
        """Remove the file, unless another server has written its URL there since."""
        with suppress(OSError):
            if self._path.read_text(encoding="utf-8") == f"{url}\n":
                self._path.unlink()


def read_url(path: str) -> str | None:
    """Return the URL in a file of ``--url-file``, or None if no server has written it.

    Raises:
        ConfigurationError: if the file cannot be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no text"
        raise ConfigurationError(
            f"--url-file: cannot be read: {reason} (got {quote_python(path)}); "
            "expected the file of fake-nova serve --url-file"
        ) from error
