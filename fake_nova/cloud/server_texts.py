"""Searches in texts of many servers at once: their names, images, flavors and addresses.

These indexes exist for speed alone. An index is built at the first search, in 0.4 s for 100,000 names. Writes
do nothing for it, because a search also looks at the servers that have changed since.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from heapq import merge
from operator import and_, or_
from typing import Final, NamedTuple

from fake_nova.cloud.servers import Server
from fake_nova.images.database import Database
from fake_nova.images.ordered_index import Position
from fake_nova.images.overlay_map import OverlayMap

_BLOCK_SIZE: Final = 32

#: A search in a block takes about as long as this many checks of one server.
_BLOCK_COST: Final = 4

_Gram = tuple[str, str, str]

#: What is searched -> the text of a server.
TEXTS: Final[Mapping[str, Callable[[Server, Database], str]]] = {
    "name": lambda server, _: server.name.casefold(),
    "image": lambda server, database: database.equality_key(server.image or ""),
    "flavor": lambda server, database: database.equality_key(server.flavor.id),
    "address": lambda server, _: " ".join(server.fixed_addresses),
}


class Search(NamedTuple):
    """A search for servers. It finds all that match, and maybe others.

    Attributes:
        subject: a key of `TEXTS`.
        text: what is searched, with a newline for the beginning or the end of a server's text.
    """

    subject: str
    text: str

    @classmethod
    def of_whole(cls, subject: str, whole: str) -> Search:
        """Return the search for servers whose text is *whole*."""
        return cls(subject, f"\n{_line(whole)}\n")


class TextIndex:
    """One text of each server, as lines of blocks, and which blocks contain which three characters.

    Args:
        by_key: the key of a server -> the server.
        positions: the positions of all of them, in the order of the results; the last part of one is the key.
        text_of: returns the text of a server.
        database: the database that compares.
    """

    def __init__(
        self,
        by_key: OverlayMap[str, Server],
        positions: Iterable[Position],
        text_of: Callable[[Server, Database], str],
        database: Database,
    ) -> None:
        self._by_key: Final = by_key
        self._positions: Final = tuple(positions)
        self._text_of: Final = text_of
        self._database: Final = database
        self._changes: tuple[OverlayMap[str, Server], frozenset[str]] = by_key, frozenset()
        self._blocks: Final[list[str]] = []
        self._masks: Final[
            dict[_Gram, int]
        ] = {}  # three characters -> the blocks that contain them, a bit each
        servers = by_key.get_many(position[-1] for position in self._positions)
        lines = [self._line_of(server) for server in servers]
        for start in range(0, len(lines), _BLOCK_SIZE):
            self._add_block(lines[start : start + _BLOCK_SIZE])

    def _line_of(self, server: Server) -> str:
        return _line(self._text_of(server, self._database))

    def _add_block(self, lines: list[str]) -> None:
        bit = 1 << len(self._blocks)
        self._blocks.append("\n" + "\n".join(lines) + "\n")
        for gram in _grams("\n" + "\n".join(dict.fromkeys(lines)) + "\n\n"):
            self._masks[gram] = self._masks.get(gram, 0) | bit

    def blocks_with(self, text: str) -> int:
        """Return a number with a bit for each block that may contain *text*; the first is the lowest."""
        if len(text) < 3:
            return reduce(or_, (mask for gram, mask in self._masks.items() if text in "".join(gram)), 0)
        return reduce(and_, (self._masks.get(gram, 0) for gram in _grams(text)))

    def search(self, text: str, blocks: int, start: Position | None) -> Iterator[Position]:
        """Iterate over the positions in some blocks, from just after *start*, whose servers had *text*."""
        first = 0 if start is None else bisect_right(self._positions, start)
        first_block = first // _BLOCK_SIZE
        blocks = blocks >> first_block << first_block
        while blocks:
            number = (blocks & -blocks).bit_length() - 1
            blocks &= blocks - 1
            for line in _lines_with(text, self._blocks[number]):
                offset = number * _BLOCK_SIZE + line
                if offset >= first:
                    yield self._positions[offset]

    def changed_keys(self, by_key: OverlayMap[str, Server]) -> frozenset[str]:
        """Return the keys of the servers that are not as in the index."""
        known_by_key, keys = self._changes
        if known_by_key is not by_key:
            keys = frozenset(by_key.differing_keys(self._by_key))
            self._changes = by_key, keys
        return keys

    def has_text(self, server: Server, text: str) -> bool:
        """Return whether a server has *text* now."""
        return text in f"\n{self._line_of(server)}\n"


class Lookup(NamedTuple):
    """A search in an index.

    Attributes:
        text_index: the index.
        text: what is searched, as in `Search`.
        blocks: the blocks that may contain it, as a number.
    """

    text_index: TextIndex
    text: str
    blocks: int

    @property
    def cost(self) -> int:
        """How many servers a predicate could check instead."""
        return _BLOCK_COST * self.blocks.bit_count()

    def positions(
        self,
        by_key: OverlayMap[str, Server],
        position_of: Callable[[Server], Position],
        start: Position | None,
    ) -> Iterator[Position]:
        """Iterate over the positions of the servers that have the text, in the order of the index.

        Args:
            by_key: the present servers; the mapping has the same base as that of the index.
            position_of: returns the position of a server.
            start: begin just after this position; None for the first one.
        """
        index, text, blocks = self
        changed_keys = index.changed_keys(by_key)
        if not changed_keys:
            return index.search(text, blocks, start)
        hits = (each for each in index.search(text, blocks, start) if each[-1] not in changed_keys)
        changed_servers = filter(None, map(by_key.get, changed_keys))
        changed_hits = sorted(position_of(each) for each in changed_servers if index.has_text(each, text))
        return merge(hits, (each for each in changed_hits if start is None or each > start))


def _lines_with(text: str, block: str) -> Iterator[int]:
    """Iterate over the numbers of the lines of a block that contain a text."""
    line = -1
    end = 0
    place = block.find(text)
    while place >= 0:
        line += block.count("\n", end, place + 1)
        yield line
        end = place + 1
        place = block.find(text, block.find("\n", end))


def _grams(text: str) -> set[_Gram]:
    return set(zip(text, text[1:], text[2:], strict=False))


def _line(text: str) -> str:
    """Return a text as a line. ``$`` in a pattern ignores the newline at the end of a text."""
    return text.removesuffix("\n").replace("\n", " ")
