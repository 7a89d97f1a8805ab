"""Errors with the status and message that Nova gives them."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any, Final

from fake_nova import errors
from fake_nova.errors import FakeNovaError
from fake_nova.images.glance_filters import marker_not_found_message
from fake_nova.wire import checks
from fake_nova.wire.context import Context
from fake_nova.wire.error_responses import FAILURE_STATUSES, json_error_response
from fake_nova.wire.response import Response
from fake_nova.wire.service import InjectedError

NOT_FOUND_MESSAGE = "The resource could not be found."

#: What webob says for a 400 whose message Nova does not hand on.
MALFORMED_MESSAGE = (
    "The server could not comply with the request since it is either malformed or otherwise incorrect."
)


class NovaError(FakeNovaError):
    """An error with a status and a message of Nova.

    Args:
        status: the HTTP status.
        message: Nova's message.
        reason: an explanation for the hint; "" if the message is enough.
    """

    def __init__(self, status: int, message: str, reason: str = "") -> None:
        super().__init__(status, message)
        self.status: Final = status
        self.message: Final = message
        self.reason = reason


def as_glanceclient_shows(text: str) -> str:
    """Return a message of Glance as Nova shows it, after Glance's error page and glanceclient.

    It is ASCII with HTML entities. Colons join its lines, and repeated lines are dropped (measured).
    """
    page = html.escape(text).encode("ascii", "xmlcharrefreplace").decode() + "<br />"
    lines = [line.strip().removesuffix("<br />") for line in page.splitlines()]
    return ": ".join(dict.fromkeys(filter(None, lines)))


_NOT_VISIBLE_MESSAGE: Final = "HTTP 403 Forbidden: Forbidding request, image {} not visible"

ErrorDescriber = Callable[[Any], tuple[int, str]]


def _describe_marker_not_found(error: errors.MarkerNotFound) -> tuple[int, str]:
    message = marker_not_found_message(error.marker)
    return 400, f"HTTP 400 Bad Request: {as_glanceclient_shows(message)}"


#: Exception -> status and message in Nova's words (Nova 34.0.0, measured).
NOVA_ERROR_MESSAGES: Final[Mapping[type[Exception], ErrorDescriber]] = {
    errors.ImageNotFound: lambda _: (404, "Image not found."),
    errors.MarkerNotFound: _describe_marker_not_found,
    errors.MarkerNotVisible: lambda error: (403, _NOT_VISIBLE_MESSAGE.format(error.marker)),
    errors.UpdateForbidden: lambda error: (403, f"Not authorized for image {error.image_id}."),
    errors.DeleteForbidden: lambda _: (403, "You are not allowed to delete the image."),
    errors.Invalid: lambda error: (400, f"HTTP 400 Bad Request: {as_glanceclient_shows(error.message)}"),
    errors.ServiceFailure: lambda error: (FAILURE_STATUSES[error.kind], error.message),
    errors.QueryNotUTF8: lambda error: (400, error.message),
    errors.TooManyParameters: lambda error: (400, error.message),
    NovaError: lambda error: (error.status, error.message),
}


def render_nova_error(context: Context, error: Exception) -> Response | None:
    """Render an exception as Nova does. Return None for an unknown exception."""
    if isinstance(error, errors.BodyTooLarge):
        return checks.too_large_response(context)
    describe = NOVA_ERROR_MESSAGES.get(type(error))
    return json_error_response(*describe(error)) if describe is not None else None


def render_injected_nova_error(context: Context, injected_error: InjectedError) -> Response:
    """Render the error of a fault as Nova does, and a 401 as keystonemiddleware does."""
    if injected_error.status == 401:
        return checks.unauthorized_response(context)
    return json_error_response(*injected_error)
