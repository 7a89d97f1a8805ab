"""Patterns with ``*`` for any text and ``?`` for any character. No other character is special."""

from __future__ import annotations

import re
from fnmatch import translate
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

    fnmatch's expression takes the first place at which a part between two ``*`` matches, and never
    backtracks. This is correct, because each part matches only texts of one length.
    """
    return _expression(pattern).match(text[:MAX_TEXT_LENGTH]) is not None


@lru_cache(maxsize=1_024)
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")))
