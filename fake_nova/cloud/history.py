"""The history of images or servers: the last versions, their times, and the requests or plans behind them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from secrets import randbits
from types import MappingProxyType
from typing import Any, Final, Generic, NamedTuple, TypeVar

from fake_nova.cloud.clock import CloudClock
from fake_nova.images.model import Image

Item = TypeVar("Item")

Author = Mapping[str, Any]

_NO_AUTHOR: Final[Author] = MappingProxyType({})

#: The author of writes. It is a context variable because the store should not know who writes to it.
_CURRENT_AUTHOR: Final[ContextVar[Author]] = ContextVar("fake_nova_author", default=_NO_AUTHOR)


@contextmanager
def recording_author(author: Author) -> Iterator[None]:
    """Record *author* as the author of all writes in the block.

    Args:
        author: ``{"operation": ..., "request": ...}`` or ``{"plan": ...}``.
    """
    token = _CURRENT_AUTHOR.set(author)
    try:
        yield
    finally:
        _CURRENT_AUTHOR.reset(token)


class Version(NamedTuple, Generic[Item]):
    """One write to one image or server.

    Attributes:
        key: the key of the item in its store.
        item: the item after the write; None if it was removed.
        written_at: the time by the cloud's clock, aware, in UTC.
        author: the request or plan that wrote it; {} if unknown.
        number: the number of the write among those of this cloud, from 1.
    """

    key: str
    item: Item | None
    written_at: datetime
    author: Author
    number: int


#: The maximum number of characters of all remembered versions together.
_MAX_CHARACTERS: Final = 4_000_000


class History(Generic[Item]):
    """The last writes to one cloud's images or servers.

    Args:
        clock: the clock that dates the writes.
        char_count: returns the approximate size of an item in characters, without the fields that all have.
        max_versions: the maximum number of versions remembered; fewer if the items are large.

    Attributes:
        id: a number that tells this history from those of other clouds and servers.
    """

    def __init__(
        self, clock: CloudClock, char_count: Callable[[Item], int], max_versions: int = 10_000
    ) -> None:
        self._clock: Final = clock
        self._char_count: Final = char_count
        self._max_versions: Final = max_versions
        self._versions: Final[deque[Version[Item]]] = deque()
        self._total_characters = 0
        self._last_number = 0
        self.id: Final = randbits(62)

    def record(self, changes: Mapping[str, Item | None]) -> None:
        """Record a write: key -> the new item, or None if the item was removed.

        The store calls this for one write at a time.
        """
        written_at = self._clock.now()
        author = _CURRENT_AUTHOR.get()
        for key, item in changes.items():
            self._last_number += 1
            self._versions.append(Version(key, item, written_at, author, self._last_number))
            self._total_characters += 0 if item is None else self._char_count(item)
        while len(self._versions) > self._max_versions or self._total_characters > _MAX_CHARACTERS:
            forgotten_item = self._versions.popleft().item
            self._total_characters -= 0 if forgotten_item is None else self._char_count(forgotten_item)

    @property
    def last_number(self) -> int:
        """The number of the last version; 0 before the first."""
        return self._last_number

    def since(self, number: int) -> tuple[Version[Item], ...] | None:
        """Return the versions after that of a number, oldest first; None if some are forgotten."""
        if number == self._last_number:
            return ()
        versions = self._versions.copy()
        if not versions or not versions[0].number - 1 <= number <= versions[-1].number:
            return None
        return tuple(version for version in versions if version.number > number)

    def versions_of(self, key: str) -> tuple[Version[Item], ...]:
        """Return the recorded versions of the item with this key, oldest first."""
        return tuple(version for version in self._versions.copy() if version.key == key)


def image_char_count(image: Image) -> int:
    """Return the approximate size of an image in characters, without the fields that all images have."""
    return sum(map(len, (*image.properties, *image.properties.values(), *image.tags)))
