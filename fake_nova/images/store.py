"""The store of one cloud's images. Reads never wait, and see each write completely or not at all.

These parts exist for speed alone (CPU time, measured; ``scripts/bench sizes reads``):

=========================================================  ===========  ===========
part: operation                                            without      with
=========================================================  ===========  ===========
index by time of update: list a few recent images          1,487 ms     0.03 ms
skip predicates the index already guarantees: list 1,000   0.48 ms      0.01 ms
one sort for all indexes: build a state of 1,000,000       23 s         7 s
page cache: list 25 images                                 26 µs        9 µs
positions, not images, in indexes: write 1 of 100,000      74 µs        21 µs
=========================================================  ===========  ===========
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from math import isqrt
from operator import itemgetter
from threading import Lock
from typing import Final

from fake_nova.errors import Conflict, ImageNotFound, MarkerNotFound, MarkerNotVisible
from fake_nova.images.deletions import Deletions
from fake_nova.images.model import Image, is_visible
from fake_nova.images.ordered_index import OrderedIndex, Position, creation_position, update_position
from fake_nova.images.overlay_map import OverlayMap
from fake_nova.images.page_cache import PageCache
from fake_nova.images.query import (
    BY_DELETION,
    BY_UPDATE_TIME,
    ImageQuery,
    IndexKey,
    field_key,
    image_index_keys,
)
from fake_nova.support.messages import quote_value

#: Image id -> its new image, or None if it is removed.
Changes = Mapping[str, Image | None]

WriteListener = Callable[[Changes], None]

_image_id: Callable[[Position], str] = itemgetter(1)

#: The maximum number of predicates that run as nested filters. Nesting is faster, but each level takes space
#: on the C stack.
_MAX_NESTED_FILTERS: Final = 8


@dataclass(frozen=True, slots=True)
class StoreState:
    """Everything that a store holds at one moment.

    A state is immutable. So keeping one costs nothing, and restoring it is exact.

    Attributes:
        by_id: image id -> image, deleted images included.
        indexes: index key -> the positions of its images, by time of creation or of update.
        page_cache: the pages that were rendered from this state.
    """

    by_id: OverlayMap[str, Image]
    indexes: OverlayMap[IndexKey, OrderedIndex]
    page_cache: PageCache = field(default_factory=PageCache, compare=False, repr=False)

    @classmethod
    def from_images(
        cls, images: Iterable[Image], with_progress: Callable[[list[Image]], Iterable[Image]] = iter
    ) -> StoreState:
        """Build the state that holds *images*.

        Args:
            images: images whose ids all differ, in any order.
            with_progress: passes the sorted images on one by one, and may show the progress.
        """
        by_id: dict[str, Image] = {}
        positions_by_key: dict[IndexKey, list[Position]] = {}
        for image in with_progress(sorted(images, key=creation_position)):
            by_id[image.id] = image
            position = creation_position(image)
            for key in image_index_keys(image):
                positions_by_key.setdefault(key, []).append(position)
            if image.updated_at != image.created_at:
                key = BY_DELETION if image.is_deleted else BY_UPDATE_TIME
                positions_by_key[key][-1] = update_position(image)
        for key in (BY_UPDATE_TIME, BY_DELETION):
            positions_by_key.get(key, []).sort()
        indexes = {key: OrderedIndex.from_sorted(positions) for key, positions in positions_by_key.items()}
        return cls(OverlayMap(by_id), OverlayMap(indexes))

    def changes_to(self, other: StoreState) -> Changes:
        """Return the changes that lead from this state to *other*."""
        return {image_id: other.by_id.get(image_id) for image_id in self.by_id.differing_keys(other.by_id)}

    def with_changes(self, changes: Changes) -> StoreState:
        """Return this state with *changes*: image id -> its new image, or None to remove it."""
        removals: dict[IndexKey, list[Position]] = {}
        insertions: dict[IndexKey, list[Position]] = {}
        for image_id, new in changes.items():
            old = self.by_id.get(image_id)
            old_positions, new_positions = _index_positions(old), _index_positions(new)
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
        return StoreState(self.by_id.with_changes(changes), self.indexes.with_changes(indexes))

    def deleted_ids(self) -> Iterator[str]:
        """Iterate over the ids of the deleted images, by time of deletion."""
        return map(_image_id, (self.indexes.get(BY_DELETION) or OrderedIndex()).iterate())

    def images_at(self, positions: Iterable[Position]) -> Iterator[Image]:
        """Iterate over the images at *positions*."""
        return self.by_id.get_many(map(_image_id, positions))


class ImageStore:
    """The images of one cloud, in memory. Readers never wait, and see each write completely or not at all.

    The store holds one reference to an immutable `StoreState`. A reader takes it and works on it undisturbed.
    A writer builds the next state under a lock, and then replaces the reference in one step.

    It holds at most `deletions.MAX_DELETED_IMAGES` deleted images, whoever deleted them. It drops any more of
    the initial state, of a write or of a restored state; the first deleted go first.

    Args:
        state: the initial state.
        on_write: called with the changes of each write, one write at a time.
    """

    def __init__(self, state: StoreState, on_write: WriteListener = lambda _: None) -> None:
        self._on_write: Final = on_write
        self._write_lock: Final = Lock()
        self._begin_at(state)

    def _begin_at(self, state: StoreState) -> None:
        self._deletions = Deletions(state.deleted_ids())
        removals = self._deletions.record({})
        self.state = state.with_changes(removals) if removals else state

    def _write(self, changes: Changes) -> None:
        if removals := self._deletions.record(changes):
            changes = {**changes, **removals}
        self.state = self.state.with_changes(changes)
        self._on_write(changes)

    def __len__(self) -> int:
        return len(self.state.by_id)

    def get(self, image_id: str) -> Image:
        """Return an image, deleted or not.

        Raises:
            ImageNotFound: if the store has no image of this id.
        """
        image = self.state.by_id.get(image_id)
        if image is None:
            raise ImageNotFound(image_id)
        return image

    def all(self) -> tuple[Image, ...]:
        """Return all images, deleted ones included, newest first."""
        return tuple(sorted(self.state.by_id.values(), key=creation_position, reverse=True))

    def find(self, query: ImageQuery) -> tuple[Image, ...]:
        """Return one page of a list.

        Raises:
            MarkerNotFound: as `select` does.
            MarkerNotVisible: as `select` does.
        """
        return select(self.state, query)

    def add(self, *images: Image) -> None:
        """Add new images, all or none.

        Raises:
            Conflict: if an id is in use, or occurs twice.
        """
        with self._write_lock:
            state = self.state
            changes: dict[str, Image | None] = {}
            for image in images:
                if image.id in changes or state.by_id.get(image.id) is not None:
                    problem = f"id: already in use (got {quote_value(image.id)})"
                    raise Conflict(f"{problem}; expected an id that no image has")
                changes[image.id] = image
            self._write(changes)

    def update(self, image_id: str, change: Callable[[Image], Image]) -> Image:
        """Replace an image by *change(image)*, in one step.

        No other writer can change the image in between.

        Args:
            image_id: the image's id.
            change: returns the new version. If it raises an exception, or returns the same object, nothing is
                written.

        Returns:
            The present version of the image.

        Raises:
            ImageNotFound: if the store has no image of this id.
        """
        with self._write_lock:
            old = self.get(image_id)
            new = change(old)
            if new is not old:
                self._write({image_id: new})
            return new

    def forget(self, image_id: str) -> None:
        """Remove an image from the store.

        Raises:
            ImageNotFound: if the store has no image of this id.
        """
        with self._write_lock:
            self.get(image_id)
            self._write({image_id: None})

    def restore(self, state: StoreState) -> None:
        """Replace everything in the store by *state*, in one step."""
        with self._write_lock:
            old_state = self.state
            self._begin_at(state)
            self._on_write(old_state.changes_to(self.state))


def select(state: StoreState, query: ImageQuery) -> tuple[Image, ...]:
    """Return one page of the images of *state*, in the order of the query. This is a pure function.

    Raises:
        MarkerNotFound: if the marker is not an image, or is deleted and the caller is not an admin.
        MarkerNotVisible: if the caller may not see the marker.
    """
    marker = _find_marker(state, query)
    limit = len(state.by_id) if query.limit is None else min(query.limit, len(state.by_id))
    recent_positions = _recently_updated(state, query.updated_since, limit)
    if recent_positions is not None:
        recent_images = filter(query.matches, state.images_at(recent_positions))
        return tuple(_sorted_after_marker(recent_images, query, marker)[:limit])
    indexes, predicates = _plan_query(state, query)
    start = creation_position(marker) if marker is not None and not query.order else None
    images = state.images_at(_merge(indexes, query.ascending, start))
    if len(predicates) > _MAX_NESTED_FILTERS:
        images = filter(lambda image: all(predicate(image) for predicate in predicates), images)
    else:
        for predicate in predicates:
            images = filter(predicate, images)
    return tuple(islice(_sorted_after_marker(images, query, marker) if query.order else images, limit))


def _index_positions(image: Image | None) -> dict[IndexKey, Position]:
    """Return the position of an image in each of its indexes, by index key; {} for None."""
    if image is None:
        return {}
    positions = dict.fromkeys(image_index_keys(image), creation_position(image))
    for key in positions.keys() & (BY_UPDATE_TIME, BY_DELETION):
        positions[key] = update_position(image)
    return positions


def _find_marker(state: StoreState, query: ImageQuery) -> Image | None:
    """Return the query's marker, or None without one.

    The marker need not be in the list. For an admin it may even be a deleted image.
    """
    if query.marker is None:
        return None
    image = state.by_id.get(query.marker)
    if image is None or (image.is_deleted and not query.caller.is_admin):
        raise MarkerNotFound(query.marker)
    if not is_visible(image, query.caller):
        raise MarkerNotVisible(query.marker)
    return image


def _recently_updated(state: StoreState, since: datetime | None, limit: int) -> Iterable[Position] | None:
    """Return the positions of images updated at *since* or later; None if scanning in list order is cheaper.

    A scan visits about limit * total / recent images; sorting costs six times as much per image.
    """
    if since is None:
        return None
    index = state.indexes.get(BY_UPDATE_TIME)
    if index is None:
        return ()
    start = (since, "")
    return index.iterate(start=start) if index.count_after(start) <= isqrt(limit * len(index) // 6) else None


Predicate = Callable[[Image], bool]


def _plan_query(state: StoreState, query: ImageQuery) -> tuple[list[OrderedIndex], list[Predicate]]:
    """Choose the indexes that leave the fewest images to check.

    Returns:
        Indexes that together hold every image of the list, and the predicates that their images still have
        to pass.
    """
    keys, is_exact = query.visibility_keys()
    choices = [(keys, None if is_exact else query.is_listable, query.is_listable)]
    predicates: list[Predicate] = []
    for condition in query.conditions:
        if (condition_keys := condition.index_keys()) is None:
            predicates.append(condition.matches)
        else:
            choices.append((condition_keys, None, condition.matches))
    indexes_by_choice = [
        [index for key in keys if (index := state.indexes.get(key)) is not None] for keys, _, _ in choices
    ]
    sizes = [sum(map(len, indexes)) for indexes in indexes_by_choice]
    best = sizes.index(min(sizes))
    for number, (_, predicate_if_best, predicate_otherwise) in enumerate(choices):
        predicate = predicate_if_best if number == best else predicate_otherwise
        if predicate is not None:
            predicates.append(predicate)
    if any(state.indexes.get(field_key("status", status)) is not None for status in query.excluded_statuses):
        predicates.append(lambda image: image.status not in query.excluded_statuses)
    return indexes_by_choice[best], predicates


def _merge(indexes: list[OrderedIndex], ascending: bool, start: Position | None) -> Iterator[Position]:
    iterators = [index.iterate(ascending, start) for index in indexes]
    return iterators[0] if len(iterators) == 1 else heapq.merge(*iterators, reverse=not ascending)


def _sorted_after_marker(images: Iterable[Image], query: ImageQuery, marker: Image | None) -> list[Image]:
    """Sort *images*, which are all in the list, and return those after the marker."""
    ordered_images = [image for image in images if marker is None or query.is_after(image, marker)]
    if not query.order:
        ordered_images.sort(key=creation_position, reverse=not query.ascending)
    for sort_key in reversed(query.order):
        ordered_images.sort(key=sort_key.sort_value, reverse=sort_key.descending)
    return ordered_images
