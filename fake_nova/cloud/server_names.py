"""Searches in the names of many servers at once."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

from fake_nova.cloud.servers import Server


class ServerNames:
    """The names of servers as one text, which Python searches faster than 100,000 texts.

    Args:
        servers: the servers, in the order of the results.
    """

    def __init__(self, servers: Iterable[Server]) -> None:
        self._servers: Final = tuple(servers)
        names = [server.name.casefold() for server in self._servers]
        self._text: Final = "\n".join(names)
        self._ends: Final = array("Q", accumulate(len(name) + 1 for name in names))

    def search(self, text: str) -> Iterator[Server]:
        """Iterate over the servers whose names contain a text without a newline; the case does not count."""
        folded_text = text.casefold()
        place = self._text.find(folded_text)
        while place >= 0:
            number = bisect_right(self._ends, place)
            yield self._servers[number]
            place = self._text.find(folded_text, self._ends[number])
