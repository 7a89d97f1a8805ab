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

_NO_AUTHOR: Final[Author] = MappingProxyType({})

#: Who is writing. A context variable, and not a parameter, for a store is not to know who writes to it.
_CURRENT_AUTHOR: Final[ContextVar[Author]] = ContextVar("fake_nova_author", default=_NO_AUTHOR)


@contextmanager
def recording_author(author: Author) -> Iterator[None]:
    """Say who writes within the block: ``{"operation": ..., "request": ...}`` or ``{"plan": ...}``."""
    token = _CURRENT_AUTHOR.set(author)
    try:
        yield
    finally:
        _CURRENT_AUTHOR.reset(token)


class ImageVersion(NamedTuple):
    """One write: the image as it is since then, or None for one that was forgotten."""

    image_id: str
    image: Image | None
    written_at: datetime
    author: Author


#: The most characters of all the images that are remembered.
_MAX_CHARACTERS: Final = 4_000_000


class History:
    """The last writes to one cloud's images.

    Args:
        clock: by what time.
        max_versions: how many are kept, of large images fewer.
    """

    def __init__(self, clock: ScopeClock, max_versions: int = 10_000) -> None:
        self._clock: Final = clock
        self._max_versions: Final = max_versions
        self._versions: Final[deque[ImageVersion]] = deque()
        self._total_characters = 0

    def record(self, changes: Mapping[str, Image | None]) -> None:
        """Note what was written; the store calls this for one write at a time."""
        written_at, author = self._clock.now(), _CURRENT_AUTHOR.get()
        for image_id, image in changes.items():
            self._versions.append(ImageVersion(image_id, image, written_at, author))
            self._total_characters += _character_count(image)
        while len(self._versions) > self._max_versions or self._total_characters > _MAX_CHARACTERS:
            self._total_characters -= _character_count(self._versions.popleft().image)

    def for_image(self, image_id: str) -> tuple[ImageVersion, ...]:
        """Return the versions of an image that came about since the start, oldest first."""
        return tuple(version for version in self._versions.copy() if version.image_id == image_id)


def _character_count(image: Image | None) -> int:
    """Return about how many characters an image has, without what all images have."""
    if image is None:
        return 0
    return (
        sum(map(len, image.properties)) + sum(map(len, image.properties.values())) + sum(map(len, image.tags))
    )
