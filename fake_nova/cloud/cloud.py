"""One generation of a cloud, and the state that it starts with."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from fake_nova.cloud.clock import Clock, ClockStart, CloudClock
from fake_nova.cloud.compute import DEFAULT_QUOTAS, ComputeState, Quotas
from fake_nova.cloud.directory import Directory, Project, User
from fake_nova.cloud.faults import Fault, Faults
from fake_nova.cloud.hint_log import HintLog
from fake_nova.cloud.history import History, image_char_count
from fake_nova.cloud.image_data import ImageDataStore
from fake_nova.cloud.journal import Journal
from fake_nova.cloud.keypairs import KeyPairs
from fake_nova.cloud.lifecycle import Lifecycle
from fake_nova.cloud.own_settings import OwnSettings, with_own_settings
from fake_nova.cloud.plans import PlanState
from fake_nova.cloud.server_actions import ServerActions
from fake_nova.cloud.server_deletions import char_count as server_char_count
from fake_nova.cloud.server_lifecycle import ServerLifecycle
from fake_nova.cloud.server_store import ServerState, ServerStore
from fake_nova.cloud.tasks import NO_TASKS, Tasks, TasksById
from fake_nova.cloud.tokens import Tokens
from fake_nova.cloud.zones import BUILT_IN_ZONES, Zone
from fake_nova.errors import SnapshotNotFound
from fake_nova.images.database import Database
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus
from fake_nova.images.store import ImageStore
from fake_nova.images.store_state import StoreState
from fake_nova.settings import Settings

#: The name of the snapshot of the initial state.
SEED_SNAPSHOT: Final = "seed"


class InitialState(NamedTuple):
    """The state that a generation starts with, and that a reset returns to.

    Attributes:
        directory: the projects and users.
        store_state: the images.
        plan_state: the plans, and the progress of the images that follow one.
        clock: the setting of the clock; None for the real time.
        faults: the faults in force.
        compute: the servers, flavors, key pairs and quotas.
        own_settings: the settings that the fixtures bring with them.
    """

    directory: Directory
    store_state: StoreState
    compute: ComputeState
    plan_state: PlanState = PlanState()
    clock: ClockStart | None = None
    faults: tuple[Fault, ...] = ()
    own_settings: OwnSettings = MappingProxyType({})

    @classmethod
    def empty(cls, directory: Directory, database: Database) -> InitialState:
        """Return an initial state with projects and users alone."""
        compute = ComputeState(ServerState.from_servers((), database))
        return cls(directory, StoreState.from_images((), database), compute)

    def emptied(self) -> InitialState:
        """Return an initial state with the projects, users and settings of this one alone."""
        empty_state = InitialState.empty(self.directory, self.store_state.database)
        return empty_state._replace(own_settings=self.own_settings)


class Snapshot(NamedTuple):
    """What a cloud holds at one moment, and the progress of its plans.

    Attributes:
        store_state: the images.
        compute: the servers, the work on them, flavors, key pairs and quotas.
        plan_state: the plans and their progress.
        taken_at: the time by the cloud's clock; None for the initial state.
        tasks: the tasks of the image service.
    """

    store_state: StoreState
    compute: ComputeState
    plan_state: PlanState
    taken_at: datetime | None
    tasks: TasksById = NO_TASKS


class ResponseCounter(Protocol):
    """Counts the responses of a cloud, from one generation to the next."""

    def record(self, context: Any, response: Any) -> None:
        """Count one response, with the context of its request."""


class Cloud:
    """One generation of a cloud, from one reset to the next.

    A request works to its end on the generation in which it arrived. After a reset nobody else sees what it
    changes there.

    Args:
        settings: the settings of the server or scope.
        clock: the clock that the cloud's clock follows.
        directory: all projects and users of the server.
        initial_state: the state to start with.
        scope_project: the project of the scope; None for the shared cloud.

    Attributes:
        settings: the cloud's settings: those of the server or scope, or else of its fixtures.
        dialect: the rules of the dialect that this cloud speaks.
        database: the rules of the database that this cloud runs on.
        clock: the cloud's clock. It starts as *initial_state* says, by default in the mode ``real``.
        directory: all projects and users of the server.
        initial_state: the state that this generation started with.
        images: the store of the images, deleted ones included.
        history: the writes to the images.
        servers: the servers, deleted ones included; images can be created from them.
        server_history: the writes to the servers.
        keypairs: the key pairs of users.
        own_flavors: the flavors of the fixtures; see `flavors`.
        quotas: project id -> its quotas, of the projects that have their own; see `quotas_of`.
        own_zones: the availability zones of the fixtures; see `zones`.
        image_data: the data of the images.
        snapshots: name -> snapshot.
        tasks: the tasks of the image service.
        lifecycle: the plans, and the images that follow one.
        server_lifecycle: the work on servers that a request began.
        server_actions: what users did to servers.
        faults: the injected failures.
        journal: the requests and their responses.
        hint_log: the hints that were logged lately.
        tokens: the tokens that are scoped to this cloud.
        coverage: counts what its responses cover; None unless somebody wants it.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        directory: Directory,
        initial_state: InitialState,
        scope_project: Project | None = None,
    ) -> None:
        settings = with_own_settings(settings, initial_state.own_settings)
        self.settings: Final = settings
        self.dialect: Final = settings.dialect_rules
        self.database: Final = settings.database_rules
        self._scope_project: Final = scope_project
        self.initial_state: Final = initial_state
        self.clock: Final = CloudClock(clock)
        if initial_state.clock is not None:
            self.clock.set(initial_state.clock.mode, initial_state.clock.now)
        self.directory = directory
        self.history: Final = History(self.clock, image_char_count)
        self.images = ImageStore(initial_state.store_state, self.history.record)
        self.tasks: Final = Tasks()
        self.server_history: Final = History(self.clock, server_char_count)
        self.servers: Final = ServerStore(initial_state.compute.servers, self.server_history.record)
        self.lifecycle: Final = Lifecycle(
            self.images, self.clock, initial_state.plan_state, self.tasks, self.servers
        )
        self.faults: Final = Faults(self.clock, self.images)
        self.faults.add(*initial_state.faults)
        self.image_data: Final = ImageDataStore(settings.max_image_size)
        self.server_lifecycle: Final = ServerLifecycle(self.servers, self.clock, self.lifecycle)
        self.server_actions: Final = ServerActions()
        self.begin_compute(initial_state.compute)
        self.snapshots: Final[dict[str, Snapshot]] = {}
        self.journal: Final = Journal(settings.journal)
        self.hint_log: Final = HintLog(clock)
        self.tokens: Final = Tokens(self.clock, timedelta(seconds=settings.token_lifetime))
        self.coverage: ResponseCounter | None = None

    @property
    def default_project(self) -> Project:
        """The owner of images and servers that name none: the scope's project, or the fixtures' first."""
        return self._scope_project or self.directory.first_project

    @property
    def default_user(self) -> User | None:
        """The user of requests without a token, and of key pairs that name none; None if there is none.

        It is the scope's user, or the fixtures' first.
        """
        project = self._scope_project
        if project is None:
            return self.directory.first_user
        users = (user for user in reversed(self.directory.users) if user.project == project)
        return next(users, self.directory.first_user)

    def begin_compute(self, state: ComputeState) -> None:
        """Replace servers, the work on them, flavors, key pairs, quotas and zones by those of *state*."""
        self.servers.restore(state.servers)
        self.server_lifecycle.restore(state.works)
        self.own_flavors = state.own_flavors
        self.own_zones = state.own_zones
        self.server_lifecycle.zones = self.zones
        self.keypairs = KeyPairs(state.keypairs, self.database)
        self.quotas = state.quotas

    @property
    def compute(self) -> ComputeState:
        """The present servers, flavors, key pairs, quotas and zones, and the work on the servers."""
        works = self.server_lifecycle.state()
        parts = self.own_flavors, self.keypairs.all(), self.quotas
        return ComputeState(self.servers.state, *parts, works, self.own_zones)

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The availability zones, or the built-in one if the fixtures have none."""
        return self.own_zones or BUILT_IN_ZONES

    def stored_now(self) -> datetime:
        """Return the present time by the cloud's clock, as the database stores it."""
        return self.database.stored_time(self.clock.now())

    def quotas_of(self, project_id: str | None) -> Quotas:
        """Return the limits of a project; the setting ``metadata_quota`` is the default of one of them."""
        quotas = self.quotas.get(project_id or "", DEFAULT_QUOTAS)
        if quotas.metadata_items is None:
            return quotas._replace(metadata_items=self.settings.metadata_quota)
        return quotas

    @property
    def is_shared(self) -> bool:
        """Whether this is the cloud of all projects without a scope."""
        return self._scope_project is None

    def with_images_of(self, state: StoreState) -> Cloud:
        """Return a view of this cloud with the images of an earlier state. It shares everything else."""
        view = copy(self)
        view.images = ImageStore(state)
        return view

    def delete_image(self, image_id: str, check: Callable[[Image], None]) -> None:
        """Mark an image as deleted and cancel its plan. The store keeps it, but clients no longer see it.

        Args:
            image_id: the image's id.
            check: raises an exception if the caller may not delete the image; then nothing is changed.

        Raises:
            ImageNotFound: if there is no such image.
        """
        now = self.clock.now()

        def mark_deleted(image: Image) -> Image:
            check(image)
            return image.replace(status=ImageStatus.DELETED, updated_at=now)

        with self.lifecycle.lock():
            deleted_image = self.images.update(image_id, mark_deleted)
            self.lifecycle.cancel(deleted_image.id)

    def snapshot(self, name: str) -> Snapshot:
        """Return the snapshot of this name; ``seed`` is the initial state of this generation.

        Raises:
            SnapshotNotFound: if no snapshot has this name.
        """
        if name == SEED_SNAPSHOT:
            start = self.initial_state
            return Snapshot(start.store_state, start.compute, start.plan_state, None)
        if name not in self.snapshots:
            raise SnapshotNotFound(name, (SEED_SNAPSHOT, *self.snapshots))
        return self.snapshots[name]

    def delete_snapshot(self, name: str) -> None:
        """Delete the snapshot of this name.

        Raises:
            SnapshotNotFound: if no snapshot has this name.
        """
        if self.snapshots.pop(name, None) is None:
            raise SnapshotNotFound(name, (SEED_SNAPSHOT, *self.snapshots))

    def take_snapshot(self) -> Snapshot:
        """Return a snapshot of the present state, without storing it."""
        with self.lifecycle.lock():
            self.lifecycle.apply_due_steps()
            self.server_lifecycle.apply_due_steps()
            return Snapshot(
                store_state=self.images.state,
                compute=self.compute,
                plan_state=self.lifecycle.state(),
                taken_at=self.clock.now(),
                tasks=self.tasks.by_id,
            )

    def restore(self, snapshot: Snapshot) -> None:
        """Return to what the cloud held at *snapshot*, and to the progress of its plans.

        A step of a plan has as long to go as it had when the snapshot was taken.

        The clock is not set back. Faults, journal and tokens stay.
        """
        with self.lifecycle.lock():
            self.images.restore(snapshot.store_state)
            self.begin_compute(snapshot.compute)
            self.lifecycle.restore(snapshot.plan_state)
            self.tasks.by_id = snapshot.tasks

    def close(self) -> None:
        """Wake all requests that wait out a delay, because this generation is over."""
        self.faults.delays_cancelled.set()
