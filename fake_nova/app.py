"""create_app(): the emulator as a Flask application."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from fake_nova import apis, settings
from fake_nova.cloud.cloud import Emulator
from fake_nova.wire.answer import answer
from fake_nova.wire.call import Answer

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")


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
        emulator = Emulator(settings.from_environment(**chosen))
        emulator.seed()
    elif chosen:
        raise TypeError("settings belong to the emulator: Emulator(Settings(...))")
    app = Flask("fake_nova", static_folder=None)
    app.extensions["fake_nova"] = emulator
    app.url_map.merge_slashes = False
    routes = apis.routes()

    def emulate(_: HTTPException | None = None, **__: str) -> Response:
        return _response(answer(emulator, routes, request.environ))

    # One URL rule takes every path, for the services' own routing differs from a web framework's; what even
    # that rule does not take (a path that begins with two slashes, a method of somebody's own) comes back as
    # an error, and is answered the same way.
    app.add_url_rule("/", "root", emulate, methods=_METHODS, provide_automatic_options=False)
    app.add_url_rule("/<path:path>", "path", emulate, methods=_METHODS, provide_automatic_options=False)
    app.register_error_handler(404, emulate)
    app.register_error_handler(405, emulate)
    if emulator.settings.trust_forwarded:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_port=1, x_prefix=1)  # type: ignore[method-assign]  # Flask's documented way
    return app


def emulator_of(app: Flask) -> Emulator:
    """Return the emulator behind an application that `create_app` made."""
    emulator: Emulator = app.extensions["fake_nova"]
    return emulator


def _response(made: Answer) -> Response:
    response = Response(made.body, _status_line(made.status))
    del response.headers["Content-Type"]
    for name, value in made.headers:
        response.headers.add(name, value)
    return response


@cache
def _status_line(status: int) -> str:
    """Return the status with its phrase in mixed case, as the real services send it."""
    return f"{status} {HTTPStatus(status).phrase}"
