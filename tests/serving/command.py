"""``fake-nova serve`` in its own process, and raw connections to it."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

COMMAND = (sys.executable, "-m", "fake_nova", "serve", "--port", "0")


def environment() -> dict[str, str]:
    """Return the environment of this process without the emulator's variables."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FAKE_NOVA_")}


class Command:
    """``fake-nova serve``, running until the end of the ``with`` block.

    Attributes:
        process: the process of the command.
        greeting: the lines that it printed at the start.
        url: the address where it listens.
        ca_file: the file with the CA certificate; None without TLS.
    """

    def __init__(self, *options: str, before: Sequence[str] = (), lines: int = 12) -> None:
        self.process = subprocess.Popen(
            [*before, *COMMAND, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            start_new_session=True,  # signals to its process group reach only this process
        )
        assert self.process.stdout is not None
        self.greeting: list[str] = []
        while len(self.greeting) < lines and "OS_PASSWORD" not in "".join(self.greeting[-1:]):
            line = self.process.stdout.readline()
            assert line, self.process.communicate()
            self.greeting.append(line.strip())
        address = re.search(r"https?://[0-9.:]+", self.greeting[0])
        assert address is not None, self.greeting
        self.url = address[0]
        exports = [line.removeprefix("export OS_CACERT=") for line in self.greeting if "OS_CACERT" in line]
        self.ca_file: str | None = exports[0] if exports else None

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; return the exit code and the output on standard error."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors

    def connection(self) -> socket.socket:
        """Open a connection, with TLS if the server speaks it."""
        if self.ca_file is None:
            return self.plain_connection()
        context = ssl.create_default_context(cafile=self.ca_file)
        return context.wrap_socket(self.plain_connection(), server_hostname="localhost")

    def plain_connection(self) -> socket.socket:
        """Open a connection without TLS."""
        address = urlsplit(self.url)
        return socket.create_connection((str(address.hostname), address.port or 0), timeout=20)

    def raw(self, request: bytes) -> bytes:
        """Send bytes on a new connection; return everything that arrives until it is closed."""
        with self.connection() as connection:
            connection.sendall(request)
            return read_to_end(connection)

    def __enter__(self) -> Command:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


def read_to_end(connection: socket.socket) -> bytes:
    """Return everything that arrives on a connection until the server closes it."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))
