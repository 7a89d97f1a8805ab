"""FakeNova: an emulated cloud in this process, for tests with pytest and without."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Final

from fake_nova.app import create_app, emulator_of
from fake_nova.cloud.cloud import Emulator
from fake_nova.control import Admin
from fake_nova.server import ThreadServer


class FakeNova:
    """A seeded cloud behind a real socket, in threads of this process.

    It listens when the constructor returns; as a context manager it stops at the end of the block::

        with FakeNova(dialect="nova") as nova:
            nova.admin.set_status(image_id, "killed")

    Args:
        settings: settings by name, as for `fake_nova.create_app`; ``port`` is a free one unless given.

    Attributes:
        emulator: the emulator itself, for what no request can reach.
        url: where it listens, such as ``http://127.0.0.1:40123``.
        admin: adds images, changes their status, resets.

    Raises:
        Unusable: a setting is not one of those allowed, or the port is taken.
        FixtureError: something is wrong with the fixtures.
    """

    def __init__(self, **settings: Any) -> None:
        app = create_app(**{"host": "127.0.0.1", "port": 0, **settings})
        self.emulator: Final[Emulator] = emulator_of(app)
        chosen = self.emulator.settings
        self._server: Final = ThreadServer(app, chosen.host, chosen.port)
        self.url: Final = self._server.url
        self.admin: Final = Admin(self.url)

    @property
    def project_id(self) -> str:
        """The project whose images a URL without a project id shows."""
        return self.emulator.cloud.directory.first_project.id

    @property
    def compute_url(self) -> str:
        """The images API's base URL for that project: put ``/images`` behind it."""
        return f"{self.url}/v2.1/{self.project_id}"

    def reset(self) -> None:
        """Start over, exactly as seeded."""
        self.emulator.reset()

    def stop(self) -> None:
        """Stop listening; a second call does nothing."""
        self._server.stop()

    def __enter__(self) -> FakeNova:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
