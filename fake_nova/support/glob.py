"""Patterns with ``*`` for any text and ``?`` for any character. No other character is special."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

#: The maximum length of a pattern, in characters.
MAX_PATTERN_LENGTH: Final = 1_000

#: The maximum length of a part with ``?`` between two ``*``, which is tried at every position of a text.
MAX_WILDCARD_PART_LENGTH: Final = 32

#: Characters of a text that are compared; the rest is ignored.
MAX_TEXT_LENGTH: Final = 4_096


def is_too_long(pattern: str) -> bool:
    """Return whether *pattern* is too long, or has a part with ``?`` between two ``*`` that is."""
    parts = (part for part in pattern.split("*")[1:-1] if "?" in part)
    return len(pattern) > MAX_PATTERN_LENGTH or any(len(part) > MAX_WILDCARD_PART_LENGTH for part in parts)


def matches(text: str, pattern: str) -> bool:
    """Return whether *pattern* matches the whole of *text*, which is cut to `MAX_TEXT_LENGTH`. Case matters.

    Each part between two ``*`` matches only texts of one length, so its first match is always right. The time
    is linear; a regular expression of `fnmatch` is slow for some patterns.
    """
    text = text[:MAX_TEXT_LENGTH]
    start, *parts = pattern.split("*")
    if not parts:
        return len(text) == len(pattern) and _matches_at(text, 0, pattern)
    end = parts.pop()
    position = len(start)
    stop = len(text) - len(end)
    if stop < position or not _matches_at(text, 0, start) or not _matches_at(text, stop, end):
        return False
    for part in parts:
        match_start = _find_part(part, text, position, stop)
        if match_start < 0:
            return False
        position = match_start + len(part)
    return True


def _matches_at(text: str, position: int, part: str) -> bool:
    """Return whether *part* matches at *position*, after which the text must be long enough."""
    if "?" not in part:
        return text.startswith(part, position)
    return all(pattern_char in ("?", char) for pattern_char, char in zip(part, text[position:], strict=False))


def _find_part(part: str, text: str, start: int, stop: int) -> int:
    """Return the first position at which *part* matches, or -1."""
    if "?" not in part:
        return text.find(part, start, stop)
    match = _compile_part(part).search(text, start, stop)
    return -1 if match is None else match.start()


@lru_cache(maxsize=2_048)
def _compile_part(part: str) -> re.Pattern[str]:
    return re.compile("".join("." if char == "?" else re.escape(char) for char in part), re.DOTALL)
