"""Emulator: the clouds of a server, and what gives each of them its next life."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any, Final, NamedTuple

from fake_nova.cloud import seed as seeds
from fake_nova.cloud.clock import Clock, SystemClock
from fake_nova.cloud.cloud import Cloud, InitialState
from fake_nova.cloud.directory import Directory, Project, User
from fake_nova.cloud.metrics import Metrics
from fake_nova.cloud.seed import Seed
from fake_nova.cloud.tokens import Token, digest_of
from fake_nova.errors import Conflict, ScopeNotFound
from fake_nova.images.store import StoreState
from fake_nova.settings import Settings


class Scope(NamedTuple):
    """A project with a cloud of its own on a shared server, and a user to log in with."""

    project: Project
    user: User
    settings: Settings


@dataclass(slots=True)
class ScopeState:
    """One of a server's clouds.

    Attributes:
        scope: whose it is; None for the one that all other projects share.
        initial_state: what a reset goes back to.
        cloud: its present life.
        load_count: how many fixture documents it has taken in beside what it was started with.
    """

    scope: Scope | None
    initial_state: InitialState
    cloud: Cloud
    load_count: int = 0


#: The most scopes at the same time.
MAX_SCOPES: Final = 1_000


class Emulator:
    """A server's clouds: the one that all projects share, and those of projects with a scope of their own.

    Two emulators share nothing, and nor do two scopes, but for the people that there are.

    Attributes:
        settings: the server's; a scope may differ.
        clock: where all times come from in the end.
        operations: what faults of fixtures can be for; none leaves that unchecked.
        started_at: when it was made.
        metrics: what was asked of all its clouds.
        ready: whether the seed is in; no request is answered before.
        cloud: the present generation of the shared cloud.
        load_lock: held while a fixture document is read and added, which takes long and must not hold up a
            reset.
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
        start = InitialState(Directory(), StoreState.from_images(()))
        self.cloud = Cloud(self.settings, self.clock, start.directory, start)
        self._shared: Final = ScopeState(None, start, self.cloud)
        self._states: Mapping[str | None, ScopeState] = {None: self._shared}  # by project; never changed

    def _state(self, scope: str | None) -> ScopeState:
        state = self._states.get(scope)
        if state is None:
            raise ScopeNotFound(scope or "", tuple(filter(None, self._states)))
        return state

    def _set_states(self, states: Mapping[str | None, ScopeState]) -> None:
        """Have these clouds from now on, and let everybody there is be known in each of them."""
        scopes = [state.scope for state in states.values() if state.scope is not None]
        directory = self._shared.initial_state.directory.extended(
            [scope.project for scope in scopes], [scope.user for scope in scopes]
        )
        for state in states.values():
            state.cloud.directory = directory
        self._states = states

    def _new_cloud(self, scope: Scope | None, initial_state: InitialState) -> Cloud:
        settings, scope_project = (self.settings, None) if scope is None else (scope.settings, scope.project)
        return Cloud(settings, self.clock, self.cloud.directory, initial_state, scope_project)

    def directory_for(self, scope: str | None = None) -> Directory:
        """Return who there is without the scopes of others; a scope's own project and user come first.

        Raises:
            ScopeNotFound: the project has no cloud of its own.
        """
        directory = self._shared.initial_state.directory
        own_scope = self._state(scope).scope
        if own_scope is None:
            return directory
        return Directory((own_scope.project,), (own_scope.user,)).extended(
            directory.projects, directory.users
        )

    def clouds(self) -> dict[str, Cloud]:
        """Return the present life of every cloud, by its scope; "" is the shared one."""
        return {scope or "": state.cloud for scope, state in self._states.items()}

    def cloud_for_project(self, project_id: str | None) -> Cloud:
        """Return the present life of the cloud that a project is in: its own, else the shared one."""
        return (self._states.get(project_id) or self._shared).cloud

    def cloud_for_scope(self, project_id: str) -> Cloud:
        """Return the present life of a project's own cloud; ScopeNotFound where it has none."""
        return self._state(project_id).cloud

    def find_token(self, text: str) -> tuple[Cloud, Token] | None:
        """Return what a token stands for and the cloud that it is good in, or None."""
        digest = digest_of(text)
        for state in self._states.values():
            token = state.cloud.tokens.find_by_digest(digest)
            if token is not None:
                return state.cloud, token
        return None

    def scope(self, project_id: str) -> Scope:
        """Return the scope of a project; ScopeNotFound where it has none."""
        return self._state(project_id).scope  # type: ignore[return-value]  # only the shared cloud has none

    def scope_of_user(self, name: str | None, user_id: str | None) -> Scope | None:
        """Return the scope whose user has this name, or, without a name, this id; None for another user."""
        for scope in self.scopes():
            if name == scope.user.name or (name is None and user_id is not None and user_id == scope.user.id):
                return scope
        return None

    def scopes(self) -> tuple[Scope, ...]:
        """Return every scope, in the order in which they were opened."""
        return tuple(state.scope for state in self._states.values() if state.scope is not None)

    def open_scope(self, project_id: str | None = None, **settings: Any) -> Scope:
        """Give a project a cloud of its own, as seeded.

        In it a new project takes the place of the fixtures' first one, as owner and as member. So a client
        finds in its scope what it would find on a server of its own.

        Args:
            project_id: the project; None makes a new one.
            settings: fields of `Settings` that differ from the server's.

        Raises:
            Conflict: the project has a scope already, or there are too many.
        """
        with self._change_lock:
            if project_id is not None and project_id in self._states:
                raise Conflict(
                    f"project: already has a scope (got {project_id!r}); expected a project without one"
                )
            if len(self._states) > MAX_SCOPES:
                raise Conflict(f"scopes: too many; expected at most {MAX_SCOPES}: close one first")
            name = f"scope-{secrets.token_hex(6)}"
            existing_project = self.cloud.directory.project(project_id) if project_id is not None else None
            project = existing_project or Project(project_id or secrets.token_hex(16), name)
            user = User(name, secrets.token_urlsafe(12), project, frozenset(("member",)))
            scope = Scope(project, user, replace(self.settings, **settings))
            initial_state = self._shared.initial_state
            if existing_project is None:
                initial_state = seeds.rehome_state(initial_state, project)
            state = ScopeState(scope, initial_state, self._new_cloud(scope, initial_state))
            self._set_states({**self._states, project.id: state})
            return scope

    def close_scope(self, project_id: str) -> None:
        """Take a project's own cloud away, with all that is in it; ScopeNotFound where it has none."""
        with self._change_lock:
            closed_state = self._state(project_id)
            closed_state.cloud.close()
            self._set_states(
                {scope: state for scope, state in self._states.items() if state is not closed_state}
            )

    def start(self, seed: Seed) -> None:
        """Start the shared cloud from *seed*, and be ready."""
        initial_state = seeds.initial_state_of(seed)
        with self._change_lock:
            self._shared.initial_state = initial_state
            self._set_states(self._states)
            self._replace_cloud(self._shared, initial_state)
        self.ready = True

    def reset(self, scope: str | None = None, empty: bool = False) -> Cloud:
        """Start over, exactly as seeded, or with no image at all; return the new life.

        Args:
            scope: the project whose own cloud starts over; None for the shared one. No other is touched.
            empty: with no image.

        Raises:
            ScopeNotFound: the project has no cloud of its own.
        """
        with self._change_lock:
            state = self._state(scope)
            initial_state = state.initial_state
            return self._replace_cloud(
                state,
                InitialState(initial_state.directory, StoreState.from_images(())) if empty else initial_state,
            )

    def fixtures_loaded(self, scope: str | None = None) -> int:
        """Return how many fixture documents a cloud has taken in beside what it was started with."""
        return self._state(scope).load_count

    def _replace_cloud(self, state: ScopeState, initial_state: InitialState) -> Cloud:
        """Let the next life of a cloud begin."""
        old_cloud, state.cloud = state.cloud, self._new_cloud(state.scope, initial_state)
        self.cloud = self._shared.cloud
        old_cloud.close()
        return state.cloud

    def add_seed(self, seed: Seed, replace_all: bool, scope: str | None = None) -> None:
        """Add a seed to a cloud, and to what its resets return to.

        Args:
            seed: what to add; its directory contains the one of `directory_for`.
            replace_all: start over from this seed alone.
            scope: the project whose own cloud gets it; None for the shared cloud, and for scopes that are
                opened later. Its projects and users exist in every scope.

        Raises:
            Conflict: if the id of one of its images is in use; nothing changes.
            ScopeNotFound: if the project has no scope.
        """
        with self._change_lock:
            state, shared = self._state(scope), self._shared
            if state.scope is not None:
                directory = shared.initial_state.directory.extended(
                    seed.directory.projects, seed.directory.users
                )
                seed = seeds.rehome_seed(seed, state.scope.project)._replace(directory=directory)
            if replace_all:
                initial_state = seeds.initial_state_of(seed)
            else:
                initial_state = seeds.with_seed(state.initial_state, seed)
                seeds.add_to_cloud(state.cloud, seed)
            state.initial_state = initial_state
            shared.initial_state = shared.initial_state._replace(directory=seed.directory)
            self._set_states(self._states)
            if replace_all:
                self._replace_cloud(state, initial_state)
            state.load_count += 1
