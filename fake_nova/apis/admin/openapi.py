"""Views that show the OpenAPI documents of the admin API and of the emulated services."""

from __future__ import annotations

from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response


def show(context: Context) -> Response:
    """Show the OpenAPI 3.1 document of the admin API, or of the emulated services."""
    from fake_nova.apis.admin import openapi_documents  # noqa: PLC0415  # few servers are asked for it

    is_admin = context.route is not None and context.route.operation == "admin.openapi"
    describe = openapi_documents.admin_document if is_admin else openapi_documents.emulated_document
    return json_response(describe(context))
