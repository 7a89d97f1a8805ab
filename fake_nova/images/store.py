"""ImageStore: the images of one cloud, read without waiting and written whole.

What is here for speed alone, and what it was measured to give (CPU; scripts/bench sizes and reads):

=========================================================  ===========  ===========
what                                                       without      with
=========================================================  ===========  ===========
the order of last updates, for a few updated since         1,487 ms     0.03 ms
no test of an image that the index has answered: of 1,000  0.48 ms      0.01 ms
sorting once for all runs: a state of 1,000,000            23 s         7 s
pages kept with the state: a list of 25                    26 µs        9 µs
places in the runs instead of images: a write, 100,000     74 µs        21 µs
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
from fake_nova.images.model import Image, is_visible
from fake_nova.images.ordered_index import Place, Run, last_update, position
from fake_nova.images.overlay_map import Layered
from fake_nova.images.page_cache import Kept
from fake_nova.images.query import UPDATED, ImageQuery, IndexKey, field_key, index_keys

#: Image id -> the image that it has now, or None where it is forgotten.
Changes = Mapping[str, Image | None]

Noted = Callable[[Changes], None]


@dataclass(frozen=True, slots=True)
class StoreState:
    """Everything that a store holds at one moment: immutable, so keeping one is free and going back exact.

    Attributes:
        by_id: all images, the deleted ones too.
        runs: where the images of each index entry are, in the order of creation.
        kept: what was made of it.
    """

    by_id: Layered[str, Image]
    runs: Layered[IndexKey, Run]
    kept: Kept = field(default_factory=Kept, compare=False, repr=False)

    @classmethod
    def of(
        cls, images: Iterable[Image], watch: Callable[[list[Image]], Iterable[Image]] = iter
    ) -> StoreState:
        """Build the state that holds *images*; their ids must differ. *watch* sees how far that is."""
        by_id: dict[str, Image] = {}
        members: dict[IndexKey, list[Place]] = {}
        updated: list[Place] = []
        for image in watch(sorted(images, key=position)):
            by_id[image.id] = image
            place = position(image)
            for key in index_keys(image):
                if key is not UPDATED:
                    members.setdefault(key, []).append(place)
                else:
                    updated.append(place if image.updated_at == image.created_at else last_update(image))
        runs = {key: Run.of_ordered(places) for key, places in members.items()}
        if updated:
            runs[UPDATED] = Run.of(updated)
        return cls(Layered(by_id), Layered(runs))

    def changes_to(self, other: StoreState) -> Changes:
        """Return what would have to be written to get from here to *other*."""
        return {image_id: other.by_id.get(image_id) for image_id in self.by_id.differing(other.by_id)}

    def with_changes(self, changes: Changes) -> StoreState:
        """Return the state in which each id of *changes* has its new image, or is forgotten where None."""
        gone: dict[IndexKey, list[Place]] = {}
        come: dict[IndexKey, list[Place]] = {}
        for image_id, new in changes.items():
            old = self.by_id.get(image_id)
            before, after = _places(old), _places(new)
            for key, place in before.items():
                if after.get(key) != place:
                    gone.setdefault(key, []).append(place)
            for key, place in after.items():
                if before.get(key) != place:
                    come.setdefault(key, []).append(place)
        runs: dict[IndexKey, Run | None] = {}
        for key in {**gone, **come}:
            run = self.runs.get(key) or Run()
            runs[key] = run.changed(gone.get(key, ()), come.get(key, ())) or None
        return StoreState(self.by_id.changed(changes), self.runs.changed(runs))

    def at(self, places: Iterable[Place]) -> Iterator[Image]:
        """Give the images that are at *places*."""
        return self.by_id.values_of(map(_id, places))


class MemoryImageStore:
    """The images of one cloud: a write is whole before any reader sees it, and no reader waits for one.

    There is one reference to one immutable `StoreState`. A reader takes it and works on it undisturbed; a
    writer makes the next one under a lock and puts it in its place, in one step.

    Args:
        state: what it begins with.
        noted: told of each write, while no other goes on.
    """

    def __init__(self, state: StoreState, noted: Noted = lambda _: None) -> None:
        self._state = state
        self._noted: Final = noted
        self._writing: Final = Lock()

    def _write(self, changes: Changes) -> None:
        self._state = self._state.with_changes(changes)
        self._noted(changes)

    def __len__(self) -> int:
        return len(self._state.by_id)

    def state(self) -> StoreState:
        """Return what the store holds now; another store can be made of it, at no cost."""
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

    def find(self, query: ImageQuery) -> tuple[Image, ...]:
        """Return one page; MarkerNotFound or MarkerNotVisible where its marker cannot be started from."""
        return found(self._state, query)

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
        """Put *change(image)* in the image's place as one step, and return it; ImageNotFound where none is.

        *change* sees the image as no other writer can change it meanwhile; whatever it raises, nothing is
        written. Where it gives back the very image it got, that is no write.
        """
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


def found(state: StoreState, query: ImageQuery) -> tuple[Image, ...]:
    """Return one page of what *state* holds; a pure function.

    Raises:
        MarkerNotFound: the query's marker is no image, or a deleted one and the caller no admin.
        MarkerNotVisible: it is an image that the caller must not see.
    """
    marker = _marker(state, query)
    most = len(state.by_id) if query.limit is None else min(query.limit, len(state.by_id))
    since = query.since
    if since is not None and (few := _last_updated(state, since, most)) is not None:
        return tuple(_sorted(filter(query.lists, state.at(few)), query, marker)[:most])
    runs, tests = _narrowest(state, query)
    start = position(marker) if marker is not None and not query.order else None
    walk = state.at(_walk(runs, query.ascending, start))
    if len(tests) > _NESTED:
        walk = filter(lambda image: all(test(image) for test in tests), walk)
    else:
        for test in tests:
            walk = filter(test, walk)
    return tuple(islice(_sorted(walk, query, marker) if query.order else walk, most))


_id: Callable[[Place], str] = itemgetter(1)


def _places(image: Image | None) -> dict[IndexKey, Place]:
    """Return where an image is in each of its runs; nowhere where there is none."""
    if image is None:
        return {}
    places = dict.fromkeys(index_keys(image), position(image))
    if UPDATED in places:
        places[UPDATED] = last_update(image)
    return places


def _marker(state: StoreState, query: ImageQuery) -> Image | None:
    """Return the query's marker: one that the list may leave out, and for an admin even a deleted one."""
    if query.marker is None:
        return None
    image = state.by_id.get(query.marker)
    if image is None or (image.is_deleted and not query.caller.is_admin):
        raise MarkerNotFound(query.marker)
    if not is_visible(image, query.caller):
        raise MarkerNotVisible(query.marker)
    return image


def _last_updated(state: StoreState, since: datetime, most: int) -> Iterable[Place] | None:
    """Return where the images updated at *since* or later are, or None where a walk finds a page sooner.

    A walk meets about one of them in (all / them) images and ends after *most*; to sort them costs some six
    times as much an image as to pass one by.
    """
    run = state.runs.get(UPDATED)
    if run is None:
        return ()
    start = (since, "")
    return run.walk(start=start) if run.count_behind(start) <= isqrt(most * len(run) // 6) else None


Test = Callable[[Image], bool]

#: Tests that are filters within each other, which is faster. Each takes space on the stack of the process.
_NESTED: Final = 8


def _narrowest(state: StoreState, query: ImageQuery) -> tuple[list[Run], list[Test]]:
    """Return the runs that hold every image of the list, by the index entry that leaves least to look at; and
    the tests that an image in them has yet to pass."""
    keys, exact = query.audience_keys()
    entries = [(keys, None if exact else query.is_for_caller, query.is_for_caller)]
    tests: list[Test] = []
    for condition in query.conditions:
        if (own := condition.index_keys()) is None:
            tests.append(condition.holds)
        else:
            entries.append((own, None, condition.holds))
    candidates = [[run for key in keys if (run := state.runs.get(key)) is not None] for keys, _, _ in entries]
    sizes = [sum(map(len, runs)) for runs in candidates]
    best = sizes.index(min(sizes))
    for at, (_, inside, outside) in enumerate(entries):
        test = inside if at == best else outside
        if test is not None:
            tests.append(test)
    if any(state.runs.get(field_key("status", status)) is not None for status in query.without):
        tests.append(lambda image: image.status not in query.without)
    return candidates[best], tests


def _walk(runs: list[Run], ascending: bool, start: Place | None) -> Iterator[Place]:
    walks = [run.walk(ascending, start) for run in runs]
    return walks[0] if len(walks) == 1 else heapq.merge(*walks, reverse=not ascending)


def _sorted(images: Iterable[Image], query: ImageQuery, marker: Image | None) -> list[Image]:
    """Return *images*, which are all in the list, in its order, from just after the marker."""
    ordered = [image for image in images if marker is None or query.is_after(image, marker)]
    if not query.order:
        ordered.sort(key=position, reverse=not query.ascending)
    for key in reversed(query.order):
        ordered.sort(key=key.of, reverse=key.descending)
    return ordered
