"""The worker that gunicorn runs: its own threads, with time limits for slow clients.

gunicorn's ThreadWorker gives a connection to a thread when its first byte arrives, and the thread waits for
the rest of the head: a client that stops in the middle of a head holds that thread for ever. And the loop
that serves all connections waits up to two seconds until a client closes its side (gunicorn 27.0).
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

#: The largest head of a request, in bytes.
MAX_HEAD_BYTES: Final = 256 * 1024

_HEAD_TOO_LARGE_MESSAGE: Final = f"more than {MAX_HEAD_BYTES} bytes"

_TIMEOUT_RESPONSE: Final = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class HeadFirstWorker(ThreadWorker):
    """gunicorn's worker with threads; a thread gets a request when its head is complete.

    Attributes:
        head_timeout: seconds that the head of a request may take, from the connection for the first request,
            from the first byte for a later one. Then the client gets a 408, if it has sent anything.
    """

    head_timeout: float = 10

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
        """Read more of a head."""
        if _receive_head(conn):
            self.poller.unregister(client)
            self.pending_conns.remove(conn)
            super().enqueue_req(conn)

    def murder_pending(self) -> None:
        """Close the connections whose head is late; all of them when the worker stops."""
        while self.pending_conns and (_is_overdue(self.pending_conns[0]) or not self.alive):
            conn = self.pending_conns.popleft()
            self.poller.unregister(conn.sock)
            _send_timeout_response(conn)
            self.nr_conns -= 1
            conn.close()

    def handle(self, conn: TConn) -> bool:
        """Answer one request in a thread; the thread also waits until the client has closed its side."""
        if _is_too_large(_received_head(conn)):
            self.handle_error(None, conn.sock, conn.client, LimitRequestHeaders(_HEAD_TOO_LARGE_MESSAGE))
        elif super().handle(conn):
            return True
        util.close_graceful(conn.sock)
        return False

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """Answer one request; a client that has stopped reading the answer counts as gone."""
        try:
            return bool(super().handle_request(req, conn))
        except BlockingIOError as error:
            raise ConnectionResetError(errno.ECONNRESET, "the client stopped reading") from error

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Go on with a connection, unless its thread has closed it."""
        if conn.sock.fileno() == -1:
            self.nr_conns -= 1
        else:
            super().finish_request(conn, fs)


def _received_head(conn: TConn) -> BytesIO:
    """Return what has arrived of the next request."""
    parser: Any = conn.parser
    head: BytesIO = parser.unreader.buf
    return head


def _is_overdue(conn: TConn) -> bool:
    """Whether the time is over by which a head must be complete."""
    return (conn.timeout or 0) <= time.monotonic()


def _send_timeout_response(conn: TConn) -> None:
    """Answer 408 to who has sent something of a head."""
    if _received_head(conn).tell():
        with suppress(OSError):
            conn.sock.send(_TIMEOUT_RESPONSE)


def _is_too_large(head: BytesIO) -> bool:
    return head.tell() > MAX_HEAD_BYTES and not _has_end(head)


def _has_end(head: BytesIO, start: int = 0) -> bool:
    """Whether the empty line that ends a head is in it, from *start* on."""
    head.seek(start)
    return b"\r\n\r\n" in head.read()


def _receive_head(conn: TConn, *, is_new: bool = False) -> bool:
    """Read what has arrived of a head; True if a thread can go on without waiting for more of it.

    Args:
        conn: the connection.
        is_new: nobody has looked yet at what was there before.
    """
    head = _received_head(conn)
    try:
        data = conn.sock.recv(65_536)
    except BlockingIOError:
        data = None
    except OSError:
        data = b""
    length = head.seek(0, os.SEEK_END)
    head.write(data.lstrip(b"\r\n") if data and not length else data or b"")
    return data == b"" or _has_end(head, 0 if is_new else max(0, length - 3)) or head.tell() > MAX_HEAD_BYTES
