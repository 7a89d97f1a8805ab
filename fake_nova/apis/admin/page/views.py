"""The view of the page."""

from __future__ import annotations

from fake_nova.wire.context import Context
from fake_nova.wire.response import Response


def show(context: Context) -> Response:
    """Show the page or a file of it, or redirect to it. This needs no admin token; the data does."""
    from fake_nova.apis.admin.page import rendering  # noqa: PLC0415  # Jinja2 is slow to import

    return rendering.respond(context)
