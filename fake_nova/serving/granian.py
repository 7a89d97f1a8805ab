"""granian as the server: an extra, for tests with load."""

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

#: Seconds that requests in flight have at the end.
_GRACE: Final = 5

_log = logging.getLogger("fake_nova")


def serve(app: WSGIApplication, bound: socket.socket, settings: Settings, ready: Callable[[], None]) -> None:
    """Serve under granian until a signal ends it; see `fake_nova.serving.serve`.

    granian has no time limit for bodies: a body that stops half way holds one of the threads.
    """
    host, port = bound.getsockname()[:2]
    sockets.listen(bound)  # says so if the port is taken
    bound.close()  # granian opens its own
    multiprocessing.set_start_method("fork", force=True)  # the child has the cloud of this process
    hung_up = signal.getsignal(signal.SIGHUP)
    parent_lives, parent = os.pipe()
    server = Granian(
        "fake_nova",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,  # the cloud lives in the memory of one process, which is forked off this one
        blocking_threads=settings.threads,
        backlog=sockets.BACKLOG,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=round(settings.head_timeout * 1000)),
        workers_kill_timeout=_GRACE,
        log_enabled=False,
    )

    def load() -> WSGIApplication:
        """Return the application; runs in the process that serves it."""
        os.close(parent)
        Thread(target=_end_with_parent, args=(parent_lives,), daemon=True).start()
        Thread(target=_call_when_listening, args=(host, port, ready), daemon=True).start()
        return app

    server.on_startup(lambda: signals.end_gracefully(hung_up))
    try:
        server.serve(target_loader=load, wrap_loader=False)
    except SystemExit as ended:
        if ended.code:
            _log.error("%s", signals.CLOUD_LOST)
            sys.exit(1)


def _end_with_parent(parent_lives: int) -> None:
    """End this process when the parent has died, and with it its end of the pipe."""
    os.read(parent_lives, 1)
    os._exit(1)


def _call_when_listening(host: str, port: int, ready: Callable[[], None]) -> None:
    """Call *ready* when the server accepts connections, which is a moment after granian says so."""
    while True:
        try:
            socket.create_connection((host, port), timeout=5).close()
        except OSError:
            sleep(0.005)
        else:
            ready()
            return
