"""The deleted images of a store, of which it holds a limited number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from fake_nova.images.model import Image

#: The maximum number of deleted images in a store, for the admin API. The first deleted are dropped first.
MAX_DELETED_IMAGES: Final = 10_000


class Deletions:
    """The keys of the deleted images of one store, in the order of their deletion.

    Args:
        image_keys: the keys of the images that are deleted already, the first deleted first.
    """

    def __init__(self, image_keys: Iterable[str]) -> None:
        self._image_keys: Final = dict.fromkeys(image_keys)

    def record(self, changes: Mapping[str, Image | None]) -> dict[str, None]:
        """Record a write: image key -> the new image, or None if the image was removed.

        Returns:
            The removals that keep the maximum, as changes to the store; they are recorded, too.
        """
        for image_key, image in changes.items():
            if image is not None and image.is_deleted:
                self._image_keys.setdefault(image_key)
            else:
                self._image_keys.pop(image_key, None)
        surplus = max(0, len(self._image_keys) - MAX_DELETED_IMAGES)
        removals = dict.fromkeys(islice(self._image_keys, surplus))
        for image_key in removals:
            del self._image_keys[image_key]
        return removals
