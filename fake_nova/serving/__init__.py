"""Servers for people and CI: gunicorn, or granian."""

from __future__ import annotations

import socket
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from fake_nova.cloud import gc_tuning
from fake_nova.errors import ConfigurationError
from fake_nova.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def serve(
    app: WSGIApplication, bound_socket: socket.socket, settings: Settings, on_ready: Callable[[], None]
) -> None:
    """Run the application until SIGTERM or SIGINT: one process, several threads.

    Args:
        app: what `fake_nova.create_app` or `fake_nova.serving.wsgi.standalone_application` returned.
        bound_socket: what `fake_nova.serving.sockets.bind_socket` returned; the server closes it.
        settings: which server, how many threads, and the time limits of requests.
        on_ready: called once when the server listens.

    Raises:
        ConfigurationError: if the server is not installed, or another process has taken the port.
    """
    gc_tuning.freeze_for_server()
    try:
        server = import_module(f"fake_nova.serving.{settings.server}")
    except ImportError as error:
        if error.name != settings.server:
            raise
        raise ConfigurationError(
            f"server: not installed (got {settings.server}); expected the extra: "
            f"pip install 'fake_nova[{settings.server}]'"
        ) from error
    server.serve(app, bound_socket, settings, on_ready)
