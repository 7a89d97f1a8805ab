"""Run: images in the order of creation, replaced at the cost of one chunk."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Final

from fake_nova.images.model import Image

Position = tuple[datetime, str]

#: Where an image stands in every list: its time of creation, then its id (Glance's order, both ways round).
position: Callable[[Image], Position] = attrgetter("created_at", "id")

_CHUNK: Final = 512


def _first(chunk: tuple[Image, ...]) -> Position:
    return position(chunk[0])


class Run:
    """Images sorted by `position`, immutable: a change gives another run that shares all chunks but one."""

    __slots__ = ("_chunks", "_size")

    def __init__(self, chunks: tuple[tuple[Image, ...], ...] = (), size: int = 0) -> None:
        self._chunks: Final = chunks
        self._size: Final = size

    @classmethod
    def of(cls, images: Iterable[Image]) -> Run:
        """Sort *images* into a run."""
        ordered = sorted(images, key=position)
        chunks = tuple(tuple(ordered[at : at + _CHUNK]) for at in range(0, len(ordered), _CHUNK))
        return cls(chunks, len(ordered))

    def __len__(self) -> int:
        return self._size

    def changed(self, old: Image | None, new: Image | None) -> Run:
        """Return a run with *old* taken out and *new* put in; either may be None."""
        if old is not None and new is not None and position(old) == position(new):
            return self._edited(old, lambda chunk, at: (*chunk[:at], new, *chunk[at + 1 :]), 0)
        run = self
        if old is not None:
            run = run._edited(old, lambda chunk, at: (*chunk[:at], *chunk[at + 1 :]), -1)
        if new is not None:
            run = run._edited(new, lambda chunk, at: (*chunk[:at], new, *chunk[at:]), +1)
        return run

    def _edited(
        self, image: Image, edit: Callable[[tuple[Image, ...], int], tuple[Image, ...]], growth: int
    ) -> Run:
        """Replace the chunk that *image* belongs in by what *edit* makes of it at the image's place."""
        where = position(image)
        index = max(bisect_right(self._chunks, where, key=_first) - 1, 0)
        chunk = self._chunks[index] if self._chunks else ()
        edited = edit(chunk, bisect_left(chunk, where, key=position))
        parts: tuple[tuple[Image, ...], ...] = (edited,) if edited else ()
        if len(edited) > 2 * _CHUNK:
            parts = (edited[:_CHUNK], edited[_CHUNK:])
        return Run((*self._chunks[:index], *parts, *self._chunks[index + 1 :]), self._size + growth)

    def ascending(self, after: Position | None = None) -> Iterator[Image]:
        """Give the images oldest first, from just behind *after*."""
        start = 0
        if after is not None:
            start = max(bisect_right(self._chunks, after, key=_first) - 1, 0)
            if self._chunks:
                chunk = self._chunks[start]
                yield from chunk[bisect_right(chunk, after, key=position) :]
                start += 1
        for index in range(start, len(self._chunks)):
            yield from self._chunks[index]

    def descending(self, before: Position | None = None) -> Iterator[Image]:
        """Give the images newest first, from just before *before*."""
        end = len(self._chunks) - 1
        if before is not None:
            end = bisect_left(self._chunks, before, key=_first) - 1
            if end >= 0:
                chunk = self._chunks[end]
                yield from reversed(chunk[: bisect_left(chunk, before, key=position)])
                end -= 1
        for index in range(end, -1, -1):
            yield from reversed(self._chunks[index])
