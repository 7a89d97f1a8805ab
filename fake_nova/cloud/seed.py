"""Seeds: the checked content of fixtures, and how it gets into an initial state or a running cloud."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from fake_nova.cloud.clock import ClockStart
from fake_nova.cloud.cloud import Cloud, InitialState
from fake_nova.cloud.compute import ComputeSeed, ComputeState
from fake_nova.cloud.directory import Directory, Project, User
from fake_nova.cloud.faults import MAX_FAULTS_IN_FORCE, Fault
from fake_nova.cloud.keypairs import KeyPair
from fake_nova.cloud.own_settings import OwnSettings, check_agreement, with_own_settings
from fake_nova.cloud.plans import PlanState
from fake_nova.errors import Conflict
from fake_nova.images.database_limits import check_property_keys
from fake_nova.images.model import Image
from fake_nova.images.store import ImageStore
from fake_nova.images.store_state import Changes, StoreState
from fake_nova.settings import Settings
from fake_nova.support import progress_bar
from fake_nova.support.messages import quote_python


class Seed(NamedTuple):
    """The content of fixtures, read and checked.

    Attributes:
        directory: the projects and users.
        images: the images, with the times and the owners that they are stored with.
        plan_state: the plans, and the progress of the images that follow one.
        clock: the setting of the clock, or None.
        faults: the faults.
        settings: setting -> value, from a file that a cloud was exported to.
        compute: the servers, flavors, key pairs and quotas.
        own_settings: the settings that the fixtures bring with them.
    """

    directory: Directory
    images: tuple[Image, ...]
    plan_state: PlanState = PlanState()
    clock: ClockStart | None = None
    faults: tuple[Fault, ...] = ()
    settings: Mapping[str, str] = MappingProxyType({})
    compute: ComputeSeed = ComputeSeed()
    own_settings: OwnSettings = MappingProxyType({})


def initial_state_of(seed: Seed, settings: Settings) -> InitialState:
    """Return the initial state of a cloud that contains *seed* alone.

    Args:
        seed: the seed.
        settings: the settings of the server or scope.

    Raises:
        Conflict: if there are too many faults.
    """
    _check_fault_count(seed.faults)
    database = with_own_settings(settings, seed.own_settings).database_rules
    state = StoreState.from_images(seed.images, database, _with_progress)
    compute = ComputeState.from_seed(seed.compute, database)
    values = (compute, seed.plan_state, seed.clock, seed.faults, seed.own_settings)
    return InitialState(seed.directory, state, *values)


def _with_progress(images: list[Image]) -> Iterable[Image]:
    return progress_bar.with_progress_bar(images, len(images), "sorting images")


def with_seed(start: InitialState, seed: Seed) -> InitialState:
    """Return an initial state with *seed* added, and with the directory of *seed*.

    Raises:
        Conflict: if the id of an image or server is in use, or if there are too many faults.
    """
    compute = start.compute.with_seed(seed.compute)
    store = ImageStore(start.store_state)
    store.add(*seed.images)
    faults = (*start.faults, *seed.faults)
    _check_fault_count(faults)
    plan_state = start.plan_state.merge(seed.plan_state)
    own_settings = {**start.own_settings, **seed.own_settings}
    clock = seed.clock or start.clock
    return InitialState(seed.directory, store.state, compute, plan_state, clock, faults, own_settings)


def _check_fault_count(faults: Collection[Fault]) -> None:
    if len(faults) > MAX_FAULTS_IN_FORCE:
        raise Conflict(f"faults: too many (got {len(faults)}); expected at most {MAX_FAULTS_IN_FORCE}")


def add_to_cloud(cloud: Cloud, seed: Seed, settings: Settings) -> None:
    """Add *seed* to a running cloud, except its projects and users.

    Args:
        cloud: the cloud.
        seed: the seed.
        settings: the settings of the server or scope.

    Raises:
        Conflict: if the id of an image or server is in use, there are too many faults, or the cloud has other
            settings than the seed; nothing changes.
    """
    check_agreement(seed.own_settings, settings, cloud.settings)
    compute = cloud.compute.with_seed(seed.compute)
    installed_faults = cloud.faults.add(*seed.faults)
    with cloud.lifecycle.lock():
        try:
            cloud.images.add(*seed.images)
        except Conflict:
            for installed_fault in installed_faults:
                cloud.faults.remove(installed_fault.id)
            raise
        if seed.clock is not None:
            cloud.clock.set(seed.clock.mode, seed.clock.now)
        cloud.lifecycle.merge(seed.plan_state)
        cloud.begin_compute(compute)


def state_on_database(start: InitialState, settings: Settings) -> InitialState:
    """Return *start* with its images on the database of a scope with *settings*.

    Raises:
        Conflict: if two ids are equal on that database.
        ServiceFailure: if two keys of an image are.
    """
    database = with_own_settings(settings, start.own_settings).database_rules
    if start.store_state.database is database:
        return start
    images = tuple(start.store_state.by_key.values())
    state = StoreState.from_images(images, database)
    if len(state.by_key) < len(images):
        problem = (
            f"database: two images have equal ids on {database.label} (got {quote_python(database.name)})"
        )
        raise Conflict(f"{problem}; expected the database of the server")
    for image in images:
        check_property_keys(image, None, database)
    compute = ComputeState.from_seed(start.compute.as_seed(), database)
    return start._replace(store_state=state, compute=compute)


def state_for_project(start: InitialState, project: Project, user: User) -> InitialState:
    """Return *start* with its first project replaced by *project*, as owner and as member.

    The key pairs of its first user belong to *user*.
    """
    first = start.directory.first_project
    state = start.store_state
    keypairs = _move_keypairs(start.compute.keypairs, start.directory, user)
    compute = start.compute.with_project_moved(first.id, project.id)._replace(keypairs=keypairs)
    image_pairs = ((image, _move_image(image, first, project)) for image in state.by_key.values())
    changes: Changes = {
        state.key_of(image): new_image for image, new_image in image_pairs if new_image is not image
    }
    if len(changes) < 1000:
        return start._replace(store_state=state.with_changes(changes), compute=compute)
    images = (changes.get(state.key_of(image)) or image for image in state.by_key.values())
    return start._replace(store_state=StoreState.from_images(images, state.database), compute=compute)


def seed_for_project(seed: Seed, project: Project, user: User) -> Seed:
    """Return *seed* with its first project replaced by *project*, as `state_for_project` does."""
    first = seed.directory.first_project
    images = tuple(_move_image(image, first, project) for image in seed.images)
    keypairs = _move_keypairs(seed.compute.keypairs, seed.directory, user)
    compute = seed.compute.with_project_moved(first.id, project.id)._replace(keypairs=keypairs)
    return seed._replace(images=images, compute=compute)


def _move_keypairs(keypairs: tuple[KeyPair, ...], directory: Directory, user: User) -> tuple[KeyPair, ...]:
    """Return key pairs of which those of the first user of *directory* belong to *user*."""
    first_user = directory.first_user
    first_id = "" if first_user is None else first_user.id
    return tuple(each._replace(user_id=user.id) if each.user_id == first_id else each for each in keypairs)


def _move_image(image: Image, old: Project, new: Project) -> Image:
    """Return *image* with the project *old* replaced by *new*, as owner and as member."""
    if image.owner != old.id and all(member.project_id != old.id for member in image.members):
        return image
    members = (
        member._replace(project_id=new.id) if member.project_id == old.id else member
        for member in image.members
    )
    owner = new.id if image.owner == old.id else image.owner
    return image.replace(owner=owner, members=tuple(members))
