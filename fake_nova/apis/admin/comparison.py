"""What differs between two snapshots of a cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeVar

from fake_nova.apis.admin import servers
from fake_nova.cloud.cloud import Cloud, Snapshot
from fake_nova.cloud.keypairs import KeyPair
from fake_nova.documents.flavor import serialize_flavor, serialize_keypair
from fake_nova.documents.image import serialize_image

Item = TypeVar("Item")


class Pair(NamedTuple):
    """The documents of one item in two states; None where it is missing."""

    old: dict[str, Any] | None
    new: dict[str, Any] | None


#: Keys that tell which item changed.
_ID_KEYS: Final = ("id", "name")
_KEYPAIR_ID_KEYS: Final = ("name", "user")


def compare(cloud: Cloud, start: Snapshot, end: Snapshot) -> dict[str, Any]:
    """Return what was added, changed and removed between two snapshots of a cloud.

    Returns:
        The images in the lists ``added``, ``changed`` and ``removed``. The keys ``servers``, ``flavors`` and
        ``keypairs`` have such lists too; each is there only if something differs.
    """
    parts = {
        "servers": _differences(_server_pairs(cloud, start, end)),
        "flavors": _differences(_flavor_pairs(start, end)),
        "keypairs": _differences(_keypair_pairs(cloud, start, end), _KEYPAIR_ID_KEYS),
    }
    document: dict[str, Any] = _differences(_image_pairs(start, end))
    return document | {name: part for name, part in parts.items() if any(part.values())}


def _image_pairs(start: Snapshot, end: Snapshot) -> Iterator[Pair]:
    old_images = start.store_state.by_key
    for key, new in start.store_state.changes_to(end.store_state).items():
        yield _pair(serialize_image, old_images.get(key), new)


def _server_pairs(cloud: Cloud, start: Snapshot, end: Snapshot) -> Iterator[Pair]:
    old_servers = start.compute.servers.by_key
    for key, new in start.compute.servers.changes_to(end.compute.servers).items():
        yield _pair(lambda server: servers.document_of(cloud, server), old_servers.get(key), new)


def _flavor_pairs(start: Snapshot, end: Snapshot) -> Iterator[Pair]:
    old_flavors = {flavor.id: flavor for flavor in start.compute.flavors}
    new_flavors = {flavor.id: flavor for flavor in end.compute.flavors}
    return _pairs(serialize_flavor, old_flavors, new_flavors)


def _keypair_pairs(cloud: Cloud, start: Snapshot, end: Snapshot) -> Iterator[Pair]:
    user_names = {user.id: user.name for user in cloud.directory.users}

    def serialize(keypair: KeyPair) -> dict[str, Any]:
        return serialize_keypair(keypair, user_names.get(keypair.user_id, keypair.user_id))

    old_keypairs = {(each.user_id, each.name): each for each in start.compute.keypairs}
    new_keypairs = {(each.user_id, each.name): each for each in end.compute.keypairs}
    return _pairs(serialize, old_keypairs, new_keypairs)


def _pairs(
    serialize: Callable[[Item], dict[str, Any]], old_items: Mapping[Any, Item], new_items: Mapping[Any, Item]
) -> Iterator[Pair]:
    """Yield the pairs of items that differ."""
    for key in {**old_items, **new_items}:
        old, new = old_items.get(key), new_items.get(key)
        if old != new:
            yield _pair(serialize, old, new)


def _pair(serialize: Callable[[Item], dict[str, Any]], old: Item | None, new: Item | None) -> Pair:
    return Pair(None if old is None else serialize(old), None if new is None else serialize(new))


def _differences(pairs: Iterable[Pair], id_keys: tuple[str, ...] = _ID_KEYS) -> dict[str, list[Any]]:
    """Return the documents that were added and removed, and the fields that changed.

    Args:
        pairs: the items that may differ.
        id_keys: the keys that tell which item changed.
    """
    lists: dict[str, list[Any]] = {"added": [], "changed": [], "removed": []}
    for old, new in pairs:
        if old is None:
            lists["added"].append(new)
        elif new is None:
            lists["removed"].append(old)
        elif fields := _changed_fields(old, new):
            lists["changed"].append({**{key: new[key] for key in id_keys}, "fields": fields})
    return lists


def _changed_fields(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the fields that differ: name -> the value before and after."""
    pairs = {name: [old.get(name), new.get(name)] for name in {**old, **new}}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
