"""Layered: a mapping that is replaced, not changed, at the cost of the change.

A store of a million images must give each reader one state that no writer touches, and go back to its
seed at once. Copying a dict of a million entries at each write would do it, but slowly. Here a write copies
only what was written since the big dict was made, and folds that into a new big dict when it has grown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isqrt
from typing import Any, Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class OverlayMap(Generic[K, V]):
    """An immutable mapping: a large base that is shared, and the few entries that differ from it.

    Reading is one or two dict look-ups; `with_changes` copies the differences only. None as a value stands
    for an
    entry that is not there.
    """

    __slots__ = ("_base", "_overlay", "_size")

    def __init__(
        self,
        base: Mapping[K, V],
        overlay: Mapping[K, V | None] | None = None,
        size: int | None = None,
    ) -> None:
        self._base: Final = base
        self._overlay: Final = overlay or {}
        self._size: Final = size if size is not None else len(base)

    def get(self, key: K) -> V | None:
        """Return the value of *key*, or None where there is none."""
        if key in self._overlay:
            return self._overlay[key]
        return self._base.get(key)

    def get_many(self, keys: Iterable[K]) -> Iterator[V]:
        """Give the value of each of *keys*, all of which are there."""
        base, overlay = self._base, self._overlay
        if not overlay:
            return map(base.__getitem__, keys)
        return (base[key] if (value := overlay.get(key)) is None else value for key in keys)

    def __len__(self) -> int:
        return self._size

    def values(self) -> Iterator[V]:
        """Give every value: first those of the base that still hold, then those added or changed."""
        yield from (value for key, value in self._base.items() if key not in self._overlay)
        yield from (overlay_value for overlay_value in self._overlay.values() if overlay_value is not None)

    def differing_keys(self, other: OverlayMap[K, V]) -> Iterator[K]:
        """Give every key whose value is another object there than here, or is there or here only."""
        keys = {**self._overlay, **other._overlay}
        if self._base is not other._base:
            keys = {**dict.fromkeys(self._base), **dict.fromkeys(other._base), **keys}
        return (key for key in keys if self.get(key) is not other.get(key))

    def with_changes(self, changes: Mapping[K, V | None]) -> OverlayMap[K, V]:
        """Return a mapping in which each key of *changes* has its new value, or none where that is None."""
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
