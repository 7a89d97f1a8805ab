"""TLS of a server: its connections, and its responses to clients whose handshake fails."""

from __future__ import annotations

import errno
import socket
import ssl
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Any, Final

from fake_nova.serving.certificates import CertificateFiles, load_certificate, load_into
from fake_nova.serving.logs import LimitedLog
from fake_nova.serving.sockets import server_url

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from fake_nova.settings import Settings

#: The reasons of OpenSSL for a client that does not speak TLS. It knows only some methods of HTTP by name.
_PLAIN_REASONS: Final = ("HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "WRONG_VERSION_NUMBER")

#: The beginning of OpenSSL's reasons for an alert that the client sent, such as TLSV1_ALERT_UNKNOWN_CA.
_ALERT_PREFIXES: Final = ("TLSV1_ALERT_", "SSLV3_ALERT_")

#: The alerts of a client that does not trust a certificate, after their prefix.
_DISTRUST: Final = ("UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN", "CERTIFICATE_EXPIRED")

#: The seconds within which a client of a server in threads must complete its handshake.
_HANDSHAKE_SECONDS: Final = 10

#: The number of bytes to write at once, for each of which a client has the time limit.
_CHUNK_BYTES: Final = 65_536

_BODY: Final = b"This port speaks TLS, not HTTP: use a URL that begins with https://\n"

_PLAIN_RESPONSE: Final = (
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


class TlsConnection(ssl.SSLSocket):
    """A connection with TLS that behaves as a plain one does, where servers rely on it.

    Attributes:
        idle_timeout: seconds without a byte after which a blocking read or write fails; None for no limit.
    """

    idle_timeout: float | None = None

    def setblocking(self, flag: bool) -> None:
        """Make the connection block, for `idle_timeout` seconds at most, or not.

        A limit of the kernel would not work: OpenSSL tries again.
        """
        timeout = self.idle_timeout if flag else 0
        self.settimeout(timeout)

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Receive bytes.

        Raises:
            BlockingIOError: if none have arrived, and the connection does not block.
        """
        try:
            return super().recv(buflen, flags)
        except ssl.SSLWantReadError as error:
            raise BlockingIOError(errno.EAGAIN, "no data") from error

    def sendall(self, data: ReadableBuffer, flags: int = 0) -> None:
        """Send bytes; the time limit counts for each part of them."""
        view = memoryview(data).cast("B")
        for start in range(0, len(view), _CHUNK_BYTES):
            super().sendall(view[start : start + _CHUNK_BYTES], flags)

    def shutdown(self, how: int) -> None:
        """Tell the client that no more comes, first in TLS and then in TCP."""
        self.settimeout(0)
        with suppress(OSError, ValueError):  # the client has not said the same yet, or has gone
            self.unwrap()
        super().shutdown(how)


class ServerTls:
    """The TLS of a server.

    Args:
        settings: settings with which the server speaks TLS.

    Attributes:
        context: the context of its connections.
        ca: the content of the file with its CA certificate, if that is new; None if a file has it already.

    Raises:
        ConfigurationError: if the certificate or its key is missing or invalid.
    """

    def __init__(self, settings: Settings) -> None:
        self._certificate: Final = load_certificate(settings)
        self.ca: Final = self._certificate.ca
        self.context: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.sslsocket_class = TlsConnection
        self._log: Final = LimitedLog()
        with self.files() as files:
            load_into(self.context, files)

    def files(self) -> AbstractContextManager[CertificateFiles]:
        """Return a context manager with the files of the certificate, which are there until its end."""
        return self._certificate.files()

    def wrap(self, connection: socket.socket) -> TlsConnection:
        """Return a new connection with TLS, before the handshake. The plain one must not be used any more.

        Raises:
            OSError: if the client has gone; the connection is then closed.
        """
        wrapped: Any = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        connection_with_tls: TlsConnection = wrapped  # the context's sslsocket_class
        return connection_with_tls

    def shake_hands(self, connection: TlsConnection, client: str) -> bool:
        """Carry out a handshake with a client at an address, and return whether it was successful."""
        try:
            connection.settimeout(_HANDSHAKE_SECONDS)
            connection.do_handshake()
        except OSError as error:
            self.refuse(connection, error, client)
            return False
        connection.setblocking(True)
        return True

    def refuse(self, connection: TlsConnection, error: OSError, client: str) -> None:
        """Log why a handshake failed, and respond to a client that speaks HTTP; the caller closes.

        Nothing is logged of a client that goes away or sends nothing, such as a check of a load balancer.

        Args:
            connection: the connection.
            error: the error of the handshake.
            client: the address of the client.
        """
        reason = getattr(error, "reason", None) or ""
        if not reason or isinstance(error, ssl.SSLEOFError):
            return
        url = server_url(connection, "https")
        alert = _alert(reason)
        if reason in _PLAIN_REASONS:
            message = "%s sent plain HTTP, but this port speaks TLS: use %s instead of %s"
            self._log.warn(message, client, url, url.replace("https:", "http:", 1))
            _send_plain(connection)
        elif alert in _DISTRUST:
            message = (
                "%s does not trust the certificate of %s (alert: %s): expected a client that has the CA "
                "certificate, as in OS_CACERT, and uses a host name of the certificate"
            )
            self._log.warn(message, client, url, alert.replace("_", " ").lower())
        else:
            self._log.warn("%s: no TLS connection to %s (%s)", client, url, reason)


def _alert(reason: str) -> str:
    """Return the name of the alert in a reason of OpenSSL; any other reason unchanged."""
    for prefix in _ALERT_PREFIXES:
        reason = reason.removeprefix(prefix)
    return reason


def _send_plain(connection: TlsConnection) -> None:
    """Send a 400 without TLS, and drop what the client sent, so that it sees the response."""
    with suppress(OSError):  # the client has gone
        connection.settimeout(0)
        socket.socket.send(connection, _PLAIN_RESPONSE)
        socket.socket.recv(connection, _CHUNK_BYTES)
