"""The answer to a client that looks for the image service's own API."""

from __future__ import annotations

from fake_nova.wire import faults
from fake_nova.wire.call import Answer, Call


def no_route(call: Call) -> Answer:
    """404 in the image service's words."""
    return faults.negotiated(404, faults.NOT_FOUND, call.header("Accept"), head=call.method == "HEAD")


def error(_: Call, __: Exception) -> Answer | None:
    """Nothing here raises."""
    return None


def on_anything(_: Call, __: Answer) -> str:
    """Say what is missing."""
    return "The image service's own API is not emulated; images are at /v2.1/images."
