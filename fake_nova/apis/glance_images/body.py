"""Functions that read request bodies, and the headers that describe them."""

from __future__ import annotations

from typing import Any, Final

from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.wire import json_body
from fake_nova.wire.context import Context

#: The maximum number of bytes in a JSON body: enough for 128 properties of 2 KB each. The real service has no
#: limit.
MAX_JSON_BYTES: Final = 256 * 1024

#: Transfer encodings that announce a body if the request has no Content-Length (Glance 33.0.0).
_BODY_ENCODINGS = ("chunked", "compress", "deflate", "gzip", "identity")


def has_body(context: Context) -> bool:
    """Return whether the headers of a request announce a body."""
    request = context.request
    encoding = (request.header("Transfer-Encoding") or "").lower()
    is_encoded = encoding in _BODY_ENCODINGS and request.method in ("POST", "PUT", "PATCH")
    return is_encoded or request.content_length > 0


def parse_json(context: Context) -> Any:
    """Return the JSON body of a request: a dict or a list.

    Raises:
        GlanceError: 400 if there is no body, if it is not JSON, or if it is another type.
    """
    if not has_body(context):
        raise GlanceError(400, "Body expected in request.")
    try:
        payload = json_body.parse(context.request.read_body(MAX_JSON_BYTES))
    except ValueError as error:
        raise GlanceError(400, "Malformed JSON in request body.") from error
    if not isinstance(payload, (dict, list)):
        raise GlanceError(400, "Unexpected body type. Expected list/dict.")
    context.trace.json_body = payload
    return payload


def check_no_body(context: Context) -> None:
    """Check that a request has no body.

    Raises:
        GlanceError: 400 if it has one.
    """
    if has_body(context):
        raise GlanceError(400, "A body is not expected with this request.")


def check_no_json_body(context: Context) -> None:
    """Check that a request has no body, for a route whose body Glance reads first.

    Glance 33.0.0 fails with a 500 if the body is JSON (measured).

    Raises:
        GlanceError: 400 if it has one.
    """
    if has_body(context):
        parse_json(context)
        check_no_body(context)


def media_type(context: Context) -> str | None:
    """Return the Content-Type of a request without parameters, in its own case, or None if it has none."""
    content_type = context.request.header("Content-Type")
    return None if content_type is None else content_type.partition(";")[0].strip()
