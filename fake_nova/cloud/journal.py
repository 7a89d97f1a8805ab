"""The journal: what was asked of a cloud and what it answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Condition
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request; what is not known before its answer is None until then.

    Attributes:
        number: counts the requests of the cloud from 1.
        at: when it arrived, by the cloud's clock.
        operation: the short name of its route, or "" for none.
        project: the caller's project, or "".
        status: of the answer; 0 where the connection was reset instead.
        milliseconds: how long the answer took, by the machine's own time.
        fault: the id of the fault that it met.
        hint: why the answer is what it is, where the emulator knew.
        listed: how many images the answer shows, where it shows images.
        complaint: what of it a strict test does not put up with.
        request_id: the answer's.
        global_request_id: what the client sent as X-OpenStack-Request-ID.
        user_agent: what the client calls itself.
        body: the beginning of what it sent, without secrets.
    """

    number: int
    at: datetime
    method: str
    path: str
    query: str
    request_id: str
    global_request_id: str | None = None
    user_agent: str | None = None
    body: str = ""
    operation: str = ""
    project: str = ""
    status: int | None = None
    milliseconds: float | None = None
    fault: str | None = None
    hint: str | None = None
    listed: int | None = None
    complaint: str | None = None


class Journal:
    """The last requests of one cloud, noted at arrival, bounded in number.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int = 1000) -> None:
        self._most: Final = most
        self._entries: deque[Entry] = deque()
        self._first = 1
        self._changed: Final = Condition()

    def note(self, make: Callable[[int], Entry]) -> Entry:
        """Note a request at its arrival; *make* is given its number."""
        with self._changed:
            entry = make(self._first + len(self._entries))
            self._entries.append(entry)
            if len(self._entries) > self._most:
                self._entries.popleft()
                self._first += 1
            self._changed.notify_all()
            return entry

    def complete(self, entry: Entry, **facts: object) -> None:
        """Add to a request what its answer told; one that is not kept any more stays forgotten."""
        with self._changed:
            place = entry.number - self._first
            if 0 <= place < len(self._entries):
                self._entries[place] = replace(self._entries[place], **facts)  # type: ignore[arg-type]  # its own
            self._changed.notify_all()

    def entries(self) -> tuple[Entry, ...]:
        """Return what is kept, oldest first."""
        with self._changed:
            return tuple(self._entries)

    def clear(self) -> None:
        """Forget all; numbers go on."""
        with self._changed:
            self._first += len(self._entries)
            self._entries.clear()

    def wait(self, wanted: Callable[[Entry], bool], timeout: float) -> Entry | None:
        """Return the first answered request that is *wanted*, as soon as there is one.

        Args:
            wanted: tells whether a request is.
            timeout: seconds to wait for one at the most; then None is returned.
        """

        def found() -> Entry | None:
            return next(self._answered(wanted), None)

        with self._changed:
            return self._changed.wait_for(found, timeout)

    def _answered(self, wanted: Callable[[Entry], bool]) -> Iterator[Entry]:
        return (entry for entry in self._entries if entry.status is not None and wanted(entry))
