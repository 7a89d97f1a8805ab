"""The gunicorn server: one worker process with many threads."""

from __future__ import annotations

import logging
import os
import resource
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from gunicorn.app.base import BaseApplication
from gunicorn.errors import HaltServer
from gunicorn.glogging import Logger
from gunicorn.workers import base

from fake_nova.serving import signals, sockets
from fake_nova.serving.gunicorn_worker import HeadFirstWorker
from fake_nova.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from fake_nova.serving.tls import ServerTls

#: The gunicorn settings that the emulator needs; all others keep gunicorn's defaults.
GUNICORN_SETTINGS: Final[Mapping[str, Any]] = {
    "workers": 1,  # the cloud lives in the memory of one process
    "preload_app": True,  # the cloud is seeded before the worker starts
    "timeout": 0,  # never kill a slow worker: it holds the only cloud
    "graceful_timeout": 5,  # seconds that requests in flight have to finish when the server stops
    "keepalive": 75,
    "loglevel": "warning",
    "secure_scheme_headers": {},  # Nova ignores X-Forwarded-Proto; --trust-forwarded is our own option
    "forwarded_allow_ips": "",
    "limit_request_line": 0,  # Nova accepts longer URLs than gunicorn's default
    "limit_request_field_size": 16_384,  # Nova's max_header_line; 0 would be 8,190 in gunicorn 27
    "backlog": sockets.BACKLOG,
    "control_socket_disable": True,  # gunicorn must not listen elsewhere
}

#: The number of file descriptors reserved for other uses than connections.
_RESERVED_FDS: Final = 64

#: The maximum number of simultaneous connections.
_MAX_CONNECTIONS: Final = 4096


def serve(
    app: WSGIApplication,
    bound_socket: socket.socket,
    settings: Settings,
    on_ready: Callable[[], None],
    tls: ServerTls | None,
) -> None:
    """Serve with gunicorn until a signal stops it; see `fake_nova.serving.serve`."""
    initial_sighup_handler = signal.getsignal(signal.SIGHUP)
    max_connections = _raise_max_connections()
    sockets.listen(bound_socket)
    sockets.set_idle_timeout(bound_socket, settings.body_timeout)
    _allow_read_only_file_system()

    def on_child_exit(arbiter: Any, _: object) -> None:
        if arbiter.LISTENERS:  # not stopping; a new worker would silently start from the seed
            raise HaltServer(signals.CLOUD_LOST_MESSAGE, 1)

    def on_worker_init(_: Any) -> None:
        signals.ignore((*signals.IGNORED_SIGNALS, signal.SIGHUP, signal.SIGINT))  # its parent stops it
        _pin_to_one_cpu()
        on_ready()

    def on_worker_exit(_: Any, __: object) -> None:
        logging.shutdown()
        os._exit(0)  # does not wait for threads with stalled bodies

    gunicorn_settings = {
        **GUNICORN_SETTINGS,
        "worker_class": _worker_class(settings, tls),
        "logger_class": _PropagatingLogger,
        "bind": f"fd://{bound_socket.detach()}",  # gunicorn closes it
        "worker_connections": max_connections,
        "threads": min(settings.threads, max_connections // 2),
        "when_ready": lambda _: signals.install_graceful_stop(initial_sighup_handler),
        "post_worker_init": on_worker_init,
        "worker_exit": on_worker_exit,
        "child_exit": on_child_exit,
    }
    _Server(app, gunicorn_settings).run()


def _worker_class(settings: Settings, tls: ServerTls | None) -> type[HeadFirstWorker]:
    """Return the class of the worker, with its time limits and its TLS."""
    if tls is None:
        return type("Worker", (HeadFirstWorker,), {"head_timeout": settings.head_timeout})
    from fake_nova.serving.gunicorn_tls_worker import TlsWorker  # noqa: PLC0415  # needed only with TLS

    limits = {"head_timeout": settings.head_timeout, "body_timeout": settings.body_timeout}
    return type("Worker", (TlsWorker,), {**limits, "tls": tls})


def _raise_max_connections() -> int:
    """Return how many simultaneous connections the limit of open files allows, at most 4,096.

    If the limit is low, as it is by default on macOS, raise it for this process first.
    """
    required_fds = _MAX_CONNECTIONS + _RESERVED_FDS
    soft_limit, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft_limit != resource.RLIM_INFINITY and soft_limit < required_fds:
        soft_limit = required_fds if hard_limit == resource.RLIM_INFINITY else min(required_fds, hard_limit)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft_limit, hard_limit))
    if soft_limit == resource.RLIM_INFINITY:
        return _MAX_CONNECTIONS
    return max(4, min(soft_limit - _RESERVED_FDS, _MAX_CONNECTIONS))


class _Server(BaseApplication):
    """gunicorn's application object, with settings from a mapping."""

    def __init__(self, app: WSGIApplication, settings: Mapping[str, Any]) -> None:
        self._app: Final = app
        self._settings: Final = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._app


class _PropagatingLogger(Logger):
    """gunicorn's logger, with the handlers of the emulator's log."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class _NoHeartbeat:
    """A replacement for gunicorn's heartbeat file, which gunicorn does not read if `timeout` is 0."""

    def __init__(self, _: object) -> None:
        self._fd: Final = os.open(os.devnull, os.O_RDONLY)

    def fileno(self) -> int:
        return self._fd

    def notify(self) -> None:
        """Do nothing."""

    def last_update(self) -> float:
        return monotonic()

    def close(self) -> None:
        os.close(self._fd)


def _allow_read_only_file_system() -> None:
    """Make gunicorn run without its heartbeat file if no folder for temporary files is writable."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        base.WorkerTmp = _NoHeartbeat  # type: ignore[attr-defined,assignment]  # gunicorn has no setting for it


def _pin_to_one_cpu() -> None:
    """Pin the threads of this process to one CPU.

    Python runs one thread at a time. On several CPUs the threads wake each other at every system call, and
    the server responds to half as many requests in a second.
    """
    if sys.platform == "linux":
        cpus = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cpus[os.getpid() % len(cpus)]})
