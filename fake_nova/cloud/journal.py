"""The journal of a cloud: its last requests and their responses."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from operator import attrgetter
from secrets import token_hex
from threading import Condition
from typing import Final, Literal

from fake_nova.cloud.clock import Timestamp, to_datetime
from fake_nova.cloud.exchanges import Exchanges
from fake_nova.images.status import ImageStatus

#: The codes of the hints about which the failure report of a test gives advice.
HintCode = Literal["image_deleted", "image_name", "misspelt_path", "refused_token"]


@dataclass(slots=True, eq=False)
class Entry:
    """One request and its response.

    A request in flight is one without a response. Its fault is set when that triggers, before the delay. The
    fields that describe the response and the body are set with the response, *status* last.

    Attributes:
        stamp: when the request arrived, by the cloud's clock.
        method: the HTTP method.
        path: the path, without the query.
        query: the raw query.
        request_id: the request id in the response.
        global_request_id: the request's X-OpenStack-Request-ID header.
        user_agent: the request's User-Agent header.
        number: the number of the request in this cloud, from 1.
        operation: the short name of the route, or "" without a route.
        project: the id of the caller's project, or "".
        status: the HTTP status of the response; 0 if the connection was reset instead.
        seconds: how long the response took, by the machine's time.
        fault: the id of the fault that triggered.
        hint: the explanation of the response, if there is one.
        hint_code: the code of the explanation, or None if it has no code.
        image_count: the number of images or servers in the response, if it shows some.
        strict_violation: the reason why the request fails a strict test, if it does.
        body: the beginning of the request body, without secrets; "" unless the emulator parsed it as JSON.
        body_bytes: the size of the request body in bytes; None if it is unknown, as with chunks.
        shown_status: the status of the image in the response, if it shows one image.
        status_words: the API's words for statuses; None for Glance's own.
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
    hint_code: HintCode | None = None
    image_count: int | None = None
    strict_violation: str | None = None
    body: str = ""
    body_bytes: int | None = 0
    shown_status: ImageStatus | None = None
    status_words: Mapping[ImageStatus, str] | None = None

    @property
    def received_at(self) -> datetime:
        """When the request arrived, by the cloud's clock, aware, in UTC."""
        return to_datetime(self.stamp)

    @property
    def milliseconds(self) -> float | None:
        """How long the response took, in milliseconds; None until then."""
        return None if self.seconds is None else round(self.seconds * 1000, 3)

    @property
    def image_status(self) -> str | None:
        """The status of the image in the response, in the API's own words; None if it shows no single image.

        It is translated here and not on each request, because few entries are read.
        """
        if self.shown_status is None or self.status_words is None:
            return self.shown_status
        return self.status_words[self.shown_status]


class Journal:
    """The last requests of one cloud, recorded when they arrive.

    Args:
        max_entries: the maximum number of entries remembered.

    Attributes:
        generation: changes when the journal is cleared, and differs from that of every other journal. So a
            reader notices that entries are gone.
        exchanges: the last whole exchanges, recorded while somebody watches.
    """

    def __init__(self, max_entries: int = 1000) -> None:
        self._entries: Final[deque[Entry]] = deque(maxlen=max_entries)
        self._numbers: Final = count(1)
        self._condition: Final = Condition()
        self._waiter_count = 0
        self.generation = token_hex(8)
        self.exchanges: Final = Exchanges()

    def record(self, entry: Entry) -> None:
        """Record a request that arrived, and number it.

        Every request calls this, so it takes no lock. Numbering and appending are each atomic, and `entries`
        sorts what two threads recorded at once.
        """
        entry.number = next(self._numbers)
        self._entries.append(entry)

    def complete(self, entry: Entry, status: int) -> None:
        """Set the status of an entry whose other fields are set, and wake those who wait for it."""
        entry.status = status
        if self._waiter_count:  # a later waiter checks the entries before it waits
            with self._condition:
                self._condition.notify_all()

    def entries(self, after: int = 0) -> tuple[Entry, ...]:
        """Return the remembered entries with a number above *after*, oldest first."""
        later = [entry for entry in self._entries.copy() if entry.number > after]
        return tuple(sorted(later, key=attrgetter("number")))

    def clear(self) -> None:
        """Remove all entries. The numbers continue."""
        self._entries.clear()
        self.generation = token_hex(8)

    def wait(self, predicate: Callable[[Entry], bool], timeout: float) -> Entry | None:
        """Wait for a request that matches and has a response.

        Args:
            predicate: returns whether an entry matches.
            timeout: the maximum number of seconds to wait.

        Returns:
            The first entry that matches, at once if there is one already; None after the timeout.
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
