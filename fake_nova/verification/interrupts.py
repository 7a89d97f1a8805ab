"""Signals while images of one's own are in the cloud: they wait until a request has its answer."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """The signals that have come.

    Attributes:
        signal_name: the name of the first one; "" if none has come.
    """

    def __init__(self) -> None:
        self.signal_name = ""

    def handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # the signature is Python's
        """Remember a signal."""
        self.signal_name = self.signal_name or signal.Signals(number).name


@contextmanager
def held_back() -> Iterator[Interrupts]:
    """Hold signals that end the process back until the end of the block.

    Python takes signals in its main thread alone; in another one, nothing is held back.
    """
    interrupts = Interrupts()
    try:
        handlers = {number: signal.signal(number, interrupts.handle) for number in _SIGNALS}
    except ValueError:
        handlers = {}
    try:
        yield interrupts
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
