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


class _Room:
    """Bytes by a key, bounded in all.

    Args:
        most: bytes that all together may have.
    """

    def __init__(self, most: int) -> None:
        self._most: Final = most
        self._by_key: Final[dict[str, bytes]] = {}
        self._size = 0
        self._lock: Final = Lock()

    def get(self, key: str) -> bytes | None:
        """Return what is under a key, or None."""
        return self._by_key.get(key)

    def put(self, key: str, content: bytes, in_use: Callable[[], Collection[str]]) -> None:
        """Put *content* under *key*; where room is short, drop what is not in use.

        Raises:
            DataFull: if there is no room for it.
        """
        with self._lock:
            more = len(content) - len(self._by_key.get(key, b""))
            if self._size + more > self._most:
                needed = {*in_use(), key}
                for other in [name for name in self._by_key if name not in needed]:
                    self._drop(other)
            if self._size + more > self._most:
                raise DataFull
            self._drop(key)
            self._by_key[key] = content
            self._size += len(content)

    def drop(self, key: str) -> None:
        """Forget what is under a key, if anything is."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: str) -> None:
        self._size -= len(self._by_key.pop(key, b""))


class ImageData:
    """The data of one cloud's images.

    Args:
        most: bytes that one image may have; all together may have sixteen times as many.

    Attributes:
        most: the same.
    """

    def __init__(self, most: int) -> None:
        self.most: Final = most
        self._by_hash: Final = _Room(most * _IMAGES)
        self._staged: Final = _Room(most * _IMAGES)

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
        self._by_hash.put(digest, content, in_use)
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
        self._staged.put(image_id, content, waiting)

    def staged(self, image_id: str) -> bytes | None:
        """Return what was laid aside for an image, or None."""
        return self._staged.get(image_id)

    def unstage(self, image_id: str) -> None:
        """Forget what was laid aside for an image, if anything was."""
        self._staged.drop(image_id)
