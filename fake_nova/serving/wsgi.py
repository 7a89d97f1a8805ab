"""The WSGI application, which responds to requests and breaks connections if a fault demands it."""

from __future__ import annotations

import errno
import os
import re
import socket
import struct
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from fake_nova import apis
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.faults import CUT
from fake_nova.support import environ_keys
from fake_nova.wire.endpoints import respond_below_prefixes
from fake_nova.wire.error_responses import json_error_response
from fake_nova.wire.pipeline import handle, handle_with_cors
from fake_nova.wire.response import Stall, reason_phrase

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: A plain number, because every response compares its status with it, and looking up a member of `HTTPStatus`
#: is slow.
_WITHOUT_LENGTH: Final = (204, 304)

#: The format of SO_LINGER's value: whether it is on, and for how many seconds.
_LINGER_FORMAT: Final = "hh" if os.name == "nt" else "ii"

#: The value of SO_LINGER with which closing a socket resets its connection.
_NO_LINGER: Final = struct.pack(_LINGER_FORMAT, 1, 0)


class Application:
    """The emulator as a WSGI application, for every request of every method.

    `fake_nova.create_app` wraps it in Flask, so that users can add routes and hooks. The command
    ``fake-nova`` serves it without Flask.

    A WSGI application cannot close a connection. Servers close it if the application raises the exception of
    a broken connection. If the server passes its socket in the environment, the client sees a TCP reset.

    Args:
        emulator: the emulator to serve.
    """

    def __init__(self, emulator: Emulator) -> None:
        settings = emulator.settings
        handler = handle_with_cors if settings.cors else handle
        respond = partial(handler, emulator, apis.router(settings.catalog))
        has_prefix = bool(settings.prefix)
        self._handle: Final = respond_below_prefixes(respond, settings.prefix) if has_prefix else respond

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Respond to one WSGI request."""
        response = self._handle(environ)
        headers = [*response.headers]
        body = response.body
        if response.status not in _WITHOUT_LENGTH:
            headers.append(("Content-Length", str(len(body))))
        if environ["REQUEST_METHOD"] == "HEAD":
            body = b""
        ending = response.connection_fault
        if isinstance(ending, Stall) and not body:
            _wait_out(ending, environ)  # holds the head back
            ending = CUT
        if ending == CUT and not body:
            headers.append(("Connection", "close"))  # or clients may reuse a connection that ends just then
        start_response(status_line(response.status), headers)
        if ending is not None:
            return _break_connection(body, ending, environ)
        return [body]  # servers send a list in one piece; so does granian


def standalone_application(emulator: Emulator) -> WSGIApplication:
    """Return the application for a server without Flask.

    Args:
        emulator: the emulator to serve. With its setting ``trust_forwarded`` the application reads the
            headers of a proxy.
    """
    application = Application(emulator)
    return behind_proxy(application) if emulator.settings.trust_forwarded else application


def gone_application(message: str) -> WSGIApplication:
    """Return an application that responds to every request with 410, and closes the connection.

    Args:
        message: the message of the error, which is in Nova's format.
    """
    response = json_error_response(410, message)
    length = str(len(response.body))
    headers = [*response.headers, ("Content-Length", length), ("Connection", "close")]

    def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status_line(response.status), headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.body]

    return respond


def _break_connection(body: bytes, ending: str | Stall, environ: WSGIEnvironment) -> Iterator[bytes]:
    if ending == CUT or isinstance(ending, Stall):
        yield body[: len(body) // 2]
        if isinstance(ending, Stall):
            _wait_out(ending, environ)
        raise BrokenPipeError(errno.EPIPE, "a fault cuts this response off")
    for key, reset in (("gunicorn.socket", _replace_connection), ("werkzeug.socket", _close_connection)):
        connection = environ.get(key)
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            reset(connection)
    raise ConnectionResetError(errno.ECONNRESET, "a fault resets this connection")


def _wait_out(stall: Stall, environ: WSGIEnvironment) -> None:
    """Wait until a stall ends. If the client is in this process, end it when the client gives up."""
    client_timeout = environ.get(environ_keys.CLIENT_TIMEOUT)
    if client_timeout is None:
        stall.is_cancelled.wait(stall.seconds)
    else:
        client_timeout.wait_out(stall.is_cancelled, stall.seconds)


def _close_connection(connection: socket.socket) -> None:
    """Close a connection at once; its `close` would wait for the file objects that use it."""
    socket.close(connection.detach())


def _replace_connection(connection: socket.socket) -> None:
    """Close a connection, and give its number, which gunicorn still uses, to an unconnected socket."""
    with socket.socket() as unconnected:
        os.dup2(unconnected.fileno(), connection.fileno())  # the server now writes to a socket without a peer


@cache
def status_line(status: int) -> str:
    """Return the status with its reason phrase in mixed case, as the real services send it."""
    return f"{status} {reason_phrase(status)}"


#: Key of a proxy's header in a WSGI environment -> the pattern that its last value must match.
_FORWARDED_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "HTTP_X_FORWARDED_PROTO": re.compile("https?", re.IGNORECASE),
    "HTTP_X_FORWARDED_HOST": re.compile(r"([A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"),
    "HTTP_X_FORWARDED_PORT": re.compile("[0-9]{1,5}"),
    "HTTP_X_FORWARDED_PREFIX": re.compile(r"/[!-~]{0,1000}"),
}


def behind_proxy(application: WSGIApplication) -> WSGIApplication:
    """Return an application that sees the address which the client of one proxy used.

    It ignores malformed headers.

    Args:
        application: any WSGI application.
    """
    from werkzeug.middleware.proxy_fix import ProxyFix  # noqa: PLC0415  # only servers with a proxy need werkzeug

    proxied = ProxyFix(application, x_for=1, x_proto=1, x_host=1, x_port=1, x_prefix=1)

    def drop_malformed_headers(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        for name, form in _FORWARDED_PATTERNS.items():
            value = environ.get(name)
            if value is not None and form.fullmatch(value.rpartition(",")[2].strip()) is None:
                del environ[name]
        return proxied(environ, start_response)

    return drop_malformed_headers
