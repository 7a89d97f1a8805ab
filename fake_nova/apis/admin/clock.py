"""Views that show and set the clock of a cloud."""

from __future__ import annotations

from fake_nova.apis.admin import body
from fake_nova.cloud.clock import ClockMode
from fake_nova.documents.clock import ClockSchema, serialize_clock
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response


def show(context: Context) -> Response:
    """Show the clock's mode and its time."""
    return json_response(serialize_clock(context.cloud.clock))


def update(context: Context) -> Response:
    """Set the clock's mode or time, or advance it by some seconds."""
    values = body.load(ClockSchema(), body.parse_json_or_form(context))
    clock = context.cloud.clock
    seconds = values.get("advance", 0)
    if "mode" in values or "now" in values:
        clock.set(values.get("mode", ClockMode.FROZEN), values.get("now"), seconds)
    else:
        clock.advance(seconds)
    return show(context)
