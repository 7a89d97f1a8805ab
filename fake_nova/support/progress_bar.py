"""A progress bar for many items on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

#: The minimum number of items with a bar. Fewer take less than a second.
_MIN_ITEMS = 50_000


def with_progress_bar(items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """Yield *items*. Show progress on standard error if it is a terminal and the items are many.

    Args:
        items: the items to yield.
        total: the number of items.
        label: the text before the bar, such as "sorting images".
    """
    if total < _MIN_ITEMS or not sys.stderr.isatty():
        yield from items
        return
    from click import progressbar  # noqa: PLC0415  # slow to import, and few calls need it

    with progressbar(
        items, total, label, show_pos=True, file=sys.stderr, update_min_steps=total // 100
    ) as bar:
        yield from bar


@contextmanager
def counting_bar(label: str) -> Iterator[Callable[[int], None]]:
    """Show how many items are done, if standard error is a terminal; nobody knows how many will come.

    Args:
        label: the text before the bar, such as "reading images".

    Yields:
        A function that takes the number of items that are done.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from click import progressbar  # noqa: PLC0415  # slow to import, and few calls need it

    with progressbar(iter(()), label=label, show_pos=True, show_eta=False, file=sys.stderr) as bar:
        yield lambda number: bar.update(number - bar.pos)
