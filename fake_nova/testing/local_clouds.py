"""The clouds of tests in this process, each with an address of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Final

from fake_nova.app import create_app, emulator_of
from fake_nova.cloud.emulator import Emulator
from fake_nova.serving.threaded import Acceptor, ThreadServer
from fake_nova.serving.wsgi import gone_application
from fake_nova.settings import Settings, refuse_unprotected_admin
from fake_nova.testing.fake_nova import LocalCloud, tls_for

if TYPE_CHECKING:
    from fake_nova.testing.local_tls import LocalTls

#: The settings on which a certificate depends.
_TLS_SETTINGS: Final = ("tls", "tls_cert", "tls_key", "tls_ca_file", "host", "allowed_host")

#: The number of ended clouds whose sockets stay open, to answer late requests with 410.
MAX_ENDED_CLOUDS: Final = 64


class LocalCloudPool:
    """The clouds of tests in this process.

    Each cloud has an emulator and a socket of its own, so that nothing that a test leaves running reaches the
    cloud of another test. One thread accepts the connections of all of them.
    """

    def __init__(self) -> None:
        self._acceptor: Final = Acceptor()
        self._templates: Final[dict[Hashable, Emulator]] = {}
        self._tls_by_settings: Final[dict[Hashable, LocalTls | None]] = {}
        self._ended_servers: Final[deque[ThreadServer]] = deque()

    def is_loaded(self, key: Hashable) -> bool:
        """Return whether the fixtures for the clouds of a key are loaded."""
        return key in self._templates

    def load(self, key: Hashable, settings: dict[str, Any]) -> None:
        """Read the fixtures for the clouds of a key.

        Args:
            key: names the clouds with the same settings.
            settings: settings by name, as for `fake_nova.create_app`.

        Raises:
            ConfigurationError: if a setting or the certificate is invalid.
            FixtureError: if a fixture file is invalid.
        """
        template = emulator_of(create_app(**{"host": "127.0.0.1", "port": 0, **settings}))
        refuse_unprotected_admin(template.settings)
        self._tls_of(template.settings)
        self._templates[key] = template

    def _tls_of(self, settings: Settings) -> LocalTls | None:
        """Return the TLS of clouds with these settings; all of a test run with the same have one CA."""
        key = tuple(getattr(settings, name) for name in _TLS_SETTINGS)
        if key not in self._tls_by_settings:
            self._tls_by_settings[key] = tls_for(settings)
        return self._tls_by_settings[key]

    def open(self, key: Hashable) -> LocalCloud:
        """Open a freshly seeded cloud.

        Args:
            key: a key for which fixtures are loaded.

        Raises:
            ConfigurationError: if the settings have a port, and that is in use.
        """
        template = self._templates[key]
        return LocalCloud(create_app(template.duplicate()), self._acceptor, self._tls_of(template.settings))

    def end(self, nova: LocalCloud, message: str) -> None:
        """End a cloud: drop its contents, and end its connections.

        It responds to later requests with 410 and *message*: in this process always, over its socket until
        `MAX_ENDED_CLOUDS` other clouds have ended. A port of the user's choice is free at once, for the next
        test.
        """
        ended_app = gone_application(message)
        nova.app.wsgi_app = ended_app  # type: ignore[method-assign,assignment]  # Flask's documented way
        server = nova.server
        if server is None:
            nova.emulator.close()
            nova.stop()  # a socket that nobody has used is not opened any more
            return
        server.replace_app(ended_app)
        nova.emulator.close()
        has_fixed_port = nova.emulator.settings.port != 0
        if has_fixed_port:
            nova.stop()
        self._ended_servers.append(server)
        if len(self._ended_servers) > MAX_ENDED_CLOUDS:
            self._ended_servers.popleft().stop()

    def close(self) -> None:
        """Close the sockets of all ended clouds."""
        for server in self._ended_servers:
            server.stop()
