"""Response: what goes out. It never changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

Headers = tuple[tuple[str, str], ...]

JSON_HEADERS: Final[Headers] = (("Content-Type", "application/json"),)


@dataclass(slots=True, eq=False)
class Response:
    """One HTTP response, which nobody changes.

    Attributes:
        status: the HTTP status.
        headers: names and values in order; a name may come several times.
        body: the bytes.
        connection_fault: ``reset`` or ``cut`` if the connection breaks instead; None if it does not.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    connection_fault: str | None = None

    def with_headers(self, *extra_headers: tuple[str, str]) -> Response:
        """Return the same response with *extra_headers* after its own."""
        headers = (*self.headers, *extra_headers)
        return Response(self.status, headers, self.body, self.connection_fault)


#: Status -> its phrase in WebOb, if Python 3.11 to 3.14 have another one.
REASON_PHRASES: Final[Mapping[int, str]] = {
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Request Range Not Satisfiable",
    422: "Unprocessable Entity",
}


def reason_phrase(status: int) -> str:
    """Return the words behind a status on the wire, such as ``Not Found``."""
    return REASON_PHRASES.get(status) or HTTPStatus(status).phrase


def dumps(value: object) -> bytes:
    """Write JSON as the services do: non-ASCII characters as ``\\uXXXX``."""
    return json.dumps(value).encode("ascii")


def json_response(value: Any, status: int = 200, *headers: tuple[str, str]) -> Response:
    """Return a JSON document, with *headers* after its own."""
    return Response(status, (*JSON_HEADERS, *headers), dumps(value))
