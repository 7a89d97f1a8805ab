"""Servers for tests, each on a port of its own, in threads of this process."""

from __future__ import annotations

import socket
from contextlib import suppress
from functools import cache
from importlib import metadata
from selectors import EVENT_READ, DefaultSelector
from socketserver import BaseServer, TCPServer, ThreadingMixIn
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import WSGIRequestHandler
from werkzeug.test import run_wsgi_app
from werkzeug.wsgi import get_input_stream

from fake_nova.serving.sockets import open_listener, server_url
from fake_nova.serving.tls_clients import TLS_FIRST_BYTE, TlsRefusal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from fake_nova.serving.tls import ServerTls


class _KeepAliveHandler(WSGIRequestHandler):
    """Werkzeug's request handler, with connections that stay open, as those of the real services do.

    Werkzeug's own handler closes each connection, because it cannot know whether the application read the
    whole body. This one reads the rest of the body before the next request.
    """

    server: _TrackingServer  # type: ignore[assignment]  # it has what the handler reads
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

    def make_environ(self) -> WSGIEnvironment:
        """Return the WSGI environment of a request; werkzeug's own changes bytes that are not UTF-8."""
        environ = super().make_environ()
        raw_path, _, query = self.path.partition("?")
        if not raw_path.startswith(("http://", "https://")):
            environ["PATH_INFO"] = unquote_to_bytes(raw_path.encode("latin-1")).decode("latin-1")
            environ["QUERY_STRING"] = query
        return environ

    def run_wsgi(self) -> None:
        """Handle one request."""
        try:
            environ = self.make_environ()
        except ValueError:
            self.close_connection = True
            self.send_error(400)
            return
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        body = get_input_stream(environ)
        environ["wsgi.input"] = body
        try:
            self._respond(environ)
        except (BrokenPipeError, ConnectionResetError):  # a fault breaks the connection
            self.close_connection = True
            return
        self.wfile.flush()
        try:
            while body.read(1 << 16):
                pass
        except (OSError, ClientDisconnected):
            self.close_connection = True

    def _respond(self, environ: WSGIEnvironment) -> None:
        """Call the application, and send its response."""
        content, status, headers = run_wsgi_app(self.server.app, environ)
        code, _, phrase = status.partition(" ")
        self.send_response(int(code), phrase)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        for chunk in content:
            self.wfile.write(chunk)
            self.wfile.flush()  # a fault may stop the response after it

    def finish(self) -> None:
        """Send the rest of the last response, unless the client has closed or reset the connection."""
        try:
            self.wfile.close()
        except OSError as error:
            self.connection_dropped(error)
        finally:
            self.rfile.close()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing; errors are still logged."""


@cache
def _server_header() -> str:
    """Return the first part of the header Server. It is cached, because reading the version is slow."""
    return f"Werkzeug/{metadata.version('werkzeug')}"


class _TrackingServer(ThreadingMixIn, TCPServer):
    """A server on a listening socket, with a set of its connections, so that `ThreadServer` can end them.

    Werkzeug's own server is slower to set up: it reads its version each time, and opens a second socket.

    Attributes:
        app: the application that responds to later requests.
        connections: the sockets of the open connections.
        tls_refusal: responds to clients that speak TLS.
    """

    daemon_threads = True

    # These attributes are read by werkzeug's request handler, as is `ssl_context`.
    multithread = True
    multiprocess = False

    def __init__(self, app: WSGIApplication, listener: socket.socket, tls: ServerTls | None) -> None:
        BaseServer.__init__(self, listener.getsockname(), _KeepAliveHandler)
        self.app = app
        self.ssl_context: Final = None if tls is None else tls.context
        self._tls: Final = tls
        self.connections: Final[set[socket.socket]] = set()
        self.tls_refusal: Final = TlsRefusal()
        self._server_version: Final = _server_header()  # also read by the handler
        self.socket = listener
        listener.setblocking(False)  # a client that goes away before `accept` must not block the others

    def accept(self) -> None:
        """Accept one connection, and handle its requests in a new thread."""
        with suppress(OSError):  # the client has closed it
            connection, address = self.get_request()
            connection.setblocking(True)
            if self._tls is not None:
                connection = self._tls.wrap(connection)
            self.process_request(connection, address)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Handle the requests of a new connection in a new thread."""
        self.connections.add(request)
        super().process_request(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Handle the requests of a connection in its thread, with TLS after the handshake."""
        if self._tls is None or self._tls.shake_hands(request, client_address[0]):
            super().finish_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self.connections.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        """End all connections, also in the middle of a response."""
        for connection in list(self.connections):
            with suppress(OSError):  # the client closed it first
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # its thread may be using its TLS


#: The maximum number of seconds until an `Acceptor` notices a new server or the end of the last one. Only
#: `select` needs it for a new one: epoll and kqueue notice it at once.
_POLL_SECONDS: Final = 0.1


#: The maximum number of ports that an `Acceptor` remembers. Linux has 28,232 for sockets that name no port.
_MAX_CLOSED_PORTS: Final = 10_000


class Acceptor:
    """Accepts the connections of any number of servers in one thread, which ends with the last of them.

    A server that names no port gets none that an earlier server had, so that no late request reaches it.
    """

    def __init__(self) -> None:
        self._closed_ports: Final[set[int]] = set()
        self._selector: Final = DefaultSelector()
        self._servers: Final[set[_TrackingServer]] = set()
        self._lock: Final = Lock()  # held while it accepts, so no server is removed in the middle
        self._is_running = False

    def listen(self, host: str, port: int) -> socket.socket:
        """Return a socket that listens on *host* and *port*. Port 0 picks one that no earlier server had.

        Raises:
            ConfigurationError: if it cannot listen on the address.
        """
        while True:
            listener = open_listener(host, port)
            if port or listener.getsockname()[1] not in self._closed_ports:
                return listener
            listener.close()

    def add(self, server: _TrackingServer) -> None:
        """Accept the connections of a server from now on."""
        with self._lock:
            self._servers.add(server)
            self._selector.register(server.socket, EVENT_READ, server)
            if not self._is_running:
                self._is_running = True
                Thread(target=self._run, name="fake_nova accepts connections", daemon=True).start()

    def remove(self, server: _TrackingServer) -> bool:
        """Accept no more connections of a server. Return False if it was removed before."""
        with self._lock:
            if server not in self._servers:
                return False
            self._servers.remove(server)
            if len(self._closed_ports) >= _MAX_CLOSED_PORTS:
                self._closed_ports.clear()
            self._closed_ports.add(server.server_address[1])
            self._selector.unregister(server.socket)
            return True

    def _run(self) -> None:
        while True:
            ready_servers = [key.data for key, _ in self._selector.select(_POLL_SECONDS)]
            with self._lock:
                for server in self._servers.intersection(ready_servers):
                    server.accept()
                self._is_running = bool(self._servers)
                if not self._is_running:
                    return


class ThreadServer:
    """A server for an application, on a port of its own, in threads of this process.

    It listens when the constructor returns. As a context manager it stops at the end of the block.

    Args:
        app: the WSGI application, such as the result of `fake_nova.create_app`.
        host: the address to listen on.
        port: the port to listen on; 0 picks a free one.
        acceptor: accepts its connections, and those of other servers; None for a thread of its own.
        tls: its TLS; None for plain HTTP.

    Attributes:
        url: the server's URL, such as ``http://127.0.0.1:40123``.
        is_stopped: whether the server has stopped.

    Raises:
        ConfigurationError: if it cannot listen on the address.
    """

    def __init__(
        self,
        app: WSGIApplication,
        host: str = "127.0.0.1",
        port: int = 0,
        acceptor: Acceptor | None = None,
        tls: ServerTls | None = None,
    ) -> None:
        self._acceptor: Final = acceptor or Acceptor()
        listener = self._acceptor.listen(host, port)
        scheme = "http" if tls is None else "https"
        self.url: Final = server_url(listener, scheme)
        self._server: Final = _TrackingServer(app, listener, tls)
        self.is_stopped = False
        self._acceptor.add(self._server)

    def replace_app(self, app: WSGIApplication) -> None:
        """Let another application respond to later requests, and end all connections."""
        self._server.app = app
        self._server.end_connections()

    def stop(self) -> None:
        """Stop listening, and end all connections; a second call does nothing."""
        self.is_stopped = True
        if self._acceptor.remove(self._server):  # only for the first of several threads that stop it
            self._server.end_connections()
            self._server.server_close()

    def __enter__(self) -> ThreadServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
