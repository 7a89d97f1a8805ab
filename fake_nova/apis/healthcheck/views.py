"""Whether the emulator can be asked."""

from __future__ import annotations

from fake_nova.wire.response import Response
from fake_nova.wire.service import Context

_TEXT_HEADERS = (("Content-Type", "text/plain; charset=UTF-8"),)


def show(context: Context) -> Response:
    """Say OK once the fixtures are in; 503 until then."""
    if context.emulator.ready:
        return Response(200, _TEXT_HEADERS, b"OK")
    return Response(503, _TEXT_HEADERS, b"The emulator is still loading its fixtures.")
