"""The headers that let web pages of other origins use a service, as oslo.middleware's CORS filter adds them.

The filter is the outermost one of Nova 34.0.0, Glance 33.0.0 and Keystone 30.0.0. So a preflight request
needs no token, and errors have the headers too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from fake_nova.wire.response import Headers

#: The seconds for which a browser remembers the response to a preflight request.
_MAX_AGE: Final = "3600"

#: The request headers that the filter allows besides those of the service.
_SIMPLE_HEADERS: Final = (
    "Accept",
    "Accept-Language",
    "Content-Type",
    "Cache-Control",
    "Content-Language",
    "Expires",
    "Last-Modified",
    "Pragma",
)

#: The statuses with which a web server or a proxy in front of a service responds, without the filter.
FOREIGN_STATUSES: Final = frozenset((408, 414, 502, 504))


class CorsDefaults(NamedTuple):
    """A service's own defaults for the filter.

    Attributes:
        allow_headers: the request headers that a page may send.
        expose_headers: the response headers that a page may read.
        allow_methods: the methods that a page may use; the same for all services.
    """

    allow_headers: tuple[str, ...]
    expose_headers: tuple[str, ...]
    allow_methods: tuple[str, ...] = ("GET", "PUT", "POST", "DELETE", "PATCH")


def add_cors_headers(
    headers: Headers, environ: Mapping[str, Any], origins: Collection[str], defaults: CorsDefaults
) -> Headers:
    """Return the headers of a response, with those for a page of an allowed origin.

    Args:
        headers: the headers from the service.
        environ: the WSGI environment of the request.
        origins: the allowed origins; the header Origin must equal one of them.
        defaults: those of the service.
    """
    origin = environ.get("HTTP_ORIGIN", "")
    if origin not in origins:
        return headers
    if environ["REQUEST_METHOD"] == "OPTIONS":
        vary = "Origin"
        extra_headers = _preflight_headers(environ, defaults)
        if not extra_headers:
            return headers
    else:
        # The filter extends the last Vary, and drops the others (oslo.middleware 8.2.0, WebOb 1.8.11).
        vary_values = [value for name, value in headers if name.lower() == "vary"]
        vary = ",".join((*vary_values[-1:], "Origin"))
        extra_headers = (("Access-Control-Expose-Headers", ",".join(defaults.expose_headers)),)
    return (
        *(header for header in headers if header[0].lower() != "vary"),
        ("Vary", vary),
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        *extra_headers,
    )


def _preflight_headers(environ: Mapping[str, Any], defaults: CorsDefaults) -> Headers:
    """Return the headers that allow what a preflight request asks for; none if it is not allowed."""
    method = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD")
    values = (environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS") or "").split(",")
    names = [value.strip() for value in values if value.strip()]
    allowed_names = {name.upper() for name in (*defaults.allow_headers, *_SIMPLE_HEADERS)}
    if method not in defaults.allow_methods or not allowed_names.issuperset(map(str.upper, names)):
        return ()
    headers = ("Access-Control-Max-Age", _MAX_AGE), ("Access-Control-Allow-Methods", method)
    return (*headers, ("Access-Control-Allow-Headers", ",".join(names))) if names else headers
