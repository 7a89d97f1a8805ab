"""A gunicorn worker that speaks TLS, and whose handshakes block nobody.

gunicorn's ThreadWorker makes a handshake in one of its threads, without a time limit (gunicorn 27.0). So a
client that stops in the middle of it blocks that thread forever. This worker makes all handshakes in its main
loop, and waits for no client.
"""

from __future__ import annotations

import errno
import selectors
import ssl
import time
from concurrent.futures import Future
from functools import partial
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

from fake_nova.serving.gunicorn_worker import HeadFirstWorker
from fake_nova.serving.tls import ServerTls, TlsConnection


class TlsWorker(HeadFirstWorker):
    """gunicorn's worker with threads, which gives a request to a thread when handshake and head are complete.

    Attributes:
        tls: the TLS of the server.
        body_timeout: seconds without a byte after which a read or write of a thread fails.
    """

    tls: ServerTls
    body_timeout: float = 10

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._handshake_errors: dict[TConn, OSError] = {}

    def enqueue_req(self, conn: TConn) -> None:
        """Begin the handshake of a new connection; give others to a thread when a head is complete."""
        if conn.initialized:
            super().enqueue_req(conn)
            return
        conn.initialized = True
        try:
            connection = self.tls.wrap(conn.sock)
        except OSError:  # the client has gone
            self.nr_conns -= 1
            return
        connection.idle_timeout = self.body_timeout
        connection.setblocking(False)
        conn.sock = connection
        conn.parser = http.get_parser(conn.cfg, connection, conn.client)
        conn.timeout = time.monotonic() + self.head_timeout
        self.pending_conns.append(conn)
        self.poller.register(connection, selectors.EVENT_READ, partial(self._shake_hands, conn))

    def _shake_hands(self, conn: TConn, connection: TlsConnection) -> None:
        """Continue a handshake with the bytes that have arrived."""
        try:
            connection.do_handshake()
        except ssl.SSLWantReadError:
            self._wait_for(conn, selectors.EVENT_READ)
            return
        except ssl.SSLWantWriteError:
            self._wait_for(conn, selectors.EVENT_WRITE)
            return
        except OSError as error:
            self._handshake_errors[conn] = error
        self.poller.unregister(connection)
        self.pending_conns.remove(conn)
        if conn in self._handshake_errors:
            ThreadWorker.enqueue_req(self, conn)  # a thread responds
        else:
            super().enqueue_req(conn)

    def _wait_for(self, conn: TConn, event: int) -> None:
        self.poller.modify(conn.sock, event, partial(self._shake_hands, conn))

    def handle(self, conn: TConn) -> bool:
        """Handle one request in a thread, or refuse a client whose handshake failed.

        Returns:
            Whether the connection stays open.
        """
        error = self._handshake_errors.pop(conn, None)
        if error is None:
            return super().handle(conn)
        connection: Any = conn.sock
        client: Any = conn.client
        self.tls.refuse(connection, error, client[0])
        return False

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """Handle one request, and return whether the connection stays open.

        Raises:
            ConnectionResetError: if the client stopped reading the response, or has gone.
        """
        req.scheme = "https"
        try:
            return super().handle_request(req, conn)
        except (TimeoutError, ssl.SSLError) as error:
            raise ConnectionResetError(errno.ECONNRESET, "the client has gone or stopped reading") from error

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Wait for the next request of a connection; it may be in bytes that are decrypted already."""
        super().finish_request(conn, fs)
        connection: Any = conn.sock
        if connection.fileno() != -1 and connection.pending() and conn in self.keepalived_conns:
            self.on_client_socket_readable(conn, connection)
