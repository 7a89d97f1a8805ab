"""Run: images in an order, replaced at the cost of one chunk."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate, chain
from operator import attrgetter
from typing import Final

from fake_nova.images.model import Image

Position = tuple[datetime, str]
Order = Callable[[Image], Position]

#: Where an image stands in every list: its time of creation, then its id (Glance's order, both ways round).
position: Order = attrgetter("created_at", "id")

#: Where an image stands among the last updated ones.
last_update: Order = attrgetter("updated_at", "id")

Chunk = tuple[Image, ...]

#: At 100,000 images, ten changes and the reset behind them take half as long as with 512 (measured), and a
#: write no longer.
_CHUNK: Final = 256


class Run:
    """Images in an order, immutable: a change gives another run that shares all chunks but one.

    Args:
        chunks: the images in their order, cut into pieces; none is empty.
        size: how many there are.
        order: what they are sorted by.
        latest: the last update in each chunk, where it is known already.
    """

    __slots__ = ("_chunks", "_ends", "_latest", "_order", "_size", "_so_far")

    def __init__(
        self,
        chunks: tuple[Chunk, ...] = (),
        size: int = 0,
        order: Order = position,
        latest: list[datetime] | None = None,
    ) -> None:
        self._chunks: Final = chunks
        self._size: Final = size
        self._order: Final = order
        self._latest = latest
        self._so_far: list[datetime] | None = None
        self._ends: list[int] | None = None

    @classmethod
    def of(cls, images: Iterable[Image], order: Order = position) -> Run:
        """Sort *images* into a run."""
        return cls.of_ordered(sorted(images, key=order), order)

    @classmethod
    def of_ordered(cls, ordered: Sequence[Image], order: Order = position) -> Run:
        """Make a run of images that are sorted already."""
        if len(ordered) <= _CHUNK:
            return cls((tuple(ordered),) if ordered else (), len(ordered), order)
        chunks = tuple(tuple(ordered[at : at + _CHUNK]) for at in range(0, len(ordered), _CHUNK))
        return cls(chunks, len(ordered), order)

    def __len__(self) -> int:
        return self._size

    def _first(self, chunk: Chunk) -> Position:
        return self._order(chunk[0])

    def changed(self, gone: Sequence[Image], come: Sequence[Image]) -> Run:
        """Return a run with *gone* taken out and *come* put in.

        Many at once are sorted in together: 100,000 images into 1,000 in 2 s instead of 11 (measured).
        """
        if len(gone) == len(come) == 1 and self._order(gone[0]) == self._order(come[0]):
            new = come[0]
            return self._edited(new, lambda chunk, at: (*chunk[:at], new, *chunk[at + 1 :]), 0)
        if 8 * (len(gone) + len(come)) > self._size:
            dropped = set(gone)
            stay = self.walk() if not dropped else (image for image in self.walk() if image not in dropped)
            return Run.of(chain(stay, come), self._order)
        run = self
        for old in gone:
            run = run._edited(old, lambda chunk, at: (*chunk[:at], *chunk[at + 1 :]), -1)
        for new in come:
            run = run._edited(new, lambda chunk, at, new=new: (*chunk[:at], new, *chunk[at:]), +1)  # type: ignore[misc]  # a default binds it now
        return run

    def _edited(self, image: Image, edit: Callable[[Chunk, int], Chunk], growth: int) -> Run:
        """Replace the chunk that *image* belongs in by what *edit* makes of it at the image's place."""
        where = self._order(image)
        index = max(bisect_right(self._chunks, where, key=self._first) - 1, 0)
        chunk = self._chunks[index] if self._chunks else ()
        edited = edit(chunk, bisect_left(chunk, where, key=self._order))
        parts: tuple[Chunk, ...] = (edited,) if edited else ()
        if len(edited) > 2 * _CHUNK:
            parts = (edited[:_CHUNK], edited[_CHUNK:])
        latest = self._latest
        if latest is not None:
            latest = [*latest[:index], *map(_last_updated, parts), *latest[index + 1 :]]
        chunks = (*self._chunks[:index], *parts, *self._chunks[index + 1 :])
        return Run(chunks, self._size + growth, self._order, latest)

    def walk(
        self, ascending: bool = True, start: Position | None = None, since: datetime | None = None
    ) -> Iterator[Image]:
        """Give the images one by one.

        Args:
            ascending: in the run's order instead of the other way round.
            start: begin just behind this place; None for the beginning.
            since: leave out what chunks hold nothing that was updated then or later; other images that were
                not still come.
        """
        chunks = self._chunks
        rest: Chunk = ()
        begin, end = 0, len(chunks) - 1
        if start is not None and chunks and ascending:
            begin = max(bisect_right(chunks, start, key=self._first) - 1, 0)
            rest = chunks[begin][bisect_right(chunks[begin], start, key=self._order) :]
            begin += 1
        elif start is not None and chunks:
            end = bisect_left(chunks, start, key=self._first) - 1
            if end >= 0:
                rest = chunks[end][: bisect_left(chunks[end], start, key=self._order)]
                end -= 1
        places: Iterable[int] = range(begin, end + 1) if ascending else range(end, -1, -1)
        if since is not None:
            places = self._updated(begin, end, ascending, since)
        following = map(chunks.__getitem__, places)
        if ascending:
            return chain(rest, chain.from_iterable(following))
        return chain(reversed(rest), chain.from_iterable(map(reversed, following)))

    def _updated(self, begin: int, end: int, ascending: bool, since: datetime) -> Iterator[int]:
        """Give the places of the chunks in which something was updated at *since* or later."""
        if self._latest is None:
            self._latest = list(map(_last_updated, self._chunks))
        latest = self._latest
        if not ascending:
            return (place for place in range(end, begin - 1, -1) if latest[place] >= since)
        if self._so_far is None:
            self._so_far = list(accumulate(latest, max))
        begin = max(begin, bisect_left(self._so_far, since))
        return (place for place in range(begin, end + 1) if latest[place] >= since)

    def count_behind(self, start: Position) -> int:
        """Return how many images stand behind *start*."""
        if not self._chunks:
            return 0
        if self._ends is None:
            self._ends = list(accumulate(map(len, self._chunks)))
        place = max(bisect_right(self._chunks, start, key=self._first) - 1, 0)
        chunk = self._chunks[place]
        return self._size - self._ends[place] + len(chunk) - bisect_right(chunk, start, key=self._order)


def _last_updated(chunk: Chunk) -> datetime:
    return max(image.updated_at for image in chunk)
