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
GUNICORN: Final[Mapping[str, Any]] = {
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


def serve(app: WSGIApplication, bound: socket.socket, settings: Settings, ready: Callable[[], None]) -> None:
    """Serve under gunicorn until a signal ends it; see `fake_nova.serving.serve`."""
    hung_up = signal.getsignal(signal.SIGHUP)
    connections = sockets.most_connections()
    sockets.listen(bound)
    sockets.limit_silence(bound, settings.body_timeout)
    _do_without_files()

    class Worker(HeadFirstWorker):
        head_timeout = settings.head_timeout

    def worker_gone(arbiter: Any, _: object) -> None:
        if arbiter.LISTENERS:  # it is not stopping: another worker would begin from the seed again, unnoticed
            raise HaltServer(signals.CLOUD_LOST, 1)

    def listening(_: Any) -> None:
        signals.end_gracefully(hung_up)

    def worker_started(_: Any) -> None:
        signals.ignore((*signals.NO_OTHER_PROCESS, signal.SIGHUP, signal.SIGINT))  # its parent ends it
        _stay_on_one_cpu()
        ready()

    def worker_done(_: Any, __: object) -> None:
        logging.shutdown()
        os._exit(0)  # a thread that waits for a stalled body holds up nothing

    class Application(BaseApplication):
        def load_config(self) -> None:
            for name, value in GUNICORN.items():
                self.cfg.set(name, value)
            self.cfg.set("worker_class", Worker)
            self.cfg.set("logger_class", _Log)
            self.cfg.set("bind", f"fd://{bound.detach()}")  # gunicorn closes it
            self.cfg.set("worker_connections", connections)
            self.cfg.set("threads", min(settings.threads, connections // 2))
            self.cfg.set("when_ready", listening)
            self.cfg.set("post_worker_init", worker_started)
            self.cfg.set("worker_exit", worker_done)
            self.cfg.set("child_exit", worker_gone)

        def load(self) -> Any:
            return app

    Application().run()


class _Log(Logger):
    """gunicorn's log, written by the handlers of the emulator's own."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class _NoHeartbeat:
    """Stands for the file by which gunicorn sees that a worker is alive; with `timeout` 0 it never looks."""

    def __init__(self, _: object) -> None:
        self._file: Final = os.open(os.devnull, os.O_RDONLY)

    def fileno(self) -> int:
        return self._file

    def notify(self) -> None:
        """Write nothing."""

    def last_update(self) -> float:
        return monotonic()

    def close(self) -> None:
        os.close(self._file)


def _do_without_files() -> None:
    """Let gunicorn run where no file can be written."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        base.WorkerTmp = _NoHeartbeat  # type: ignore[attr-defined,assignment]  # there is no setting for it


def _stay_on_one_cpu() -> None:
    """Keep the threads of this process on one CPU.

    Python runs one of them at a time; on several CPUs they wake each other at every system call. Measured
    with gunicorn 27.0.1 and Python 3.11 on two CPUs (lists of 25, eight kept connections, eight threads): on
    both CPUs 3,300 requests a second at 338 µs of CPU each, on one 7,100 at 145 µs (`scripts/bench sockets`).
    """
    if sys.platform == "linux":
        cpus = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cpus[os.getpid() % len(cpus)]})
