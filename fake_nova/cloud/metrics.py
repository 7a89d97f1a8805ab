"""Metrics: how many requests there were, of which kind, and how long they took."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, NamedTuple

#: Upper bounds of the buckets of durations, in seconds; what takes longer is in the last one.
BUCKETS: Final = (0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)

#: More would be more for the garbage collector to look at.
_PENDING: Final = 1000


class Kind(NamedTuple):
    """What requests are counted by."""

    operation: str
    method: str
    status: int


@dataclass(slots=True)
class Total:
    """The requests of one kind: how many took how long, by bucket, and how long all of them took."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0


class Metrics:
    """Counts requests. To observe one costs an append; adding up is left to whoever asks."""

    def __init__(self) -> None:
        self._pending: Final[deque[tuple[str, str, int, float]]] = deque()
        self._totals: Final[dict[Kind, Total]] = {}
        self._lock: Final = Lock()

    def observe(self, operation: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._pending.append((operation, method, status, seconds))
        if len(self._pending) > _PENDING:
            self._add_up()

    def totals(self) -> dict[Kind, Total]:
        """Return what there was since the start, by kind."""
        self._add_up()
        with self._lock:
            return {kind: Total(list(total.buckets), total.seconds) for kind, total in self._totals.items()}

    def _add_up(self) -> None:
        with self._lock:
            while self._pending:
                *kind, seconds = self._pending.popleft()
                total = self._totals.setdefault(Kind._make(kind), Total())
                total.buckets[bisect_left(BUCKETS, seconds)] += 1
                total.seconds += seconds
