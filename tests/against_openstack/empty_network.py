"""An empty network service, which Nova asks for the security groups of servers when it shows them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer with an empty list under the name that the path ends with."""
        name = self.path.partition("?")[0].rsplit("/", 1)[-1].removesuffix(".json").replace("-", "_")
        body = json.dumps({name: []}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Write nothing."""


@contextmanager
def running() -> Iterator[str]:
    """Run the service on loopback until the end of the block, and yield its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
