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
from fake_nova.cloud.image_data import ImageDataStore
from fake_nova.cloud.journal import Journal
from fake_nova.cloud.lifecycle import Lifecycle
from fake_nova.cloud.plans import PlanState
from fake_nova.cloud.servers import Server
from fake_nova.cloud.tokens import Tokens
from fake_nova.errors import SnapshotNotFound
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus
from fake_nova.images.store import MemoryImageStore, StoreState
from fake_nova.settings import Settings


class InitialState(NamedTuple):
    """What a life begins with, and a reset goes back to."""

    directory: Directory
    store_state: StoreState
    plan_state: PlanState = PlanState()
    clock: ClockStart | None = None
    faults: tuple[Fault, ...] = ()
    servers: tuple[Server, ...] = ()


class Snapshot(NamedTuple):
    """The state of a cloud's images at one moment, and how far they were with their plans."""

    store_state: StoreState
    plan_state: PlanState
    taken_at: datetime | None


#: How many deleted images the admin API still shows; of more, the first ones are forgotten.
MAX_DELETED_IMAGES: Final = 10_000


class Cloud:
    """One life of a scope, from a reset to the next.

    A request takes the cloud that is there when it arrives and works on it to its end. So what a request does
    that was under way during a reset, it does to a cloud that nobody sees any more.

    Attributes:
        settings: the scope's own.
        dialect: the choices of the dialect that this cloud speaks.
        clock: the scope's own; after every reset as the seed says, else real.
        directory: everybody there is on the server.
        initial_state: what this life began with.
        images: the scope's own.
        history: what was written to them.
        servers: what images can be made of, by id.
        image_data: the bytes of images.
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
        initial_state: InitialState,
        scope_project: Project | None = None,
    ) -> None:
        self.settings: Final = settings
        self.dialect: Final = settings.dialect_rules
        self._scope_project: Final = scope_project
        self.initial_state: Final = initial_state
        self.clock: Final = ScopeClock(clock)
        if initial_state.clock is not None:
            self.clock.set(initial_state.clock.mode, initial_state.clock.now)
        self.directory = directory
        self.history: Final = History(self.clock)
        self.images = MemoryImageStore(initial_state.store_state, self.history.record)
        self.lifecycle: Final = Lifecycle(self.images, self.clock, initial_state.plan_state)
        self.faults: Final = Faults(self.clock, self.images)
        self.faults.add(*initial_state.faults)
        self.image_data: Final = ImageDataStore(settings.max_image_size)
        self.servers: Final = {server.id: server for server in initial_state.servers}
        self._deleted_ids: Final[deque[str]] = deque()
        self.snapshots: Final[dict[str, Snapshot]] = {}
        self.journal: Final = Journal(settings.journal)
        self.tokens: Final = Tokens(self.clock, timedelta(seconds=settings.token_lifetime))

    @property
    def default_project(self) -> Project:
        """The project that owns what names no owner: the scope's, else the first one of the fixtures."""
        return self._scope_project or self.directory.first_project

    @property
    def is_shared(self) -> bool:
        """Whether it is the cloud of all projects without a scope."""
        return self._scope_project is None

    def delete_image(self, image_id: str, check: Callable[[Image], None]) -> None:
        """Delete an image: it stays in the store, gone for every client, and follows no plan any more.

        Args:
            image_id: the image.
            check: raises if the caller may not delete the image; nothing is changed then.

        Raises:
            ImageNotFound: if there is no such image.
        """
        now = self.clock.now()

        def mark_deleted(image: Image) -> Image:
            check(image)
            return image.replace(status=ImageStatus.DELETED, updated_at=now)

        with self.lifecycle.lock():
            self.images.update(image_id, mark_deleted)
            self.lifecycle.cancel(image_id)
            self._deleted_ids.append(image_id)
            if len(self._deleted_ids) > MAX_DELETED_IMAGES:
                self._forget_deleted(self._deleted_ids.popleft())

    def _forget_deleted(self, image_id: str) -> None:
        image = self.images.state.by_id.get(image_id)
        if image is not None and image.is_deleted:
            self.images.forget(image_id)

    def snapshot(self, name: str) -> Snapshot:
        """Return the state of this name; ``seed`` is what this life began with.

        Raises:
            SnapshotNotFound: there is none.
        """
        if name == SEED_SNAPSHOT:
            return Snapshot(self.initial_state.store_state, self.initial_state.plan_state, None)
        if name not in self.snapshots:
            raise SnapshotNotFound(name, (SEED_SNAPSHOT, *self.snapshots))
        return self.snapshots[name]

    def take_snapshot(self) -> Snapshot:
        """Return the state of now."""
        with self.lifecycle.lock():
            return Snapshot(self.images.state, self.lifecycle.state(), self.clock.now())

    def restore(self, snapshot: Snapshot) -> None:
        """Hold the images of *snapshot*, and let those under way go on as long as they had to go then.

        The clock is not turned back; faults, journal and tokens stay.
        """
        with self.lifecycle.lock():
            self.images.restore(snapshot.store_state)
            self.lifecycle.restore(snapshot.plan_state)

    def close(self) -> None:
        """Let nobody go on waiting in a life that is over."""
        self.faults.cloud_closed.set()


#: The name of the state that a life began with.
SEED_SNAPSHOT: Final = "seed"
