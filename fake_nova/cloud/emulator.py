"""The emulator: the clouds of one server, their scopes and their resets."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Any, Final

from fake_nova.cloud import seed as seeds
from fake_nova.cloud.clock import Clock, SystemClock
from fake_nova.cloud.cloud import Cloud, InitialState
from fake_nova.cloud.directory import Directory, Project
from fake_nova.cloud.metrics import Metrics
from fake_nova.cloud.people import user_of_project
from fake_nova.cloud.scopes import CloudSlot, Scope, TokenMatch
from fake_nova.cloud.seed import Seed
from fake_nova.cloud.tokens import digest_of
from fake_nova.errors import Conflict, ScopeNotFound
from fake_nova.images.database import Database
from fake_nova.settings import Settings
from fake_nova.support.messages import quote_python

#: The maximum number of scopes that can be open at a time.
MAX_SCOPES: Final = 1_000


class Emulator:
    """The clouds of one server: the shared cloud, and a cloud for each scope.

    Two emulators share nothing. Two scopes share only the projects and users.

    Args:
        settings: the settings of the server; None for the defaults.
        clock: the clock that the clocks of all clouds follow; None for the system's.
        operations: valid operation names for faults in fixtures; empty disables the check.

    Attributes:
        settings: the settings of the server. A scope may have others.
        clock: the clock that the clocks of all clouds follow.
        operations: valid operation names for faults in fixtures; empty disables the check.
        started_at: the time of creation.
        metrics: the counts and durations of the requests to all clouds.
        ready: whether the seed is loaded. Until then a request gets a 503, unless an earlier step refuses it.
        cloud: the present generation of the shared cloud.
        scope_clouds: project id of each scope -> the present generation of its cloud.
        fixture_errors: the problems for which the fixtures could not be loaded again; empty after a success.
        load_lock: held while a fixture document is read and added. That is slow, and must not block a reset.
    """

    def __init__(
        self, settings: Settings | None = None, clock: Clock | None = None, operations: Collection[str] = ()
    ) -> None:
        self.operations: Final = operations
        self.settings: Final = settings if settings is not None else Settings()
        self.clock: Final[Clock] = clock if clock is not None else SystemClock()
        self.started_at: Final[datetime] = self.clock.now()
        self.ready = False
        self.metrics: Final = Metrics()
        self._change_lock: Final = Lock()
        self.load_lock: Final = Lock()
        self.fixture_errors: tuple[str, ...] = ()
        start = InitialState.empty(Directory(), self.settings.database_rules)
        self.cloud = Cloud(self.settings, self.clock, start.directory, start)
        self._shared: Final = CloudSlot(None, start, self.cloud)
        self._directory = start.directory  # the present one, without the projects and users of scopes
        # By the project id of the scope. Each change replaces the whole mapping, so readers need no lock.
        self._slots: Mapping[str | None, CloudSlot] = {None: self._shared}
        self.scope_clouds: Mapping[str, Cloud] = {}

    @property
    def database(self) -> Database:
        """The database by which Keystone compares, which is that of the shared cloud."""
        return self.cloud.database

    def _slot(self, project_id: str | None) -> CloudSlot:
        slot = self._slots.get(project_id)
        if slot is None:
            raise ScopeNotFound(project_id or "", tuple(filter(None, self._slots)))
        return slot

    def _set_slots(self, slots: Mapping[str | None, CloudSlot]) -> None:
        """Replace the slots. Each cloud gets a directory with the projects and users of all scopes."""
        scopes = [slot.scope for slot in slots.values() if slot.scope is not None]
        projects = [scope.project for scope in scopes]
        users = [scope.user for scope in scopes]
        directory = self._directory.extended(projects=projects, users=users)
        for slot in slots.values():
            slot.cloud.directory = directory
        self._slots = slots
        self._publish_clouds()

    def _publish_clouds(self) -> None:
        self.cloud = self._shared.cloud
        items = self._slots.items()
        self.scope_clouds = {project_id: slot.cloud for project_id, slot in items if project_id is not None}

    def _new_cloud(self, scope: Scope | None, initial_state: InitialState) -> Cloud:
        if scope is None:
            return Cloud(self.settings, self.clock, self.cloud.directory, initial_state)
        return Cloud(scope.settings, self.clock, self.cloud.directory, initial_state, scope.project)

    def change_directory(self, change: Callable[[Directory], Directory]) -> None:
        """Let *change* replace the directory, without those of scopes, until the shared cloud is reset."""
        with self._change_lock:
            self._set_directory(change(self._directory))

    def _set_directory(self, directory: Directory) -> None:
        old_directory = self._directory
        self._directory = directory
        self._set_slots(self._slots)
        if not directory.includes(old_directory):
            for cloud in self.clouds().values():
                cloud.tokens.follow(cloud.directory)

    def require_scope(self, project_id: str | None) -> None:
        """Raise ScopeNotFound if the project has no scope; None stands for the shared cloud."""
        self._slot(project_id)

    def directory_for(self, project_id: str | None = None) -> Directory:
        """Return the projects and users of a cloud, without those of other scopes.

        Args:
            project_id: the project of the scope, whose project and user come first; None for the shared
                cloud.

        Raises:
            ScopeNotFound: if the project has no scope.
        """
        shared_directory = self._directory
        own_scope = self._slot(project_id).scope
        if own_scope is None:
            return shared_directory
        return Directory((own_scope.project,), (own_scope.user,)).extended_by(shared_directory)

    def clouds(self) -> dict[str, Cloud]:
        """Return the present generation of each cloud by the project id of its scope, or "" if shared."""
        return {"": self.cloud, **self.scope_clouds}

    def cloud_for_project(self, project_id: str | None) -> Cloud:
        """Return the present generation of a project's cloud: its scope's, or else the shared one."""
        return self.scope_clouds.get(project_id or "", self.cloud)

    def cloud_for_scope(self, project_id: str) -> Cloud:
        """Return the present generation of a scope's cloud.

        Raises:
            ScopeNotFound: if the project has no scope.
        """
        return self._slot(project_id).cloud

    def find_token(self, text: str, *, allow_expired: bool = False) -> TokenMatch | None:
        """Return the token with this text and the cloud in which it is valid; None if there is none.

        Args:
            text: the text of the token.
            allow_expired: whether to return also a token that expired less than two days ago.
        """
        digest = digest_of(text)
        for slot in self._slots.values():
            token = slot.cloud.tokens.find_by_digest(digest, allow_expired=allow_expired)
            if token is not None:
                return TokenMatch(slot.cloud, token)
        return None

    def scope(self, project_id: str) -> Scope:
        """Return the scope of a project.

        Raises:
            ScopeNotFound: if the project has no scope.
        """
        return self._slot(project_id).scope  # type: ignore[return-value]  # the shared cloud has the key None

    def scope_of_user(self, name: str | None, user_id: str | None) -> Scope | None:
        """Return the scope of a user, by name or, if *name* is None, by id; None if no scope has the user."""
        key, text = ("name", name) if name is not None else ("id", user_id)
        for scope in self.scopes():
            if self.database.are_equal(getattr(scope.user, key), text):
                return scope
        return None

    def scopes(self) -> tuple[Scope, ...]:
        """Return all scopes in the order in which they were opened."""
        return tuple(slot.scope for slot in self._slots.values() if slot.scope is not None)

    def open_scope(self, project_id: str | None = None, **settings: Any) -> Scope:
        """Open a scope: give a project a cloud of its own, in the initial state of the shared cloud.

        If the project is new, it replaces the fixtures' first project as owner and as member of images. So a
        client sees in its scope what it would see on a server of its own.

        Args:
            project_id: the id of the project; None creates a project.
            settings: fields of `Settings` that differ from the server's.

        Raises:
            Conflict: if the project has a scope, or if there are too many scopes, or if two images of the
                initial state have ids that are equal on the scope's database.
            ServiceFailure: if an image has properties that are.
        """
        with self._change_lock:
            if project_id is not None and project_id in self._slots:
                raise Conflict(
                    f"project: already has a scope (got {quote_python(project_id)}); "
                    "expected a project without one"
                )
            if len(self._slots) > MAX_SCOPES:
                raise Conflict(f"scopes: too many; expected at most {MAX_SCOPES}: close one first")
            name = f"scope-{secrets.token_hex(6)}"
            existing_project = self.cloud.directory.project_by_id(project_id or "")
            project = existing_project or Project(project_id or secrets.token_hex(16), name)
            user = user_of_project(name, secrets.token_urlsafe(12), project, "member")
            explicit_names = self.settings.explicit_names.union(settings)
            scope = Scope(project, user, replace(self.settings, explicit_names=explicit_names, **settings))
            initial_state = seeds.state_on_database(self._shared.initial_state, scope.settings)
            if existing_project is None:
                initial_state = seeds.state_for_project(initial_state, project, user)
            slot = CloudSlot(scope, initial_state, self._new_cloud(scope, initial_state))
            slot.cloud.coverage = self.cloud.coverage
            self._set_slots({**self._slots, project.id: slot})
            return scope

    def close_scope(self, project_id: str) -> None:
        """Close the scope of a project, and drop its cloud.

        Raises:
            ScopeNotFound: if the project has no scope.
        """
        with self._change_lock:
            self._slot(project_id).cloud.close()
            self._set_slots({key: slot for key, slot in self._slots.items() if key != project_id})

    def start(self, seed: Seed) -> None:
        """Start the shared cloud from *seed*, and begin to serve requests.

        If it runs already, it starts again. Scopes keep their clouds and their initial states.

        Raises:
            Conflict: if *seed* has too many faults; then nothing changes.
        """
        self._start_from(seeds.initial_state_of(seed, self.settings))

    def _start_from(self, initial_state: InitialState) -> None:
        with self._change_lock:
            self._shared.initial_state = initial_state
            self._directory = initial_state.directory
            # This comes first, because the new cloud takes its directory from the present one.
            self._set_slots(self._slots)
            self._replace_cloud(self._shared, initial_state)
            if self.ready:
                self._shared.load_count += 1
        self.ready = True

    def duplicate(self) -> Emulator:
        """Return a new emulator with the settings of this one, started from its initial state."""
        emulator = Emulator(self.settings, self.clock, self.operations)
        emulator._start_from(self._shared.initial_state)
        return emulator

    def close(self) -> None:
        """Drop the contents of all clouds except projects and users, and be no longer `ready`.

        Requests that wait out a delay are woken.
        """
        with self._change_lock:
            self.ready = False
            for cloud in self.clouds().values():
                cloud.close()
            empty_state = self._shared.initial_state.emptied()
            self._shared.initial_state = empty_state
            self._shared.cloud = self._new_cloud(None, empty_state)
            self._set_slots({None: self._shared})

    def reset(self, project_id: str | None = None, empty: bool = False) -> Cloud:
        """Reset one cloud to its initial state, and return the new generation. Other clouds do not change.

        Args:
            project_id: the project of the scope to reset; None for the shared cloud.
            empty: whether to keep only the projects and users of the initial state.

        Raises:
            ScopeNotFound: if the project has no scope.
        """
        with self._change_lock:
            slot = self._slot(project_id)
            initial_state = slot.initial_state
            if slot.scope is None and self._directory is not initial_state.directory:
                self._set_directory(initial_state.directory)
            if empty:
                initial_state = initial_state.emptied()
            return self._replace_cloud(slot, initial_state)

    def load_count(self, project_id: str | None = None) -> int:
        """Return how often fixtures were loaded into a cloud after its start.

        Raises:
            ScopeNotFound: if the project has no scope.
        """
        return self._slot(project_id).load_count

    def _replace_cloud(self, slot: CloudSlot, initial_state: InitialState) -> Cloud:
        """Begin the next generation of a cloud, and close the present one."""
        old_cloud = slot.cloud
        slot.cloud = self._new_cloud(slot.scope, initial_state)
        slot.cloud.journal.exchanges.follow(old_cloud.journal.exchanges)
        slot.cloud.coverage = old_cloud.coverage
        self._publish_clouds()
        old_cloud.close()
        return slot.cloud

    def add_seed(self, seed: Seed, replace_all: bool, project_id: str | None = None) -> None:
        """Add a seed to a cloud and to its initial state.

        Its projects and users become visible in every scope.

        Args:
            seed: the seed; unless *replace_all*, its directory contains the one of `directory_for`.
            replace_all: whether to start a new generation from this seed alone.
            project_id: the project of the scope; None for the shared cloud, and so for scopes opened later.

        Raises:
            Conflict: if the id of an image or server is in use, or there are too many faults; no change.
            ScopeNotFound: if the project has no scope.
        """
        with self._change_lock:
            slot = self._slot(project_id)
            shared = self._shared
            directory = seed.directory
            initial_directory = directory
            settings = self.settings if slot.scope is None else slot.scope.settings
            if slot.scope is not None:
                directory = self._directory.extended_by(directory)
                seed = seeds.seed_for_project(seed, slot.scope.project, slot.scope.user)
            if slot.scope is not None or not replace_all:
                initial_directory = shared.initial_state.directory.extended_by(directory, self._directory)
            seed = seed._replace(directory=initial_directory)
            if replace_all:
                initial_state = seeds.initial_state_of(seed, settings)
            else:
                initial_state = seeds.with_seed(slot.initial_state, seed)
                seeds.add_to_cloud(slot.cloud, seed, settings)
            slot.initial_state = initial_state
            shared.initial_state = shared.initial_state._replace(directory=initial_directory)
            self._directory = directory
            self._set_slots(self._slots)
            if replace_all:
                self._replace_cloud(slot, initial_state)
            slot.load_count += 1
