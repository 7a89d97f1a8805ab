"""Patterns with ``*`` for any text and ``?`` for any character; nothing else in them is special."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache
from typing import Final

#: The most characters of a pattern.
MAX_PATTERN_LENGTH: Final = 1_000

#: The most characters of a part with ``?`` between two ``*``: each is tried at each place of a text.
MAX_WILDCARD_PART_LENGTH: Final = 32

#: Of a longer text only so many characters count.
MAX_TEXT_LENGTH: Final = 4_096


def is_too_long(pattern: str) -> bool:
    """Whether a pattern, or a part of it, is longer than it may be."""
    wildcard_parts = (part for part in pattern.split("*")[1:-1] if "?" in part)
    return len(pattern) > MAX_PATTERN_LENGTH or any(
        len(part) > MAX_WILDCARD_PART_LENGTH for part in wildcard_parts
    )


def matches(text: str, pattern: str) -> bool:
    """Whether *pattern* fits the whole of *text*; case counts.

    The expression that fnmatch makes of a pattern takes the first place where a part between two stars fits,
    and never goes back: each part fits texts of one length only, so that place is right.
    """
    return _expression(pattern).match(text[:MAX_TEXT_LENGTH]) is not None


@lru_cache(maxsize=1_024)
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")))
