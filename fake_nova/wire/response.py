"""The response as it goes over the wire. Treat it as immutable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from threading import Event
from typing import Any, Final, NamedTuple

Headers = tuple[tuple[str, str], ...]

JSON_HEADERS: Final[Headers] = (("Content-Type", "application/json"),)


class Stall(NamedTuple):
    """A response that stops in the middle of its body, before its connection ends.

    Attributes:
        seconds: for how long.
        is_cancelled: the event that ends it earlier.
    """

    seconds: float
    is_cancelled: Event


@dataclass(slots=True, eq=False)
class Response:
    """One HTTP response.

    Attributes:
        status: the HTTP status.
        headers: names and values in order; a name may be repeated.
        body: the bytes.
        connection_fault: how to break the connection, ``reset``, ``lost``, ``cut`` or a stall; None to send
            the response whole.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    connection_fault: str | Stall | None = None

    def with_headers(self, *extra_headers: tuple[str, str]) -> Response:
        """Return a copy of the response with *extra_headers* after its own headers."""
        headers = (*self.headers, *extra_headers)
        return Response(self.status, headers, self.body, self.connection_fault)


#: Status -> its reason phrase in WebOb, if any of Python 3.11 to 3.14 has another one.
REASON_PHRASES: Final[Mapping[int, str]] = {
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Request Range Not Satisfiable",
    422: "Unprocessable Entity",
}


def reason_phrase(status: int) -> str:
    """Return the reason phrase of a status, such as ``Not Found``."""
    return REASON_PHRASES.get(status) or HTTPStatus(status).phrase


def dumps(value: object) -> bytes:
    """Return JSON as the services write it, with non-ASCII characters as ``\\uXXXX``."""
    return json.dumps(value).encode("ascii")


def json_response(value: Any, status: int = 200, *headers: tuple[str, str]) -> Response:
    """Return a response with a JSON document, and with *headers* after Content-Type."""
    return Response(status, (*JSON_HEADERS, *headers), dumps(value))
