"""Requests to the admin API, over HTTP or another way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final, Protocol
from urllib.parse import quote, urlencode, urlsplit

from fake_nova.errors import FakeNovaError, Unusable

Document = dict[str, Any]


class Refused(FakeNovaError):
    """The emulator refused a request of the admin API; nothing has changed.

    Attributes:
        status: the HTTP status.
        message: what is wrong, what was there and what is allowed.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status: Final = status
        self.message: Final = message


class Unreachable(FakeNovaError):
    """Nobody answers there, or not in time."""


class Transport(Protocol):
    """Takes requests of the admin API to the emulator."""

    def __call__(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Send a request and return the status and the body of its answer."""


class HttpTransport:
    """Over HTTP, a connection each, so that it may be used by several threads.

    Args:
        url: where the emulator listens, such as ``http://127.0.0.1:8774``.
        timeout: seconds to wait for an answer.

    Raises:
        Unusable: it is no such address.
    """

    def __init__(self, url: str, timeout: float) -> None:
        try:
            self._address: Final = urlsplit(url)
            self._port: Final = self._address.port
            if self._address.scheme not in ("http", "https") or not self._address.hostname:
                raise ValueError(url)
        except ValueError as error:
            raise Unusable(
                f"url: {url!r} is not allowed; allowed: an address such as http://127.0.0.1:8774"
            ) from error
        self._timeout: Final = timeout

    def __call__(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Send a request and return the status and the body of its answer.

        Raises:
            Unreachable: nobody answers.
        """
        kind = HTTPSConnection if self._address.scheme == "https" else HTTPConnection
        connection = kind(self._address.hostname or "", self._port, timeout=self._timeout)
        try:
            connection.request(method, self._address.path.rstrip("/") + path, body, dict(headers))
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException) as error:
            raise Unreachable(f"{self._address.geturl()}: {error or type(error).__name__}") from error
        finally:
            connection.close()


class Asker:
    """Asks the admin API about one scope."""

    def __init__(self, transport: Transport, scope: str | None, token: str | None) -> None:
        self._transport: Final = transport
        self._scope: Final = scope
        self._token: Final = token

    def ask(self, method: str, path: str, body: object = None, /, **query: object) -> Document:
        """Send a JSON request and return what the answer says."""
        content = b"" if body is None else json.dumps(body, default=_written).encode()
        document: Document = json.loads(self.send(method, path, content, **query) or b"{}")
        return document

    def send(self, method: str, path: str, content: bytes, /, **query: object) -> bytes:
        """Send bytes and return those of the answer.

        Raises:
            Refused: the emulator did not do it.
        """
        asked = {**query, "scope": self._scope}
        text = urlencode({name: value for name, value in asked.items() if value is not None})
        headers = {} if self._token is None else {"Authorization": f"Bearer {self._token}"}
        status, answer = self._transport(
            method, f"/_admin{path}{'?' + text if text else ''}", content, headers
        )
        if status >= 400:
            raise Refused(status, _message(answer))
        return answer


def _written(value: object) -> str:
    """Write what JSON has no word for: times."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} is no JSON")


def _message(answer: bytes) -> str:
    try:
        return str(next(iter(json.loads(answer).values()))["message"])
    except (ValueError, AttributeError, KeyError, TypeError, StopIteration):
        return answer[:200].decode("utf-8", "replace")


def part(value: str) -> str:
    """Write a part of a path; ValueError for what would lead to another path."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is not allowed; allowed: text that is not empty, such as an image's id")
    return quote(value, safe="")


def seconds(text: str, source: str) -> float:
    """Read a number of seconds that came from *source*; Unusable where it is none."""
    with suppress(ValueError):
        if 0 <= (value := float(text)) <= 10**9:  # no "nan" either
            return value
    raise Unusable(f"{source}: {text!r} is not allowed; allowed: seconds from 0 to {10**9}")
