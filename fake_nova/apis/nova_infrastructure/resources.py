"""What the only host has, and what its servers use of it. It has the size of Nova's fake driver."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.servers import Server

#: What the host has, and the memory that it keeps for itself.
VCPUS: Final = 1000
RAM: Final = 800_000
DISK: Final = 600_000
_OWN_RAM: Final = 512


def servers_on_host(cloud: Cloud) -> list[Server]:
    """Return the servers on the host, the oldest first."""
    servers = [server for server in cloud.servers.all() if server.host is not None and not server.is_deleted]
    return sorted(servers, key=lambda server: server.created_at)


class Needs(NamedTuple):
    """The sums of what servers need."""

    vcpus: int
    ram: int
    disk: int

    @classmethod
    def of_servers(cls, servers: Iterable[Server]) -> Needs:
        """Return the sums over some servers."""
        flavors = [server.flavor for server in servers]
        return cls(
            sum(flavor.vcpus for flavor in flavors),
            sum(flavor.ram for flavor in flavors),
            sum(flavor.disk + flavor.ephemeral for flavor in flavors),
        )


class Resources(NamedTuple):
    """What is used of the host.

    Attributes:
        needs: what its servers need.
        server_count: how many they are.
    """

    needs: Needs
    server_count: int

    @classmethod
    def of_host(cls, cloud: Cloud) -> Resources:
        """Return what is used of the host of a cloud."""
        servers = servers_on_host(cloud)
        return cls(Needs.of_servers(servers), len(servers))

    @property
    def used_ram(self) -> int:
        """The memory that is used, with that of the host itself."""
        return _OWN_RAM + self.needs.ram

    def document(self) -> dict[str, Any]:
        """Return the fields of a hypervisor."""
        return {
            "vcpus": VCPUS,
            "memory_mb": RAM,
            "local_gb": DISK,
            "vcpus_used": self.needs.vcpus,
            "memory_mb_used": self.used_ram,
            "local_gb_used": self.needs.disk,
            "free_ram_mb": RAM - self.used_ram,
            "free_disk_gb": DISK - self.needs.disk,
            "current_workload": 0,
            "running_vms": self.server_count,
            "disk_available_least": 0,
        }
