"""Error responses that several services share: of middleware, of web servers, and of the emulator itself.

The emulator and the admin API use the format of Nova's errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from fake_nova.errors import FailureKind
from fake_nova.wire.response import Headers, Response, dumps

if TYPE_CHECKING:
    from fake_nova.wire.error_pages import ErrorPage

_TEXT_HEADERS: Headers = (("Content-Type", "text/plain; charset=UTF-8"),)
ERROR_HEADERS: Headers = (("Content-Type", "application/json; charset=UTF-8"),)

UNEXPECTED_ERROR_MESSAGE = "Unexpected API Error. The traceback is in the emulator's log; please report it."

#: HTTP status -> the key of Nova's error body; ``computeFault`` for other statuses (Nova 34.0.0,
#: nova.api.openstack.wsgi.Fault, measured for 400, 403, 404, 406, 415 and 500).
ERROR_KEYS: Final[Mapping[int, str]] = {
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


#: Why the real service fails with a 500 -> the status of the response here, for all APIs.
FAILURE_STATUSES: Final[Mapping[FailureKind, int]] = {
    FailureKind.EQUAL_TEXTS: 409,
    FailureKind.TEXT_TOO_LONG: 400,
    FailureKind.NO_SUCH_RANGE: 400,
    FailureKind.NUMBER_TOO_LARGE: 400,
    FailureKind.NO_SUCH_COLUMN: 400,
}


def json_error_response(status: int, message: str, retry_after: int | None = None) -> Response:
    """Return an error in Nova's format. It is JSON, whatever the client accepts.

    Only the body of an ``overLimit`` repeats *retry_after*, as a string (Nova 34.0.0).

    Args:
        status: the HTTP status.
        message: the message for the client.
        retry_after: the number of seconds after which the client may retry, or None.
    """
    key = ERROR_KEYS.get(status, "computeFault")
    details: dict[str, object] = {"code": status, "message": message}
    if key == "overLimit" and retry_after is not None:
        details["retryAfter"] = str(retry_after)
    return Response(status, ERROR_HEADERS, dumps({key: details}))


def url_too_long_response() -> Response:
    """Return the 414 of a web server for a URL that is too long."""
    return Response(414, _TEXT_HEADERS, b"The URL is too long.")


def body_timeout_response() -> Response:
    """Return the 408 of a web server for a body that did not arrive in time."""
    return Response(408, _TEXT_HEADERS, b"The rest of the body did not arrive in time (--body-timeout).")


def error_page(status: int, explanation: str = "", detail: str = "", *, is_bare: bool = False) -> ErrorPage:
    """Return an error page of the middleware or of Glance; see `ErrorPage` for the arguments."""
    from fake_nova.wire.error_pages import ErrorPage  # noqa: PLC0415  # WebOb is slow to import

    return ErrorPage(status, explanation, detail, is_bare=is_bare)
