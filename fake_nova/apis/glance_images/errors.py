"""What the image service refuses, in its own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from fake_nova import errors
from fake_nova.errors import FakeNovaError
from fake_nova.wire import bodies
from fake_nova.wire.api import Refusal
from fake_nova.wire.bodies import Refused
from fake_nova.wire.call import Answer, Call, Headers

#: Status -> what it says where nothing else is said (WebOb 1.8).
EXPLANATIONS: Mapping[int, str] = MappingProxyType(
    {
        400: "The server could not comply with the request since\r\nit is either malformed or otherwise "
        "incorrect.\r\n",
        401: "This server could not verify that you are authorized to access the document you requested. "
        "Either you supplied the wrong credentials (e.g., bad password), or your browser does not understand "
        "how to supply the credentials required.",
        403: "Access was denied to this resource.",
        404: bodies.NOT_FOUND,
        409: "There was a conflict when trying to complete your request.",
        413: "The body of your request was too large for this server.",
        416: "The Range requested is not available.",
    }
)

#: Status -> its message, where that is not the explanation and below it the detail (WebOb 1.8). ``{method}``
#: and ``{media_type}`` are the request's.
TEMPLATES: Mapping[int, str] = MappingProxyType(
    {
        405: "The method {method} is not allowed for this resource. <br /><br />\n{detail}",
        415: "The request media type {media_type} is not supported by this server.\n<br /><br />\n{detail}",
        501: "\nThe request method {method} is not implemented for this server. <br /><br />\n{detail}",
    }
)


class GlanceError(FakeNovaError):
    """A refusal.

    Args:
        status: the HTTP status.
        explanation: the sentence; "" for the one that the status has.
        detail: what stands below it.
        headers: those that belong to it.
        why: for a hint.
    """

    def __init__(
        self, status: int, explanation: str = "", detail: str = "", headers: Headers = (), why: str = ""
    ) -> None:
        super().__init__(status, explanation)
        self.status: Final = status
        self.explanation: Final = explanation
        self.detail: Final = detail
        self.headers: Final = headers
        self.why = why


Wording = Callable[[Any], GlanceError]


def _unknown_marker(error: errors.MarkerNotFound) -> GlanceError:
    # The database looks at the length first, and forgets to fill in what it says then (measured).
    if len(error.marker) > 36:
        return GlanceError(400, "Image with the given id %(image_id)s was not found")
    return GlanceError(400, f"No image found with ID {error.marker}")


#: Error of the domain -> the refusal that it is here (Glance 33.0.0).
WORDS: Mapping[type[Exception], Wording] = MappingProxyType(
    {
        errors.ImageNotFound: lambda error: GlanceError(404, f"No image found with ID {error.image_id}"),
        errors.MarkerNotFound: _unknown_marker,
        errors.MarkerNotVisible: lambda error: GlanceError(
            403, f"Forbidding request, image {error.marker} not visible"
        ),
        errors.Invalid: lambda error: GlanceError(400, error.message),
        errors.BodyTooLarge: lambda _: GlanceError(413),
        Refused: lambda error: GlanceError(error.status, error.message),
        GlanceError: lambda error: error,
    }
)


def error(call: Call, raised: Exception) -> Answer | None:
    """Word an error as the image service does; None where it is none."""
    wording = WORDS.get(type(raised))
    return worded(call, wording(raised)) if wording is not None else None


def refusal(call: Call, asked: Refusal) -> Answer:
    """Word an error that a fault asks for, and a 401 as the middleware before the service."""
    if asked.status == 401:
        return unauthorized(call)
    return worded(call, GlanceError(asked.status, asked.message))


def unauthorized(call: Call) -> Answer:
    """Return the 401 of a token that is none."""
    where = ("WWW-Authenticate", f'Keystone uri="{call.origin}/identity"')
    return worded(call, GlanceError(401, headers=(where,)))


def worded(call: Call, refused: GlanceError) -> Answer:
    """Return a refusal as the wire has it."""
    template = TEMPLATES.get(refused.status)

    def message(escape: Callable[[str], str]) -> str:
        if template is not None:
            media_type = call.header("Content-Type") or "${CONTENT_TYPE}"  # not filled in there
            return template.format(
                method=escape(call.method), media_type=escape(media_type), detail=escape(refused.detail)
            )
        explanation = refused.explanation or EXPLANATIONS.get(refused.status) or bodies.phrase(refused.status)
        return f"{escape(explanation)}<br /><br />\n{escape(refused.detail)}\n\n"

    answer = bodies.page(refused.status, message, call.header("Accept"), head=call.method == "HEAD")
    return answer.with_headers(*refused.headers)
