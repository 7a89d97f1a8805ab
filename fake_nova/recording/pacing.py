"""How fast a cloud is asked, and when a request is sent again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

#: Statuses after which the same request may succeed later.
RETRIED_STATUSES: Final = frozenset((429, 502, 503, 504))

#: Seconds before the second, third and fourth attempt, if the response does not say.
_BACKOFF_SECONDS: Final = (1, 2, 4)

#: The maximum number of seconds to wait because a response says so.
MAX_RETRY_AFTER: Final = 120


@dataclass(frozen=True, slots=True)
class Pacing:
    """The pace of requests to a cloud.

    Attributes:
        rate: the maximum number of requests per second.
        attempts: how often a request is sent at most, if the cloud is busy or the connection breaks.
        pause: waits for some seconds.
        now: the time in seconds, as of `time.monotonic`.
    """

    rate: float = 10
    attempts: int = 4
    pause: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic


class Pacer:
    """Waits before each request, so that no more are sent than the rate allows.

    Args:
        pacing: the pace.
    """

    def __init__(self, pacing: Pacing) -> None:
        self.pacing: Final = pacing
        self._next_start = pacing.now()

    def wait_for_turn(self) -> None:
        """Wait until the next request may start."""
        now = self.pacing.now()
        if self._next_start > now:
            self.pacing.pause(self._next_start - now)
        self._next_start = max(self._next_start, now) + 1 / self.pacing.rate

    def wait_before_retry(self, attempt: int, headers: Mapping[str, str]) -> bool:
        """Wait before a request is sent again, and return whether it should be.

        Args:
            attempt: the number of the attempt that failed, from 1.
            headers: the headers of its response; its Retry-After is honored up to `MAX_RETRY_AFTER` seconds.
        """
        if attempt >= self.pacing.attempts:
            return False
        backoff = _BACKOFF_SECONDS[min(attempt, len(_BACKOFF_SECONDS)) - 1]
        seconds = retry_after(headers, datetime.now(UTC))
        if seconds is not None and seconds > MAX_RETRY_AFTER:
            return False
        self.pacing.pause(backoff if seconds is None else seconds)
        return True


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds of the header Retry-After, which may be a date; None if there is no valid one."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max((moment.astimezone(UTC) - now).total_seconds(), 0)
