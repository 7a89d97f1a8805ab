"""The values that questions are filled in with: those of a record."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from fake_nova.verification.compute_samples import ComputeSamples

Image = Mapping[str, Any]

#: The most values of one kind that questions are filled in with.
MOST_VALUES: Final = 3

_RESPELLINGS: Final = str.maketrans(
    {"e": "é", "a": "á", "o": "ö", "u": "ü", "i": "ï", "s": "ß", "n": "ñ", "c": "ç"}
)


def _fold(name: str) -> str:
    """Return a key that is equal for names that some database holds equal, and for more."""
    letters = unicodedata.normalize("NFKD", name).casefold().replace("\u0131", "i")
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).strip()


@dataclass(frozen=True, slots=True)
class Samples:
    """Values of a cloud, as its user sees it.

    Attributes:
        images: the images of the record.
        list_ids: the ids in the list of the compute service, in its order.
        image_list_ids: the ids in the list of the image service, in its order.
        project_id: the project of the user.
        user_id: the user.
        compute: the values of servers, flavors and key pairs.
        created_ids: the ids of images that belong to this run; empty without ``--write``.
    """

    images: Sequence[Image]
    list_ids: Sequence[str] = ()
    image_list_ids: Sequence[str] = ()
    project_id: str = ""
    user_id: str = ""
    compute: ComputeSamples = field(default_factory=ComputeSamples)
    created_ids: Mapping[str, str] | None = None

    @property
    def count(self) -> int:
        """The number of images in the list of the compute service."""
        return len(self.list_ids)

    @property
    def image_count(self) -> int:
        """The number of images in the list of the image service."""
        return len(self.image_list_ids)

    def _listed_images(self) -> list[Image]:
        """Return the images that lists have, in the order of the list of the compute service."""
        by_id = {image["id"]: image for image in self.images}
        ids = self.list_ids or self.image_list_ids
        return [by_id[image_id] for image_id in ids if image_id in by_id] or list(self.images)

    def values(self, select: Callable[[Image], Any], limit: int = MOST_VALUES) -> list[Any]:
        """Return different values of listed images, without those that are empty."""
        values = (select(image) for image in self._listed_images())
        return list(dict.fromkeys(value for value in values if value not in (None, "")))[:limit]

    def texts(self, key: str, limit: int = MOST_VALUES) -> list[str]:
        """Return different texts that listed images have under a key."""
        return [str(value) for value in self.values(lambda image: image.get(key), limit)]

    def plain_names(self, limit: int = MOST_VALUES) -> list[str]:
        """Return names that no other name is equal to on any database, with a letter that has a case.

        They have no colon, which lists take for an operator.
        """
        names = self.values(lambda image: image.get("name"), 10**6)
        keys = Counter(_fold(name) for name in names)
        plain = [str(name) for name in names if ":" not in name and name.swapcase() != name]
        return [name for name in plain if name.isascii() and name == name.strip() and keys[_fold(name)] == 1][
            :limit
        ]

    def accented_names(self) -> list[str]:
        """Return names, each with some letters replaced by those with an accent."""
        pairs = [(name, name.lower().translate(_RESPELLINGS)) for name in self.plain_names(10)]
        return [respelling for name, respelling in pairs if respelling != name.lower()][:MOST_VALUES]

    def ids_by_status(self) -> dict[str, str]:
        """Return each status in the record, with the id of an image of it."""
        return {
            str(image["status"]): str(image["id"]) for image in reversed(self.images) if image.get("status")
        }

    def some_ids(self, limit: int = MOST_VALUES) -> list[str]:
        """Return ids of listed images."""
        return [str(value) for value in self.values(lambda image: image["id"], limit)]

    def own_ids(self, limit: int = MOST_VALUES, **attributes: Any) -> list[str]:
        """Return ids of listed images that the user's project owns, with these attributes."""
        own_images = (image for image in self._listed_images() if image.get("owner") == self.project_id)
        return [
            str(image["id"])
            for image in own_images
            if all(image.get(key) == value for key, value in attributes.items())
        ][:limit]

    def properties(
        self, is_wanted: Callable[[str, str], bool], limit: int = MOST_VALUES
    ) -> list[tuple[str, str]]:
        """Return keys and values of properties, each key once."""
        pairs: dict[str, str] = {}
        for image in self._listed_images():
            for key, value in (image.get("properties") or {}).items():
                if value not in (None, "") and is_wanted(str(key), str(value)):
                    pairs.setdefault(str(key), str(value))
        return list(pairs.items())[:limit]

    def property_id(self) -> Iterator[tuple[str, str]]:
        """Yield the id of an image with a property, and the key; at most one."""
        for image in self._listed_images():
            for key in image.get("properties") or {}:
                if str(key).replace("_", "").isalnum() and str(key).isascii():
                    yield str(image["id"]), str(key)
                    return

    def tags(self) -> list[str]:
        """Return tags of listed images."""
        tags = [str(tag) for image in self._listed_images() for tag in image.get("tags") or ()]
        return list(dict.fromkeys(tags))[:MOST_VALUES]

    def times(self, key: str) -> list[str]:
        """Return the times that listed images have under a key, in whole seconds."""
        return [text[:19] + "Z" for text in self.texts(key, 2)]

    def later(self, time: str, seconds: int = 1) -> str:
        """Return a time some seconds after another one."""
        moment = datetime.fromisoformat(time) + timedelta(seconds=seconds)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
