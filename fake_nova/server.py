"""Servers: gunicorn for people and CI, a thread for tests."""

from __future__ import annotations

import errno
import selectors
import socket
from collections.abc import Callable, Mapping
from threading import Lock, Thread
from time import sleep
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app
from werkzeug.wsgi import get_input_stream

from fake_nova.cloud import memory
from fake_nova.errors import Unusable

if TYPE_CHECKING:
    from flask import Flask


#: gunicorn's settings that the emulator needs; the rest are gunicorn's own defaults. Lists of 25 a second by
#: threads (medians, on a machine with other work), over eight connections that are kept: 3,906 by 1, 4,364 by
#: 2, 4,524 by 4, 4,409 by 8, 4,522 by 16; with a connection each 2,800, 3,139, 3,232, 3,103 and 2,482.
GUNICORN: Mapping[str, Any] = MappingProxyType(
    {
        "workers": 1,  # the cloud lives in the memory of one process
        "worker_class": "gthread",
        "preload_app": True,  # the cloud is seeded before the worker starts
        "timeout": 0,  # a worker that holds the only cloud is never killed for being slow
        "graceful_timeout": 5,  # seconds; idle connections are closed after two
        "keepalive": 75,
        "loglevel": "warning",
        "secure_scheme_headers": {},  # Nova ignores X-Forwarded-Proto; --trust-forwarded is our own switch
        "forwarded_allow_ips": "",
        "limit_request_line": 0,  # Nova takes longer URLs than gunicorn's default
        "limit_request_field_size": 0,
        "control_socket_disable": True,  # nothing else of gunicorn's is to listen
    }
)


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens on *host* and *port*; port 0 takes a free one.

    Raises:
        Unusable: it cannot; the message says why, and at once.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise Unusable(f"host: {host!r} is no address of this machine: {error.strerror}") from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        why = error.strerror
        if error.errno == errno.EADDRINUSE:
            why = "another process has it; choose another port, or 0 for a free one"
        raise Unusable(f"port: {host}:{port} cannot be listened on: {why}") from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the URL of what listens there."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


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


def serve(
    app: Flask, listener: socket.socket, threads: int, ready: Callable[[], None], name: str = "gunicorn"
) -> None:
    """Run the application until SIGTERM or SIGINT: one process, several threads.

    Args:
        app: what `fake_nova.create_app` returned.
        listener: what `listening_socket` returned.
        threads: how many requests are answered at the same time.
        ready: called once when it listens.
            name: of `SERVERS`.

    Raises:
        Unusable: the server is not installed.
    """
    memory.own_process()
    SERVERS[name](app, listener, threads, ready)


def _gunicorn(app: Flask, listener: socket.socket, threads: int, ready: Callable[[], None]) -> None:
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415  # a thread server does without gunicorn
    from gunicorn.errors import HaltServer  # noqa: PLC0415

    def worker_gone(arbiter: Any, _: object) -> None:
        if arbiter.LISTENERS:  # it is not stopping: another worker would begin from the seed again, unnoticed
            raise HaltServer("the process that held the cloud has died, and the cloud with it", 1)

    class Application(BaseApplication):
        def load_config(self) -> None:
            for name, value in GUNICORN.items():
                self.cfg.set(name, value)
            self.cfg.set("bind", f"fd://{listener.fileno()}")
            self.cfg.set("threads", threads)
            self.cfg.set("when_ready", lambda _: ready())
            self.cfg.set("child_exit", worker_gone)

        def load(self) -> Any:
            return app

    Application().run()


def _granian(app: Flask, listener: socket.socket, threads: int, ready: Callable[[], None]) -> None:
    try:
        from granian import Granian  # noqa: PLC0415  # an extra, for those who test with load
        from granian.constants import Interfaces  # noqa: PLC0415
    except ImportError as error:
        raise Unusable("server: granian is not installed; pip install 'fake_nova[granian]'") from error
    host, port = listener.getsockname()[:2]
    listener.close()  # granian opens its own
    server = Granian(
        "fake_nova",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,  # the cloud lives in the memory of one process, which is forked off this one
        blocking_threads=threads,
        backlog=2048,
        log_enabled=False,
    )

    def listens() -> None:
        """Be ready when it listens, which its process does a moment after granian says so."""
        while True:
            try:
                socket.create_connection((host, port), timeout=5).close()
            except ConnectionRefusedError:
                sleep(0.005)
            else:
                ready()
                return

    server.on_startup(Thread(target=listens, daemon=True).start)
    server.serve(target_loader=lambda: app, wrap_loader=False)


Serve = Callable[["Flask", socket.socket, int, Callable[[], None]], None]

#: Name of a setting ``server`` -> what runs the application.
SERVERS: Mapping[str, Serve] = MappingProxyType({"gunicorn": _gunicorn, "granian": _granian})
