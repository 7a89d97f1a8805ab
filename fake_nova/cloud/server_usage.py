"""What the servers of a project use of its quotas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from fake_nova.cloud.servers import Server
from fake_nova.images.overlay_map import OverlayMap


class Usage(NamedTuple):
    """How much of its quotas a project uses."""

    ram: int = 0
    cores: int = 0
    instances: int = 0


NO_USAGE: Final = Usage()


def usages_of(
    servers: Iterable[Server], usages: OverlayMap[str, Usage], without: Iterable[Server] = ()
) -> OverlayMap[str, Usage]:
    """Return project id -> its usage, from *usages*, with *servers* added and those of *without* removed."""
    changes: dict[str, Usage | None] = {}
    for sign, group in ((1, servers), (-1, without)):
        for server in group:
            if server.is_listed:
                usage = changes.get(server.owner) or usages.get(server.owner) or NO_USAGE
                flavor = server.flavor
                changes[server.owner] = Usage(
                    usage.ram + sign * flavor.ram, usage.cores + sign * flavor.vcpus, usage.instances + sign
                )
    return usages.with_changes(changes)
