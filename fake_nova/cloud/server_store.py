"""The servers of one cloud, with an index for each list in the default order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import merge
from operator import attrgetter, itemgetter
from threading import Lock
from typing import Final, NamedTuple

from fake_nova.cloud.server_deletions import ServerDeletions
from fake_nova.cloud.server_texts import TEXTS, Lookup, Search, TextIndex
from fake_nova.cloud.server_usage import NO_USAGE, Usage, usages_of
from fake_nova.cloud.servers import Server
from fake_nova.errors import Conflict, ServerNotFound
from fake_nova.images.database import Database
from fake_nova.images.ordered_index import OrderedIndex, Position
from fake_nova.images.overlay_map import OverlayMap
from fake_nova.images.page_cache import PageCache

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

#: Searches do not pay for lists of up to so many servers.
_SMALL_INDEX: Final = 100
#: The fields of a server that hold times.
_TIMES: Final = ("created_at", "updated_at", "launched_at", "terminated_at")

_key_at: Callable[[Position], str] = itemgetter(-1)

#: Server key -> the new server, or None if it is removed.
Changes = Mapping[str, Server | None]

WriteListener = Callable[[Changes], None]


class ListKey(NamedTuple):
    """The key of an index.

    Attributes:
        project_id: the project whose servers are listed; None for all projects.
        has_deleted: whether deleted and soft-deleted servers are listed, too.
        state: a vm_state or a task_state that all of them have; None for any. Only without deleted ones.
    """

    project_id: str | None
    has_deleted: bool
    state: str | None = None

    def contains(self, server: Server) -> bool:
        """Return whether a server is in the list."""
        if self.project_id not in (None, server.owner):
            return False
        if self.has_deleted:
            return True
        return server.is_listed and self.state in (None, server.vm_state, server.task_state)


@dataclass(frozen=True)
class ServerState:
    """All servers at one moment; immutable.

    Attributes:
        database: the database that compares ids.
        by_key: the id as the database compares it -> the server, deleted ones included.
        indexes: the positions of the servers of each list, the newest server first.
        usages: project id -> what its servers use.
        text_indexes: what is searched -> the index, after the first search. States share them whose `by_key`
            have the same base.
        page_cache: the pages that were rendered from this state.
    """

    database: Database
    by_key: OverlayMap[str, Server]
    indexes: OverlayMap[ListKey, OrderedIndex]
    usages: OverlayMap[str, Usage]
    text_indexes: dict[str, TextIndex] = field(default_factory=dict, compare=False, repr=False)
    page_cache: PageCache = field(default_factory=PageCache, compare=False, repr=False)

    @classmethod
    def from_servers(cls, servers: Iterable[Server], database: Database) -> ServerState:
        """Build the state that holds *servers*, whose ids all differ for the database."""
        by_key: dict[str, Server] = {}
        positions: dict[ListKey, list[Position]] = {}
        for server in servers:
            stored_server = _with_stored_times(server, database)
            position = position_of(stored_server, database)
            by_key[_key_at(position)] = stored_server
            for key in _list_keys(stored_server):
                positions.setdefault(key, []).append(position)
        indexes = {key: OrderedIndex.from_positions(each) for key, each in positions.items()}
        usages = usages_of(by_key.values(), OverlayMap({}))
        return cls(database, OverlayMap(by_key), OverlayMap(indexes), usages)

    def key_of(self, server: Server) -> str:
        """Return the key of a server in `by_key`."""
        return self.database.equality_key(server.id)

    def get(self, server_id: str) -> Server | None:
        """Return the server with this id, deleted or not, or None. The database compares the ids."""
        server = self.by_key.get(server_id)
        if server is not None or len(server_id) > 36 or not self.database.can_find(server_id):
            return server
        return self.by_key.get(self.database.equality_key(server_id))

    def servers_of(self, *keys: ListKey, after: Server | None = None) -> Iterator[Server]:
        """Iterate over the servers of lists that share none, the newest first, from just after *after*."""
        start = None if after is None else position_of(after, self.database)
        indexes = [index for index in map(self.indexes.get, keys) if index is not None]
        iterators = [index.iterate(start=start) for index in indexes]
        positions = iterators[0] if len(iterators) == 1 else merge(*iterators)
        return self.by_key.get_many(map(_key_at, positions))

    def candidates(
        self, searches: Iterable[Search], *keys: ListKey, after: Server | None = None
    ) -> Iterator[Server]:
        """Iterate as `servers_of` does, but maybe only over servers that one of *searches* finds."""
        index_size = sum(len(self.indexes.get(key) or ()) for key in keys)
        lookups = map(self._look_up, searches if index_size > _SMALL_INDEX else ())
        lookup = min(lookups, key=attrgetter("cost"), default=None)
        if lookup is None or lookup.cost > index_size:
            return self.servers_of(*keys, after=after)
        position_in_list = partial(position_of, database=self.database)
        start = None if after is None else position_in_list(after)
        positions = lookup.positions(self.by_key, position_in_list, start)
        servers = self.by_key.get_many(map(_key_at, positions))
        if len(keys) == 1:
            return filter(keys[0].contains, servers)
        return (server for server in servers if any(key.contains(server) for key in keys))

    def _look_up(self, search: Search) -> Lookup:
        index = self.text_indexes.get(search.subject)
        if index is None:
            positions = self.indexes.get(ListKey(None, has_deleted=True)) or OrderedIndex()
            index = TextIndex(self.by_key, positions.iterate(), TEXTS[search.subject], self.database)
            self.text_indexes[search.subject] = index
        return Lookup(index, search.text, index.blocks_with(search.text))

    def deleted_servers(self) -> list[tuple[str, Server]]:
        """Return key and server of the deleted ones, the first created first; at once if there is none."""
        key = ListKey(None, has_deleted=True)
        sizes = [len(self.indexes.get(each) or ()) for each in (key, key._replace(has_deleted=False))]
        if sizes[0] == sizes[1]:
            return []
        servers = [server for server in self.servers_of(key) if server.is_deleted]
        return [(self.key_of(server), server) for server in reversed(servers)]

    def usage_of(self, project_id: str) -> Usage:
        """Return what the servers of a project use."""
        return self.usages.get(project_id) or NO_USAGE

    def changes_to(self, other: ServerState) -> Changes:
        """Return the changes that lead from this state to *other*, of the same database."""
        return {key: other.by_key.get(key) for key in self.by_key.differing_keys(other.by_key)}

    def with_changes(self, changes: Changes) -> ServerState:
        """Return this state with *changes*."""
        removals: dict[ListKey, list[Position]] = {}
        insertions: dict[ListKey, list[Position]] = {}
        for server_key, new_server in changes.items():
            for server, target in ((self.by_key.get(server_key), removals), (new_server, insertions)):
                for key in () if server is None else _list_keys(server):
                    target.setdefault(key, []).append(position_of(server, self.database))  # type: ignore[arg-type]
        indexes: dict[ListKey, OrderedIndex | None] = {}
        for key in {**removals, **insertions}:
            index = self.indexes.get(key) or OrderedIndex()
            removed, inserted = set(removals.get(key, ())), set(insertions.get(key, ()))
            if removed != inserted:
                new_index = index.with_changes(tuple(removed - inserted), tuple(inserted - removed))
                indexes[key] = new_index or None
        old_servers = filter(None, map(self.by_key.get, changes))
        usages = usages_of(filter(None, changes.values()), self.usages, without=old_servers)
        by_key, all_indexes = self.by_key.with_changes(changes), self.indexes.with_changes(indexes)
        text_indexes = self.text_indexes if by_key.has_same_base(self.by_key) else {}
        return ServerState(self.database, by_key, all_indexes, usages, text_indexes)


def position_of(server: Server, database: Database) -> Position:
    """Return the position of a server in the default order: the newest first, then by id."""
    return -((server.created_at - _EPOCH) // _MICROSECOND), database.equality_key(server.id)


def _list_keys(server: Server) -> Iterator[ListKey]:
    for project_id in (server.owner, None):
        yield ListKey(project_id, has_deleted=True)
        if server.is_listed:
            yield ListKey(project_id, has_deleted=False)
            yield ListKey(project_id, has_deleted=False, state=server.vm_state)
            if server.task_state is not None:
                yield ListKey(project_id, has_deleted=False, state=server.task_state)


def _with_stored_times(server: Server, database: Database) -> Server:
    if database.has_microseconds:
        return server
    times = {name: getattr(server, name) for name in _TIMES}
    changes = {name: database.stored_time(moment) for name, moment in times.items() if moment is not None}
    if all(times[name] == moment for name, moment in changes.items()):
        return server
    return server.replace(**changes)


class ServerStore:
    """The servers of one cloud. Readers never wait, and see each write completely or not at all.

    Args:
        state: the initial state.
        on_write: called with the changes of each write, one write at a time.

    Attributes:
        state: the present state.
    """

    def __init__(self, state: ServerState, on_write: WriteListener = lambda _: None) -> None:
        self._on_write: Final = on_write
        self._write_lock: Final = Lock()
        self._deletions = ServerDeletions(state.deleted_servers())
        self.state = state

    @classmethod
    def empty(cls, database: Database) -> ServerStore:
        """Return a store without servers."""
        return cls(ServerState.from_servers((), database))

    def __len__(self) -> int:
        return len(self.state.by_key)

    def find(self, server_id: str) -> Server | None:
        """Return the server with this id, deleted or not, or None."""
        return self.state.get(server_id)

    def get(self, server_id: str) -> Server:
        """Return the server with this id, deleted or not.

        Raises:
            ServerNotFound: if there is none.
        """
        server = self.state.get(server_id)
        if server is None:
            raise ServerNotFound(server_id)
        return server

    def all(self) -> tuple[Server, ...]:
        """Return all servers, deleted ones included, newest first."""
        return tuple(self.state.servers_of(ListKey(None, has_deleted=True)))

    def add(self, *servers: Server) -> None:
        """Add new servers, all or none.

        Raises:
            Conflict: if an id is in use, or occurs twice.
        """
        with self._write_lock:
            state = self.state
            changes: dict[str, Server | None] = {}
            for server in servers:
                key = state.database.equality_key(server.id)
                if key in changes or state.by_key.get(key) is not None:
                    problem = f'servers: id already in use (got "{server.id}")'
                    raise Conflict(f"{problem}; expected an id that no server has")
                changes[key] = _with_stored_times(server, state.database)
            self._write(changes)

    def update(self, server_id: str, change: Callable[[Server], Server]) -> Server:
        """Replace a server by *change(server)*, in one step, and return the new version.

        Raises:
            ServerNotFound: if there is none. If *change* raises an exception, nothing is written.
        """
        with self._write_lock:
            old_server, state = self.get(server_id), self.state
            server = change(old_server)
            if server is not old_server:
                server = _with_stored_times(server, state.database)
                self._write({state.key_of(old_server): server})
            return server

    def _write(self, changes: Changes) -> None:
        """Write *changes*, and drop the deleted servers that are too many."""
        changes = {**changes, **self._deletions.record(changes)}
        self.state = self.state.with_changes(changes)
        self._on_write(changes)

    def forget(self, server_id: str) -> None:
        """Remove a server, as if it had never existed.

        Raises:
            ServerNotFound: if there is none.
        """
        with self._write_lock:
            self._write({self.state.key_of(self.get(server_id)): None})

    def restore(self, state: ServerState) -> None:
        """Replace all servers by those of *state*."""
        with self._write_lock:
            self._deletions = ServerDeletions(state.deleted_servers())
            old_state, self.state = self.state, state
            self._on_write(old_state.changes_to(state))
