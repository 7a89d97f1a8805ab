"""Errors with the status and message that Glance gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fake_nova import errors
from fake_nova.errors import FakeNovaError
from fake_nova.images.glance_filters import GLANCE_NOT_UTF8_MESSAGE, marker_not_found_message
from fake_nova.wire import error_responses
from fake_nova.wire.context import Context
from fake_nova.wire.endpoints import service_url
from fake_nova.wire.response import Headers, Response
from fake_nova.wire.service import InjectedError


class GlanceError(FakeNovaError):
    """An error response of Glance.

    Args:
        status: the HTTP status.
        explanation: the first sentence of the error page; "" for the default of the status.
        detail: the text below the explanation.
        headers: additional headers of the response.
        reason: an explanation for the hint; "" if the message is enough.
        is_bare: whether the page has the explanation and nothing else, for any status.
    """

    def __init__(
        self,
        status: int,
        explanation: str = "",
        detail: str = "",
        headers: Headers = (),
        reason: str = "",
        *,
        is_bare: bool = False,
    ) -> None:
        super().__init__(status, explanation)
        self.status: Final = status
        self.explanation: Final = explanation
        self.detail: Final = detail
        self.headers: Final = headers
        self.reason = reason
        self.is_bare: Final = is_bare


ErrorTranslator = Callable[[Any], GlanceError]


#: Domain error -> the error that Glance 33.0.0 responds with.
ERROR_TRANSLATORS: Final[Mapping[type[Exception], ErrorTranslator]] = {
    errors.ImageNotFound: lambda error: GlanceError(404, f"No image found with ID {error.image_id}"),
    errors.MarkerNotFound: lambda error: GlanceError(400, marker_not_found_message(error.marker)),
    errors.MarkerNotVisible: lambda error: GlanceError(
        403, f"Forbidding request, image {error.marker} not visible"
    ),
    errors.Invalid: lambda error: GlanceError(400, error.message),
    errors.ServiceFailure: lambda error: GlanceError(
        error_responses.FAILURE_STATUSES[error.kind], error.message, reason=error.reason
    ),
    errors.BodyTooLarge: lambda _: GlanceError(413),
    errors.QueryNotUTF8: lambda _: GlanceError(400, GLANCE_NOT_UTF8_MESSAGE),
    errors.TooManyParameters: lambda error: GlanceError(400, error.message),
    GlanceError: lambda error: error,
}


def render_error(context: Context, error: Exception) -> Response | None:
    """Render an error as Glance does, or return None for an error of another kind."""
    translate = ERROR_TRANSLATORS.get(type(error))
    return error_response(context, translate(error)) if translate is not None else None


def render_injected_error(context: Context, injected_error: InjectedError) -> Response:
    """Render an error that a fault asks for. A 401 looks as if keystonemiddleware sent it."""
    if injected_error.status == 401:
        return unauthorized(context)
    return error_response(context, GlanceError(injected_error.status, injected_error.message))


def unauthorized(context: Context) -> Response:
    """Return the 401 for a missing or invalid token."""
    challenge = ("WWW-Authenticate", f'Keystone uri="{service_url(context, "identity")}"')
    return error_response(context, GlanceError(401, headers=(challenge,)))


def error_response(context: Context, error: GlanceError) -> Response:
    """Return the response of an error."""
    page = error_responses.error_page(error.status, error.explanation, error.detail, is_bare=error.is_bare)
    return page.response(context.request.environ).with_headers(*error.headers)
