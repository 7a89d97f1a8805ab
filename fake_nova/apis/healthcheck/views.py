"""Whether the emulator can be asked."""

from __future__ import annotations

from fake_nova.wire.call import Answer, Call

_TEXT = (("Content-Type", "text/plain; charset=UTF-8"),)


def show(call: Call) -> Answer:
    """Say OK once the fixtures are in; 503 until then."""
    if call.emulator.ready:
        return Answer(200, _TEXT, b"OK")
    return Answer(503, _TEXT, b"The emulator is still loading its fixtures.")
