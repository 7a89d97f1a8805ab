"""What the image service refuses, in its own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from fake_nova import errors
from fake_nova.errors import FakeNovaError
from fake_nova.wire import nova_errors
from fake_nova.wire.call import Answer, Call, Headers
from fake_nova.wire.nova_errors import Refused
from fake_nova.wire.routing import Refusal


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
    page = nova_errors.error_page(refused.status, refused.explanation, refused.detail)
    return page.answer(call.environ).with_headers(*refused.headers)
