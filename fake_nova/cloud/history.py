"""The history of images: the last versions, when each was written, and by which request or plan."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from secrets import randbits
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from fake_nova.cloud.clock import CloudClock
from fake_nova.images.model import Image

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


class ImageVersion(NamedTuple):
    """One write to one image.

    Attributes:
        image_key: the key of the image (`StoreState.key_of`).
        image: the image after the write; None if it was removed.
        written_at: the time by the cloud's clock, aware, in UTC.
        author: the request or plan that wrote it; {} if unknown.
        number: the number of the write among those of this cloud, from 1.
    """

    image_key: str
    image: Image | None
    written_at: datetime
    author: Author
    number: int


#: The maximum number of characters of all remembered versions together.
_MAX_CHARACTERS: Final = 4_000_000


class History:
    """The last writes to one cloud's images.

    Args:
        clock: the clock that dates the writes.
        max_versions: the maximum number of versions remembered; fewer if the images are large.

    Attributes:
        id: a number that tells this history from those of other clouds and servers.
    """

    def __init__(self, clock: CloudClock, max_versions: int = 10_000) -> None:
        self._clock: Final = clock
        self._max_versions: Final = max_versions
        self._versions: Final[deque[ImageVersion]] = deque()
        self._total_characters = 0
        self._last_number = 0
        self.id: Final = randbits(62)

    def record(self, changes: Mapping[str, Image | None]) -> None:
        """Record a write: image key -> the new image, or None if the image was removed.

        The store calls this for one write at a time.
        """
        written_at = self._clock.now()
        author = _CURRENT_AUTHOR.get()
        for image_key, image in changes.items():
            self._last_number += 1
            self._versions.append(ImageVersion(image_key, image, written_at, author, self._last_number))
            self._total_characters += _character_count(image)
        while len(self._versions) > self._max_versions or self._total_characters > _MAX_CHARACTERS:
            self._total_characters -= _character_count(self._versions.popleft().image)

    @property
    def last_number(self) -> int:
        """The number of the last version; 0 before the first."""
        return self._last_number

    def since(self, number: int) -> tuple[ImageVersion, ...] | None:
        """Return the versions after that of a number, oldest first; None if some are forgotten."""
        if number == self._last_number:
            return ()
        versions = self._versions.copy()
        if not versions or not versions[0].number - 1 <= number <= versions[-1].number:
            return None
        return tuple(version for version in versions if version.number > number)

    def for_image(self, image_key: str) -> tuple[ImageVersion, ...]:
        """Return the recorded versions of the image with this key, oldest first."""
        return tuple(version for version in self._versions.copy() if version.image_key == image_key)


def _character_count(image: Image | None) -> int:
    """Return the approximate size of an image in characters, without the fields that all images have."""
    if image is None:
        return 0
    return sum(map(len, (*image.properties, *image.properties.values(), *image.tags)))
