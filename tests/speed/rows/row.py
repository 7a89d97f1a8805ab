"""Row: one thing that grows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tests.speed.exchange import Request
from tests.speed.worlds import Action, World

#: Bytes of the longest header and the longest URL, at 4n.
LINE = 100_000

Make = Callable[[World, int], Request | Action]


class Row(NamedTuple):
    """One thing that grows.

    Attributes:
        title: the input.
        base: n; it is measured at 2n and 4n, too.
        make: gives the request, or what else is to be measured, at a size.
        settings: of the emulator.
        fixture: what its cloud holds; None for the default one.
        repeats_action: whether *make* is slow, so that the same action is repeated instead.
        reference: for a document, which asks for work: one of that size, or of as many images, without mistakes.
    """

    title: str
    base: int
    make: Make
    settings: Mapping[str, Any] = {}
    fixture: object = None
    repeats_action: bool = False
    reference: Make | None = None
