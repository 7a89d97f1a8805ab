"""The data of images: bytes outside the store, found by their hash.

An image refers to its data by its ``os_hash_value``. So a snapshot or a copy of an image has the same data,
which never becomes stale.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from hashlib import sha512
from threading import Lock
from typing import Final

from fake_nova.errors import StorageFull

#: The hash algorithm for data (Glance 33.0.0's option ``hashing_algorithm``).
HASH_ALGORITHM: Final = "sha512"

#: The limit for all data together, in multiples of the limit for one image.
_QUOTA_FACTOR: Final = 16


def hash_of(content: bytes) -> str:
    """Return the hash of *content* by `HASH_ALGORITHM`, in hexadecimal digits."""
    return sha512(content).hexdigest()


class _BoundedStore:
    """Bytes by key, with a limit on their total size.

    Args:
        max_bytes: the maximum number of bytes of all content together.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes: Final = max_bytes
        self._by_key: Final[dict[str, bytes]] = {}
        self._size = 0
        self._lock: Final = Lock()

    def get(self, key: str) -> bytes | None:
        """Return the content of *key*, or None."""
        return self._by_key.get(key)

    def put(self, key: str, content: bytes, referenced_keys: Callable[[], Collection[str]]) -> None:
        """Store *content* under *key*, in place of the content there.

        Args:
            key: a hash, or the id of an image.
            content: the bytes to store.
            referenced_keys: returns the keys that are still needed. It is called if room is short; the
                content of all other keys is dropped.

        Raises:
            StorageFull: if there is still no room.
        """
        with self._lock:
            growth = len(content) - len(self._by_key.get(key, b""))
            if self._size + growth > self._max_bytes:
                for unused_key in self._by_key.keys() - {*referenced_keys(), key}:
                    self._drop(unused_key)
            if self._size + growth > self._max_bytes:
                raise StorageFull
            self._drop(key)
            self._by_key[key] = content
            self._size += len(content)

    def drop(self, key: str) -> None:
        """Remove the content of *key*, if there is any."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: str) -> None:
        self._size -= len(self._by_key.pop(key, b""))


class ImageDataStore:
    """The data of one cloud's images.

    Args:
        max_image_size: the maximum number of bytes of one image. The stored data of all images together may
            have sixteen times as many, and so may the staged data.

    Attributes:
        max_image_size: the maximum number of bytes of one image.
        by_hash: hash -> data.
        staged: image id -> data that is staged until the image is imported.
    """

    def __init__(self, max_image_size: int) -> None:
        self.max_image_size: Final = max_image_size
        self.by_hash: Final = _BoundedStore(max_image_size * _QUOTA_FACTOR)
        self.staged: Final = _BoundedStore(max_image_size * _QUOTA_FACTOR)

    def put(self, content: bytes, referenced_hashes: Callable[[], Collection[str]]) -> str:
        """Store data.

        Args:
            content: the data.
            referenced_hashes: returns the hashes of data that is still needed. It is called if room is short.

        Returns:
            The hash of the data.

        Raises:
            StorageFull: if data that is still needed leaves no room.
        """
        digest = hash_of(content)
        self.by_hash.put(digest, content, referenced_hashes)
        return digest
