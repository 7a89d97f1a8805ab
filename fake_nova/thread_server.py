"""A server for tests: the application on a port of its own, in threads of this process."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable
from threading import Lock, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app
from werkzeug.wsgi import get_input_stream

from fake_nova.serving.sockets import listening_socket, url_of

if TYPE_CHECKING:
    from flask import Flask


class _Handler(WSGIRequestHandler):
    """Werkzeug's handler, made to keep connections alive, as clients of the real services see it.

    Werkzeug's own closes each connection, for it cannot know whether an application read the whole body. Here
    what is left of the body is read before the next request.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece

    def run_wsgi(self) -> None:
        """Answer one request."""
        try:
            environ = self.make_environ()
        except ValueError:
            self.close_connection = True
            self.send_error(400)
            return
        raw_path, _, query = self.path.partition("?")
        if not raw_path.startswith(("http://", "https://")):  # werkzeug loses bytes that are not UTF-8
            environ["PATH_INFO"] = unquote_to_bytes(raw_path.encode("latin-1")).decode("latin-1")
            environ["QUERY_STRING"] = query
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        body = get_input_stream(environ)
        environ["wsgi.input"] = body
        try:
            content, status, headers = run_wsgi_app(self.server.app, environ)
            code, _, phrase = status.partition(" ")
            self.send_response(int(code), phrase)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            for piece in content:
                self.wfile.write(piece)
        except (BrokenPipeError, ConnectionResetError):  # a fault breaks the connection
            self.close_connection = True
            return
        self.wfile.flush()
        try:
            while body.read(1 << 16):
                pass
        except (OSError, ClientDisconnected):
            self.close_connection = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing; errors are still logged."""


class ThreadServer:
    """The application on a port of its own, in threads of this process.

    It listens when the constructor returns. As a context manager it stops at the end of the block.

    Args:
        app: what `fake_nova.create_app` returned.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.

    Attributes:
        url: where it listens, such as ``http://127.0.0.1:40123``.

    Raises:
        Unusable: the address cannot be listened on.
    """

    def __init__(self, app: Flask, host: str = "127.0.0.1", port: int = 0) -> None:
        listener = listening_socket(host, port)
        self.url: Final = url_of(listener)
        self._connections: Final[set[socket.socket]] = set()
        self._lock: Final = Lock()
        self._stopping = False
        self._wake, self._woken = socket.socketpair()
        with listener:  # the server works on a copy of it
            self._server: Final = make_server(
                host, 0, app, threaded=True, request_handler=_Handler, fd=listener.fileno()
            )
        self._server.timeout = 0
        self._track_connections(self._server)
        self._thread: Final = Thread(target=self._serve, name=f"fake_nova {self.url}", daemon=True)
        self._thread.start()

    def _track_connections(self, server: Any) -> None:
        """Remember each open connection, so that `stop` can end those that a client keeps alive."""
        process: Callable[[socket.socket, Any], None] = server.process_request
        shutdown: Callable[[socket.socket], None] = server.shutdown_request

        def opened(connection: socket.socket, address: Any) -> None:
            with self._lock:
                self._connections.add(connection)
            process(connection, address)

        def closed(connection: socket.socket) -> None:
            with self._lock:
                self._connections.discard(connection)
            shutdown(connection)

        server.process_request = opened
        server.shutdown_request = closed

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._server, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._stopping:
                selector.select()
                if not self._stopping:
                    self._server.handle_request()

    @property
    def is_stopped(self) -> bool:
        """Whether it listens no longer."""
        return self._stopping

    def stop(self) -> None:
        """Stop listening and end every connection; a second call does nothing."""
        with self._lock:
            if self._stopping:
                return
            self._stopping = True
        self._wake.send(b"!")
        self._thread.join()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was faster
        self._server.server_close()
        self._wake.close()
        self._woken.close()

    def __enter__(self) -> ThreadServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
