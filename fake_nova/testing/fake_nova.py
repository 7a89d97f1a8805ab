"""Clouds in this process with their control; `FakeNova` is the one for tests with and without pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Unpack

from fake_nova.app import create_app, emulator_of
from fake_nova.clients.in_process import DirectTransport
from fake_nova.cloud.emulator import Emulator
from fake_nova.control import Control
from fake_nova.control.types import SettingOptions
from fake_nova.serving.threaded import Acceptor, ThreadServer
from fake_nova.settings import refuse_unprotected_admin

if TYPE_CHECKING:
    from flask import Flask


class LocalCloud(Control):
    """A cloud on a socket of its own, in threads of this process, and its control.

    Args:
        app: the result of `fake_nova.create_app`.
        acceptor: accepts its connections, and those of other clouds; None for a thread of its own.

    Attributes:
        app: the application, for clients without a socket (`fake_nova.clients.requests`).
        emulator: the emulator, for tests that need more than the admin API offers.
        server: the server that listens on the socket.

    Raises:
        ConfigurationError: if the port is in use.
    """

    def __init__(self, app: Flask, acceptor: Acceptor | None = None) -> None:
        self.app: Final = app
        self.emulator: Final[Emulator] = emulator_of(app)
        settings = self.emulator.settings
        self.server: Final = ThreadServer(app, settings.host, settings.port, acceptor)
        url = self.server.url
        super().__init__(url, token=settings.admin_token, transport=DirectTransport(app, url))

    @property
    def project_id(self) -> str:
        """The project of requests whose URL has no project id: the fixtures' first project."""
        return self.emulator.cloud.directory.first_project.id

    @property
    def is_stopped(self) -> bool:
        """Whether the server has stopped."""
        return self.server.is_stopped

    def stop(self) -> None:
        """Stop the server; a second call does nothing."""
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
        ConfigurationError: if a setting is invalid, or the port is in use.
        FixtureError: if a fixture file is invalid.
    """

    def __init__(self, **settings: Unpack[SettingOptions]) -> None:
        options: SettingOptions = {"host": "127.0.0.1", "port": 0, **settings}
        app = create_app(**options)
        refuse_unprotected_admin(emulator_of(app).settings)
        super().__init__(app)
