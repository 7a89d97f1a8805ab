"""Cloud: one life of a scope of an emulated cloud, and what it begins with."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from fake_nova.cloud.clock import Clock, ClockStart, ScopeClock
from fake_nova.cloud.directory import Directory, Project
from fake_nova.cloud.faults import Fault, Faults
from fake_nova.cloud.history import History
from fake_nova.cloud.image_data import ImageData
from fake_nova.cloud.journal import Journal
from fake_nova.cloud.lifecycle import Lifecycle
from fake_nova.cloud.plans import Schedule
from fake_nova.cloud.servers import Server
from fake_nova.cloud.tokens import Tokens
from fake_nova.errors import SnapshotNotFound
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus
from fake_nova.images.store import MemoryImageStore, StoreState
from fake_nova.settings import Settings


class Start(NamedTuple):
    """What a life begins with, and a reset goes back to."""

    directory: Directory
    state: StoreState
    schedule: Schedule = Schedule()
    clock: ClockStart | None = None
    faults: tuple[Fault, ...] = ()
    servers: tuple[Server, ...] = ()


class Snapshot(NamedTuple):
    """The state of a cloud's images at one moment, and how far they were with their plans."""

    state: StoreState
    schedule: Schedule
    at: datetime | None


#: How many deleted images the admin API still shows; of more, the first ones are forgotten.
MOST_DELETED: Final = 10_000


class Cloud:
    """One life of a scope, from a reset to the next.

    A request takes the cloud that is there when it arrives and works on it to its end. So what a request does
    that was under way during a reset, it does to a cloud that nobody sees any more.

    Attributes:
        settings: the scope's own.
        clock: the scope's own; after every reset as the seed says, else real.
        directory: everybody there is on the server.
        start: what this life began with.
        images: the scope's own.
        history: what was written to them.
        servers: what images can be made of, by id.
        data: the bytes of images.
        snapshots: states that were given a name.
        lifecycle: plans, and the images that are under way by them.
        faults: failures put in on purpose.
        journal: what was asked of it and what it answered.
        tokens: those that are scoped to it.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        directory: Directory,
        start: Start,
        home: Project | None = None,
    ) -> None:
        self.settings: Final = settings
        self._home: Final = home
        self.start: Final = start
        self.clock: Final = ScopeClock(clock)
        if start.clock is not None:
            self.clock.go(start.clock.mode, start.clock.now)
        self.directory = directory
        self.history: Final = History(self.clock)
        self.images = MemoryImageStore(start.state, self.history.note)
        self.lifecycle: Final = Lifecycle(self.images, self.clock, start.schedule)
        self.faults: Final = Faults(self.clock, self.images)
        self.faults.add(*start.faults)
        self.data: Final = ImageData(settings.max_image_size)
        self.servers: Final = {server.id: server for server in start.servers}
        self._deleted: Final[deque[str]] = deque()
        self.snapshots: Final[dict[str, Snapshot]] = {}
        self.journal: Final = Journal(settings.journal)
        self.tokens: Final = Tokens(self.clock, timedelta(seconds=settings.token_lifetime))

    @property
    def home(self) -> Project:
        """The project that owns what names no owner: the scope's, else the first one of the fixtures."""
        return self._home or self.directory.first_project

    @property
    def is_shared(self) -> bool:
        """Whether it is the cloud of all projects without a scope."""
        return self._home is None

    def delete_image(self, image_id: str, check: Callable[[Image], None]) -> None:
        """Delete an image: it stays in the store, gone for every client, and follows no plan any more.

        Args:
            image_id: the image.
            check: raises if the caller may not delete the image; nothing is changed then.

        Raises:
            ImageNotFound: if there is no such image.
        """
        now = self.clock.now()

        def deleted(image: Image) -> Image:
            check(image)
            return image.replaced(status=ImageStatus.DELETED, updated_at=now)

        with self.lifecycle.still():
            self.images.update(image_id, deleted)
            self.lifecycle.end(image_id)
            self._deleted.append(image_id)
            if len(self._deleted) > MOST_DELETED:
                self._forget_deleted(self._deleted.popleft())

    def _forget_deleted(self, image_id: str) -> None:
        image = self.images.state().by_id.get(image_id)
        if image is not None and image.is_deleted:
            self.images.forget(image_id)

    def snapshot(self, name: str) -> Snapshot:
        """Return the state of this name; ``seed`` is what this life began with.

        Raises:
            SnapshotNotFound: there is none.
        """
        if name == SEED:
            return Snapshot(self.start.state, self.start.schedule, None)
        if name not in self.snapshots:
            raise SnapshotNotFound(name, (SEED, *self.snapshots))
        return self.snapshots[name]

    def present(self) -> Snapshot:
        """Return the state of now."""
        with self.lifecycle.still():
            return Snapshot(self.images.state(), self.lifecycle.schedule(), self.clock.now())

    def go_back(self, snapshot: Snapshot) -> None:
        """Hold the images of *snapshot*, and let those under way go on as long as they had to go then.

        The clock is not turned back; faults, journal and tokens stay.
        """
        with self.lifecycle.still():
            self.images.go_to(snapshot.state)
            self.lifecycle.go_to(snapshot.schedule)

    def end(self) -> None:
        """Let nobody go on waiting in a life that is over."""
        self.faults.over.set()


#: The name of the state that a life began with.
SEED: Final = "seed"
