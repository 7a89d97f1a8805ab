"""create_app(): the emulator as a Flask application."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from fake_nova import apis, settings
from fake_nova.cloud.cloud import Emulator
from fake_nova.wire.answer import answer
from fake_nova.wire.call import Answer


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
    routes = apis.routes()

    @app.before_request  # and no URL rules: the services route as no web framework does
    def emulate() -> Response:
        return _response(answer(emulator, routes, request.environ))

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
