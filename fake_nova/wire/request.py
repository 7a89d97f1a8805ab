"""Request: what came over the wire. It never changes.

It is read from the WSGI environment, so the same code answers behind Flask, in a test and in anything else
that speaks WSGI.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from secrets import randbits
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs
from uuid import UUID

from fake_nova.errors import FakeNovaError
from fake_nova.wire import request_body

#: Scheme, host and port, and the path that the application is mounted at.
Address = tuple[str, str, str]

#: Key of the WSGI environment under which the body is kept after the first read, or the error of that read.
_BODY_KEY: Final = "fake_nova.body"

#: What all request ids of this process begin with, and the numbers that they end with: a random UUID that
#: goes on counting.
_REQUEST_ID_PREFIX: Final = f"req-{UUID(int=randbits(128), version=4)}"[:28]
_REQUEST_ID_COUNTER: Final = count(10**11 + randbits(39))

#: Scheme -> the end of a host that links leave out.
_DEFAULT_PORTS: Final[dict[str, str]] = {"http": ":80", "https": ":443"}


class Request(NamedTuple):
    """One HTTP request.

    Attributes:
        environ: the WSGI environment.
        method: the HTTP method, in capitals.
        path: the path, without repeated slashes, as bytes in Latin-1.
        query_string: the raw query, without its question mark.
        request_id: the id that the response carries.
    """

    environ: dict[str, Any]
    method: str
    path: str
    query_string: str
    request_id: str

    @property
    def query(self) -> dict[str, list[str]]:
        """The parameters of the query as people mean them, each with its values in order."""
        return parse_qs(self.query_string, keep_blank_values=True)

    @property
    def token(self) -> str | None:
        """The token that was sent, or None."""
        environ = self.environ
        text = environ.get("HTTP_X_AUTH_TOKEN", environ.get("HTTP_X_STORAGE_TOKEN"))
        return text.strip() if text else None

    @property
    def address(self) -> Address:
        """Scheme, host and port that the client used, and the path that the application is mounted at."""
        environ = self.environ
        host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        return environ["wsgi.url_scheme"], host, environ.get("SCRIPT_NAME", "")

    @property
    def base_url(self) -> str:
        """The address as links begin."""
        return build_base_url(*self.address)

    @property
    def content_length(self) -> int:
        """How many bytes of body the request says it has; 0 if it does not say."""
        return request_body.content_length(self.environ)

    def header(self, name: str) -> str | None:
        """Return a header of the request, or None if it was not sent."""
        return self.environ.get(_environ_key(name))

    def read_body(self, max_bytes: int) -> bytes:
        """Return the body. A later call returns the same bytes, or raises the same error.

        Args:
            max_bytes: how large the body may be.

        Raises:
            BodyTooLarge: if it has more than *max_bytes*.
            BodyStalled: if the client stopped sending it.
            Invalid: if it is not what its headers say.
        """
        body = self.environ.get(_BODY_KEY)
        if body is None:
            try:
                body = request_body.read_body(self.environ, max_bytes)
            except FakeNovaError as error:
                body = error
            self.environ[_BODY_KEY] = body
        if isinstance(body, FakeNovaError):
            raise body
        return bytes(body)


def new_request(environ: dict[str, Any], path: str) -> Request:
    """Return the request of a WSGI environment.

    Args:
        environ: the WSGI environment.
        path: its path, without repeated slashes.
    """
    query_string = environ.get("QUERY_STRING") or ""
    request_id = f"{_REQUEST_ID_PREFIX}{next(_REQUEST_ID_COUNTER)}"
    return Request(environ, environ["REQUEST_METHOD"], path, query_string, request_id)


def build_base_url(scheme: str, host: str, mount: str) -> str:
    """Return an address as links begin: without the port that the scheme has anyway."""
    return f"{scheme}://{host.removesuffix(_DEFAULT_PORTS.get(scheme, ''))}{mount}"


@lru_cache(maxsize=1000)  # names may come from a fault's match
def _environ_key(name: str) -> str:
    """Return what a header is called in a WSGI environment."""
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
