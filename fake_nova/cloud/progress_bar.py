"""A progress bar on a terminal, for many items."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

#: Fewer items are done in less than a second.
_MANY = 50_000


def over(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """Yield *items*; show progress on standard error if they are many and it is a terminal.

    Args:
        items: the items to go through.
        total: the number of items.
        what: what is done with them, such as "sorting images".
    """
    if total < _MANY or not sys.stderr.isatty():
        yield from items
        return
    import click  # noqa: PLC0415  # 20 ms; only terminals with many images need it

    with click.progressbar(
        items, total, what, show_pos=True, file=sys.stderr, update_min_steps=total // 100
    ) as bar:
        yield from bar
