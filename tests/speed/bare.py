"""A Flask view that returns bytes, under gunicorn as ``fake-nova serve`` runs it: what every figure is held
against. ``python -m tests.speed.bare [FILE WITH THE BYTES]``
"""

from __future__ import annotations

import sys
from pathlib import Path

from fake_nova.serving import serve
from fake_nova.serving.sockets import bound_socket, url_of
from fake_nova.settings import Settings
from tests.speed.subjects import constant


def main() -> None:
    """Serve until SIGTERM."""
    body = Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else b"{}"
    bound = bound_socket("127.0.0.1", 0)
    url = url_of(bound)

    def ready() -> None:
        print(f"listens on {url}", flush=True)  # noqa: T201

    serve(constant(body), bound, Settings(), ready)


if __name__ == "__main__":
    main()
