"""Requests to the admin API, and their transport over HTTP."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import gaierror
from ssl import SSLContext, SSLError, create_default_context
from typing import Any, Final, Protocol
from urllib.parse import quote, urlencode, urlsplit

from fake_nova.errors import ConfigurationError, FakeNovaError
from fake_nova.support.messages import quote_path, quote_python

#: pytest shows the line of the caller instead of lines of this module.
__tracebackhide__ = True

Document = dict[str, Any]

#: The names of this machine that URLs of local servers have.
_LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1")

#: The statuses of a server that loads its fixtures, and of a proxy in front of a server that starts.
_STATUSES_WHILE_STARTING: Final = (502, 503, 504)


class AdminError(FakeNovaError):
    """The emulator refused a request to the admin API; nothing has changed.

    Attributes:
        status: the HTTP status.
        message: the problem, the value received and the values expected.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status: Final = status
        self.message: Final = message


class Unreachable(FakeNovaError):
    """The emulator does not respond, or not in time.

    Attributes:
        is_refused: whether nothing listens at the address: it refuses connections, or its host is unknown.
    """

    def __init__(self, message: str, *, is_refused: bool = False) -> None:
        super().__init__(message)
        self.is_refused: Final = is_refused


class Transport(Protocol):
    """A callable that sends requests to an emulator."""

    def __call__(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Send a request, and return status and body of the response."""


def ca_file_of_environment() -> str | None:
    """Return the file with CA certificates that the variables of OpenStack clients or requests name."""
    return os.environ.get("OS_CACERT") or os.environ.get("REQUESTS_CA_BUNDLE") or None


class HttpTransport:
    """A transport over HTTP; it opens a connection for each request, so threads can share it.

    Args:
        url: the emulator's URL, such as ``http://127.0.0.1:8774``.
        timeout: seconds to wait for a response.
        ca_file: the file with the CA certificate of a server that speaks TLS; None for that of
            `ca_file_of_environment`, or else those of the system.

    Raises:
        ConfigurationError: if the URL is invalid.
    """

    def __init__(self, url: str, timeout: float, ca_file: str | None = None) -> None:
        try:
            self._address: Final = urlsplit(url)
            self._port: Final = self._address.port
            if self._address.scheme not in ("http", "https") or not self._address.hostname:
                raise ValueError(url)
        except ValueError:
            raise ConfigurationError(
                f"url: invalid value (got {quote_python(url)}); expected an address such as http://127.0.0.1:8774"
            ) from None
        self._timeout: Final = timeout
        self._ca_file: Final = ca_file

    @cached_property
    def _tls_context(self) -> SSLContext:
        """The context of connections with TLS.

        Raises:
            Unreachable: if the file with the CA certificate does not exist, or not yet.
            ConfigurationError: if it contains no certificate.
        """
        ca_file = self._ca_file or ca_file_of_environment()
        try:
            return create_default_context(cafile=ca_file)
        except SSLError:
            raise ConfigurationError(
                f"tls_ca_file: no certificate in PEM (got {quote_path(ca_file)}); expected a CA certificate"
            ) from None
        except OSError as error:
            raise Unreachable(f"{ca_file}: {error.strerror}") from None

    def _connection(self) -> HTTPConnection:
        """Return a connection that is not open yet."""
        host = self._address.hostname or ""
        if self._address.scheme == "http":
            return HTTPConnection(host, self._port, timeout=self._timeout)
        return HTTPSConnection(host, self._port, timeout=self._timeout, context=self._tls_context)

    def __call__(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Send a request, and return status and body of the response.

        Raises:
            ConfigurationError: if the server speaks no TLS, or has no valid certificate.
            Unreachable: if there is no response.
        """
        connection = self._connection()
        try:
            connection.request(method, self._address.path.rstrip("/") + path, body, dict(headers))
            response = connection.getresponse()
            return response.status, response.read()
        except SSLError as error:
            url = quote_python(self._address.geturl())
            raise ConfigurationError(
                f"url: no TLS connection to {url} ({error}). "
                "Begin the URL with http://, or name the file with the CA certificate, as in OS_CACERT."
            ) from None
        except (OSError, HTTPException) as error:
            is_refused = isinstance(error, (ConnectionRefusedError, gaierror))
            message = f"{self._address.geturl()}: {error or type(error).__name__}"
            raise Unreachable(message, is_refused=is_refused) from None
        finally:
            connection.close()


#: The requests that empty the journal.
_CLEARING_REQUESTS: Final = (("DELETE", "/requests"), ("POST", "/reset"), ("POST", "/reload"))


class AdminClient:
    """A client of the admin API that adds scope and token to each request.

    Args:
        transport: sends the requests.
        scope: the id of the scope's project; None for the shared cloud.
        token: the admin token, or None.

    Attributes:
        before_clear: called before a request that empties the journal.
    """

    def __init__(self, transport: Transport, scope: str | None, token: str | None) -> None:
        self.before_clear: Callable[[], object] = lambda: None
        self._transport: Final = transport
        self._scope: Final = scope
        self._token: Final = token

    def request_json(self, method: str, path: str, body: object = None, /, **query: object) -> Document:
        """Send a request with a JSON body, and return the document in the response.

        Args:
            method: the HTTP method, in capitals.
            path: the path below ``/_admin``.
            body: the document to send; None for no body.
            query: the query parameters; those that are None are left out.

        Raises:
            AdminError: if the emulator refuses the request.
            TypeError: if JSON has no type for a value in *body*.
            ValueError: if *body* contains itself.
        """
        try:
            content = b"" if body is None else json.dumps(body, default=_json_default).encode()
        except (TypeError, ValueError) as error:
            raise error.with_traceback(None) from None
        document: Document = json.loads(self.request(method, path, content, **query) or b"{}")
        return document

    def request(self, method: str, path: str, content: bytes, /, **query: object) -> bytes:
        """Send a request with a body of bytes, and return the body of the response.

        Raises:
            AdminError: if the emulator refuses the request.
        """
        if (method, path) in _CLEARING_REQUESTS:
            self.before_clear()
        parameters = {**query, "scope": self._scope}
        query_string = urlencode({name: value for name, value in parameters.items() if value is not None})
        headers = {} if self._token is None else {"Authorization": f"Bearer {self._token}"}
        target = f"/_admin{path}?{query_string}" if query_string else f"/_admin{path}"
        status, response_body = self._transport(method, target, content, headers)
        if status >= 400:
            raise AdminError(status, _error_message(response_body))
        return response_body


def _json_default(value: object) -> str:
    """Return a datetime as ISO 8601 text; JSON has no times."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(
        f"body: cannot be written as JSON (got {quote_python(value)}); expected JSON types or a datetime"
    )


def _error_message(response_body: bytes) -> str:
    try:
        return str(next(iter(json.loads(response_body).values()))["message"])
    except (ValueError, AttributeError, KeyError, TypeError, StopIteration):
        return response_body[:200].decode("utf-8", "replace")


def check_may_become_ready(url: str, status: int, body: bytes) -> None:
    """Check that a server, or the proxy in front of it, is only starting.

    Args:
        url: the server's URL.
        status: the status of its response to ``/healthcheck``.
        body: the body of that response.

    Raises:
        Unreachable: if neither of them sends such a response while it starts.
    """
    if status not in _STATUSES_WHILE_STARTING:
        excerpt = quote_python(body[:80].decode("utf-8", "replace"))
        raise Unreachable(
            f"{url}: no fake_nova responds there (got {status}, {excerpt}); "
            "expected its URL without a path, such as http://127.0.0.1:8774"
        )


def quote_segment(value: str) -> str:
    """Return *value* quoted as one segment of a path.

    Raises:
        ValueError: if it is empty or not text, which would change the path.
    """
    if not isinstance(value, str) or not value:
        raise ValueError(
            f"path: invalid segment (got {quote_python(value)}); "
            "expected text that is not empty, such as an image's id"
        )
    return quote(value, safe="")


def parse_seconds(text: str, source: str) -> float:
    """Return the seconds that *text* stands for.

    Args:
        text: a number from 0 to 10**9.
        source: the name of the option, for the error message.

    Raises:
        ConfigurationError: if *text* is not such a number.
    """
    with suppress(ValueError):
        number = float(text)
        if 0 <= number <= 10**9:  # no "nan" either
            return number
    raise ConfigurationError(
        f"{source}: invalid value (got {quote_python(text)}); expected seconds from 0 to {10**9}"
    )


def variables_without_proxy(url: str) -> dict[str, str]:
    """Return the environment variables by which clients use no proxy for a server, and for this machine.

    Clients read NO_PROXY or no_proxy, and some only one of them. So both get the hosts of both.

    Args:
        url: the URL of a server.
    """
    inherited = (os.environ.get("no_proxy", ""), os.environ.get("NO_PROXY", ""))
    values = (*inherited, urlsplit(url).hostname or "", *_LOOPBACK_HOSTS)
    hosts = dict.fromkeys(host.strip() for value in values for host in value.split(",") if host.strip())
    no_proxy = ",".join(hosts)
    return {"NO_PROXY": no_proxy, "no_proxy": no_proxy}
