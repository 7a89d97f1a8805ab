"""Views of fixtures: load a document, load the files again, and export the cloud as a document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import yaml

from fake_nova.apis.admin import body, images, list_query
from fake_nova.apis.admin.checks import requested_scope
from fake_nova.apis.admin.errors import MAX_BODY_BYTES, Refusal
from fake_nova.documents.export import serialize_cloud
from fake_nova.documents.loading import load_document, reload_fixtures
from fake_nova.support.messages import quote_python
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response


def reload(context: Context) -> Response:
    """Load the server's fixture files again, and reset the shared cloud to them."""
    scope = requested_scope(context)
    if scope is not None:
        raise Refusal(
            400,
            f"scope: keeps the fixtures that it was opened with (got {quote_python(scope)}); "
            "expected no scope, or a reset",
        )
    reload_fixtures(context.emulator)
    return json_response({"images": len(context.emulator.cloud.images)})


def load_fixture(context: Context) -> Response:
    """Load a fixture document in YAML or JSON into the cloud and its initial state."""
    replace = list_query.read_boolean(context, "replace")
    content = context.request.read_body(MAX_BODY_BYTES)
    scope = requested_scope(context)
    return images.images_response(load_document(context.emulator, content, "body", replace, scope))


#: Format of an export -> its media type.
EXPORT_MEDIA_TYPES: Final[Mapping[str, str]] = {"yaml": "application/yaml", "json": "application/json"}


def export(context: Context) -> Response:
    """Export the cloud as a fixture file. Another server can start from it in the same state."""
    export_format = body.query_params(context.request).get("format", "yaml")
    if export_format not in EXPORT_MEDIA_TYPES:
        choices = ", ".join(EXPORT_MEDIA_TYPES)
        raise Refusal(
            400, f"format: invalid value (got {quote_python(export_format)}); expected one of: {choices}"
        )
    directory = context.emulator.directory_for(requested_scope(context))
    fixture = serialize_cloud(context.cloud, directory)
    text = json.dumps(fixture) if export_format == "json" else yaml.safe_dump(fixture, sort_keys=False)
    return Response(200, (("Content-Type", EXPORT_MEDIA_TYPES[export_format]),), text.encode())
