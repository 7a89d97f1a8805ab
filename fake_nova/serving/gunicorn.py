"""gunicorn as the server: one worker process, its threads, and its settings."""

from __future__ import annotations

import logging
import os
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

#: gunicorn's settings that the emulator needs; the rest are its own defaults.
GUNICORN_SETTINGS: Final[Mapping[str, Any]] = {
    "workers": 1,  # the cloud lives in the memory of one process
    "preload_app": True,  # the cloud is seeded before the worker starts
    "timeout": 0,  # a worker that holds the only cloud is never killed for being slow
    "graceful_timeout": 5,  # seconds that requests in flight have at the end
    "keepalive": 75,
    "loglevel": "warning",
    "secure_scheme_headers": {},  # Nova ignores X-Forwarded-Proto; --trust-forwarded is our own switch
    "forwarded_allow_ips": "",
    "limit_request_line": 0,  # Nova takes longer URLs than gunicorn's default
    "limit_request_field_size": 16_384,  # Nova's max_header_line; 0 would be 8,190 in gunicorn 27
    "backlog": sockets.BACKLOG,
    "control_socket_disable": True,  # nothing else of gunicorn's is to listen
}


def serve(
    app: WSGIApplication, bound_socket: socket.socket, settings: Settings, on_ready: Callable[[], None]
) -> None:
    """Serve under gunicorn until a signal ends it; see `fake_nova.serving.serve`."""
    initial_sighup_handler = signal.getsignal(signal.SIGHUP)
    max_connections = sockets.max_connections()
    sockets.listen(bound_socket)
    sockets.set_idle_timeout(bound_socket, settings.body_timeout)
    _allow_read_only_file_system()

    class Worker(HeadFirstWorker):
        head_timeout = settings.head_timeout

    def on_child_exit(arbiter: Any, _: object) -> None:
        if arbiter.LISTENERS:  # it is not stopping: another worker would begin from the seed again, unnoticed
            raise HaltServer(signals.CLOUD_LOST_MESSAGE, 1)

    def on_arbiter_ready(_: Any) -> None:
        signals.install_graceful_stop(initial_sighup_handler)

    def on_worker_init(_: Any) -> None:
        signals.ignore((*signals.IGNORED_SIGNALS, signal.SIGHUP, signal.SIGINT))  # its parent ends it
        _pin_to_one_cpu()
        on_ready()

    def on_worker_exit(_: Any, __: object) -> None:
        logging.shutdown()
        os._exit(0)  # a thread that waits for a stalled body holds up nothing

    _Server(
        app,
        {
            **GUNICORN_SETTINGS,
            "worker_class": Worker,
            "logger_class": _PropagatingLogger,
            "bind": f"fd://{bound_socket.detach()}",  # gunicorn closes it
            "worker_connections": max_connections,
            "threads": min(settings.threads, max_connections // 2),
            "when_ready": on_arbiter_ready,
            "post_worker_init": on_worker_init,
            "worker_exit": on_worker_exit,
            "child_exit": on_child_exit,
        },
    ).run()


class _Server(BaseApplication):
    """gunicorn, with its settings."""

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
    """gunicorn's log, written by the handlers of the emulator's own."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class _NoHeartbeat:
    """Stands for the file by which gunicorn sees that a worker is alive; with `timeout` 0 it never looks."""

    def __init__(self, _: object) -> None:
        self._fd: Final = os.open(os.devnull, os.O_RDONLY)

    def fileno(self) -> int:
        return self._fd

    def notify(self) -> None:
        """Write nothing."""

    def last_update(self) -> float:
        return monotonic()

    def close(self) -> None:
        os.close(self._fd)


def _allow_read_only_file_system() -> None:
    """Let gunicorn run where no file can be written."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        base.WorkerTmp = _NoHeartbeat  # type: ignore[attr-defined,assignment]  # there is no setting for it


def _pin_to_one_cpu() -> None:
    """Keep the threads of this process on one CPU.

    Python runs one of them at a time; on several CPUs they wake each other at every system call. Measured
    with gunicorn 27.0.1 and Python 3.11 on two CPUs (lists of 25, eight kept connections, eight threads): on
    both CPUs 3,300 requests a second at 338 µs of CPU each, on one 7,100 at 145 µs (`scripts/bench sockets`).
    """
    if sys.platform == "linux":
        cpus = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cpus[os.getpid() % len(cpus)]})
