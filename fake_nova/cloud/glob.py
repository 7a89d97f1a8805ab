"""Patterns with ``*`` for any text and ``?`` for any character; nothing else in them is special."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

#: The most characters of a pattern.
LONGEST_PATTERN: Final = 1_000

#: The most characters of a part with ``?`` between two ``*``: each is tried at each place of a text.
LONGEST_LOOSE_PART: Final = 32

#: Of a longer text only so many characters count.
LONGEST_TEXT: Final = 4_096


def is_too_long(pattern: str) -> bool:
    """Whether a pattern, or a part of it, is longer than it may be."""
    loose = (part for part in pattern.split("*")[1:-1] if "?" in part)
    return len(pattern) > LONGEST_PATTERN or any(len(part) > LONGEST_LOOSE_PART for part in loose)


def fits(text: str, pattern: str) -> bool:
    """Whether *pattern* fits the whole of *text*; case counts.

    Each part between two stars fits texts of one length only, so the first place where it fits is right.
    """
    text = text[:LONGEST_TEXT]
    beginning, *others = pattern.split("*")
    if not others:
        return len(text) == len(pattern) and _is_at(text, 0, pattern)
    end = others.pop()
    place, stop = len(beginning), len(text) - len(end)
    if stop < place or not _is_at(text, 0, beginning) or not _is_at(text, stop, end):
        return False
    for part in others:
        start = _place_of(part, text, place, stop)
        if start < 0:
            return False
        place = start + len(part)
    return True


def _is_at(text: str, start: int, part: str) -> bool:
    """Whether a part fits the text at a place, from which on the text is long enough."""
    if "?" not in part:
        return text.startswith(part, start)
    return all(sign in ("?", char) for sign, char in zip(part, text[start:], strict=False))


def _place_of(part: str, text: str, start: int, stop: int) -> int:
    """Return where a part fits first, or -1."""
    if "?" not in part:
        return text.find(part, start, stop)
    found = _loose(part).search(text, start, stop)
    return found.start() if found is not None else -1


@lru_cache(maxsize=2_048)
def _loose(part: str) -> re.Pattern[str]:
    return re.compile("".join("." if sign == "?" else re.escape(sign) for sign in part), re.DOTALL)
