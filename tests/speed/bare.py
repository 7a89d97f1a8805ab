"""What figures over sockets are compared with: a constant answer, served as ``fake-nova serve`` would serve it.

``python -m tests.speed.bare [FILE] [--callable] [--server NAME]``: a Flask view that returns the body, or a bare
WSGI callable that returns the body and the headers. FILE is JSON with ``headers`` and ``body``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from fake_nova.serving import serve
from fake_nova.serving.sockets import bind_socket, server_url
from fake_nova.settings import Settings
from tests.speed.subjects import constant, constant_callable


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--callable", action="store_true")
    parser.add_argument("--server", default="gunicorn")
    options = parser.parse_args()
    answer = json.loads(options.file.read_text()) if options.file else {"body": "{}"}
    body = answer["body"].encode()
    app = (
        constant_callable([tuple(pair) for pair in answer["headers"]], body)
        if options.callable
        else constant(body)
    )
    bound = bind_socket("127.0.0.1", 0)
    url = server_url(bound)

    def ready() -> None:
        print(f"listens on {url}", flush=True)  # noqa: T201

    serve(app, bound, Settings(server=options.server), ready)


if __name__ == "__main__":
    main()
