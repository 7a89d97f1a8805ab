"""Patterns with ``*`` for any text and ``?`` for any character; nothing else in them is special."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

#: The most characters of a pattern.
LONGEST_PATTERN: Final = 1_000

#: Of a longer text only so many characters count.
LONGEST_TEXT: Final = 4_096


class _Glob(NamedTuple):
    """A pattern in parts: what a text begins with, what follows in this order, and what it ends with.

    Each part fits texts of one length only, so none is tried twice at the same place.
    """

    beginning: re.Pattern[str]
    middle: tuple[re.Pattern[str], ...]
    end: re.Pattern[str] | None
    length_of_end: int

    def fits(self, text: str) -> bool:
        """Whether the pattern fits the whole text."""
        if self.end is None:
            return self.beginning.fullmatch(text) is not None
        found = self.beginning.match(text)
        for part in self.middle:
            found = part.search(text, found.end()) if found is not None else None
        start = len(text) - self.length_of_end
        return found is not None and start >= found.end() and self.end.fullmatch(text, start) is not None


def fits(text: str, pattern: str) -> bool:
    """Whether *pattern* fits the whole of *text*; case counts."""
    return _compiled(pattern).fits(text[:LONGEST_TEXT])


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> _Glob:
    beginning, *others = [
        re.compile("".join("." if sign == "?" else re.escape(sign) for sign in part), re.DOTALL)
        for part in pattern.split("*")
    ]
    if not others:
        return _Glob(beginning, (), None, 0)
    length_of_end = len(pattern) - pattern.rfind("*") - 1
    return _Glob(beginning, tuple(part for part in others[:-1] if part.pattern), others[-1], length_of_end)
