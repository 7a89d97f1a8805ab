"""create_app(): the emulator as a Flask application."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response, request
from werkzeug.datastructures import Headers
from werkzeug.middleware.proxy_fix import ProxyFix

from fake_nova import apis, settings
from fake_nova.cloud.emulator import Emulator
from fake_nova.front import ENDING, Front, status_line
from fake_nova.wire.answer import answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.routing import MapAdapter


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
    app = without_front(emulator)
    app.wsgi_app = Front(  # type: ignore[method-assign]  # Flask's documented way
        emulator, apis.routes(), app.wsgi_app, added=app.view_functions
    )
    if emulator.settings.trust_forwarded:
        app.wsgi_app = _behind_proxy(app.wsgi_app)  # type: ignore[method-assign,assignment]  # Flask's way
    return app


def without_front(emulator: Emulator) -> Flask:
    """Return a Flask application that takes all requests itself, and breaks no connection."""
    app = _Flask("fake_nova", static_folder=None)
    app.extensions["fake_nova"] = emulator
    routes = apis.routes()

    @app.before_request  # and no URL rules: the services route as no web framework does
    def emulate() -> Response | None:
        if app.view_functions and request.url_rule is not None:
            return None  # a route that somebody has added to the application
        environ = request.environ
        made = answer(emulator, routes, environ)
        environ[ENDING] = made.ending
        return _Response(made.body, status_line(made.status), made.headers)

    return app


#: Header of a proxy, as a WSGI environment names it -> the form that its last value must have.
_FORWARDED: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "HTTP_X_FORWARDED_PROTO": re.compile("https?", re.IGNORECASE),
        "HTTP_X_FORWARDED_HOST": re.compile(
            r"[A-Za-z0-9._-]{1,255}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?"
        ),
        "HTTP_X_FORWARDED_PORT": re.compile("[0-9]{1,5}"),
        "HTTP_X_FORWARDED_PREFIX": re.compile(r"/[!-~]{0,1000}"),
    }
)


def _behind_proxy(application: WSGIApplication) -> WSGIApplication:
    """Let an application see the address that the client of one proxy in front used.

    A header that is not of the form that it must have is ignored.
    """
    fixed = ProxyFix(application, x_for=1, x_proto=1, x_host=1, x_port=1, x_prefix=1)

    def checked(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        for name, form in _FORWARDED.items():
            value = environ.get(name)
            if value is not None and form.fullmatch(value.rpartition(",")[2].strip()) is None:
                del environ[name]
        return fixed(environ, start_response)

    return checked


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
    """An answer as it is; of a Location with a host that is no host, werkzeug's own makes an error."""

    default_mimetype = None  # an answer says its own, or has none

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:  # noqa: ARG002  # werkzeug's own signature
        headers = Headers(self.headers)
        if self.status_code == HTTPStatus.NO_CONTENT:
            headers.remove("Content-Length")
        return headers
