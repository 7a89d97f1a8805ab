"""Waiting for a real service, which sends no signal when it is ready: the only place where a run sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

#: Seconds between two looks at a service.
INTERVAL: Final = 0.1


def pause() -> None:
    """Let a real service go on for a moment."""
    time.sleep(INTERVAL)


def wait_until(is_ready: Callable[[], bool], seconds: float) -> bool:
    """Return whether a condition becomes true within *seconds*.

    Args:
        is_ready: the condition, which is checked at once and then again and again.
        seconds: the time after which to give up.
    """
    end = time.monotonic() + seconds
    while not is_ready():
        if time.monotonic() > end:
            return False
        pause()
    return True


def wait_for_next_second() -> None:
    """Return when the clock shows another second."""
    second = int(time.time())
    wait_until(lambda: int(time.time()) != second, seconds=2)
