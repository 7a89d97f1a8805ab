"""A progress bar for what takes longer than a second, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TextIO, TypeVar

T = TypeVar("T")

_PATIENCE = 1.0
_WIDTH = 30


def over(items: Iterable[T], total: int, what: str, stream: TextIO | None = None) -> Iterator[T]:
    """Give *items*, and show how far that is once it takes longer than a second.

    Args:
        items: what is gone through.
        total: how many they are.
        what: what is done to them, for people.
        stream: where it is shown if that is a terminal; None for standard error.
    """
    out = stream if stream is not None else sys.stderr
    if not out.isatty():
        yield from items
        return
    next_look = monotonic() + _PATIENCE
    shown = False
    for done, item in enumerate(items):
        yield item
        if done % 256 == 0 and monotonic() >= next_look:
            filled = _WIDTH * done // max(total, 1)
            out.write(f"\r{what} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done:,} of {total:,}")
            out.flush()
            shown, next_look = True, monotonic() + 0.1
    if shown:
        out.write("\r\x1b[K")
        out.flush()
