"""The order of a list of servers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cmp_to_key
from typing import Any, Final, NamedTuple

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.requests import NovaQuery
from fake_nova.apis.nova_servers import list_schemas
from fake_nova.apis.nova_servers.columns import COLUMNS, NULL, sort_value
from fake_nova.apis.nova_servers.lookups import Lookups
from fake_nova.cloud.servers import Server

#: The columns that are an ENUM on MariaDB, with two values whose texts sort the other way round.
_ENUM_KEYS: Final = ("locked_by",)

#: The keys that only admins may sort by.
_ADMIN_KEYS: Final = ("host", "node")

_DEFAULT_KEYS: Final = ["created_at"]


class Sorting(NamedTuple):
    """An order of servers.

    Attributes:
        keys: the columns to sort by; the id comes last.
        directions: the direction of each key: 1 upwards, -1 downwards.
        lookups: what columns look up.
    """

    keys: tuple[str, ...]
    directions: tuple[int, ...]
    lookups: Lookups

    def position(self, server: Server) -> tuple[Any, ...]:
        """Return what is compared of a server."""
        return tuple(sort_value(server, key, self.lookups) for key in self.keys)

    def compare(self, position: tuple[Any, ...], other: tuple[Any, ...]) -> int:
        """Return a negative number if *position* comes before *other*, 0 if they are equal."""
        for value, other_value, direction in zip(position, other, self.directions, strict=True):
            if value != other_value:
                return direction if value > other_value else -direction
        return 0

    def is_after(self, position: tuple[Any, ...], marker: tuple[Any, ...]) -> bool:
        """Return whether *position* comes after that of the marker, as oslo.db's paginate_query selects it.

        It leaves out the columns in which the marker is NULL, and never selects a server that is NULL in the
        first column that differs. MariaDB orders an ENUM by number, but compares it by its text.
        """
        columns = zip(self.keys, position, marker, self.directions, strict=True)
        for key, value, marker_value, direction in columns:
            if marker_value not in (NULL, value):
                is_greater = bool(value > marker_value) != (key in _ENUM_KEYS)
                return value != NULL and is_greater == (direction > 0)
        return False

    def page(self, servers: Iterable[Server], after: Server | None, limit: int) -> list[Server]:
        """Return at most *limit* servers in order, from the server *after* on.

        As Nova, it reads on after the last one until there are no more. Only where a column is NULL, that
        finds servers which the marker hides, or some for a second time, which count for the limit (measured).
        """
        pairs = [(self.position(server), server) for server in servers]
        position_key = cmp_to_key(self.compare)
        page: dict[str, Server] = {}
        count = 0
        marker = None if after is None else self.position(after)
        while count < limit:
            batch = [pair for pair in pairs if marker is None or self.is_after(pair[0], marker)]
            if not batch:
                break
            batch = sorted(batch, key=lambda pair: position_key(pair[0]))[: limit - count]
            page |= {server.id: server for _, server in batch}
            count += len(batch)
            marker = batch[-1][0]
        return list(page.values())


def parse_sorting(
    query: NovaQuery, is_admin: bool, lookups: Lookups, checks_directions: bool
) -> tuple[Sorting | None, bool]:
    """Return the order that a query asks for, and whether it exists: if not, nothing is listed.

    None stands for the default order. Keys are checked before, but on /v2.

    Raises:
        NovaError: 400 for invalid directions if *checks_directions*, 403 for a key of admins.
    """
    if "sort_key" not in query.values and "sort_dir" not in query.values:
        return None, True
    keys = [key.strip() for key in query.values.get("sort_key", _DEFAULT_KEYS)]
    directions = [direction.strip() for direction in query.values.get("sort_dir", ["desc"])]
    _drop_ignored_keys(keys, directions, query.minor)
    for key in keys:
        if key in _ADMIN_KEYS and not is_admin:
            raise NovaError(403, f"Only administrators can sort servers by {key}")
    problem = _problem_of(keys, directions)
    if problem and checks_directions:
        raise NovaError(400, f"Invalid input received: {problem}")
    if problem:
        return None, False
    if not keys:
        keys, directions = [*_DEFAULT_KEYS, "id"], ["desc", "desc"]
    if "uuid" not in keys:
        keys.append("uuid")
        directions.append("asc")
    directions += directions[:1] * (len(keys) - len(directions))
    pairs = [pair for pair in zip(keys, directions, strict=True) if pair[0] != "id"]
    if not all(key in COLUMNS for key, _ in pairs):
        return None, False
    numbers = tuple({"asc": 1, "desc": -1}[direction] for _, direction in pairs)
    return Sorting(tuple(key for key, _ in pairs), numbers, lookups), True


def _problem_of(keys: Sequence[str], directions: Sequence[str]) -> str:
    """Return what is wrong with directions, or ""."""
    if not set(directions) <= {"asc", "desc"}:
        return "Unknown sort direction, must be 'desc' or 'asc'"
    if len(directions) > len(keys):
        return "Sort direction size exceeds sort key size"
    return ""


def _drop_ignored_keys(keys: list[str], directions: list[str], minor: int) -> None:
    """Drop the keys without an effect, each with its direction if it has one."""
    for key in tuple(keys):
        if key in list_schemas.ignored_sort_keys(minor):
            number = keys.index(key)
            if len(directions) > number:
                directions.pop(number)
            keys.pop(number)
