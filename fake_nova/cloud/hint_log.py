"""The hints that were logged lately, so that a loop of requests does not log one hint many times."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from fake_nova.cloud.clock import Clock

#: The time within which the same hint is not logged again.
REPEAT_AFTER: Final = timedelta(minutes=1)

#: The maximum number of hints to remember; a hint has at most 1,000 characters.
_MAX_HINTS: Final = 100


class HintLog:
    """The hints that one generation of a cloud logged within the last minute.

    A new generation, such as that of the next test, logs each hint again.

    Args:
        clock: the clock of the server. The cloud's own clock may be frozen, and then no minute would end.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock: Final = clock
        self._lock: Final = Lock()
        self._logged_at: Final[dict[str, datetime]] = {}

    def record(self, hint: str) -> bool:
        """Record a hint. Return whether to log it: it must not have been logged within the last minute."""
        with self._lock:
            now = self._clock.now()
            logged_at = self._logged_at.get(hint)
            if logged_at is not None and now - logged_at < REPEAT_AFTER:
                return False
            self._logged_at.pop(hint, None)  # so that the dict has the oldest hint first
            self._logged_at[hint] = now
            if len(self._logged_at) > _MAX_HINTS:
                del self._logged_at[next(iter(self._logged_at))]
            return True
