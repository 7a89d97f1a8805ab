"""Metrics: how many requests there were, of which kind, and how long they took."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from math import inf
from threading import Lock
from typing import Final, NamedTuple

#: Upper bounds of the buckets of durations, in seconds; what takes longer is in the last one.
BUCKETS: Final = (0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)

#: The methods that requests are counted by, and what every other one is counted as.
METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
OTHER: Final = "other"

#: Durations of one kind that wait to be added up.
_PENDING: Final = 1000


class Kind(NamedTuple):
    """What requests are counted by."""

    operation: str
    method: str
    status: int


class Total:
    """The requests of one kind: how many took how long, by bucket, and how long all of them took."""

    def __init__(self, buckets: Iterable[int] = (0,) * (len(BUCKETS) + 1), seconds: float = 0) -> None:
        self.buckets: Final = list(buckets)
        self.seconds = seconds


class Metrics:
    """Counts requests.

    To observe one costs an append; sums are made at each thousandth of a kind, and when somebody asks.
    """

    def __init__(self) -> None:
        self._pending: Final[dict[tuple[str, str, int], deque[float]]] = {}
        self._totals: Final[dict[Kind, Total]] = {}
        self._lock: Final = Lock()

    def observe(self, operation: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        kind = operation, method if method in METHODS else OTHER, status
        pending = self._pending.get(kind)
        if pending is None:
            pending = self._pending.setdefault(kind, deque())
        pending.append(seconds)
        if len(pending) > _PENDING:
            self._add_up()

    def totals(self) -> dict[Kind, Total]:
        """Return what there was since the start, by kind."""
        self._add_up()
        with self._lock:
            return {kind: Total(total.buckets, total.seconds) for kind, total in self._totals.items()}

    def _add_up(self) -> None:
        with self._lock:
            for kind, pending in list(self._pending.items()):
                durations = sorted([pending.popleft() for _ in range(len(pending))])
                total = self._totals.setdefault(Kind._make(kind), Total())
                total.seconds += sum(durations)
                below = 0
                for bucket, bound in enumerate((*BUCKETS, inf)):
                    until = bisect_right(durations, bound)
                    total.buckets[bucket] += until - below
                    below = until
