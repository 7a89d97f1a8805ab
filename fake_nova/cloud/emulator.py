"""Emulator: the clouds of a server, and what gives each of them its next life."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Any, Final, NamedTuple

from fake_nova.cloud import fixtures, memory, progress
from fake_nova.cloud.clock import Clock, SystemClock
from fake_nova.cloud.cloud import Cloud, Start
from fake_nova.cloud.directory import Directory, Project, User
from fake_nova.cloud.faults import MOST_IN_FORCE, Faults, Rule
from fake_nova.cloud.metrics import Metrics
from fake_nova.cloud.seed import Seed
from fake_nova.cloud.servers import Server
from fake_nova.cloud.tokens import Token, digest_of
from fake_nova.errors import Conflict, ScopeNotFound
from fake_nova.images.model import Image
from fake_nova.images.store import MemoryImageStore, StoreState
from fake_nova.settings import Settings


class Scope(NamedTuple):
    """A project with a cloud of its own on a shared server, and a user to log in with."""

    project: Project
    user: User
    settings: Settings


#: The most scopes at the same time.
MOST_SCOPES: Final = 1_000


class Emulator:
    """A server's clouds: the one that all projects share, and those of projects with a scope of their own.

    Two emulators share nothing, and nor do two scopes, but for the people that there are.

    Attributes:
        settings: the server's; a scope may differ.
        clock: where all times come from in the end.
        operations: what faults of fixtures can be for; none leaves that unchecked.
        since: when it was made.
        metrics: what was asked of all its clouds.
        ready: whether the seed is in; no request is answered before.
        cloud: the present life of the cloud that projects without a scope share.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        clock: Clock | None = None,
        operations: Collection[str] = (),
    ) -> None:
        self.operations: Final = operations
        self.settings: Final = settings if settings is not None else Settings()
        self.clock: Final[Clock] = clock if clock is not None else SystemClock()
        self.since: Final[datetime] = self.clock.now()
        self.ready = False
        self.metrics: Final = Metrics()
        self._changing: Final = Lock()
        self._reading: Final = Lock()  # of fixtures, which takes long and must not hold up a reset
        self._start = Start(Directory(), StoreState.of(()))
        self._scopes: dict[str, Scope] = {}
        self._starts: dict[str, Start] = {}
        self._own: dict[str, Cloud] = {}
        self._taken: dict[str, int] = {}
        self.cloud = self._life(self.settings, self._start)

    def _life(self, settings: Settings, start: Start, home: Project | None = None) -> Cloud:
        return Cloud(settings, self.clock, self._directory(), start, home)

    def _directory(self) -> Directory:
        """Return everybody there is: the seed's people, and those of the scopes."""
        people, scopes = self._start.directory, self._scopes.values()
        projects = [scope.project for scope in scopes if people.project(scope.project.id) is None]
        users = [scope.user for scope in scopes]
        return Directory((*people.projects, *projects), (*people.users, *users))

    def people_of(self, scope: str | None = None) -> Directory:
        """Return who there is without the scopes of others; a scope's own project and user come first.

        Raises:
            ScopeNotFound: the project has no cloud of its own.
        """
        people = self._start.directory
        if scope is None:
            return people
        own = self.scope(scope)
        projects = [project for project in people.projects if project.id != own.project.id]
        users = [user for user in people.users if user.name != own.user.name]
        return Directory((own.project, *projects), (own.user, *users))

    def clouds(self) -> dict[str, Cloud]:
        """Return the present life of every cloud, by its scope; "" is the shared one."""
        return {"": self.cloud, **self._own}

    def cloud_of(self, project_id: str | None) -> Cloud:
        """Return the present life of the cloud that a project is in: its own, else the shared one."""
        return self._own.get(project_id or "") or self.cloud

    def cloud_of_scope(self, project_id: str) -> Cloud:
        """Return the present life of a project's own cloud; ScopeNotFound where it has none."""
        cloud = self._own.get(project_id)
        if cloud is None:
            raise ScopeNotFound(project_id, tuple(self._scopes))
        return cloud

    def find_token(self, text: str) -> tuple[Cloud, Token] | None:
        """Return what a token stands for and the cloud that it is good in, or None."""
        digest = digest_of(text)
        for cloud in (self.cloud, *self._own.values()):
            token = cloud.tokens.of_digest(digest)
            if token is not None:
                return cloud, token
        return None

    def scope(self, project_id: str) -> Scope:
        """Return the scope of a project; ScopeNotFound where it has none."""
        if project_id not in self._scopes:
            raise ScopeNotFound(project_id, tuple(self._scopes))
        return self._scopes[project_id]

    def scope_of_user(self, name: str | None, user_id: str | None) -> Scope | None:
        """Return the scope whose user has this name, or, without a name, this id; None for another user."""
        for scope in self._scopes.values():
            if name == scope.user.name or (name is None and user_id is not None and user_id == scope.user.id):
                return scope
        return None

    def scopes(self) -> tuple[Scope, ...]:
        """Return every scope, in the order in which they were opened."""
        return tuple(self._scopes.values())

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
        with self._changing:
            if project_id in self._scopes:
                raise Conflict(f"project: {project_id!r} has a scope already; allowed: one without")
            if len(self._scopes) >= MOST_SCOPES:
                raise Conflict(f"scopes: {MOST_SCOPES} are open; expected fewer: close some before")
            name = f"scope-{secrets.token_hex(6)}"
            known = self.cloud.directory.project(project_id) if project_id is not None else None
            project = known or Project(project_id or secrets.token_hex(16), name)
            user = User(name, secrets.token_urlsafe(12), project, frozenset(("member",)))
            scope = Scope(project, user, replace(self.settings, **settings))
            self._scopes = {**self._scopes, project.id: scope}
            start = self._start
            if known is None:
                first = start.directory.first_project
                start = start._replace(
                    state=adopted(start.state, first, project),
                    servers=_at_home_servers(start.servers, first, project),
                )
            self._starts[project.id] = start
            self._own = {**self._own, project.id: self._life(scope.settings, start, project)}
            self._tell_everybody()
            return scope

    def close_scope(self, project_id: str) -> None:
        """Take a project's own cloud away, with all that is in it; ScopeNotFound where it has none."""
        with self._changing:
            self.scope(project_id)
            self._own[project_id].end()
            del self._starts[project_id]
            self._taken.pop(project_id, None)
            self._scopes = {key: scope for key, scope in self._scopes.items() if key != project_id}
            self._own = {key: cloud for key, cloud in self._own.items() if key != project_id}
            self._tell_everybody()

    def _tell_everybody(self) -> None:
        directory = self._directory()
        for cloud in (self.cloud, *self._own.values()):
            cloud.directory = directory

    def seed(self) -> None:
        """Read the fixtures that the settings name, start from them, and be ready.

        Raises:
            FixtureError: something is wrong with them; nothing is loaded.
        """
        with memory.loading():
            seed = fixtures.load_files(self.settings.fixtures, self.clock.now(), self.operations)
            start = _start(seed)
        with self._changing:
            self._start = start
            self.cloud = self._life(self.settings, self._start)
        self.ready = True

    def reset(self, scope: str | None = None, empty: bool = False) -> Cloud:
        """Start over, exactly as seeded, or with no image at all; return the new life.

        Args:
            scope: the project whose own cloud starts over; None for the shared one. No other is touched.
            empty: with no image.

        Raises:
            ScopeNotFound: the project has no cloud of its own.
        """
        with self._changing:
            start = self._start
            if scope is not None:
                self.scope(scope)
                start = self._starts[scope]
            return self._begin(scope, Start(start.directory, StoreState.of(())) if empty else start)

    def taken(self, scope: str | None = None) -> int:
        """Return how many fixture documents a cloud has taken in beside what it was started with."""
        return self._taken.get(scope or "", 0)

    def _begin(self, scope: str | None, start: Start) -> Cloud:
        """Let the next life begin, of a scope or of the shared cloud."""
        if scope is None:
            before = self.cloud
            after = self.cloud = self._life(self.settings, start)
        else:
            before = self._own[scope]
            after = self._life(self._scopes[scope].settings, start, self._scopes[scope].project)
            self._own = {**self._own, scope: after}
        before.end()
        return after

    def take(
        self, content: bytes, name: str, replace_all: bool, scope: str | None = None
    ) -> tuple[Image, ...]:
        """Take in a fixture document; what is seeded then is what a reset goes back to.

        Args:
            content: YAML or JSON in UTF-8.
            name: what errors call it.
            replace_all: start over from this document alone; otherwise it is added to what is there, and to
                what a reset goes back to.
            scope: the project whose own cloud it is for; None for the shared one, and for scopes that are
                opened later. Its people are everybody's.

        Returns:
            The images of the document.

        Raises:
            FixtureError: something is wrong with it; nothing is changed.
            Conflict: one of its images' ids is taken; nothing is changed.
            ScopeNotFound: the project has no cloud of its own.
        """
        with self._reading:
            if scope is not None:
                self.scope(scope)
            known = Directory() if replace_all else self._start.directory
            seed = fixtures.load_text(content, name, known, self.clock.now(), self.operations)
            return self._take(seed, replace_all, scope)

    def _take(self, seed: Seed, replace_all: bool, scope: str | None) -> tuple[Image, ...]:
        with self._changing:
            before = self._start if scope is None else self._starts[self.scope(scope).project.id]
            people = seed.directory
            if scope is not None:
                people = joined(self._start.directory, people)
                seed = _at_home(seed, self._scopes[scope].project)
            if replace_all:
                start = _start(seed)._replace(directory=people)
            else:
                cloud = self.cloud if scope is None else self._own[scope]
                start = _start(seed)._replace(
                    directory=people,
                    state=added(before.state, seed.images),
                    schedule=before.schedule.joined(seed.schedule),
                    clock=seed.clock or before.clock,
                    faults=(*before.faults, *seed.faults),
                    servers=(*before.servers, *seed.servers),
                )
                if len(start.faults) > MOST_IN_FORCE:
                    raise Conflict(
                        f"faults: too many (got {len(start.faults)}); expected at most {MOST_IN_FORCE}"
                    )
                rules = cloud.faults.add(*seed.faults)
                with cloud.lifecycle.still(), _taken_back(cloud.faults, rules):
                    cloud.images.add(*seed.images)
                    if seed.clock is not None:
                        cloud.clock.go(seed.clock.mode, seed.clock.now)
                    cloud.lifecycle.take(seed.schedule)
                cloud.servers.update({server.id: server for server in seed.servers})
            if scope is None:
                self._start = start
            else:
                self._start = self._start._replace(directory=people)
                self._starts[scope] = start
            if replace_all:
                self._begin(scope, start)
            self._tell_everybody()
            self._taken[scope or ""] = self.taken(scope) + 1
            return seed.images


@contextmanager
def _taken_back(faults: Faults, rules: Iterable[Rule]) -> Iterator[None]:
    """Take *rules* away again where the block fails."""
    try:
        yield
    except Conflict:
        for rule in rules:
            faults.remove(rule.id)
        raise


def _watched(images: list[Image]) -> Iterable[Image]:
    return progress.over(images, len(images), "sorting images")


def _start(seed: Seed) -> Start:
    return Start(
        seed.directory,
        StoreState.of(seed.images, _watched),
        seed.schedule,
        seed.clock,
        seed.faults,
        seed.servers,
    )


def added(state: StoreState, images: Iterable[Image]) -> StoreState:
    """Return *state* with *images* added; Conflict where an id is taken."""
    store = MemoryImageStore(state)
    store.add(*images)
    return store.state()


def adopted(state: StoreState, old: Project, new: Project) -> StoreState:
    """Return *state* with *new* in the place of *old*, as owner and as member."""
    moved = ((image, _moved(image, old, new)) for image in state.by_id.values())
    changes = {image.id: after for image, after in moved if after is not image}
    if len(changes) < 1000:
        return state.with_changes(changes)
    return StoreState.of(changes.get(image.id, image) for image in state.by_id.values())


def _at_home(seed: Seed, home: Project) -> Seed:
    """Return a seed in which *home* takes the place of its first project."""
    first = seed.directory.first_project
    return seed._replace(
        images=tuple(_moved(image, first, home) for image in seed.images),
        servers=_at_home_servers(seed.servers, first, home),
    )


def _at_home_servers(servers: Iterable[Server], old: Project, new: Project) -> tuple[Server, ...]:
    return tuple(one._replace(owner=new.id) if one.owner == old.id else one for one in servers)


def _moved(image: Image, old: Project, new: Project) -> Image:
    """Return *image* with one project in another's place, as owner and as member."""
    if image.owner != old.id and all(member.project_id != old.id for member in image.members):
        return image
    members = (
        member._replace(project_id=new.id) if member.project_id == old.id else member
        for member in image.members
    )
    owner = new.id if image.owner == old.id else image.owner
    return image.replaced(owner=owner, members=tuple(members))


def joined(people: Directory, more: Directory) -> Directory:
    """Return everybody of both; who is in both is as in *people*."""
    projects = [one for one in more.projects if people.project(one.id) is None]
    users = [one for one in more.users if people.user(one.name) is None]
    return Directory((*people.projects, *projects), (*people.users, *users))
