"""The last whole exchanges of a cloud, recorded only while somebody watches."""

from __future__ import annotations

from collections import deque
from threading import Lock
from time import monotonic
from typing import Final, NamedTuple

#: How long exchanges are recorded after the last call of `Exchanges.watch`, in seconds of the machine's time.
WATCH_SECONDS: Final = 60.0

#: The maximum number of recorded exchanges, and of bytes of their bodies.
MAX_EXCHANGES: Final = 1000
MAX_BODY_BYTES: Final = 8_000_000

#: The maximum number of exchanges that are recorded in a second, so that watching slows no load test.
MAX_PER_SECOND: Final = 200

#: Names and values in order.
HeaderPairs = tuple[tuple[str, str], ...]


class Exchange(NamedTuple):
    """What the journal does not have of a request and its response.

    Attributes:
        number: the number of the request in the journal.
        request_headers: its headers, without secrets.
        response_headers: the headers of the response as the service wrote them, secrets included; the server
            adds Content-Length and Date.
        body: the body of the response, or its beginning, secrets included.
        body_bytes: the size of the whole body in bytes.
    """

    number: int
    request_headers: HeaderPairs
    response_headers: HeaderPairs
    body: bytes
    body_bytes: int


class Exchanges:
    """The last exchanges of one cloud.

    Attributes:
        is_watched: whether exchanges may be recorded. It is all that a request reads while nobody watches.
    """

    def __init__(self) -> None:
        self.is_watched = False
        self._watched_until = 0.0
        self._second_ends_at = 0.0
        self._count_in_second = 0
        self._lock: Final = Lock()
        self._by_age: Final[deque[Exchange]] = deque()
        self._body_bytes = 0

    def watch(self) -> None:
        """Record exchanges for the next `WATCH_SECONDS`."""
        self._watched_until = monotonic() + WATCH_SECONDS
        self.is_watched = True

    def follow(self, predecessor: Exchanges) -> None:
        """Record for as long as *predecessor*, which belongs to the last generation of the cloud."""
        self._watched_until = predecessor._watched_until
        self.is_watched = predecessor.is_watched

    def has_room(self) -> bool:
        """Return whether to record an exchange now: somebody watches, and this second had only few.

        Each call counts as one exchange. It takes no lock, because the count need not be exact.
        """
        now = monotonic()
        if now > self._watched_until:
            self.is_watched = False
            return False
        if now >= self._second_ends_at:
            self._second_ends_at = now + 1
            self._count_in_second = 0
        self._count_in_second += 1
        return self._count_in_second <= MAX_PER_SECOND

    def record(self, exchange: Exchange) -> None:
        """Record an exchange, and forget the oldest ones if there are too many."""
        with self._lock:
            self._by_age.append(exchange)
            self._body_bytes += len(exchange.body)
            while len(self._by_age) > MAX_EXCHANGES or self._body_bytes > MAX_BODY_BYTES:
                self._body_bytes -= len(self._by_age.popleft().body)

    def find(self, number: int) -> Exchange | None:
        """Return the exchange of the request with this number, or None if it was not recorded."""
        with self._lock:
            return next((each for each in self._by_age if each.number == number), None)
