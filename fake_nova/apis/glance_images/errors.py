"""What the image service refuses, in its own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from fake_nova import errors
from fake_nova.errors import FakeNovaError
from fake_nova.wire import nova_errors
from fake_nova.wire.nova_errors import NovaError
from fake_nova.wire.response import Headers, Response
from fake_nova.wire.service import Context, InjectedError


class GlanceError(FakeNovaError):
    """A refusal.

    Args:
        status: the HTTP status.
        explanation: the sentence; "" for the one that the status has.
        detail: what stands below it.
        headers: those that belong to it.
        reason: for a hint.
    """

    def __init__(
        self, status: int, explanation: str = "", detail: str = "", headers: Headers = (), reason: str = ""
    ) -> None:
        super().__init__(status, explanation)
        self.status: Final = status
        self.explanation: Final = explanation
        self.detail: Final = detail
        self.headers: Final = headers
        self.reason = reason


ErrorTranslator = Callable[[Any], GlanceError]


def _marker_not_found(error: errors.MarkerNotFound) -> GlanceError:
    # The database looks at the length first, and forgets to fill in what it says then (measured).
    if len(error.marker) > 36:
        return GlanceError(400, "Image with the given id %(image_id)s was not found")
    return GlanceError(400, f"No image found with ID {error.marker}")


#: Error of the domain -> the refusal that it is here (Glance 33.0.0).
ERROR_TRANSLATORS: Mapping[type[Exception], ErrorTranslator] = MappingProxyType(
    {
        errors.ImageNotFound: lambda error: GlanceError(404, f"No image found with ID {error.image_id}"),
        errors.MarkerNotFound: _marker_not_found,
        errors.MarkerNotVisible: lambda error: GlanceError(
            403, f"Forbidding request, image {error.marker} not visible"
        ),
        errors.Invalid: lambda error: GlanceError(400, error.message),
        errors.BodyTooLarge: lambda _: GlanceError(413),
        NovaError: lambda error: GlanceError(error.status, error.message),
        GlanceError: lambda error: error,
    }
)


def render_error(context: Context, error: Exception) -> Response | None:
    """Word an error as the image service does; None where it is none."""
    translate = ERROR_TRANSLATORS.get(type(error))
    return error_response(context, translate(error)) if translate is not None else None


def render_injected_error(context: Context, injected_error: InjectedError) -> Response:
    """Word an error that a fault asks for, and a 401 as the middleware before the service."""
    if injected_error.status == 401:
        return unauthorized(context)
    return error_response(context, GlanceError(injected_error.status, injected_error.message))


def unauthorized(context: Context) -> Response:
    """Return the 401 of a token that is none."""
    challenge = ("WWW-Authenticate", f'Keystone uri="{context.request.base_url}/identity"')
    return error_response(context, GlanceError(401, headers=(challenge,)))


def error_response(context: Context, error: GlanceError) -> Response:
    """Return a refusal as the wire has it."""
    page = nova_errors.error_page(error.status, error.explanation, error.detail)
    return page.answer(context.request.environ).with_headers(*error.headers)
