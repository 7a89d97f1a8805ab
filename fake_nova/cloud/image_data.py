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
        """Put *content* under *key*.

        Args:
            key: what it is found by.
            content: the bytes.
            in_use: gives the keys of what is still needed, for where room is short; the rest is dropped.

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
        by_hash: the data of images, by its hash.
        staged: what was laid aside until an image is imported, by the image's id.
    """

    def __init__(self, most: int) -> None:
        self.most: Final = most
        self.by_hash: Final = _Room(most * _IMAGES)
        self.staged: Final = _Room(most * _IMAGES)

    def keep(self, content: bytes, in_use: Callable[[], Collection[str]]) -> str:
        """Keep data, and return its hash.

        Args:
            content: the data.
            in_use: gives the hashes of the data that is still needed; asked where room is short.

        Raises:
            DataFull: what is still needed leaves no room for it.
        """
        digest = hash_of(content)
        self.by_hash.put(digest, content, in_use)
        return digest
