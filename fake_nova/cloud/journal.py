"""The journal: what was asked of a cloud and what it answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from operator import attrgetter
from threading import Condition
from typing import Final

from fake_nova.cloud.clock import Timestamp, to_datetime


@dataclass(slots=True, eq=False)
class Entry:
    """One request; what is not known before its answer is None until then, and *status* is known last.

    Attributes:
        stamp: when it arrived, by the cloud's clock.
        method: the HTTP method.
        path: without the query.
        query: the raw query.
        request_id: the answer's.
        global_request_id: what the client sent as X-OpenStack-Request-ID.
        user_agent: what the client calls itself.
        number: counts the requests of the cloud from 1.
        operation: the short name of its route, or "" for none.
        project: the caller's project, or "".
        status: of the answer; 0 where the connection was reset instead.
        seconds: how long the answer took, by the machine's own time.
        fault: the id of the fault that it met.
        hint: why the answer is what it is, where the emulator knew.
        image_count: how many images the answer shows, where it shows images.
        strict_violation: what of it a strict test does not put up with.
        body: the beginning of what it sent, without secrets.
    """

    stamp: Timestamp
    method: str
    path: str
    query: str
    request_id: str
    global_request_id: str | None = None
    user_agent: str | None = None
    number: int = 0
    operation: str = ""
    project: str = ""
    status: int | None = None
    seconds: float | None = None
    fault: str | None = None
    hint: str | None = None
    image_count: int | None = None
    strict_violation: str | None = None
    body: str = ""

    @property
    def received_at(self) -> datetime:
        """When it arrived, by the cloud's clock, aware, in UTC."""
        return to_datetime(self.stamp)

    @property
    def milliseconds(self) -> float | None:
        """How long the answer took."""
        return None if self.seconds is None else round(self.seconds * 1000, 3)


class Journal:
    """The last requests of one cloud, noted at arrival, bounded in number.

    Args:
        max_entries: how many are kept.
    """

    def __init__(self, max_entries: int = 1000) -> None:
        self._entries: Final[deque[Entry]] = deque(maxlen=max_entries)
        self._numbers: Final = count(1)
        self._condition: Final = Condition()
        self._waiter_count = 0

    def record(self, entry: Entry) -> None:
        """Note a request at its arrival, and number it.

        That takes no lock, which would cost 0.1 µs (measured): to number and to append are one step each,
        and `entries` puts right what two threads did at once.
        """
        entry.number = next(self._numbers)
        self._entries.append(entry)

    def complete(self, entry: Entry, status: int) -> None:
        """Give a request, whose other facts are in already, the status of its answer."""
        entry.status = status
        if self._waiter_count:  # who begins to wait after this looks at the entry first
            with self._condition:
                self._condition.notify_all()

    def entries(self) -> tuple[Entry, ...]:
        """Return what is kept, oldest first."""
        return tuple(sorted(self._entries.copy(), key=attrgetter("number")))

    def clear(self) -> None:
        """Forget all; numbers go on."""
        self._entries.clear()

    def wait(self, predicate: Callable[[Entry], bool], timeout: float) -> Entry | None:
        """Return the first answered request that is *predicate*, as soon as there is one.

        Args:
            predicate: tells whether a request is.
            timeout: seconds to wait for one at the most; then None is returned.
        """

        def first_match() -> Entry | None:
            return next(self._completed_entries(predicate), None)

        with self._condition:
            self._waiter_count += 1
            try:
                return self._condition.wait_for(first_match, timeout)
            finally:
                self._waiter_count -= 1

    def _completed_entries(self, predicate: Callable[[Entry], bool]) -> Iterator[Entry]:
        return (entry for entry in self.entries() if entry.status is not None and predicate(entry))
