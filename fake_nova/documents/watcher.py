"""Watches the fixture files of a running server, and loads them again after a change."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any, Final

from fake_nova.cloud.emulator import Emulator
from fake_nova.documents.fixture_files import find_files
from fake_nova.documents.loading import reload_fixtures
from fake_nova.errors import FakeNovaError

#: Seconds between two checks of the files.
_POLL_SECONDS: Final = 0.5

_log = logging.getLogger("fake_nova")


class FixtureWatcher:
    """Loads fixture files again after their contents have changed.

    It sees new, deleted and renamed files too, and files that an editor replaces. It waits until two checks
    in a row find the same, so that it does not load a file that is still being written.

    Args:
        paths: files, folders or names of bundled fixtures. Create the watcher before they are loaded, so that
            it sees every later change.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths: Final = paths
        self._attributes: Any = self._examine(_file_attributes)
        self._settled_attributes: Any = self._attributes
        self._digests: Any = self._examine(_digest)

    def start(self, emulator: Emulator) -> None:
        """Watch the files from now on, in a daemon thread of this process."""
        Thread(target=self._watch, args=(emulator,), name="fake_nova fixtures", daemon=True).start()

    def _watch(self, emulator: Emulator) -> None:
        while True:
            sleep(_POLL_SECONDS)
            try:
                self.poll(emulator)
            except Exception:
                _log.exception("The fixtures could not be loaded again")

    def poll(self, emulator: Emulator) -> None:
        """Look at the files once, and load them again if their contents have changed and are complete."""
        attributes = self._examine(_file_attributes)
        previous_attributes = self._attributes
        self._attributes = attributes
        if attributes != previous_attributes or attributes == self._settled_attributes:
            return
        self._settled_attributes = attributes
        digests = self._examine(_digest)
        previous_digests = self._digests
        self._digests = digests
        if digests != previous_digests:
            with suppress(FakeNovaError):  # it is in the log and in the health
                reload_fixtures(emulator)

    def _examine(self, examine: Callable[[Path], object]) -> object:
        """Return a value that differs if the files, or what *examine* returns for one, have changed."""
        try:
            return {str(path): examine(path) for path in find_files(self._paths)}
        except (FakeNovaError, OSError) as error:
            return str(error)


def _file_attributes(path: Path) -> object:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _digest(path: Path) -> object:
    return sha256(path.read_bytes()).digest()
