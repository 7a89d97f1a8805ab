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
COUNTED_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
OTHER_METHOD: Final = "other"

#: Durations of one kind that wait to be added up.
_MAX_PENDING: Final = 1000


class Labels(NamedTuple):
    """What requests are counted by."""

    operation: str
    method: str
    status: int


class Histogram:
    """The requests of one kind: how many took how long, by bucket, and how long all of them took."""

    def __init__(self, buckets: Iterable[int] = (0,) * (len(BUCKETS) + 1), seconds: float = 0) -> None:
        self.buckets: Final = list(buckets)
        self.seconds = seconds


class Metrics:
    """Counts requests.

    To observe one costs an append; sums are made at each thousandth of a kind, and when somebody asks.
    """

    def __init__(self) -> None:
        self._pending_durations: Final[dict[tuple[str, str, int], deque[float]]] = {}
        self._histograms: Final[dict[Labels, Histogram]] = {}
        self._lock: Final = Lock()

    def observe(self, operation: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        labels = operation, method if method in COUNTED_METHODS else OTHER_METHOD, status
        pending_durations = self._pending_durations.get(labels)
        if pending_durations is None:
            pending_durations = self._pending_durations.setdefault(labels, deque())
        pending_durations.append(seconds)
        if len(pending_durations) > _MAX_PENDING:
            self._flush()

    def histograms(self) -> dict[Labels, Histogram]:
        """Return what there was since the start, by kind."""
        self._flush()
        with self._lock:
            return {
                labels: Histogram(histogram.buckets, histogram.seconds)
                for labels, histogram in self._histograms.items()
            }

    def _flush(self) -> None:
        with self._lock:
            for labels, pending_durations in list(self._pending_durations.items()):
                durations = sorted([pending_durations.popleft() for _ in range(len(pending_durations))])
                histogram = self._histograms.setdefault(Labels._make(labels), Histogram())
                histogram.seconds += sum(durations)
                previous_count = 0
                for bucket, bound in enumerate((*BUCKETS, inf)):
                    cumulative_count = bisect_right(durations, bound)
                    histogram.buckets[bucket] += cumulative_count - previous_count
                    previous_count = cumulative_count
