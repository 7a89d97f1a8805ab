"""The granian server, an extra for load tests."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING, Final

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from fake_nova.serving import signals, sockets
from fake_nova.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from fake_nova.serving.certificates import CertificateFiles
    from fake_nova.serving.tls import ServerTls

#: Seconds that requests in flight have to finish when the server stops.
_GRACE_SECONDS: Final = 5

_log = logging.getLogger("fake_nova")


def serve(
    app: WSGIApplication,
    bound_socket: socket.socket,
    settings: Settings,
    on_ready: Callable[[], None],
    tls: ServerTls | None,
) -> None:
    """Serve with granian until a signal stops it; see `fake_nova.serving.serve`.

    granian has no time limit for bodies: each stalled body occupies one of the threads.
    """
    if tls is None:
        _serve(app, bound_socket, settings, on_ready, None)
        return
    with tls.files() as files:
        _serve(app, bound_socket, settings, on_ready, files)


def _serve(
    app: WSGIApplication,
    bound_socket: socket.socket,
    settings: Settings,
    on_ready: Callable[[], None],
    files: CertificateFiles | None,
) -> None:
    """Serve as `serve` does, with the certificate in *files*, if there are any."""
    host, port = bound_socket.getsockname()[:2]
    sockets.listen(bound_socket)  # raises if the port is in use
    bound_socket.close()  # granian opens a socket of its own
    multiprocessing.set_start_method("fork", force=True)  # the child inherits the cloud
    initial_sighup_handler = signal.getsignal(signal.SIGHUP)
    lifeline_read_fd, lifeline_write_fd = os.pipe()
    server = Granian(
        "fake_nova",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,  # the cloud lives in the memory of one process, a fork of this one
        blocking_threads=settings.threads,
        backlog=sockets.BACKLOG,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=round(settings.head_timeout * 1000)),
        workers_kill_timeout=_GRACE_SECONDS,
        log_enabled=False,
        ssl_cert=files and files.chain,
        ssl_key=files and files.key,
    )

    def load_app() -> WSGIApplication:
        """Return the application; granian calls this in the worker process."""
        os.close(lifeline_write_fd)
        Thread(target=_exit_with_parent, args=(lifeline_read_fd,), daemon=True).start()
        Thread(target=_call_when_listening, args=(host, port, on_ready), daemon=True).start()
        return app

    server.on_startup(lambda: signals.install_graceful_stop(initial_sighup_handler))
    try:
        server.serve(target_loader=load_app, wrap_loader=False)
    except SystemExit as system_exit:
        if system_exit.code:
            _log.error("%s", signals.CLOUD_LOST_MESSAGE)
            sys.exit(1)


def _exit_with_parent(lifeline_read_fd: int) -> None:
    """Exit when the parent process dies, which closes its end of the pipe."""
    os.read(lifeline_read_fd, 1)
    os._exit(1)


def _call_when_listening(host: str, port: int, on_ready: Callable[[], None]) -> None:
    """Call *on_ready* when the server accepts connections, shortly after granian's own startup hook."""
    while True:
        try:
            socket.create_connection((host, port), timeout=5).close()
        except OSError:
            sleep(0.005)
        else:
            on_ready()
            return
