"""create_app(): the emulator as a Flask application."""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, Request, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from fake_nova import apis, settings
from fake_nova.cloud.cloud import Emulator
from fake_nova.cloud.faults import CUT
from fake_nova.wire.answer import answer
from fake_nova.wire.api import Routes
from fake_nova.wire.bodies import phrase
from fake_nova.wire.call import Answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.routing import MapAdapter

#: Where the WSGI environment says how the answer's connection breaks.
_ENDING: Final = "fake_nova.ending"

#: SO_LINGER: on, for 0 seconds; closing the socket is a reset then.
_NO_LINGER: Final = struct.pack("ii", 1, 0)


def create_app(emulator: Emulator | None = None, **chosen: Any) -> Flask:
    """Return a WSGI application that is one emulated cloud; two of them share nothing.

    Args:
        emulator: an emulator of your own. It need not be seeded yet: until it is, every answer is a 503.
        chosen: settings by name, such as ``dialect="nova"`` or ``fixtures=("every-status",)``; what is not
            chosen comes from the environment, then from the defaults. Only without an *emulator*.

    Raises:
        Unusable: a setting is not one of those allowed.
        FixtureError: something is wrong with the fixtures.
    """
    if emulator is None:
        emulator = Emulator(settings.from_environment(**chosen), operations=apis.routes().operations())
        emulator.seed()
    elif chosen:
        raise TypeError("settings belong to the emulator: Emulator(Settings(...))")
    app = _Flask("fake_nova", static_folder=None)
    app.extensions["fake_nova"] = emulator
    routes = apis.routes()

    @app.before_request  # and no URL rules: the services route as no web framework does
    def emulate() -> Response | None:
        if app.view_functions and request.url_rule is not None:
            return None  # a route that somebody has added to the application
        environ = request.environ
        made = answer(emulator, routes, environ)
        environ[_ENDING] = made.ending
        return _response(made)

    front = _Front(app, emulator, routes)
    app.wsgi_app = front  # type: ignore[method-assign]  # Flask's documented way
    if emulator.settings.trust_forwarded:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_port=1, x_prefix=1)  # type: ignore[method-assign]  # Flask's documented way
    return app


#: Where the paths begin that nearly all traffic reads.
_DIRECT: Final = ("/v2.1/", "/v2/")


class _Front:
    """What stands in front of Flask: a fast path for what is read, and breaks for connections.

    A GET below `_DIRECT` is taken by the same `answer` as all other requests, so no rule is in two places; it
    only does without Flask's routing and its objects for request and response. So Flask's own hooks do not
    see it; what is to see every request wraps ``wsgi_app``. Where somebody has added routes to the
    application, Flask routes everything. Measured (scripts/bench reads): show and a list of 25 take 11 µs of
    CPU each, and 54 µs through Flask.

    A WSGI application cannot end a connection, but servers do so when it fails as a dropped connection would
    let it fail. Where the server hands its socket over, a reset is one.
    """

    def __init__(self, app: Flask, emulator: Emulator, routes: Routes) -> None:
        self._inner: Final[WSGIApplication] = app.wsgi_app
        self._added: Final = app.view_functions
        self._emulator: Final = emulator
        self._routes: Final = routes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if (
            environ["REQUEST_METHOD"] == "GET"
            and environ.get("PATH_INFO", "").startswith(_DIRECT)
            and not self._added
        ):
            made = answer(self._emulator, self._routes, environ)
            ending = made.ending
            content: Iterable[bytes] = [made.body]  # a list goes out in one piece, under granian too
            start_response(
                _status_line(made.status), [*made.headers, ("Content-Length", str(len(made.body)))]
            )
        else:
            content = self._inner(environ, start_response)
            ending = environ.get(_ENDING)
        return content if ending is None else _broken(b"".join(content), ending, environ)


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


def emulator_of(app: Flask) -> Emulator:
    """Return the emulator behind an application that `create_app` made."""
    emulator: Emulator = app.extensions["fake_nova"]
    return emulator


class _Flask(Flask):
    """Flask that looks for no URL rule while there is none; that nothing matches is an error, and dear."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return what finds a URL rule, or None where nobody has added any."""
        if request is not None and not self.view_functions:
            return None
        return super().create_url_adapter(request)


class _Response(Response):
    default_mimetype = None  # an answer says its own, or has none


def _response(made: Answer) -> Response:
    return _Response(made.body, _status_line(made.status), made.headers)


@cache
def _status_line(status: int) -> str:
    """Return the status with its phrase in mixed case, as the real services send it."""
    return f"{status} {phrase(status)}"
