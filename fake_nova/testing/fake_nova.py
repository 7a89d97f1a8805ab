"""Clouds in this process with their control; `FakeNova` is the one for tests with and without pytest."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Final, Unpack

from fake_nova.app import create_app, emulator_of
from fake_nova.clients.in_process import DirectTransport
from fake_nova.cloud.emulator import Emulator
from fake_nova.control import Control
from fake_nova.control.types import SettingOptions
from fake_nova.errors import FakeNovaError
from fake_nova.serving.threaded import Acceptor, ThreadServer
from fake_nova.settings import refuse_unprotected_admin

if TYPE_CHECKING:
    from flask import Flask

    from fake_nova.settings import Settings
    from fake_nova.testing.local_tls import LocalTls

#: pytest shows the line of the caller instead of lines of this module.
__tracebackhide__ = True

#: The URL of a cloud without a socket, which only clients in this process reach. Nobody can register the name
#: (RFC 6761).
IN_PROCESS_URL: Final = "http://fake-nova.test"


def tls_for(settings: Settings) -> LocalTls | None:
    """Return the TLS of clouds with these settings; None for plain HTTP.

    Raises:
        ConfigurationError: if the certificate or its key is missing or invalid.
    """
    if not settings.speaks_tls:
        return None
    from fake_nova.testing.local_tls import LocalTls  # noqa: PLC0415  # needed only with TLS

    return LocalTls(settings)


class LocalCloud(Control):
    """A cloud on a socket of its own, in threads of this process, and its control.

    It listens on a port of the user's choice at once, and on a free one when its address is first read:
    `url`, `compute_url`, `auth_url` or `environment`. If pytest-socket forbids sockets, its address is
    `IN_PROCESS_URL`.

    Args:
        app: the result of `fake_nova.create_app`.
        acceptor: accepts its connections, and those of other clouds; None for a thread of its own.
        tls: its TLS; None for plain HTTP.

    Attributes:
        app: the application, for clients without a socket (`fake_nova.clients.requests`).
        emulator: the emulator, for tests that need more than the admin API offers.
        server: the server that listens on the socket; None until it does.
        is_socket_forbidden: whether pytest-socket forbade the socket when the address was last read.

    Raises:
        ConfigurationError: if the port is in use.
    """

    def __init__(self, app: Flask, acceptor: Acceptor | None = None, tls: LocalTls | None = None) -> None:
        self.app: Final = app
        self.emulator: Final[Emulator] = emulator_of(app)
        self.server: ThreadServer | None = None
        self.is_socket_forbidden = False
        self._acceptor: Final = acceptor
        self._tls: Final = tls
        self._is_stopped = False
        self._lock: Final = Lock()  # held while the socket is opened
        settings = self.emulator.settings
        paths = settings.service_paths
        super().__init__(IN_PROCESS_URL, token=settings.admin_token, transport=self._send, paths=paths)
        if settings.port:
            self._try_to_listen()

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Send a request of the control in this process, and return status and body of the response."""
        url = IN_PROCESS_URL if self.server is None else self.server.url
        return DirectTransport(self.app, url)(method, path, body, headers)

    def listen(self) -> None:
        """Open the socket; a second call does nothing.

        Raises:
            ConfigurationError: if the port is in use.
        """
        with self._lock:
            if self.server is None and not self._is_stopped:
                settings = self.emulator.settings
                tls = None if self._tls is None else self._tls.server
                self.server = ThreadServer(self.app, settings.host, settings.port, self._acceptor, tls)

    def _try_to_listen(self) -> None:
        """Open the socket, unless pytest-socket forbids it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self.listen()
            except RuntimeError:  # a SocketBlockedError, which warns too
                self.is_socket_forbidden = True
            else:
                self.is_socket_forbidden = False

    @property
    def url(self) -> str:
        """The cloud's URL, without a slash at the end. The first read opens the socket."""
        self._try_to_listen()
        return IN_PROCESS_URL if self.server is None else self.server.url

    @property
    def ca_file(self) -> str | None:
        """The absolute path of the file with the CA certificate that clients trust; None without TLS."""
        return None if self._tls is None else self._tls.ca_file

    @property
    def environment(self) -> dict[str, str]:
        """The OS_* variables with which an OpenStack client logs in. The first read opens the socket."""
        self._try_to_listen()  # the variables contain the address to which this request goes
        return super().environment

    @property
    def project_id(self) -> str:
        """The id of the first user's project; the first project's if the fixtures have no user."""
        directory = self.emulator.cloud.directory
        user = directory.first_user
        project = directory.first_project if user is None else user.project
        return (project or directory.first_project).id

    @property
    def is_stopped(self) -> bool:
        """Whether the server has stopped."""
        return self._is_stopped

    def stop(self) -> None:
        """Stop the server; a second call does nothing."""
        with self._lock:
            self._is_stopped = True
        if self.server is not None:
            self.server.stop()

    def close(self) -> None:
        """Stop the server."""
        self.stop()


class FakeNova(LocalCloud):
    """A seeded cloud on a socket of its own, in threads of this process, and its control.

    It listens when the constructor returns; as a context manager it stops at the end of the block::

        with FakeNova(dialect="nova") as nova:
            nova.images.set_status(image_id, "killed")

    Args:
        settings: settings by name, as for `fake_nova.create_app`; by default ``port`` is a free one.

    Raises:
        ConfigurationError: if a setting or the certificate is invalid, or the port is in use.
        FixtureError: if a fixture file is invalid.
    """

    def __init__(self, **settings: Unpack[SettingOptions]) -> None:
        options: SettingOptions = {"host": "127.0.0.1", "port": 0, **settings}
        try:
            app = create_app(**options)
            refuse_unprotected_admin(emulator_of(app).settings)
            super().__init__(app, tls=tls_for(emulator_of(app).settings))
            self.listen()
        except FakeNovaError as error:
            raise error.with_traceback(None) from None  # pytest shows the line of the caller
