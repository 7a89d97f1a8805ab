"""The servers: gunicorn or granian for `fake-nova serve`, and a thread server for tests."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Final

from fake_nova.errors import ConfigurationError
from fake_nova.settings import Settings
from fake_nova.support import gc_tuning
from fake_nova.support.messages import quote_python

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from fake_nova.serving.tls import ServerTls


#: The parts of Unix that both servers need.
_UNIX_NAMES: Final = ((os, "fork"), (signal, "SIGHUP"), (signal, "SIGUSR1"))
_UNIX_MODULES: Final = ("fcntl", "resource")


def check_unix() -> None:
    """Check that this system has what the servers need.

    Raises:
        ConfigurationError: if it lacks them, as Windows does.
    """
    missing = [f"{module.__name__}.{name}" for module, name in _UNIX_NAMES if not hasattr(module, name)]
    for name in _UNIX_MODULES:
        try:
            import_module(name)
        except ImportError:
            missing.append(name)
    if missing:
        raise ConfigurationError(
            f"serve: this system lacks {', '.join(missing)} (got {sys.platform}); "
            "expected Linux, macOS or WSL. The pytest plugin and fake_nova.FakeNova run here too"
        )


def serve(
    app: WSGIApplication,
    bound_socket: socket.socket,
    settings: Settings,
    on_ready: Callable[[], None],
    tls: ServerTls | None = None,
) -> None:
    """Serve an application until SIGTERM or SIGINT, in one process with several threads.

    Args:
        app: the result of `fake_nova.create_app` or `fake_nova.serving.wsgi.standalone_application`.
        bound_socket: the result of `fake_nova.serving.sockets.bind_socket`; the server closes it.
        settings: the choice of server, its number of threads and its time limits.
        on_ready: called once, when the server listens.
        tls: its TLS; None for plain HTTP.

    Raises:
        ConfigurationError: if the server is not installed, or another process uses the port.
    """
    gc_tuning.freeze_for_server()
    try:
        server = import_module(f"fake_nova.serving.{settings.server}")
    except ImportError as error:
        if error.name != settings.server:
            raise
        raise ConfigurationError(
            f"server: not installed (got {quote_python(settings.server)}); expected the extra: "
            f"pip install 'fake_nova[{settings.server}]'"
        ) from error
    server.serve(app, bound_socket, settings, on_ready, tls)
