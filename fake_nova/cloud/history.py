"""History: each version of each image, when it came about, and by what."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from fake_nova.cloud.clock import ScopeClock
from fake_nova.images.model import Image

Author = Mapping[str, Any]

_NOBODY: Final[Author] = MappingProxyType({})

#: Who is writing. A context variable, and not a parameter, for a store is not to know who writes to it.
_AUTHOR: Final[ContextVar[Author]] = ContextVar("fake_nova_author", default=_NOBODY)


@contextmanager
def acting(author: Author) -> Iterator[None]:
    """Say who writes within the block: ``{"operation": ..., "request": ...}`` or ``{"plan": ...}``."""
    token = _AUTHOR.set(author)
    try:
        yield
    finally:
        _AUTHOR.reset(token)


class Version(NamedTuple):
    """One write: the image as it is since then, or None for one that was forgotten."""

    image_id: str
    image: Image | None
    at: datetime
    by: Author


#: The most characters of all the images that are remembered.
_MOST_CHARACTERS: Final = 4_000_000


class History:
    """The last writes to one cloud's images.

    Args:
        clock: by what time.
        most: how many are kept, of large images fewer.
    """

    def __init__(self, clock: ScopeClock, most: int = 10_000) -> None:
        self._clock: Final = clock
        self._most: Final = most
        self._versions: Final[deque[Version]] = deque()
        self._characters = 0

    def note(self, changes: Mapping[str, Image | None]) -> None:
        """Note what was written; the store calls this for one write at a time."""
        at, by = self._clock.now(), _AUTHOR.get()
        for image_id, image in changes.items():
            self._versions.append(Version(image_id, image, at, by))
            self._characters += _characters(image)
        while len(self._versions) > self._most or self._characters > _MOST_CHARACTERS:
            self._characters -= _characters(self._versions.popleft().image)

    def of(self, image_id: str) -> tuple[Version, ...]:
        """Return the versions of an image that came about since the start, oldest first."""
        return tuple(version for version in self._versions.copy() if version.image_id == image_id)


def _characters(image: Image | None) -> int:
    """Return about how many characters an image has, without what all images have."""
    if image is None:
        return 0
    return (
        sum(map(len, image.properties)) + sum(map(len, image.properties.values())) + sum(map(len, image.tags))
    )
