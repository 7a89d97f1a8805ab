"""Servers for people and CI: gunicorn, or granian."""

from __future__ import annotations

import errno
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from threading import Thread
from time import sleep
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from fake_nova.cloud import memory
from fake_nova.errors import Unusable

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


#: gunicorn's settings that the emulator needs; the rest are its own defaults. Lists of 25 a second with
#: 1, 2, 4, 8 and 16 threads (medians, two CPUs, eight clients):
#:
#: ============================  =====  =====  =====  =====  =====
#: threads that                      1      2      4      8     16
#: ============================  =====  =====  =====  =====  =====
#: take turns, connections kept  5,867  5,482  5,374  5,424  5,524
#: take turns, one each          3,624  3,816  3,563  3,732  3,664
#: gunicorn's own, kept          5,763  4,474  3,795  3,655  3,596
#: gunicorn's own, one each      3,993  3,374  2,734  2,804  2,961
#: ============================  =====  =====  =====  =====  =====
GUNICORN: Mapping[str, Any] = MappingProxyType(
    {
        "workers": 1,  # the cloud lives in the memory of one process
        "worker_class": "fake_nova.worker.TurnsWorker",
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
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", error)
        raise Unusable(f"host: {host!r} is no address of this machine: {why}") from error
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


def serve(
    app: WSGIApplication,
    listener: socket.socket,
    threads: int,
    ready: Callable[[], None],
    name: str = "gunicorn",
) -> None:
    """Run the application until SIGTERM or SIGINT: one process, several threads.

    Args:
        app: what `fake_nova.create_app` or `fake_nova.front.alone` returned.
        listener: what `listening_socket` returned.
        threads: how many requests are answered at the same time.
        ready: called once when it listens.
        name: of `SERVERS`.

    Raises:
        Unusable: the server is not installed.
    """
    memory.own_process()
    SERVERS[name](app, listener, threads, ready)


def _gunicorn(app: WSGIApplication, listener: socket.socket, threads: int, ready: Callable[[], None]) -> None:
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415  # a thread server does without gunicorn
    from gunicorn.errors import HaltServer  # noqa: PLC0415

    hung_up = signal.getsignal(signal.SIGHUP)

    def worker_gone(arbiter: Any, _: object) -> None:
        if arbiter.LISTENERS:  # it is not stopping: another worker would begin from the seed again, unnoticed
            raise HaltServer("the process that held the cloud has died, and the cloud with it", 1)

    def listening(_: Any) -> None:
        _tame_signals(hung_up)
        ready()

    class Application(BaseApplication):
        def load_config(self) -> None:
            for name, value in GUNICORN.items():
                self.cfg.set(name, value)
            self.cfg.set("bind", f"fd://{listener.fileno()}")
            self.cfg.set("threads", threads)
            self.cfg.set("when_ready", listening)
            self.cfg.set("post_worker_init", lambda _: _tame_signals_of_worker())
            self.cfg.set("child_exit", worker_gone)

        def load(self) -> Any:
            return app

    Application().run()


#: Signals at which gunicorn would start another process, with a cloud of its own, or end this one's.
_NO_OTHER_PROCESS: Sequence[signal.Signals] = (
    signal.SIGTTIN,
    signal.SIGTTOU,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGWINCH,
)


def _tame_signals(hung_up: Any) -> None:
    """Let SIGHUP end the server as SIGTERM does, unless *hung_up* says that nohup started it."""
    for number in _NO_OTHER_PROCESS:
        signal.signal(number, signal.SIG_IGN)
    ends = signal.SIG_IGN if hung_up is signal.SIG_IGN else lambda *_: signal.raise_signal(signal.SIGTERM)
    signal.signal(signal.SIGHUP, ends)


def _tame_signals_of_worker() -> None:
    """Leave it to the process above to end this one; a terminal that is closed tells both."""
    for number in (*_NO_OTHER_PROCESS, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _granian(app: WSGIApplication, listener: socket.socket, threads: int, ready: Callable[[], None]) -> None:
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


Serve = Callable[["WSGIApplication", socket.socket, int, Callable[[], None]], None]

#: Name of a setting ``server`` -> what runs the application.
SERVERS: Mapping[str, Serve] = MappingProxyType({"gunicorn": _gunicorn, "granian": _granian})
