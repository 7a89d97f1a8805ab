"""The clock of a cloud: the source of every time in a response."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock
from time import time
from typing import Final, NamedTuple, Protocol

from fake_nova.errors import Invalid

#: The bounds of a cloud's clock, chosen so that date arithmetic cannot overflow.
EARLIEST: Final = datetime(1000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(8999, 12, 31, tzinfo=UTC)

#: The maximum duration, in seconds.
MAX_DURATION: Final = 10**9


#: A time: an aware datetime, or seconds since the epoch.
Timestamp = datetime | float


def to_datetime(timestamp: Timestamp) -> datetime:
    """Return *timestamp* as an aware datetime in UTC."""
    return timestamp if isinstance(timestamp, datetime) else datetime.fromtimestamp(timestamp, UTC)


class Clock(Protocol):
    """A source of the present time; a test may pass one that stands still."""

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""
        return datetime.now(UTC)


class ClockMode(StrEnum):
    """How the clock of a cloud runs; see `CloudClock`."""

    REAL = "real"
    FROZEN = "frozen"
    AUTO = "auto"


class ClockStart(NamedTuple):
    """The setting of a clock at the start of a generation.

    Attributes:
        mode: how the clock runs.
        now: the time that it shows first, aware, in UTC; None for the present time.
    """

    mode: ClockMode
    now: datetime | None = None


class CloudClock:
    """The clock of one cloud. It can be frozen or moved ahead.

    Args:
        base: the clock that it follows.

    Attributes:
        mode: how it runs. ``real`` follows *base*, which it may be ahead of. ``frozen`` stands still.
            ``auto`` runs as ``real`` does, but a poll of an image moves it to the end of the image's present
            step.
    """

    def __init__(self, base: Clock) -> None:
        self._base_now: Final = base.now
        self._is_system_clock: Final = isinstance(base, SystemClock)
        self._lock: Final = Lock()
        self._frozen_at: datetime | None = None
        self._offset = timedelta()
        self.mode = ClockMode.REAL

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""
        frozen_at = self._frozen_at
        if frozen_at is not None:
            return frozen_at
        base_time = self._base_now()
        return base_time + self._offset if self._offset else base_time

    def cheap_timestamp(self) -> Timestamp:
        """Return the present time in a form that `to_datetime` converts. It suits times that are rarely read.

        If the clock shows the machine's time, this is several times faster than `now`.
        """
        if self._is_system_clock and self._frozen_at is None and not self._offset:
            return time()
        return self.now()

    def set(self, mode: ClockMode, start: datetime | None = None, seconds: float = 0) -> None:
        """Set the mode and the time of the clock.

        Args:
            mode: how it runs from now on. ``real`` goes back to the time of the base clock.
            start: the time that it shows now, aware, in UTC, from `EARLIEST` to `LATEST`. None keeps the time
                that it shows; with ``real`` it means the time of the base clock.
            seconds: how far ahead of *start* it is set.

        Raises:
            Invalid: if it would show a time after `LATEST`; nothing is changed.
        """
        with self._lock:
            base_time = self._base_now()
            if start is None:
                start = base_time if mode is ClockMode.REAL else self.now()
            target_time = _add_seconds(start, seconds)
            self.mode = mode
            self._frozen_at = target_time if mode is ClockMode.FROZEN else None
            self._offset = target_time - base_time

    def advance(self, seconds: float) -> None:
        """Move the clock ahead, in any mode.

        Args:
            seconds: how far.

        Raises:
            Invalid: if it would show a time after `LATEST`; nothing is changed.
        """
        with self._lock:
            current_time = self.now()
            step = _add_seconds(current_time, seconds) - current_time
            if self._frozen_at is not None:
                self._frozen_at += step
            else:
                self._offset += step

    def advance_to(self, moment: datetime) -> None:
        """Move the clock ahead to *moment*, but not past `LATEST`.

        If the clock already shows *moment* or a later time, nothing is changed.
        """
        with self._lock:
            gap = min(moment, LATEST) - self.now()
            if gap > timedelta():
                self._offset += gap


def _add_seconds(moment: datetime, seconds: float) -> datetime:
    step = timedelta(seconds=seconds)
    if moment > LATEST - step:
        raise Invalid(f"advance: too far (got {seconds:g} seconds); expected a time up to {LATEST:%Y-%m-%d}")
    return moment + step
