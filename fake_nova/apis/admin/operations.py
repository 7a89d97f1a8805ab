"""The view of the operations that a fault can match."""

from __future__ import annotations

from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response


def index(context: Context) -> Response:
    """List the operations that faults can match, each with one of its routes."""
    rows = {
        route.operation: {
            "name": route.operation,
            "method": route.method,
            "path": route.path,
            "service": service.name,
            "summary": route.summary,
        }
        for service in context.router.services()
        for route in context.router.routes_of(service)
        if route.operation in context.router.operations
    }
    return json_response({"operations": [rows[name] for name in sorted(rows)]})
