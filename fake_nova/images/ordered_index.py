"""Ordered indexes, and the positions of images in them.

An index holds positions, not images. So a write changes only the indexes that the image joins or leaves, and
not those in which its position stays.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, filterfalse
from operator import itemgetter
from typing import Any, Final

from fake_nova.images.database import Database
from fake_nova.images.model import Image

#: The position of an image in an index: what the index sorts by, and last the key of the image. All
#: positions in one index have the same types.
Position = tuple[Any, ...]


def creation_position(image: Image, database: Database) -> Position:
    """Return an image's position by time of creation and then id, which is the default order of Glance."""
    return image.created_at, database.equality_key(image.id)


def update_position(image: Image, database: Database) -> Position:
    """Return an image's position by update: the time of its last update, then its id."""
    return image.updated_at, database.equality_key(image.id)


def name_position(image: Image, database: Database) -> Position:
    """Return an image's position by name, time of creation and id; images without a name come first."""
    key = "" if image.name is None else database.order_key(image.name)
    return image.name is not None, key, image.created_at, database.equality_key(image.id)


Chunk = tuple[Position, ...]

#: The number of positions in a new chunk. A chunk that grows to more than twice as many is cut in two. Larger
#: chunks make changes slower, and smaller ones make the list of chunks longer.
_CHUNK_SIZE: Final = 256

_first_position: Callable[[Chunk], Position] = itemgetter(0)


class OrderedIndex:
    """An immutable, sorted sequence of positions, stored in chunks. A change returns a new index.

    A small change copies one chunk and the list of chunks, and shares all other chunks with the old index. A
    large change rebuilds the index.

    Invariants:
        - The positions ascend, and no two are equal, within a chunk and from one chunk to the next.
        - Each chunk holds at least one position, and at most twice `_CHUNK_SIZE`. An index without positions
          has no chunks.
        - The size is the number of positions in all chunks.

    Nothing checks them: callers must remove only positions that are in the index, and insert only others. If
    they do not, no exception is raised, but lists miss or repeat images, and the size is wrong.

    Args:
        chunks: the sorted positions, cut into chunks.
        size: the number of positions.
    """

    __slots__ = ("_chunks", "_end_offsets", "_size")

    def __init__(self, chunks: tuple[Chunk, ...] = (), size: int = 0) -> None:
        self._chunks: Final = chunks
        self._size: Final = size
        self._end_offsets: list[int] | None = None

    @classmethod
    def from_positions(cls, positions: Iterable[Position]) -> OrderedIndex:
        """Return an index of *positions*, which must differ and may come in any order."""
        return cls.from_sorted(sorted(positions))

    @classmethod
    def from_sorted(cls, positions: Sequence[Position]) -> OrderedIndex:
        """Return an index of *positions*, which must ascend and differ; nothing checks it."""
        if len(positions) <= _CHUNK_SIZE:
            return cls((tuple(positions),) if positions else (), len(positions))
        starts = range(0, len(positions), _CHUNK_SIZE)
        return cls(tuple(tuple(positions[start : start + _CHUNK_SIZE]) for start in starts), len(positions))

    def __len__(self) -> int:
        return self._size

    def with_changes(self, removals: Sequence[Position], insertions: Sequence[Position]) -> OrderedIndex:
        """Return an index without *removals* and with *insertions*.

        If there is more than one change for every eight positions, the index is rebuilt. Copying a chunk for
        each change would be slower.

        Args:
            removals: positions that are in the index, in any order.
            insertions: positions that are not in the index, in any order.
        """
        if 8 * (len(removals) + len(insertions)) > self._size:
            positions = self.iterate()
            if removals:
                positions = filterfalse(set(removals).__contains__, positions)
            return OrderedIndex.from_positions(chain(positions, insertions))
        index = self
        for position in removals:
            index = index._without_position(position)
        for position in insertions:
            index = index._with_position(position)
        return index

    def _chunk_number(self, position: Position) -> int:
        """Return the number of the chunk that holds *position*, or would hold it."""
        return max(bisect_right(self._chunks, position, key=_first_position) - 1, 0)

    def _without_position(self, position: Position) -> OrderedIndex:
        number = self._chunk_number(position)
        chunk = self._chunks[number]
        offset = bisect_left(chunk, position)
        return self._with_chunk(number, (*chunk[:offset], *chunk[offset + 1 :]), -1)

    def _with_position(self, position: Position) -> OrderedIndex:
        number = self._chunk_number(position)
        chunk = self._chunks[number] if self._chunks else ()
        offset = bisect_left(chunk, position)
        return self._with_chunk(number, (*chunk[:offset], position, *chunk[offset:]), +1)

    def _with_chunk(self, number: int, chunk: Chunk, growth: int) -> OrderedIndex:
        """Return an index in which *chunk* replaces chunk *number*, and the size grows by *growth*."""
        replacements: tuple[Chunk, ...] = (chunk,) if chunk else ()
        if len(chunk) > 2 * _CHUNK_SIZE:
            replacements = (chunk[:_CHUNK_SIZE], chunk[_CHUNK_SIZE:])
        chunks = (*self._chunks[:number], *replacements, *self._chunks[number + 1 :])
        return OrderedIndex(chunks, self._size + growth)

    def iterate(self, ascending: bool = True, start: Position | None = None) -> Iterator[Position]:
        """Iterate over the positions.

        Args:
            ascending: whether to go upwards instead of downwards.
            start: start just after this position, in the direction of the iteration; None for the beginning.
        """
        if start is None or not self._chunks:
            return chain.from_iterable(self._chunks if ascending else map(reversed, reversed(self._chunks)))
        number = self._chunk_number(start)
        return self._positions_above(start, number) if ascending else self._positions_below(start, number)

    def _positions_above(self, start: Position, number: int) -> Iterator[Position]:
        """Iterate upwards from *start*, whose chunk has this number."""
        chunk = self._chunks[number]
        following_chunks = map(self._chunks.__getitem__, range(number + 1, len(self._chunks)))
        return chain(chunk[bisect_right(chunk, start) :], chain.from_iterable(following_chunks))

    def _positions_below(self, start: Position, number: int) -> Iterator[Position]:
        """Iterate downwards from *start*, whose chunk has this number."""
        chunk = self._chunks[number]
        preceding_chunks = map(self._chunks.__getitem__, range(number - 1, -1, -1))
        part = reversed(chunk[: bisect_left(chunk, start)])
        return chain(part, chain.from_iterable(map(reversed, preceding_chunks)))

    def count_after(self, start: Position) -> int:
        """Return the number of positions that sort after *start*."""
        if not self._chunks:
            return 0
        if self._end_offsets is None:
            self._end_offsets = list(accumulate(map(len, self._chunks)))
        number = self._chunk_number(start)
        chunk = self._chunks[number]
        return self._size - self._end_offsets[number] + len(chunk) - bisect_right(chunk, start)
