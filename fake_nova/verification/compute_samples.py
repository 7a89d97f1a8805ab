"""The values of servers, flavors and key pairs that questions are filled in with: those of a record."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Entry = Mapping[str, Any]

#: The most values of one kind that questions are filled in with.
_MOST_VALUES: Final = 3

_PLAIN_NAME: Final = re.compile(r"[A-Za-z][\w -]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ComputeSamples:
    """Values of the servers, flavors and key pairs that a cloud's user sees.

    Attributes:
        servers: the servers of the record; those in BUILD are about to change, and no samples.
        flavors: the flavors of the record.
        keypairs: the key pairs of the record.
    """

    servers: Sequence[Entry] = ()
    flavors: Sequence[Entry] = ()
    keypairs: Sequence[Entry] = ()

    def _values(self, select: Callable[[Entry], Any]) -> list[str]:
        """Return different texts of servers, without those that are empty."""
        values = dict.fromkeys(select(server) for server in self.servers)
        return [str(value) for value in values if value not in (None, "")][:_MOST_VALUES]

    def server_ids(self, limit: int = _MOST_VALUES) -> list[str]:
        """Return ids of servers."""
        return [str(server["id"]) for server in self.servers][:limit]

    def ids_by_status(self) -> list[str]:
        """Return the id of a server of each status."""
        return list({server.get("status"): str(server["id"]) for server in reversed(self.servers)}.values())

    def upper_ids(self) -> list[str]:
        """Return the id of a server in capitals, if that makes a difference."""
        return [each.upper() for each in self.server_ids(100) if each.upper() != each][:1]

    def names(self) -> list[str]:
        """Return names that are the same as patterns, with a letter that has a case."""
        names = self._values(lambda server: server["name"])
        return [name for name in names if _PLAIN_NAME.fullmatch(name)]

    def texts(self, key: str) -> list[str]:
        """Return different texts that servers have under a key."""
        return self._values(lambda server: server.get(key) if isinstance(server.get(key), str) else None)

    def tags(self) -> list[str]:
        """Return tags of servers."""
        return self._values(lambda server: next(iter(server.get("tags", ())), None))

    def metadata(self) -> list[tuple[str, str]]:
        """Return the id of a server with metadata, and a key of it; at most one."""
        pairs = ((str(server["id"]), key) for server in self.servers for key in server.get("metadata", ()))
        return [pair for pair in pairs if pair[1].isalnum() and pair[1].isascii()][:1]

    def networks(self) -> list[tuple[str, str]]:
        """Return the id of a server with an address of IPv4, and that address; at most one."""
        lists = (
            (server["id"], *each) for server in self.servers for each in server.get("addresses", {}).values()
        )
        pairs = [
            (str(server_id), str(addresses[0]["address"])) for server_id, *addresses in lists if addresses
        ]
        return [pair for pair in pairs if ":" not in pair[1]][:1]

    def flavor_ids(self) -> list[str]:
        """Return ids of flavors that are part of a path as they are."""
        ids = [str(flavor["id"]) for flavor in self.flavors]
        return [each for each in ids if re.fullmatch(r"[\w.-]+", each, re.ASCII)][:_MOST_VALUES]

    def flavors_of_servers(self) -> list[str]:
        """Return ids of flavors that servers have."""
        return self._values(lambda server: server["flavor"] if isinstance(server["flavor"], str) else None)

    def keypair_names(self) -> list[str]:
        """Return names of key pairs that are part of a path as they are."""
        names = [str(keypair["name"]) for keypair in self.keypairs]
        return [name for name in names if re.fullmatch(r"[\w-]+", name, re.ASCII)][:_MOST_VALUES]
