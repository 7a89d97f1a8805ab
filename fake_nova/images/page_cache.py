"""The cache of the pages that were rendered from one store state."""

from __future__ import annotations

from collections.abc import Hashable, Sized
from typing import Any, Final

#: The maximum number of bytes and of entries in one cache; a full cache is emptied. More entries would make
#: the pauses of the garbage collector longer.
_MAX_BYTES: Final = 8_000_000
_MAX_ENTRIES: Final = 512


class PageCache(dict[Hashable, Any]):
    """Rendered pages by the requests that asked for them. Each store state has a cache of its own.

    A state never changes, so a page is never out of date: a write leads to another state with an empty cache.
    """

    __slots__ = ("_size",)

    def __init__(self) -> None:
        super().__init__()
        self._size = 0

    def put(self, key: Hashable, page: Any, body: Sized) -> None:
        """Store a page, unless it is larger than a quarter of the cache. A full cache starts over.

        Args:
            key: the lookup key.
            page: whatever belongs to the page.
            body: the part of the page that takes the space.
        """
        size = len(body)
        if size > _MAX_BYTES // 4:
            return
        if self._size + size > _MAX_BYTES or len(self) >= _MAX_ENTRIES:
            self.clear()
            self._size = 0
        self[key] = page
        self._size += size
