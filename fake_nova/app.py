"""The emulator as a Flask application."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, Unpack

from flask import Flask, Request, Response, request

from fake_nova import apis, settings
from fake_nova.cloud.emulator import Emulator
from fake_nova.control.types import SettingOptions
from fake_nova.documents.loading import start_from_fixtures
from fake_nova.serving.wsgi import Application, behind_proxy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask.typing import ResponseReturnValue
    from werkzeug.datastructures import Headers
    from werkzeug.routing import MapAdapter


def create_app(emulator: Emulator | None = None, **options: Unpack[SettingOptions]) -> Flask:
    """Return a Flask application around an emulator of its own. Two applications share nothing.

    Args:
        emulator: an existing emulator instead. Before `Emulator.start` a request gets a 503, unless an
            earlier step refuses it.
        options: settings by name, such as ``dialect="nova"`` or ``fixtures=("every-status",)``. The others
            come from the environment, or have their defaults. They cannot be combined with an *emulator*.

    Raises:
        ConfigurationError: if a setting is invalid.
        FixtureError: if a fixture is invalid.
        TypeError: if there are both an *emulator* and *options*.
    """
    if emulator is None:
        emulator = Emulator(settings.load_settings(**options), operations=apis.router().operations)
        start_from_fixtures(emulator)
    elif options:
        raise TypeError(
            f"create_app: an emulator has settings of its own, so it takes no {next(iter(options))}. "
            "Write: create_app(Emulator(Settings(...)))"
        )
    app = _FlaskApplication(emulator)
    if emulator.settings.trust_forwarded:
        app.wsgi_app = behind_proxy(app.wsgi_app)  # type: ignore[method-assign,assignment]  # Flask's documented way
    return app


def emulator_of(app: Flask) -> Emulator:
    """Return the emulator of an application that `create_app` returned."""
    emulator: Emulator = app.extensions["fake_nova"]
    return emulator


class _Response(Response):
    """A response with unchanged headers. Werkzeug changes some, and rejects some hosts in Location."""

    default_mimetype = None

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:  # noqa: ARG002  # the signature is werkzeug's
        return self.headers


class _FlaskApplication(Flask):
    """Flask around the emulator's WSGI application, for routes, hooks and blueprints of users.

    The emulator responds to every request that matches no route of a user. If there are neither routes nor
    hooks, requests bypass Flask, which would take most of the time of a response.
    """

    def __init__(self, emulator: Emulator) -> None:
        super().__init__("fake_nova", static_folder=None)
        self.extensions["fake_nova"] = emulator
        self._emulated: Final = Application(emulator)
        self._additions: Final = (
            self.view_functions,
            self.before_request_funcs,
            self.after_request_funcs,
            self.teardown_request_funcs,
            self.teardown_appcontext_funcs,
        )

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Respond to one WSGI request."""
        if any(self._additions):
            return super().wsgi_app(environ, start_response)
        return self._emulated(environ, start_response)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Skip URL matching until the application has rules: raising NotFound on every request is slow."""
        return super().create_url_adapter(request) if request is None or self.view_functions else None

    def dispatch_request(self) -> ResponseReturnValue:
        """Call the view of a user's route; without one, return the response of the emulator."""
        if request.url_rule is not None:
            return super().dispatch_request()
        response_start: list[Any] = []

        def start_response(*status_and_headers: Any) -> Callable[[bytes], None]:
            response_start.extend(status_and_headers)
            return response_start.append  # WSGI requires a callable; the emulator does not call it

        return _Response(self._emulated(request.environ, start_response), *response_start)
