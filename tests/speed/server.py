"""The command ``fake-nova serve`` in a process of its own, and bytes sent to it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from types import TracebackType
from typing import IO, Final

from tests.speed.exchange import address_of

#: Seconds without an answer after which a request hangs.
PATIENCE: Final = 20.0


class Server:
    """The command ``fake-nova serve`` until the end of the block; what it says as an error is kept."""

    def __init__(self, *options: str) -> None:
        command = (sys.executable, "-m", "fake_nova", "serve", "--port", "0", *options)
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as the server
        self._read = 0
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._errors, text=True)
        assert self.process.stdout is not None
        match = re.search(r"http://\S+", self.process.stdout.readline())
        assert match is not None, f"the server does not say where it listens: {self.errors()}"
        self.url: Final = match[0]
        self.address: Final = address_of(self.url)

    def errors(self) -> str:
        """Return what it said so far as an error."""
        return self._since(0)

    def new_errors(self) -> str:
        """Return what it said as an error since the last time that somebody asked."""
        before, self._read = self._read, os.fstat(self._errors.fileno()).st_size
        return self._since(before) if before != self._read else ""

    def _since(self, at: int) -> str:
        size = os.fstat(self._errors.fileno()).st_size
        return os.pread(self._errors.fileno(), size - at, at).decode("utf-8", "replace")

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.communicate()
        self._errors.close()


def exchange(
    address: tuple[str, int], content: bytes, patience: float = PATIENCE, shut: bool = True
) -> tuple[bytes, float]:
    """Send bytes, and return all that comes back, and the milliseconds of it.

    Args:
        address: where to.
        content: the bytes.
        patience: seconds to wait at most for the next bytes.
        shut: say that nothing more will come.

    Raises:
        TimeoutError: the connection is still open after so many seconds.
    """
    start = time.perf_counter()
    answer = bytearray()
    with socket.create_connection(address, timeout=patience) as connection:
        try:
            connection.sendall(content)
            if shut:
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(1 << 16):
                answer += piece
        except (ConnectionResetError, BrokenPipeError):
            pass  # the server may close before it has read everything
    return bytes(answer), (time.perf_counter() - start) * 1000
