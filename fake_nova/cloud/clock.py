"""Where every time in an answer comes from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Final, Protocol


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


class ScopeClock:
    """The time of one scope: the real one, moved ahead or not, or a frozen one, or one that jumps ahead.

    Args:
        base: the time that it is set by.

    Attributes:
        mode: how it goes. ``auto`` goes as ``real`` does, but looking at an image that is under way moves it
            to the end of the image's present step.
    """

    def __init__(self, base: Clock) -> None:
        self._base: Final = base
        self._lock: Final = Lock()
        self._frozen: datetime | None = None
        self._ahead = timedelta()
        self.mode = ClockMode.REAL

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        frozen = self._frozen
        if frozen is not None:
            return frozen
        return self._base.now() + self._ahead if self._ahead else self._base.now()

    def go(self, mode: ClockMode, at: datetime | None = None) -> None:
        """Set the clock.

        Args:
            mode: how it goes from now on. ``real`` goes back to the machine's own time.
            at: what it shows now; None for the time it shows already, with ``real`` the machine's.
        """
        with self._lock:
            shown = self._base.now() if mode is ClockMode.REAL and at is None else at or self.now()
            self.mode = mode
            self._frozen = shown if mode is ClockMode.FROZEN else None
            self._ahead = timedelta() if mode is ClockMode.REAL and at is None else shown - self._base.now()

    def advance(self, seconds: float) -> None:
        """Move the clock ahead, however it goes."""
        with self._lock:
            if self._frozen is not None:
                self._frozen += timedelta(seconds=seconds)
            else:
                self._ahead += timedelta(seconds=seconds)

    def reach(self, moment: datetime) -> None:
        """Move the clock ahead to *moment*, unless it is there already."""
        with self._lock:
            missing = moment - self.now()
            if missing > timedelta():
                self._ahead += missing
