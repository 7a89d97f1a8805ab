"""FakeNova: an emulated cloud in this process, for tests with pytest and without."""

from __future__ import annotations

from typing import Any, Final

from fake_nova.app import create_app, emulator_of
from fake_nova.clients.in_process import DirectTransport
from fake_nova.cloud.emulator import Emulator
from fake_nova.control import Control
from fake_nova.serving.threaded import ThreadServer
from fake_nova.settings import refuse_unprotected_admin


class FakeNova(Control):
    """A seeded cloud behind a real socket, in threads of this process, and the handle of it.

    It listens when the constructor returns; as a context manager it stops at the end of the block::

        with FakeNova(dialect="nova") as nova:
            nova.images.set_status(image_id, "killed")

    Args:
        settings: settings by name, as for `fake_nova.create_app`; ``port`` is a free one unless given.

    Attributes:
        app: the application, for clients without a socket (`fake_nova.clients.requests`).
        emulator: the emulator itself, for what no request can reach.

    Raises:
        Unusable: a setting is not one of those allowed, or the port is taken.
        FixtureError: something is wrong with the fixtures.
    """

    def __init__(self, **settings: Any) -> None:
        app = create_app(**{"host": "127.0.0.1", "port": 0, **settings})
        self.app: Final = app
        self.emulator: Final[Emulator] = emulator_of(app)
        effective_settings = self.emulator.settings
        refuse_unprotected_admin(effective_settings)
        self._server: Final = ThreadServer(app, effective_settings.host, effective_settings.port)
        url = self._server.url
        super().__init__(url, token=effective_settings.admin_token, transport=DirectTransport(app, url))

    @property
    def project_id(self) -> str:
        """The project whose images a URL without a project id shows."""
        return self.emulator.cloud.directory.first_project.id

    @property
    def is_stopped(self) -> bool:
        """Whether it listens no longer."""
        return self._server.is_stopped

    def stop(self) -> None:
        """Stop listening; a second call does nothing."""
        self._server.stop()

    def close(self) -> None:
        """Stop listening."""
        self.stop()
