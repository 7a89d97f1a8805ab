"""Files through which a server tells scripts what its clients need: its URL, and its CA certificate."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from fake_nova.errors import ConfigurationError
from fake_nova.support.messages import quote_path

_log = logging.getLogger("fake_nova")


class ServerFile:
    """A file that a server writes when it is ready, and removes at its end.

    The constructor removes the file of an earlier server that was killed.

    Args:
        path: the path of the file.
        source: the name of the option or setting with the path, for error messages.

    Raises:
        ConfigurationError: if the file cannot be written.
    """

    def __init__(self, path: str | Path, source: str) -> None:
        self._source: Final = source
        self._path: Final = Path(path).absolute()
        self._new_path: Final = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._remove_old_file()
            self._new_path.touch()
            self._new_path.unlink()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise ConfigurationError(
                f"{source}: cannot be written: {reason} (got {quote_path(path)}); "
                "expected a file in a folder that exists and is writable"
            ) from error

    def _remove_old_file(self) -> None:
        if self._path.exists() and not self._path.is_file():  # such as /dev/stdout
            raise ValueError("not a regular file")
        self._path.unlink(missing_ok=True)

    @property
    def path(self) -> str:
        """The absolute path of the file."""
        return str(self._path)

    def write(self, text: str) -> None:
        """Write the text in one step, so that no reader sees a part of it; log an error if that fails."""
        try:
            self._new_path.write_text(text, encoding="utf-8")
            self._new_path.replace(self._path)
        except OSError as error:
            _log.error("%s: cannot be written: %s", self._source, error)

    def remove(self, text: str) -> None:
        """Remove the file, unless another server has written to it since."""
        with suppress(OSError):
            if self._path.read_text(encoding="utf-8") == text:
                self._path.unlink()
