"""The response to clients that speak TLS, because their URL begins with https."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Final

from fake_nova.serving.sockets import server_url

if TYPE_CHECKING:
    import socket

#: The first byte that a TLS client sends: the type of a handshake record. No HTTP method begins with it.
TLS_FIRST_BYTE: Final = b"\x16"

#: The minimum number of seconds between two log lines.
_LOG_INTERVAL: Final = 60

_BODY: Final = b"This port speaks HTTP, not TLS: use a URL that begins with http://\n"

_RESPONSE: Final = (
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)

_log = logging.getLogger("fake_nova")


class TlsRefusal:
    """Tells clients that speak TLS that the port speaks HTTP, and logs it at most once a minute."""

    def __init__(self) -> None:
        self._lock: Final = Lock()
        self._next_log_at = 0.0

    def refuse(self, connection: socket.socket) -> None:
        """Send a 400 in plain text, which TLS clients report as a wrong version; the caller closes."""
        with suppress(OSError):  # the client has gone
            client = connection.getpeername()[0]
            url = server_url(connection)
            connection.sendall(_RESPONSE)
            if self._may_log():
                https_url = url.replace("http:", "https:", 1)
                message = "%s began with TLS, but this port speaks HTTP: use %s instead of %s"
                _log.warning(message, client, url, https_url)

    def _may_log(self) -> bool:
        now = time.monotonic()
        with self._lock:
            if now < self._next_log_at:
                return False
            self._next_log_at = now + _LOG_INTERVAL
            return True
