"""Serves one real service on loopback: ``python real_service.py MODULE PORT``. Runs in the environment of the services.

The services read ``sys.argv``, so it names nothing but the module.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server


class QuietHandler(WSGIRequestHandler):
    """A handler that keeps connections open and writes no log."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        """Write nothing."""


def main() -> None:
    """Serve until the process is ended."""
    module, port = sys.argv[1:]
    sys.argv = [module]
    application = import_module(module).application
    make_server(
        "127.0.0.1", int(port), application, threaded=True, request_handler=QuietHandler
    ).serve_forever()


if __name__ == "__main__":
    main()
