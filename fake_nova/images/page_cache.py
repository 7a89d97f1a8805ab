"""Kept: what was made of one state of a store, to be had again as long as that state is the present one."""

from __future__ import annotations

from collections.abc import Hashable, Sized
from typing import Any, Final

#: Bytes, and entries, that one state keeps at the most; then it begins anew. More entries would be more for
#: the garbage collector to look at: 18 ms a time with those of 4,096 queries, 5 with those of 512 (measured).
_MAX_BYTES: Final = 8_000_000
_MAX_ENTRIES: Final = 512


class PageCache:
    """Bytes by what they were asked for, with whatever belongs to them.

    It is an attribute of an immutable state, so nothing in it is ever out of date: a write leads to another
    state, which keeps nothing yet, and with the state goes what it kept.
    """

    __slots__ = ("_by_key", "_size")

    def __init__(self) -> None:
        self._by_key: dict[Hashable, Any] = {}
        self._size = 0

    def get(self, key: Hashable) -> Any:
        """Return what was kept for *key*, or None."""
        return self._by_key.get(key)

    def put(self, key: Hashable, page: Any, body: Sized) -> None:
        """Keep *page*, of which *body* takes the room; more than a quarter of all the room is not kept."""
        size = len(body)
        if size > _MAX_BYTES // 4:
            return
        if self._size + size > _MAX_BYTES or len(self._by_key) >= _MAX_ENTRIES:
            self.clear()
        self._by_key[key] = page
        self._size += size

    def clear(self) -> None:
        """Forget everything."""
        self._by_key = {}
        self._size = 0
