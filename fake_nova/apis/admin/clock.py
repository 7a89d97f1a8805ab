"""The clock of a scope."""

from __future__ import annotations

from fake_nova.apis.admin import body
from fake_nova.cloud.clock import ClockMode
from fake_nova.documents.clock import ClockDocument, clock_document
from fake_nova.wire import nova_errors
from fake_nova.wire.call import Answer, Call


def show(call: Call) -> Answer:
    """Say how the clock goes and what it shows."""
    return nova_errors.document(clock_document(call.cloud.clock))


def change(call: Call) -> Answer:
    """Set the clock: its mode, what it shows, or how far to move it ahead."""
    asked = body.loaded(ClockDocument(), body.json_or_form(call))
    clock, seconds = call.cloud.clock, asked.get("advance", 0)
    if "mode" in asked or "now" in asked:
        clock.go(asked.get("mode", ClockMode.FROZEN), asked.get("now"), seconds)
    else:
        clock.advance(seconds)
    return show(call)
