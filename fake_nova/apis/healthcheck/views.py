"""The view of the health check."""

from __future__ import annotations

from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

_TEXT_HEADERS = (("Content-Type", "text/plain; charset=UTF-8"),)


def show(context: Context) -> Response:
    """Respond 200 if the fixtures are loaded, else 503."""
    if context.emulator.ready:
        return Response(200, _TEXT_HEADERS, b"OK")
    return Response(503, _TEXT_HEADERS, b"The emulator is still loading its fixtures.")
