"""ImageStore: the images of one cloud, read without waiting and written whole."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Final, Protocol

from fake_nova.errors import Conflict, ImageNotFound, MarkerNotFound, MarkerNotVisible
from fake_nova.images.layered import Layered
from fake_nova.images.model import Image, is_visible
from fake_nova.images.query import ImageQuery, IndexKey, Page, index_keys
from fake_nova.images.run import Position, Run, position

#: Image id -> the image that it has now, or None where it is forgotten.
Changes = Mapping[str, Image | None]

Noted = Callable[[Changes], None]


@dataclass(frozen=True, slots=True)
class StoreState:
    """Everything that a store holds at one moment: immutable, so keeping one is free and going back exact.

    Attributes:
        by_id: all images, the deleted ones too.
        runs: the images of each index entry, in the order of creation.
        revision: how many writes led here.
    """

    by_id: Layered[str, Image]
    runs: Layered[IndexKey, Run]
    revision: int = 0

    @classmethod
    def of(cls, images: Iterable[Image]) -> StoreState:
        """Build the state that holds *images*; their ids must differ."""
        by_id = {image.id: image for image in images}
        members: dict[IndexKey, list[Image]] = {}
        for image in by_id.values():
            for key in index_keys(image):
                members.setdefault(key, []).append(image)
        return cls(Layered(by_id), Layered({key: Run.of(group) for key, group in members.items()}))

    def changes_to(self, other: StoreState) -> Changes:
        """Return what would have to be written to get from here to *other*."""
        return {image_id: other.by_id.get(image_id) for image_id in self.by_id.differing(other.by_id)}

    def with_changes(self, changes: Changes) -> StoreState:
        """Return the state in which each id of *changes* has its new image, or is forgotten where None."""
        runs: dict[IndexKey, Run | None] = {}
        for image_id, new in changes.items():
            old = self.by_id.get(image_id)
            old_keys = index_keys(old) if old is not None else frozenset()
            new_keys = index_keys(new) if new is not None else frozenset()
            for key in old_keys | new_keys:
                run = runs[key] if key in runs else self.runs.get(key)
                changed = (run or Run()).changed(
                    old if key in old_keys else None, new if key in new_keys else None
                )
                runs[key] = changed if len(changed) else None
        return StoreState(self.by_id.changed(changes), self.runs.changed(runs), self.revision + 1)


class ImageStore(Protocol):
    """The images of one cloud: a write is whole before any reader sees it, and no reader waits for one."""

    @property
    def revision(self) -> int:
        """How many writes there have been."""

    def __len__(self) -> int:
        """How many images there are, deleted ones included."""

    def get(self, image_id: str) -> Image:
        """Return the image, deleted or not; ImageNotFound where there never was one."""

    def all(self) -> tuple[Image, ...]:
        """Return every image, deleted ones too, newest first."""

    def find(self, query: ImageQuery) -> Page:
        """Return one page; MarkerNotFound or MarkerNotVisible where its marker cannot be started from."""

    def add(self, *images: Image) -> None:
        """Keep new images, all or none; Conflict where an id is taken or comes twice."""

    def update(self, image_id: str, change: Callable[[Image], Image]) -> Image:
        """Put *change(image)* in the image's place as one step, and return it; ImageNotFound where none is.

        *change* sees the image as no other writer can change it meanwhile; whatever it raises, nothing is
        written. Where it gives back the very image it got, that is no write.
        """

    def forget(self, image_id: str) -> None:
        """Drop every trace of an image; ImageNotFound where there is none."""

    def state(self) -> StoreState:
        """Return what the store holds now; another store can be made of it, at no cost."""

    def go_to(self, state: StoreState) -> None:
        """Hold *state* from now on, as one step."""


class MemoryImageStore:
    """An `ImageStore` in memory.

    There is one reference to one immutable `StoreState`. A reader takes it and works on it undisturbed; a
    writer makes the next one under a lock and puts it in its place, in one step.

    Args:
        state: what it begins with.
        noted: told of each write, while no other goes on.
    """

    def __init__(self, state: StoreState | None = None, noted: Noted = lambda _: None) -> None:
        self._state = state if state is not None else StoreState.of(())
        self._noted: Final = noted
        self._writing: Final = Lock()

    def _write(self, changes: Changes) -> None:
        self._state = self._state.with_changes(changes)
        self._noted(changes)

    @property
    def revision(self) -> int:
        """How many writes there have been."""
        return self._state.revision

    def __len__(self) -> int:
        return len(self._state.by_id)

    def state(self) -> StoreState:
        """Return what the store holds now."""
        return self._state

    def get(self, image_id: str) -> Image:
        """Return the image, deleted or not; ImageNotFound where there never was one."""
        image = self._state.by_id.get(image_id)
        if image is None:
            raise ImageNotFound(image_id)
        return image

    def all(self) -> tuple[Image, ...]:
        """Return every image, deleted ones too, newest first."""
        return tuple(sorted(self._state.by_id.values(), key=position, reverse=True))

    def find(self, query: ImageQuery) -> Page:
        """Return one page, at the cost of the page where an index or the audience narrows the search."""
        state = self._state
        marker = _marker(state, query)
        if query.order:
            walk = _sorted(_narrowest(state, query), query, marker)
        else:
            start = position(marker) if marker is not None else None
            walk = _walk(_narrowest(state, query), query.ascending, start)
        most = len(state.by_id) if query.limit is None else min(query.limit, len(state.by_id))
        return Page(tuple(islice(filter(query.lists, walk), most)))

    def add(self, *images: Image) -> None:
        """Keep new images, all or none; Conflict where an id is taken or comes twice."""
        with self._writing:
            state = self._state
            changes: dict[str, Image | None] = {}
            for image in images:
                if image.id in changes or state.by_id.get(image.id) is not None:
                    raise Conflict(f"id: {image.id!r} is already taken; allowed: an id that no image has")
                changes[image.id] = image
            self._write(changes)

    def update(self, image_id: str, change: Callable[[Image], Image]) -> Image:
        """Put *change(image)* in the image's place as one step, and return it."""
        with self._writing:
            old = self.get(image_id)
            new = change(old)
            if new is not old:
                self._write({image_id: new})
            return new

    def forget(self, image_id: str) -> None:
        """Drop every trace of an image; ImageNotFound where there is none."""
        with self._writing:
            self.get(image_id)
            self._write({image_id: None})

    def go_to(self, state: StoreState) -> None:
        """Hold *state* from now on, as one step."""
        with self._writing:
            changes = self._state.changes_to(state)
            self._state = state
            self._noted(changes)


def _marker(state: StoreState, query: ImageQuery) -> Image | None:
    """Return the query's marker; it may be an image that the list itself leaves out."""
    if query.marker is None:
        return None
    image = state.by_id.get(query.marker)
    if image is None or image.is_deleted:
        raise MarkerNotFound(query.marker)
    if not is_visible(image, query.caller):
        raise MarkerNotVisible(query.marker)
    return image


def _narrowest(state: StoreState, query: ImageQuery) -> list[Run]:
    """Return the runs that hold every image of the list, by the index entry that leaves least to look at."""
    entries = [query.audience_keys()]
    entries.extend(keys for condition in query.conditions if (keys := condition.index_keys()) is not None)
    candidates = [[run for key in keys if (run := state.runs.get(key)) is not None] for keys in entries]
    return min(candidates, key=lambda runs: sum(map(len, runs)))


def _walk(runs: list[Run], ascending: bool, start: Position | None) -> Iterator[Image]:
    walks = [run.ascending(start) if ascending else run.descending(start) for run in runs]
    if len(walks) == 1:
        return walks[0]
    return heapq.merge(*walks, key=position, reverse=not ascending)


def _sorted(runs: list[Run], query: ImageQuery, marker: Image | None) -> Iterator[Image]:
    """Give the images that the query lists in its own order, from just behind the marker."""
    images = {image for run in runs for image in run.ascending() if query.lists(image)}
    if marker is not None:
        images.add(marker)
    ordered = list(images)
    for key in reversed(query.order):
        ordered.sort(key=key.of, reverse=key.descending)
    return iter(ordered if marker is None else ordered[ordered.index(marker) + 1 :])
