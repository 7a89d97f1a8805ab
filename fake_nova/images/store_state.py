"""The state of one cloud's images at one moment: the images and their indexes.

These parts exist for speed alone (CPU time, measured; ``scripts/bench sizes reads``):

=========================================================  ===========  ===========
part: operation                                            without      with
=========================================================  ===========  ===========
index by time of update: list a few recent images          1,487 ms     0.03 ms
skip predicates the index already guarantees: list 1,000   0.48 ms      0.01 ms
one sort for all indexes: build a state of 1,000,000       23 s         7 s
page cache: list 25 images                                 26 µs        9 µs
index by name: list 25 of 200,000 sorted by name           888 ms       0.03 ms
positions, not images, in indexes: write 1 of 100,000      74 µs        21 µs
=========================================================  ===========  ===========
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final

from fake_nova.images.conditions import IndexKey
from fake_nova.images.database import MARIADB, Database
from fake_nova.images.model import MAX_ID_CHARS, Image, has_unstorable_character
from fake_nova.images.ordered_index import (
    OrderedIndex,
    Position,
    creation_position,
    name_position,
    update_position,
)
from fake_nova.images.overlay_map import OverlayMap
from fake_nova.images.page_cache import PageCache
from fake_nova.images.query import BY_DELETION, BY_NAME, BY_UPDATE_TIME, image_index_keys

#: The key of an image: its id as the database compares ids (`Database.equality_key`). On MariaDB, ids that
#: differ only in case have one key.
ImageKey = str

#: Image key -> the new image, or None if the image is removed.
Changes = Mapping[ImageKey, Image | None]

_image_key: Callable[[Position], ImageKey] = itemgetter(-1)

#: Key of an index that is not sorted by time of creation -> the function that returns an image's position.
_POSITION_FUNCTIONS: Final[Mapping[IndexKey, Callable[[Image, Database], Position]]] = {
    BY_UPDATE_TIME: update_position,
    BY_DELETION: update_position,
    BY_NAME: name_position,
}


@dataclass(frozen=True, slots=True)
class StoreState:
    """Everything that a store holds at one moment.

    A state is immutable. So keeping one costs nothing, and restoring it is exact.

    Attributes:
        database: the database whose rules the store follows.
        by_key: image key -> the image, deleted images included.
        indexes: index key -> the positions of its images, by time of creation, of update, or by name.
        page_cache: the pages that were rendered from this state.
    """

    database: Database
    by_key: OverlayMap[ImageKey, Image]
    indexes: OverlayMap[IndexKey, OrderedIndex]
    page_cache: PageCache = field(default_factory=PageCache, compare=False, repr=False)

    @classmethod
    def from_images(
        cls,
        images: Iterable[Image],
        database: Database = MARIADB,
        with_progress: Callable[[list[Image]], Iterable[Image]] = iter,
    ) -> StoreState:
        """Build the state that holds *images*.

        Args:
            images: images whose ids all differ for the database, in any order.
            database: the database whose rules the store follows.
            with_progress: passes the sorted images on one by one, and may show the progress.
        """
        by_key: dict[ImageKey, Image] = {}
        positions_by_key: dict[IndexKey, list[Position]] = {}
        rows = [with_stored_times(image, database) for image in images]
        rows.sort(key=lambda image: creation_position(image, database))
        for image in with_progress(rows):
            position = creation_position(image, database)
            by_key[_image_key(position)] = image
            for key in image_index_keys(image, database):
                positions_by_key.setdefault(key, []).append(position)
            if image.updated_at != image.created_at:
                key = BY_DELETION if image.is_deleted else BY_UPDATE_TIME
                positions_by_key[key][-1] = update_position(image, database)
            if not image.is_deleted:
                positions_by_key[BY_NAME][-1] = name_position(image, database)
        for key in _POSITION_FUNCTIONS:
            positions_by_key.get(key, []).sort()
        indexes = {key: OrderedIndex.from_sorted(positions) for key, positions in positions_by_key.items()}
        return cls(database, OverlayMap(by_key), OverlayMap(indexes))

    def key_of(self, image: Image) -> ImageKey:
        """Return the key of an image in `by_key`."""
        return self.database.equality_key(image.id)

    def get(self, image_id: str) -> Image | None:
        """Return the image with this id, deleted or not, or None. The database compares the ids."""
        image = self.by_key.get(image_id)  # nearly every id is in lower case, and so its own key
        if image is not None or self.database.compares_exactly:
            return image
        if len(image_id) > MAX_ID_CHARS or has_unstorable_character(image_id):
            return None
        return self.by_key.get(self.database.equality_key(image_id))

    def changes_to(self, other: StoreState) -> Changes:
        """Return the changes that lead from this state to *other*, of the same database."""
        return {key: other.by_key.get(key) for key in self.by_key.differing_keys(other.by_key)}

    def with_changes(self, changes: Changes) -> StoreState:
        """Return this state with *changes*: image key -> the new image, or None to remove it."""
        removals: dict[IndexKey, list[Position]] = {}
        insertions: dict[IndexKey, list[Position]] = {}
        for image_key, new_image in changes.items():
            old_image = self.by_key.get(image_key)
            old_positions = _index_positions(old_image, self.database)
            new_positions = _index_positions(new_image, self.database)
            for key, position in old_positions.items():
                if new_positions.get(key) != position:
                    removals.setdefault(key, []).append(position)
            for key, position in new_positions.items():
                if old_positions.get(key) != position:
                    insertions.setdefault(key, []).append(position)
        indexes: dict[IndexKey, OrderedIndex | None] = {}
        for key in {**removals, **insertions}:
            index = self.indexes.get(key) or OrderedIndex()
            indexes[key] = index.with_changes(removals.get(key, ()), insertions.get(key, ())) or None
        by_key, all_indexes = self.by_key.with_changes(changes), self.indexes.with_changes(indexes)
        return StoreState(self.database, by_key, all_indexes)

    def deleted_keys(self) -> Iterator[ImageKey]:
        """Iterate over the keys of the deleted images, by time of deletion."""
        return map(_image_key, (self.indexes.get(BY_DELETION) or OrderedIndex()).iterate())

    def images_at(self, positions: Iterable[Position]) -> Iterator[Image]:
        """Iterate over the images at *positions*."""
        return self.by_key.get_many(map(_image_key, positions))


def with_stored_times(image: Image, database: Database) -> Image:
    """Return an image with the times that the database stores."""
    created_at, updated_at = database.stored_time(image.created_at), database.stored_time(image.updated_at)
    if created_at == image.created_at and updated_at == image.updated_at:
        return image
    return image.replace(created_at=created_at, updated_at=updated_at)


def _index_positions(image: Image | None, database: Database) -> dict[IndexKey, Position]:
    """Return the position of an image in each of its indexes, by index key; {} for None."""
    if image is None:
        return {}
    positions = dict.fromkeys(image_index_keys(image, database), creation_position(image, database))
    for key in positions.keys() & _POSITION_FUNCTIONS.keys():
        positions[key] = _POSITION_FUNCTIONS[key](image, database)
    return positions
