"""The request as it came over the wire. Its fields cannot be set, and its body is read only once.

It reads the WSGI environment, so the same code works in Flask, in tests and on every WSGI server. The body is
cached in the environment.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from secrets import randbits
from typing import Any, Final, NamedTuple
from uuid import UUID

from fake_nova.errors import FakeNovaError
from fake_nova.support.endpoints import OWN_PATHS, Prefix
from fake_nova.wire import request_body

#: The scheme, the host with its port, and the path at which the application is mounted.
Address = tuple[str, str, str]

#: Key in the WSGI environment of the `support.endpoints.Prefix` that the path began with.
PREFIX_KEY: Final = "fake_nova.prefix"

#: Key in the WSGI environment of the body, or of the exception that reading it raised.
_BODY_KEY: Final = "fake_nova.body"

#: The beginning of all request ids of this process, and a counter for their ends. Together they form a UUID.
_REQUEST_ID_PREFIX: Final = f"req-{UUID(int=randbits(128), version=4)}"[:28]
_REQUEST_ID_COUNTER: Final = count(10**11 + randbits(39))

#: Scheme -> the default port, which links leave out.
_DEFAULT_PORTS: Final[dict[str, str]] = {"http": ":80", "https": ":443"}


#: A longer header counts as malformed. gunicorn rejects it earlier.
MAX_ACCEPT_CHARS: Final = 16_384


class Request(NamedTuple):
    """One HTTP request.

    Attributes:
        environ: the WSGI environment.
        method: the HTTP method, in capitals.
        path: the path, without repeated slashes, as bytes in Latin-1, and without the prefix of a service.
        query_string: the raw query, without its question mark.
        request_id: the id that the response carries.
    """

    environ: dict[str, Any]
    method: str
    path: str
    query_string: str
    request_id: str

    @property
    def token(self) -> str | None:
        """The token in the headers, or None."""
        environ = self.environ
        text = environ.get("HTTP_X_AUTH_TOKEN", environ.get("HTTP_X_STORAGE_TOKEN"))
        return text.strip() if text else None

    @property
    def address(self) -> Address:
        """The address that the client used."""
        environ = self.environ
        host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        return environ["wsgi.url_scheme"], host, environ.get("SCRIPT_NAME", "")

    @property
    def client_path(self) -> str:
        """The path, with the prefix that the client used."""
        prefix: Prefix | None = self.environ.get(PREFIX_KEY)
        return self.path if prefix is None else prefix.path + self.path[len(OWN_PATHS[prefix.service]) :]

    @property
    def origin(self) -> str:
        """The URL that the paths of all services follow."""
        prefix: Prefix | None = self.environ.get(PREFIX_KEY)
        if prefix is None or OWN_PATHS[prefix.service]:
            return self.base_url
        return self.base_url.removesuffix(prefix.path)

    @property
    def base_url(self) -> str:
        """The URL that all links of Nova begin with."""
        return build_base_url(*self.address)

    @property
    def content_length(self) -> int:
        """The number in Content-Length; 0 if there is none."""
        return request_body.content_length(self.environ)

    def header(self, name: str) -> str | None:
        """Return the value of a header, or None if it was not sent."""
        return self.environ.get(_environ_key(name))

    def read_body(self, max_bytes: int) -> bytes:
        """Return the body. A repeated call returns the same bytes, or raises the same exception.

        Args:
            max_bytes: the largest size of the body, in bytes.

        Raises:
            BodyTooLarge: if it has more than *max_bytes* bytes.
            BodyTimeout: if the client stopped sending it.
            Invalid: if it is incomplete or broken.
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
        path: the path, without repeated slashes.
    """
    query_string = environ.get("QUERY_STRING") or ""
    request_id = f"{_REQUEST_ID_PREFIX}{next(_REQUEST_ID_COUNTER)}"
    return Request(environ, environ["REQUEST_METHOD"], path, query_string, request_id)


def build_base_url(scheme: str, host: str, mount: str) -> str:
    """Return the URL that links begin with. It leaves out the default port of the scheme."""
    return f"{scheme}://{host.removesuffix(_DEFAULT_PORTS.get(scheme, ''))}{mount}"


@lru_cache(maxsize=1000)  # a fault's match may name any header
def _environ_key(name: str) -> str:
    """Return the key of a header in a WSGI environment."""
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
