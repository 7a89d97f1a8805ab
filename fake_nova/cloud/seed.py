"""Seed: what fixtures hold, taken into what a cloud starts with and into one that is running."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from fake_nova.cloud import progress_bar
from fake_nova.cloud.clock import ClockStart
from fake_nova.cloud.cloud import Cloud, Start
from fake_nova.cloud.directory import Directory, Project
from fake_nova.cloud.faults import MOST_IN_FORCE, Fault
from fake_nova.cloud.plans import Schedule
from fake_nova.cloud.servers import Server
from fake_nova.errors import Conflict
from fake_nova.images.model import Image
from fake_nova.images.store import MemoryImageStore, StoreState


class Seed(NamedTuple):
    """What a cloud starts with, and goes back to.

    Attributes:
        settings: by name, of a file that says in what state a cloud was.
    """

    directory: Directory
    images: tuple[Image, ...]
    schedule: Schedule = Schedule()
    clock: ClockStart | None = None
    faults: tuple[Fault, ...] = ()
    settings: Mapping[str, str] = MappingProxyType({})
    servers: tuple[Server, ...] = ()


def start_of(seed: Seed) -> Start:
    """Return what a cloud starts with that holds *seed* alone."""
    state = StoreState.of(seed.images, _watched)
    return Start(seed.directory, state, seed.schedule, seed.clock, seed.faults, seed.servers)


def _watched(images: list[Image]) -> Iterable[Image]:
    return progress_bar.over(images, len(images), "sorting images")


def extended(start: Start, seed: Seed) -> Start:
    """Return what a cloud starts with that also holds *seed*, and has its directory.

    Raises:
        Conflict: the id of an image is taken, or there are too many faults.
    """
    store = MemoryImageStore(start.state)
    store.add(*seed.images)
    faults = (*start.faults, *seed.faults)
    if len(faults) > MOST_IN_FORCE:
        raise Conflict(f"faults: too many (got {len(faults)}); expected at most {MOST_IN_FORCE}")
    return Start(
        seed.directory,
        store.state(),
        start.schedule.joined(seed.schedule),
        seed.clock or start.clock,
        faults,
        (*start.servers, *seed.servers),
    )


def add(cloud: Cloud, seed: Seed) -> None:
    """Add *seed* to a cloud, people aside.

    Raises:
        Conflict: the id of an image is taken, or there are too many faults; nothing is changed.
    """
    rules = cloud.faults.add(*seed.faults)
    with cloud.lifecycle.still():
        try:
            cloud.images.add(*seed.images)
        except Conflict:
            for rule in rules:
                cloud.faults.remove(rule.id)
            raise
        if seed.clock is not None:
            cloud.clock.go(seed.clock.mode, seed.clock.now)
        cloud.lifecycle.take(seed.schedule)
    cloud.servers.update({server.id: server for server in seed.servers})


def adopted(start: Start, project: Project) -> Start:
    """Return *start* with *project* in the place of its first one, as owner and as member."""
    first = start.directory.first_project
    state, servers = start.state, _moved_servers(start.servers, first, project)
    moved = ((image, _moved(image, first, project)) for image in state.by_id.values())
    changes = {image.id: after for image, after in moved if after is not image}
    if len(changes) < 1000:
        return start._replace(state=state.with_changes(changes), servers=servers)
    images = (changes.get(image.id, image) for image in state.by_id.values())
    return start._replace(state=StoreState.of(images), servers=servers)


def at_home(seed: Seed, home: Project) -> Seed:
    """Return *seed* with *home* in the place of its first project."""
    first = seed.directory.first_project
    images = tuple(_moved(image, first, home) for image in seed.images)
    return seed._replace(images=images, servers=_moved_servers(seed.servers, first, home))


def _moved_servers(servers: Iterable[Server], old: Project, new: Project) -> tuple[Server, ...]:
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
