"""The WSGI application: it answers requests, and breaks their connections when a fault says so."""

from __future__ import annotations

import errno
import os
import re
import socket
import struct
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

from fake_nova import apis
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.faults import CUT
from fake_nova.wire.pipeline import handle
from fake_nova.wire.response import reason_phrase

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: A number, because to look up `HTTPStatus.NO_CONTENT` takes 60 ns.
_NO_CONTENT: Final = 204

#: SO_LINGER: on, for 0 seconds; closing the socket is a reset then.
_NO_LINGER: Final = struct.pack("ii", 1, 0)


class Application:
    """The emulator as a WSGI application: every request of every method comes through here.

    `fake_nova.create_app` wraps it in Flask for users who add routes or hooks of their own; a server of its
    own does without Flask.

    A WSGI application cannot end a connection, but servers end one if the application fails as a dropped
    connection would let it fail. If the server hands over its socket, a reset is a real one.

    Args:
        emulator: the emulator that answers.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator: Final = emulator
        self._routes: Final = apis.routes()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        response = handle(self._emulator, self._routes, environ)
        headers, body = [*response.headers], response.body
        if response.status != _NO_CONTENT:
            headers.append(("Content-Length", str(len(body))))
        if environ["REQUEST_METHOD"] == "HEAD":
            body = b""
        start_response(status_line(response.status), headers)
        if response.connection_fault is not None:
            return _break_connection(body, response.connection_fault, environ)
        return [body]  # a list leaves in one piece, under granian too


def standalone_application(emulator: Emulator) -> WSGIApplication:
    """Return the application for a server of its own, without Flask.

    Args:
        emulator: the emulator that answers. Its setting ``trust_forwarded`` counts.
    """
    application = Application(emulator)
    return behind_proxy(application) if emulator.settings.trust_forwarded else application


def _break_connection(body: bytes, ending: str, environ: WSGIEnvironment) -> Iterator[bytes]:
    if ending == CUT:
        yield body[: len(body) // 2]
        raise BrokenPipeError(errno.EPIPE, "a fault cuts this answer off")
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if connection is not None:
        _reset_connection(connection)
    raise ConnectionResetError(errno.ECONNRESET, "a fault resets this connection")


def _reset_connection(connection: socket.socket) -> None:
    """Close a connection so that its client sees a reset, and nothing that the server sends after it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    with socket.socket() as unconnected:
        os.dup2(unconnected.fileno(), connection.fileno())  # the server goes on with this one, in vain


@cache
def status_line(status: int) -> str:
    """Return the status with its phrase in mixed case, as the real services send it."""
    return f"{status} {reason_phrase(status)}"


#: Header of a proxy, as a WSGI environment names it -> the form that its last value must have.
_FORWARDED_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "HTTP_X_FORWARDED_PROTO": re.compile("https?", re.IGNORECASE),
    "HTTP_X_FORWARDED_HOST": re.compile(
        r"[A-Za-z0-9._-]{1,255}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?"
    ),
    "HTTP_X_FORWARDED_PORT": re.compile("[0-9]{1,5}"),
    "HTTP_X_FORWARDED_PREFIX": re.compile(r"/[!-~]{0,1000}"),
}


def behind_proxy(application: WSGIApplication) -> WSGIApplication:
    """Let an application see the address that the client of one proxy in front used.

    A header that does not have the form that it must have is ignored.

    Args:
        application: any WSGI application.
    """
    from werkzeug.middleware.proxy_fix import ProxyFix  # noqa: PLC0415  # other servers do without werkzeug

    proxied = ProxyFix(application, x_for=1, x_proto=1, x_host=1, x_port=1, x_prefix=1)

    def drop_malformed_headers(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        for name, form in _FORWARDED_PATTERNS.items():
            value = environ.get(name)
            if value is not None and form.fullmatch(value.rpartition(",")[2].strip()) is None:
                del environ[name]
        return proxied(environ, start_response)

    return drop_malformed_headers
