"""The deleted servers of a store, of which it holds a limited number, for lists of changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from fake_nova.cloud.servers import Server

#: The maximum number of deleted servers in a store, and of characters that clients sent with them. The first
#: deleted are dropped first.
MAX_DELETED_SERVERS: Final = 5_000
MAX_DELETED_CHARS: Final = 4_000_000


def char_count(server: Server) -> int:
    """Return the number of characters in the long texts of a server."""
    texts = (
        server.user_data,
        server.description,
        server.locked_reason,
        *server.metadata,
        *server.metadata.values(),
    )
    return sum(len(text) for text in texts if text)


class ServerDeletions:
    """The keys of the deleted servers of one store, in the order of their deletion.

    Args:
        deleted_servers: key -> server, of those that are deleted already, the first deleted first.
    """

    def __init__(self, deleted_servers: Iterable[tuple[str, Server]] = ()) -> None:
        self._char_counts: Final = {key: char_count(server) for key, server in deleted_servers}
        self._char_count = sum(self._char_counts.values())

    def record(self, changes: Mapping[str, Server | None]) -> dict[str, None]:
        """Record a write: server key -> the new server, or None if the server was removed.

        Returns:
            The removals that keep the maxima, as changes to the store; they are recorded, too.
        """
        for key, server in changes.items():
            if server is None or not server.is_deleted:
                self._char_count -= self._char_counts.pop(key, 0)
            elif key not in self._char_counts:
                self._char_counts[key] = char_count(server)
                self._char_count += self._char_counts[key]
        removals: dict[str, None] = {}
        while len(self._char_counts) > MAX_DELETED_SERVERS or self._char_count > MAX_DELETED_CHARS:
            key = next(iter(self._char_counts))
            self._char_count -= self._char_counts.pop(key)
            removals[key] = None
        return removals
