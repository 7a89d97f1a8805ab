"""A progress bar on a terminal, for many items."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

#: Fewer items are done in less than a second.
_MIN_ITEMS = 50_000


def with_progress_bar(items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """Yield *items*; show progress on standard error if they are many and it is a terminal.

    Args:
        items: the items to go through.
        total: the number of items.
        label: what is done with them, such as "sorting images".
    """
    if total < _MIN_ITEMS or not sys.stderr.isatty():
        yield from items
        return
    import click  # noqa: PLC0415  # 20 ms; only terminals with many images need it

    with click.progressbar(
        items, total, label, show_pos=True, file=sys.stderr, update_min_steps=total // 100
    ) as bar:
        yield from bar
