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
_QUOTA_FACTOR: Final = 16


def hash_of(content: bytes) -> str:
    """Return the hash of data, by `HASH_ALGORITHM`."""
    return sha512(content).hexdigest()


class StorageFull(FakeNovaError):
    """There is no room for more data."""


class _BoundedStore:
    """Bytes by a key, bounded in all.

    Args:
        max_bytes: bytes that all together may have.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes: Final = max_bytes
        self._by_key: Final[dict[str, bytes]] = {}
        self._size = 0
        self._lock: Final = Lock()

    def get(self, key: str) -> bytes | None:
        """Return what is under a key, or None."""
        return self._by_key.get(key)

    def put(self, key: str, content: bytes, referenced_keys: Callable[[], Collection[str]]) -> None:
        """Put *content* under *key*.

        Args:
            key: what it is found by.
            content: the bytes.
            referenced_keys: gives the keys of what is still needed, for where room is short; the rest is
                dropped.

        Raises:
            StorageFull: if there is no room for it.
        """
        with self._lock:
            growth = len(content) - len(self._by_key.get(key, b""))
            if self._size + growth > self._max_bytes:
                keys_in_use = {*referenced_keys(), key}
                for unused_key in [
                    stored_key for stored_key in self._by_key if stored_key not in keys_in_use
                ]:
                    self._drop(unused_key)
            if self._size + growth > self._max_bytes:
                raise StorageFull
            self._drop(key)
            self._by_key[key] = content
            self._size += len(content)

    def drop(self, key: str) -> None:
        """Forget what is under a key, if anything is."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: str) -> None:
        self._size -= len(self._by_key.pop(key, b""))


class ImageDataStore:
    """The data of one cloud's images.

    Args:
        max_image_size: bytes that one image may have; all together may have sixteen times as many.

    Attributes:
        max_image_size: the same.
        by_hash: the data of images, by its hash.
        get_staged: what was laid aside until an image is imported, by the image's id.
    """

    def __init__(self, max_image_size: int) -> None:
        self.max_image_size: Final = max_image_size
        self.by_hash: Final = _BoundedStore(max_image_size * _QUOTA_FACTOR)
        self.get_staged: Final = _BoundedStore(max_image_size * _QUOTA_FACTOR)

    def put(self, content: bytes, referenced_hashes: Callable[[], Collection[str]]) -> str:
        """Keep data, and return its hash.

        Args:
            content: the data.
            referenced_hashes: gives the hashes of the data that is still needed; asked where room is short.

        Raises:
            StorageFull: what is still needed leaves no room for it.
        """
        digest = hash_of(content)
        self.by_hash.put(digest, content, referenced_hashes)
        return digest
