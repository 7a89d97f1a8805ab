"""Front: what takes a request from the server, and breaks connections where a fault says so."""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from fake_nova import apis
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.faults import CUT
from fake_nova.wire.answer import answer
from fake_nova.wire.api import Routes
from fake_nova.wire.bodies import phrase

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Where the WSGI environment says how the answer's connection breaks.
ENDING: Final = "fake_nova.ending"

#: Where the paths begin that nearly all traffic reads.
_DIRECT: Final = ("/v2.1/", "/v2/")

#: SO_LINGER: on, for 0 seconds; closing the socket is a reset then.
_NO_LINGER: Final = struct.pack("ii", 1, 0)


class Front:
    """A WSGI application in front of Flask: a fast path for what is read, and breaks for connections.

    A GET below `_DIRECT` is taken by the same `answer` as all other requests, so no rule is in two places; it
    only does without Flask's routing and its objects for request and response. So Flask's own hooks do not
    see it; what is to see every request wraps ``wsgi_app``. Where somebody has added routes to the
    application, Flask routes everything. Measured (scripts/bench reads): show and a list of 25 take 6 and
    7 µs of CPU, and 41 and 43 µs through Flask.

    A WSGI application cannot end a connection, but servers do so when it fails as a dropped connection would
    let it fail. Where the server hands its socket over, a reset is one.

    Args:
        emulator: who answers.
        routes: all routes that there are.
        flask: takes what the fast path does not; it may leave word in the environment, as `ENDING`.
        added: what somebody has added to Flask; as long as it is empty, the fast path is taken.
    """

    def __init__(
        self,
        emulator: Emulator,
        routes: Routes,
        flask: WSGIApplication,
        added: Collection[object] = (),
    ) -> None:
        self._emulator: Final = emulator
        self._routes: Final = routes
        self._flask: Final = flask
        self._added: Final = added

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if (
            environ["REQUEST_METHOD"] == "GET"
            and environ.get("PATH_INFO", "").startswith(_DIRECT)
            and not self._added
        ):
            made = answer(self._emulator, self._routes, environ)
            length = "Content-Length", str(len(made.body))
            start_response(status_line(made.status), [*made.headers, length])
            content: Iterable[bytes] = [made.body]  # a list goes out in one piece, under granian too
            ending = made.ending
        else:
            content = self._flask(environ, start_response)
            ending = environ.get(ENDING)
        return content if ending is None else _broken(b"".join(content), ending, environ)


def alone(emulator: Emulator) -> WSGIApplication:
    """Return the emulator as an application for a server of its own.

    It is that of `fake_nova.create_app`, but Flask is loaded when the first request comes that the fast path
    does not take. Measured (scripts/bench start): that saves 70 of the 230 ms from the command to its first
    answer.
    """
    if emulator.settings.trust_forwarded:  # a middleware of Flask's comes before all else then
        from fake_nova.app import create_app  # noqa: PLC0415

        return create_app(emulator)
    loaded: list[WSGIApplication] = []

    def flask(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not loaded:  # two threads may both load it, which does no harm
            from fake_nova.app import without_front  # noqa: PLC0415

            loaded.append(without_front(emulator))
        return loaded[0](environ, start_response)

    return Front(emulator, apis.routes(), flask)


def _broken(body: bytes, ending: str, environ: WSGIEnvironment) -> Iterator[bytes]:
    if ending == CUT:
        yield body[: len(body) // 2]
        raise BrokenPipeError(errno.EPIPE, "a fault cuts this answer off")
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if connection is not None:
        _reset(connection)
    raise ConnectionResetError(errno.ECONNRESET, "a fault resets this connection")


def _reset(connection: socket.socket) -> None:
    """Close a connection so that its client sees a reset, and not the farewell that the server would say."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    with socket.socket() as unconnected:
        os.dup2(unconnected.fileno(), connection.fileno())  # the server goes on with this one, in vain


@cache
def status_line(status: int) -> str:
    """Return the status with its phrase in mixed case, as the real services send it."""
    return f"{status} {phrase(status)}"
