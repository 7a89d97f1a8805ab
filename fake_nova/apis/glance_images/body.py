"""The bodies of requests."""

from __future__ import annotations

from typing import Any, Final

from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.wire import json_body
from fake_nova.wire.call import Call

#: Most bytes of a JSON body: 128 properties of 2 KB each. The real service has no limit.
MAX_JSON: Final = 256 * 1024

#: Transfer encodings behind which a body is looked for, where no length is given (Glance 33.0.0).
_ENCODINGS = ("chunked", "compress", "deflate", "gzip", "identity")


def has_body(call: Call) -> bool:
    """Whether a request says that it has a body."""
    encoding = (call.header("Transfer-Encoding") or "").lower()
    return call.content_length > 0 or (encoding in _ENCODINGS and call.method in ("POST", "PUT", "PATCH"))


def json_of(call: Call) -> Any:
    """Return the JSON of a request, a mapping or a list.

    Raises:
        GlanceError: 400, there is none, it is broken, or it is neither.
    """
    if not has_body(call):
        raise GlanceError(400, "Body expected in request.")
    try:
        document = json_body.parsed(call.read(MAX_JSON))
    except ValueError as error:
        raise GlanceError(400, "Malformed JSON in request body.") from error
    if not isinstance(document, (dict, list)):
        raise GlanceError(400, "Unexpected body type. Expected list/dict.")
    call.body = document
    return document


def none(call: Call) -> None:
    """Take no body.

    Raises:
        GlanceError: 400, there is one.
    """
    if has_body(call):
        raise GlanceError(400, "A body is not expected with this request.")


def media_type(call: Call) -> str | None:
    """Return the bare Content-Type of a request, compared as it is; None where it has none."""
    sent = call.header("Content-Type")
    return None if not sent else sent.partition(";")[0].strip()
