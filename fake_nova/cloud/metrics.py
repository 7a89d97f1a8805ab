"""Metrics: the number and the duration of requests, by operation, method and status."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from math import inf
from threading import Lock
from typing import Final, NamedTuple

#: Upper bounds of the buckets for durations, in seconds. One more bucket holds longer durations.
BUCKETS: Final = (0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)

#: The methods that have a label of their own, and the label of all other methods.
COUNTED_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
OTHER_METHOD: Final = "other"

#: The maximum number of durations with the same labels that wait to be added up.
_MAX_PENDING: Final = 1000


class Labels(NamedTuple):
    """The labels by which requests are counted."""

    operation: str
    method: str
    status: int


class Histogram:
    """The durations of the requests with the same labels.

    Attributes:
        buckets: the number of requests for each of `BUCKETS`, not cumulative, and last those that took
            longer.
        seconds: the total of all durations.
    """

    def __init__(self, buckets: Iterable[int] = (0,) * (len(BUCKETS) + 1), seconds: float = 0) -> None:
        self.buckets: Final = list(buckets)
        self.seconds = seconds

    def add(self, durations: Iterable[float]) -> None:
        """Count requests that took so long, in seconds."""
        sorted_durations = sorted(durations)
        self.seconds += sum(sorted_durations)
        previous_count = 0
        for bucket, bound in enumerate((*BUCKETS, inf)):
            cumulative_count = bisect_right(sorted_durations, bound)
            self.buckets[bucket] += cumulative_count - previous_count
            previous_count = cumulative_count


class Metrics:
    """Counts of requests, and their durations.

    `observe` only appends. Durations are added up when 1,000 of one kind are pending, and when somebody reads
    them.
    """

    def __init__(self) -> None:
        self._pending_durations: Final[dict[tuple[str, str, int], deque[float]]] = {}
        self._histograms: Final[dict[Labels, Histogram]] = {}
        self._lock: Final = Lock()

    def observe(self, operation: str, method: str, status: int, seconds: float) -> None:
        """Count one request.

        Args:
            operation: the short name of its route.
            method: its method; methods not in `COUNTED_METHODS` count as `OTHER_METHOD`.
            status: the HTTP status of the response.
            seconds: how long the response took.
        """
        if method not in COUNTED_METHODS:
            method = OTHER_METHOD
        labels = operation, method, status
        pending = self._pending_durations.get(labels)
        if pending is None:
            pending = self._pending_durations.setdefault(labels, deque())
        pending.append(seconds)
        if len(pending) > _MAX_PENDING:
            self._flush()

    def histograms(self) -> dict[Labels, Histogram]:
        """Return copies of the histograms since the start, by labels."""
        self._flush()
        with self._lock:
            return {labels: Histogram(old.buckets, old.seconds) for labels, old in self._histograms.items()}

    def _flush(self) -> None:
        with self._lock:
            for labels, pending in list(self._pending_durations.items()):
                histogram = self._histograms.setdefault(Labels._make(labels), Histogram())
                histogram.add([pending.popleft() for _ in range(len(pending))])
