"""The response to clients that speak TLS, because their URL begins with https."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from fake_nova.serving.logs import LimitedLog
from fake_nova.serving.sockets import server_url

if TYPE_CHECKING:
    import socket

#: The first byte that a TLS client sends: the type of a handshake record. No HTTP method begins with it.
TLS_FIRST_BYTE: Final = b"\x16"

_BODY: Final = b"This port speaks HTTP, not TLS: use a URL that begins with http://\n"

_RESPONSE: Final = (
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


class TlsRefusal:
    """Tells clients that speak TLS that the port speaks HTTP, and logs it at most once a minute."""

    def __init__(self) -> None:
        self._log: Final = LimitedLog()

    def refuse(self, connection: socket.socket) -> None:
        """Send a 400 in plain text, which TLS clients report as a wrong version; the caller closes."""
        with suppress(OSError):  # the client has gone
            client = connection.getpeername()[0]
            url = server_url(connection)
            connection.sendall(_RESPONSE)
            https_url = url.replace("http:", "https:", 1)
            message = "%s began with TLS, but this port speaks HTTP: use %s instead of %s"
            self._log.warn(message, client, url, https_url)
