"""A Flask view that returns bytes, under gunicorn as ``fake-nova serve`` runs it: what every figure is held
against. ``python -m tests.speed.bare [FILE WITH THE BYTES]``
"""

from __future__ import annotations

import sys
from pathlib import Path

from fake_nova.server import listening_socket, serve, url_of
from tests.speed.subjects import constant


def main() -> None:
    """Serve until SIGTERM."""
    body = Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else b"{}"
    listener = listening_socket("127.0.0.1", 0)
    print(f"listens on {url_of(listener)}", flush=True)  # noqa: T201
    serve(constant(body), listener, 8, lambda: None)


if __name__ == "__main__":
    main()
