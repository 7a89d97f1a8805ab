"""The servers that `fake-nova serve` runs: gunicorn or granian."""

from __future__ import annotations

import socket
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from fake_nova.cloud import gc_tuning
from fake_nova.errors import ConfigurationError, quote_value
from fake_nova.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def serve(
    app: WSGIApplication, bound_socket: socket.socket, settings: Settings, on_ready: Callable[[], None]
) -> None:
    """Serve an application until SIGTERM or SIGINT, in one process with several threads.

    Args:
        app: the result of `fake_nova.create_app` or `fake_nova.serving.wsgi.standalone_application`.
        bound_socket: the result of `fake_nova.serving.sockets.bind_socket`; the server closes it.
        settings: the choice of server, its number of threads and its time limits.
        on_ready: called once, when the server listens.

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
            f"server: not installed (got {quote_value(settings.server)}); expected the extra: "
            f"pip install 'fake_nova[{settings.server}]'"
        ) from error
    server.serve(app, bound_socket, settings, on_ready)
