"""Where every time in an answer comes from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock
from time import time
from typing import Final, NamedTuple, Protocol

from fake_nova.errors import Invalid

#: What a scope's clock may show: all that is ever added to it or taken from it leads to a time that there is.
EARLIEST: Final = datetime(1000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(8999, 12, 31, tzinfo=UTC)

#: The most seconds that anything may last.
LONGEST: Final = 10**9


#: A moment, or the seconds since the epoch.
Stamp = datetime | float


def moment_of(stamp: Stamp) -> datetime:
    """Return the moment that a stamp stands for, aware, in UTC."""
    return stamp if isinstance(stamp, datetime) else datetime.fromtimestamp(stamp, UTC)


class Clock(Protocol):
    """Tells the time; a test may bring one that stands still."""

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        return datetime.now(UTC)


class ClockMode(StrEnum):
    """How a scope's clock goes."""

    REAL = "real"
    FROZEN = "frozen"
    AUTO = "auto"


class ClockStart(NamedTuple):
    """What a clock is set to at the start of a cloud's life."""

    mode: ClockMode
    now: datetime | None = None


class ScopeClock:
    """The time of one scope: the real one, moved ahead or not, or a frozen one, or one that jumps ahead.

    Args:
        base: the time that it is set by.

    Attributes:
        mode: how it goes. ``auto`` goes as ``real`` does, but looking at an image that is under way moves it
            to the end of the image's present step.
    """

    def __init__(self, base: Clock) -> None:
        self._real: Final = base.now
        self._is_real: Final = isinstance(base, SystemClock)
        self._lock: Final = Lock()
        self._frozen: datetime | None = None
        self._ahead = timedelta()
        self.mode = ClockMode.REAL

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        frozen = self._frozen
        if frozen is not None:
            return frozen
        return self._real() + self._ahead if self._ahead else self._real()

    def stamp(self) -> Stamp:
        """Return what `moment_of` makes the moment of, for what few ever look at.

        While the clock is the machine's, it takes 0.05 µs instead of 0.3 (measured).
        """
        if self._is_real and self._frozen is None and not self._ahead:
            return time()
        return self.now()

    def go(self, mode: ClockMode, at: datetime | None = None, seconds: float = 0) -> None:
        """Set the clock.

        Args:
            mode: how it goes from now on. ``real`` goes back to the machine's own time.
            at: what it shows now, from `EARLIEST` to `LATEST`; None for the time it shows already, with
                ``real`` the machine's.
            seconds: how far it is ahead of that.

        Raises:
            Invalid: it would show a time behind `LATEST`; nothing is changed.
        """
        with self._lock:
            real = self._real()
            before = at or (real if mode is ClockMode.REAL else self.now())
            shown = _moved(before, seconds)
            self.mode = mode
            self._frozen = shown if mode is ClockMode.FROZEN else None
            self._ahead = shown - real

    def advance(self, seconds: float) -> None:
        """Move the clock ahead, however it goes.

        Raises:
            Invalid: it would show a time behind `LATEST`; nothing is changed.
        """
        with self._lock:
            shown = self.now()
            step = _moved(shown, seconds) - shown
            if self._frozen is not None:
                self._frozen += step
            else:
                self._ahead += step

    def reach(self, moment: datetime) -> None:
        """Move the clock ahead to *moment*, unless it is there already; never behind `LATEST`."""
        with self._lock:
            missing = min(moment, LATEST) - self.now()
            if missing > timedelta():
                self._ahead += missing


def _moved(moment: datetime, seconds: float) -> datetime:
    step = timedelta(seconds=seconds)
    if moment > LATEST - step:
        raise Invalid(f"advance: {seconds:g} seconds lead behind the year {LATEST.year}; allowed: fewer")
    return moment + step
