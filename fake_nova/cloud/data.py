"""The data of images: bytes beside the store, found by what an image says of their hash.

An image is a value and says which data it has by its ``os_hash_value``. So a snapshot or a copy of it has the
same data, and none is ever out of date.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from hashlib import sha512
from threading import Lock
from typing import Final

from fake_nova.errors import FakeNovaError

#: The algorithm that data is found by (Glance 33.0.0's hashing_algorithm).
HASH_ALGORITHM: Final = "sha512"

#: How often the most that one image may have fits into what all have together.
_IMAGES: Final = 16


def hash_of(content: bytes) -> str:
    """Return the hash of data, by `HASH_ALGORITHM`."""
    return sha512(content).hexdigest()


class DataFull(FakeNovaError):
    """There is no room for more data."""


class ImageData:
    """The data of one cloud's images.

    Args:
        most: bytes that one image may have; all together may have sixteen times as many.

    Attributes:
        most: the same.
    """

    def __init__(self, most: int) -> None:
        self.most: Final = most
        self._by_hash: dict[str, bytes] = {}
        self._staged: dict[str, bytes] = {}
        self._lock: Final = Lock()

    def get(self, digest: str | None) -> bytes | None:
        """Return the data of this hash, or None where it is not there."""
        return self._by_hash.get(digest or "")

    def keep(self, content: bytes, in_use: Callable[[], Collection[str]]) -> str:
        """Keep data, and return its hash.

        Args:
            content: the data.
            in_use: gives the hashes of the data that is still needed; asked where room is short.

        Raises:
            DataFull: what is still needed leaves no room for it.
        """
        digest = hash_of(content)
        with self._lock:
            self._by_hash = self._with(self._by_hash, digest, content, in_use)
        return digest

    def stage(self, image_id: str, content: bytes, waiting: Callable[[], Collection[str]]) -> None:
        """Lay data aside until the image is imported.

        Args:
            image_id: the image.
            content: the data.
            waiting: gives the ids of the images that wait to be imported; asked where room is short.

        Raises:
            DataFull: what still waits leaves no room for it.
        """
        with self._lock:
            self._staged = self._with(self._staged, image_id, content, waiting)

    def staged(self, image_id: str) -> bytes | None:
        """Return what was laid aside for an image, or None."""
        return self._staged.get(image_id)

    def unstage(self, image_id: str) -> None:
        """Forget what was laid aside for an image, if anything was."""
        with self._lock:
            self._staged = {key: value for key, value in self._staged.items() if key != image_id}

    def _with(
        self, kept: dict[str, bytes], key: str, content: bytes, in_use: Callable[[], Collection[str]]
    ) -> dict[str, bytes]:
        """Return what is kept, and *content* under *key*; where room is short, only what is in use."""
        kept = {**kept, key: content}
        if self._has_room(kept):
            return kept
        needed = {*in_use(), key}
        kept = {key: value for key, value in kept.items() if key in needed}
        if self._has_room(kept):
            return kept
        raise DataFull

    def _has_room(self, kept: dict[str, bytes]) -> bool:
        return sum(map(len, kept.values())) <= self.most * _IMAGES
