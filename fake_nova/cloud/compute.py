"""What the compute service keeps beside images: servers, flavors, key pairs and quotas."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from fake_nova.cloud.flavors import BUILT_IN_FLAVORS, DEFAULT_FLAVOR, Flavor, find_flavor
from fake_nova.cloud.keypairs import KeyPair
from fake_nova.cloud.server_lifecycle import NO_WORKS, WorksById
from fake_nova.cloud.server_store import ListKey, ServerState, ServerStore
from fake_nova.cloud.servers import Server
from fake_nova.cloud.zones import Zone
from fake_nova.images.database import Database


class Quotas(NamedTuple):
    """The limits of a project, with Nova's names and defaults; -1 is no limit."""

    instances: int = 10
    cores: int = 20
    ram: int = 51_200
    metadata_items: int | None = None
    injected_files: int = 5
    injected_file_content_bytes: int = 10_240
    injected_file_path_bytes: int = 255
    key_pairs: int = 100
    server_groups: int = 10
    server_group_members: int = 10


#: The quotas of a project that has none of its own.
DEFAULT_QUOTAS: Final = Quotas()

_NO_QUOTAS: Final[Mapping[str, Quotas]] = MappingProxyType({})


class ComputeSeed(NamedTuple):
    """The part of fixtures that the compute service keeps beside images.

    Attributes:
        servers: the servers.
        flavors: the flavors; empty for `BUILT_IN_FLAVORS`.
        keypairs: the key pairs.
        quotas: project id -> its quotas, of the projects that have their own.
        works: the unfinished work on the servers.
        zones: the availability zones; empty for `BUILT_IN_ZONES`.
    """

    servers: tuple[Server, ...] = ()
    flavors: tuple[Flavor, ...] = ()
    keypairs: tuple[KeyPair, ...] = ()
    quotas: Mapping[str, Quotas] = _NO_QUOTAS
    works: WorksById = NO_WORKS
    zones: tuple[Zone, ...] = ()

    def with_project_moved(self, old_id: str, new_id: str) -> ComputeSeed:
        """Return a seed in which what belongs to one project belongs to another."""
        servers = tuple(
            server.replace(owner=new_id) if server.owner == old_id else server for server in self.servers
        )
        flavors = tuple(flavor.with_project_moved(old_id, new_id) for flavor in self.flavors)
        quotas = {new_id if project == old_id else project: each for project, each in self.quotas.items()}
        return self._replace(servers=servers, flavors=flavors, quotas=quotas)


class ComputeState(NamedTuple):
    """The state of the compute service beside its images, as a generation starts with it.

    Attributes:
        servers: the servers.
        own_flavors: the flavors; empty for `BUILT_IN_FLAVORS`.
        keypairs: the key pairs.
        quotas: project id -> its quotas.
        works: the unfinished work on the servers.
        own_zones: the availability zones; empty for `BUILT_IN_ZONES`.
    """

    servers: ServerState
    own_flavors: tuple[Flavor, ...] = ()
    keypairs: tuple[KeyPair, ...] = ()
    quotas: Mapping[str, Quotas] = _NO_QUOTAS
    works: WorksById = NO_WORKS
    own_zones: tuple[Zone, ...] = ()

    @classmethod
    def from_seed(cls, seed: ComputeSeed, database: Database) -> ComputeState:
        """Return the state that holds *seed* alone."""
        return cls(ServerState.from_servers(seed.servers, database), *seed[1:])

    @property
    def flavors(self) -> tuple[Flavor, ...]:
        """The flavors, or the built-in ones if there are none."""
        return self.own_flavors or BUILT_IN_FLAVORS

    @property
    def default_flavor(self) -> Flavor:
        """The flavor of a server that names none: the first one, or ``m1.small`` if there is none."""
        return next(iter(self.own_flavors), DEFAULT_FLAVOR)

    def find_flavor(self, reference: str) -> Flavor | None:
        """Return the flavor with this id, or else with this name, or None."""
        return find_flavor(self.flavors, reference)

    def as_seed(self) -> ComputeSeed:
        """Return the seed that leads to this state."""
        return ComputeSeed(ServerStore(self.servers).all(), *self[1:])

    def with_seed(self, seed: ComputeSeed) -> ComputeState:
        """Return this state with *seed* added. Flavors, key pairs, quotas and zones replace older ones.

        Raises:
            Conflict: if the id of a server is in use.
        """
        servers = ServerStore(self.servers)
        servers.add(*seed.servers)
        flavors = {flavor.id: flavor for flavor in (*self.own_flavors, *seed.flavors)}
        keypairs = {(each.user_id, each.name): each for each in (*self.keypairs, *seed.keypairs)}
        quotas = {**self.quotas, **seed.quotas}
        zones = {zone.name: zone for zone in (*self.own_zones, *seed.zones)}
        parts = tuple(flavors.values()), tuple(keypairs.values()), quotas
        return ComputeState(servers.state, *parts, {**self.works, **seed.works}, tuple(zones.values()))

    def with_project_moved(self, old_id: str, new_id: str) -> ComputeState:
        """Return a state in which what belongs to one project belongs to another."""
        state = self.servers
        servers = state.servers_of(ListKey(old_id, has_deleted=True))
        changes = {state.key_of(server): server.replace(owner=new_id) for server in servers}
        flavors = tuple(flavor.with_project_moved(old_id, new_id) for flavor in self.own_flavors)
        quotas = {new_id if project == old_id else project: each for project, each in self.quotas.items()}
        return self._replace(servers=state.with_changes(changes), own_flavors=flavors, quotas=quotas)
