"""A gunicorn worker with threads and time limits, so that slow clients do not block others.

gunicorn's ThreadWorker gives a connection to a thread at its first byte, and the thread waits for the rest
of the head. So a client that stops in the middle of a head blocks that thread forever. The worker's main
loop, which serves all connections, waits up to two seconds for a client to close its side (gunicorn 27.0).
"""

from __future__ import annotations

import errno
import os
import selectors
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from io import BytesIO
from socket import socket
from typing import Any, Final

from gunicorn import util
from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.workers.gthread import TConn, ThreadWorker

from fake_nova.serving.tls_clients import TLS_FIRST_BYTE, TlsRefusal

#: The maximum size of a request's head, in bytes.
MAX_HEAD_BYTES: Final = 256 * 1024

_HEAD_TOO_LARGE_MESSAGE: Final = f"more than {MAX_HEAD_BYTES} bytes"

_TIMEOUT_RESPONSE: Final = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class HeadFirstWorker(ThreadWorker):
    """gunicorn's worker with threads, which gives a request to a thread when its head is complete.

    Attributes:
        head_timeout: seconds within which a head must arrive. They count from the connection for its first
            request, and from the first byte for later ones. A client whose head is incomplete gets a 408.
        tls_refusal: responds to clients that speak TLS.
    """

    head_timeout: float = 10
    tls_refusal: Final = TlsRefusal()

    def load_wsgi(self) -> None:
        """Load the application."""
        super().load_wsgi()
        self.wsgi = _with_closing(self.wsgi)

    def enqueue_req(self, conn: TConn) -> None:
        """Give a connection to a thread, now or when the head of its next request is complete."""
        conn.init()
        conn.sock.setblocking(False)
        if _receive_head(conn, is_new=True):
            super().enqueue_req(conn)
            return
        conn.timeout = time.monotonic() + self.head_timeout
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: TConn, client: socket) -> None:
        """Read the next part of a head; give the connection to a thread if the head is complete."""
        if _receive_head(conn):
            self.poller.unregister(client)
            self.pending_conns.remove(conn)
            super().enqueue_req(conn)

    def murder_pending(self) -> None:
        """Close the connections whose head is overdue, or all pending ones if the worker is stopping."""
        while self.pending_conns and (_is_overdue(self.pending_conns[0]) or not self.alive):
            conn = self.pending_conns.popleft()
            self.poller.unregister(conn.sock)
            _send_timeout_response(conn)
            self.nr_conns -= 1
            conn.close()

    def handle(self, conn: TConn) -> bool:
        """Handle one request in a thread, which also waits until the client has closed its side.

        Returns:
            Whether the connection stays open.
        """
        head = _received_head(conn)
        if _begins_with_tls(head):
            self.tls_refusal.refuse(conn.sock)
        elif head.tell() > MAX_HEAD_BYTES and not _has_end(head):
            self.handle_error(None, conn.sock, conn.client, LimitRequestHeaders(_HEAD_TOO_LARGE_MESSAGE))
        elif super().handle(conn):
            return True
        util.close_graceful(conn.sock)
        return False

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """Handle one request, and return whether the connection stays open.

        Raises:
            ConnectionResetError: if the client stopped reading the response.
        """
        try:
            return bool(super().handle_request(req, conn))
        except BlockingIOError as error:
            raise ConnectionResetError(errno.ECONNRESET, "the client stopped reading") from error

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Wait for the next request of a connection, unless its thread has closed it."""
        if conn.sock.fileno() == -1:
            self.nr_conns -= 1
        else:
            super().finish_request(conn, fs)


def _with_closing(application: Any) -> Any:
    """Return an application whose header ``Connection: close`` counts, which gunicorn drops (27.0)."""

    def respond(environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            if ("Connection", "close") in headers:
                start_response.__self__.force_close()  # it is a method of gunicorn's response
            return start_response(status, headers, *exc_info)

        return application(environ, start)

    return respond


def _received_head(conn: TConn) -> BytesIO:
    """Return the bytes of the next request that have arrived."""
    parser: Any = conn.parser
    head: BytesIO = parser.unreader.buf
    return head


def _is_overdue(conn: TConn) -> bool:
    """Return whether a head has exceeded its time limit."""
    return (conn.timeout or 0) <= time.monotonic()


def _send_timeout_response(conn: TConn) -> None:
    """Send a 408 if the client has sent part of a head."""
    if _received_head(conn).tell():
        with suppress(OSError):
            conn.sock.send(_TIMEOUT_RESPONSE)


def _begins_with_tls(head: BytesIO) -> bool:
    return bytes(head.getbuffer()[:1]) == TLS_FIRST_BYTE


def _has_end(head: BytesIO, start: int = 0) -> bool:
    """Return whether *head* contains the empty line that ends it, from offset *start* on."""
    head.seek(start)
    return b"\r\n\r\n" in head.read()


def _receive_head(conn: TConn, *, is_new: bool = False) -> bool:
    """Read the bytes of a head that have arrived, without waiting.

    Args:
        conn: the connection.
        is_new: whether the bytes that are already there have not been searched for the end of the head.

    Returns:
        Whether a thread can proceed: the head is complete, too large or TLS, or the client has closed.
    """
    head = _received_head(conn)
    length = head.seek(0, os.SEEK_END)
    has_closed = False
    try:
        data = conn.sock.recv(65_536)
        has_closed = not data
    except BlockingIOError:
        data = b""
    except OSError:
        data = b""
        has_closed = True
    if length == 0:
        data = data.lstrip(b"\r\n")  # empty lines before the head
    head.write(data)
    if has_closed or _begins_with_tls(head):
        return True
    search_start = 0 if is_new else max(0, length - 3)
    return _has_end(head, search_start) or head.tell() > MAX_HEAD_BYTES
