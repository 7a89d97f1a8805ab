"""A persistent mapping: a base dict and an overlay of changes.

A store of a million images must give each reader a state that no writer touches. It must also return to its
seed at once. Copying a dict of a million entries at each write would be slow. Here a write copies only the
overlay, which is merged into a new base when it has grown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isqrt
from typing import Any, Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class OverlayMap(Generic[K, V]):
    """An immutable mapping: a large shared base, and the few entries that differ from it.

    A lookup reads one or two dicts. `with_changes` copies only the overlay. The value None stands for a
    missing entry.

    Args:
        base: the shared entries; must not be modified afterwards.
        overlay: key -> its new value, or None if the key is removed.
        size: the number of entries; by default that of *base*.
    """

    __slots__ = ("_base", "_overlay", "_size")

    def __init__(
        self, base: Mapping[K, V], overlay: Mapping[K, V | None] | None = None, size: int | None = None
    ) -> None:
        self._base: Final = base
        self._overlay: Final = overlay or {}
        self._size: Final = size if size is not None else len(base)

    def get(self, key: K) -> V | None:
        """Return the value of *key*, or None if it is missing."""
        if key in self._overlay:
            return self._overlay[key]
        return self._base.get(key)

    def get_many(self, keys: Iterable[K]) -> Iterator[V]:
        """Iterate over the values of *keys*. All keys must be in the mapping."""
        base, overlay = self._base, self._overlay
        if not overlay:
            return map(base.__getitem__, keys)
        return (base[key] if (value := overlay.get(key)) is None else value for key in keys)

    def __len__(self) -> int:
        return self._size

    def values(self) -> Iterator[V]:
        """Iterate over all values: first the unchanged ones of the base, then those of the overlay."""
        yield from (value for key, value in self._base.items() if key not in self._overlay)
        yield from (overlay_value for overlay_value in self._overlay.values() if overlay_value is not None)

    def has_same_base(self, other: OverlayMap[K, V]) -> bool:
        """Return whether two mappings share their base, so that few of their entries differ."""
        return self._base is other._base

    def differing_keys(self, other: OverlayMap[K, V]) -> Iterator[K]:
        """Iterate over the keys that do not have the same object as their value in both mappings."""
        keys = {**self._overlay, **other._overlay}
        if self._base is not other._base:
            keys = {**dict.fromkeys(self._base), **dict.fromkeys(other._base), **keys}
        return (key for key in keys if self.get(key) is not other.get(key))

    def with_changes(self, changes: Mapping[K, V | None]) -> OverlayMap[K, V]:
        """Return a mapping with *changes*: key -> its new value, or None to remove the key."""
        size = self._size
        for key, value in changes.items():
            size += (value is not None) - (self.get(key) is not None)
        overlay = {**self._overlay, **changes}
        if len(overlay) <= 64 + 4 * isqrt(len(self._base)):
            return OverlayMap(self._base, overlay, size)
        base: dict[K, Any] = {**self._base, **overlay}
        for key in (key for key, value in overlay.items() if value is None):
            del base[key]
        return OverlayMap(base)
