"""A server for tests, on a port of its own, in threads of this process."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app
from werkzeug.wsgi import get_input_stream

from fake_nova.serving.sockets import open_listener, server_url
from fake_nova.serving.tls_clients import TLS_FIRST_BYTE, TlsRefusal

if TYPE_CHECKING:
    from flask import Flask


class _KeepAliveHandler(WSGIRequestHandler):
    """Werkzeug's request handler, with connections that stay open, as those of the real services do.

    Werkzeug's own handler closes each connection, because it cannot know whether the application read the
    whole body. This one reads the rest of the body before the next request.
    """

    server: _TrackingServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # sends a response in one piece

    def handle_one_request(self) -> None:
        """Handle one request, or refuse a client that speaks TLS."""
        if self.rfile.peek(1)[:1] == TLS_FIRST_BYTE:  # type: ignore[attr-defined]  # a BufferedReader
            self.server.tls_refusal.refuse(self.connection)
            self.close_connection = True
            return
        super().handle_one_request()

    def run_wsgi(self) -> None:
        """Handle one request."""
        try:
            environ = self.make_environ()
        except ValueError:
            self.close_connection = True
            self.send_error(400)
            return
        raw_path, _, query = self.path.partition("?")
        if not raw_path.startswith(("http://", "https://")):  # werkzeug changes bytes that are not UTF-8
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
            for chunk in content:
                self.wfile.write(chunk)
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
        """Log nothing; errors are still logged."""


class _TrackingServer(ThreadedWSGIServer):
    """Werkzeug's server, with a set of its open connections, so that `ThreadServer.stop` can end them.

    Attributes:
        connections: the sockets of the open connections.
        tls_refusal: responds to clients that speak TLS.
    """

    timeout = 0.1  # seconds between checks whether it was stopped

    def __init__(self, app: Flask, host: str, listener: socket.socket) -> None:
        self.connections: Final[set[socket.socket]] = set()
        self.tls_refusal: Final = TlsRefusal()
        super().__init__(host, 0, app, _KeepAliveHandler, fd=listener.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        """Handle the requests of a new connection in a new thread."""
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self.connections.discard(request)
        super().shutdown_request(request)


class ThreadServer:
    """A server for an application, on a port of its own, in threads of this process.

    It listens when the constructor returns. As a context manager it stops at the end of the block.

    Args:
        app: the result of `fake_nova.create_app`.
        host: the address to listen on.
        port: the port to listen on; 0 picks a free one.

    Attributes:
        url: the server's URL, such as ``http://127.0.0.1:40123``.
        is_stopped: whether the server has stopped.

    Raises:
        ConfigurationError: if it cannot listen on the address.
    """

    def __init__(self, app: Flask, host: str = "127.0.0.1", port: int = 0) -> None:
        with open_listener(host, port) as listener:  # the server duplicates it
            self.url: Final = server_url(listener)
            self._server: Final = _TrackingServer(app, host, listener)
        self.is_stopped = False
        self._thread: Final = Thread(target=self._serve, name=f"fake_nova {self.url}", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self.is_stopped:
            self._server.handle_request()

    def stop(self) -> None:
        """Stop listening, and end all connections; a second call does nothing."""
        if self.is_stopped:
            return
        self.is_stopped = True
        with suppress(OSError):  # does not wake the server on macOS; there its timeout does
            self._server.socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for connection in list(self._server.connections):
            with suppress(OSError):  # the client closed it first
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    def __enter__(self) -> ThreadServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
