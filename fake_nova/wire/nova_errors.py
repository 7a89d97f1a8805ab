"""Errors as Nova and its middleware write them."""

from __future__ import annotations

import html
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from fake_nova.errors import FakeNovaError
from fake_nova.wire.response import Headers, Response, dumps

if TYPE_CHECKING:
    from fake_nova.wire.error_pages import ErrorPage

_TEXT_HEADERS: Headers = (("Content-Type", "text/plain; charset=UTF-8"),)
ERROR_HEADERS: Headers = (("Content-Type", "application/json; charset=UTF-8"),)

UNEXPECTED_ERROR_MESSAGE = "Unexpected API Error. The traceback is in the emulator's log; please report it."
NOT_FOUND_MESSAGE = "The resource could not be found."

#: HTTP status -> the error key that heads Nova's body. A status that is missing is a computeFault (Nova
#: 34.0.0, nova.api.openstack.wsgi.Refused, measured for 400, 403, 404, 406, 415, 500).
ERROR_KEYS: Mapping[int, str] = MappingProxyType(
    {
        400: "badRequest",
        401: "unauthorized",
        403: "forbidden",
        404: "itemNotFound",
        405: "badMethod",
        409: "conflictingRequest",
        413: "overLimit",
        415: "badMediaType",
        429: "overLimit",
        501: "notImplemented",
        503: "serviceUnavailable",
    }
)


def nova_error_response(status: int, message: str, retry_after: int | None = None) -> Response:
    """Return Nova's error body, the same whatever the client accepts.

    Only the body of an ``overLimit`` repeats after how many seconds to ask again, as a text (Nova 34.0.0).
    """
    key = ERROR_KEYS.get(status, "computeFault")
    details: dict[str, object] = {"code": status, "message": message}
    if key == "overLimit" and retry_after is not None:
        details["retryAfter"] = str(retry_after)
    return Response(status, ERROR_HEADERS, dumps({key: details}))


def url_too_long_response() -> Response:
    """Return the 414 of a server for a URL that is too long."""
    return Response(414, _TEXT_HEADERS, b"The URL is too long.")


def body_timeout_response() -> Response:
    """Return the 408 of a server whose client stopped sending a body."""
    return Response(408, _TEXT_HEADERS, b"The rest of the body did not arrive in time (--body-timeout).")


def as_glanceclient_shows(text: str) -> str:
    """Write a message as it comes through the image service's error page and Nova's client library of it.

    It is in ASCII, with HTML's entities, and of its lines each counts once; a colon joins them (measured).
    """
    page = html.escape(text).encode("ascii", "xmlcharrefreplace").decode() + "<br />"
    lines = [line.strip().removesuffix("<br />") for line in page.splitlines()]
    return ": ".join(dict.fromkeys(filter(None, lines)))


def error_page(status: int, explanation: str = "", detail: str = "") -> ErrorPage:
    """Return an error of the middleware or the image service; see `ErrorPage`."""
    from fake_nova.wire.error_pages import ErrorPage  # noqa: PLC0415  # importing WebOb takes 50 ms

    return ErrorPage(status, explanation, detail)


class NovaError(FakeNovaError):
    """A refusal in Nova's own words, raised where it is found out."""

    def __init__(self, status: int, message: str, reason: str = "") -> None:
        super().__init__(status, message)
        self.status: Final = status
        self.message: Final = message
        self.reason = reason
