"""Flavors: the sizes of servers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID, uuid5

_NAMESPACE: Final = UUID("5f0d8f54-6d0f-5c38-9d0a-7f2b3c0a51e4")

_NO_SPECS: Mapping[str, str] = MappingProxyType({})


class Flavor(NamedTuple):
    """The size of a server.

    Attributes:
        id: any text; Nova calls it ``flavorid``.
        name: the name, such as ``m1.small``.
        ram: the memory in MB.
        vcpus: the number of CPUs.
        disk: the size of the disk in GB.
        ephemeral: the size of a second disk in GB.
        swap: the size of the swap disk in MB.
        rxtx_factor: a factor for the network, which nothing uses.
        is_public: whether every project may use it.
        description: a description, or None.
        extra_specs: key -> value.
        access: the ids of the projects that may use it although it is not public.
    """

    id: str
    name: str
    ram: int = 2048
    vcpus: int = 1
    disk: int = 20
    ephemeral: int = 0
    swap: int = 0
    rxtx_factor: float = 1.0
    is_public: bool = True
    description: str | None = None
    extra_specs: Mapping[str, str] = _NO_SPECS
    access: tuple[str, ...] = ()

    def is_visible_to(self, project_id: str | None) -> bool:
        """Return whether a project may use it. An admin may use every flavor."""
        return self.is_public or project_id in self.access

    def with_project_moved(self, old_id: str, new_id: str) -> Flavor:
        """Return a flavor that one project may use in place of another."""
        if old_id not in self.access:
            return self
        return self._replace(access=tuple(new_id if each == old_id else each for each in self.access))


#: The flavor of a server that names none, if the fixtures have no flavors.
DEFAULT_FLAVOR: Final = Flavor("2", "m1.small")

#: The flavors of a cloud whose fixtures have none (those of DevStack).
BUILT_IN_FLAVORS: Final = (
    Flavor("1", "m1.tiny", ram=512, disk=1),
    DEFAULT_FLAVOR,
    Flavor("3", "m1.medium", ram=4096, vcpus=2, disk=40),
    Flavor("4", "m1.large", ram=8192, vcpus=4, disk=80),
    Flavor("5", "m1.xlarge", ram=16384, vcpus=8, disk=160),
)


def changeable_flavors(own_flavors: tuple[Flavor, ...]) -> tuple[Flavor, ...]:
    """Return the flavors of a cloud that are about to change, the default one first.

    They are its own ones, or else the built-in ones.
    """
    others = (flavor for flavor in BUILT_IN_FLAVORS if flavor is not DEFAULT_FLAVOR)
    return own_flavors or (DEFAULT_FLAVOR, *others)


def id_of_name(name: str) -> str:
    """Return the id of a flavor that has only a name: that of the built-in one, or a UUID."""
    built_in_ids = (flavor.id for flavor in BUILT_IN_FLAVORS if flavor.name == name)
    return next(built_in_ids, str(uuid5(_NAMESPACE, name)))


def find_flavor(flavors: Iterable[Flavor], reference: str) -> Flavor | None:
    """Return the flavor with an id, or else with a name, or None."""
    candidates = tuple(flavors)
    by_id = (flavor for flavor in candidates if flavor.id == reference)
    return next(by_id, None) or next((flavor for flavor in candidates if flavor.name == reference), None)
