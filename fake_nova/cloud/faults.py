"""Faults: injected failures, for the requests that match."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from random import Random
from threading import Event, Lock
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from fake_nova.cloud.clock import MAX_DURATION, CloudClock
from fake_nova.errors import Conflict, FaultNotFound
from fake_nova.images.store import ImageStore
from fake_nova.images.store_state import StoreState
from fake_nova.support import glob
from fake_nova.support.messages import quote_python, suggest

#: How a fault ends a connection: before the request is carried out, in the middle of the response body, or
#: after the request is carried out and before the first byte of the response.
RESET: Final = "reset"
CUT: Final = "cut"
RESPONSE_LOST: Final = "lost"
CONNECTION_EFFECTS: Final = (RESET, CUT, RESPONSE_LOST)

#: Since when a stale read is out of date: since the last change before a request that writes.
SINCE_WRITE: Final = "write"

#: What a fault can do to the body of a response.
BODY_EFFECTS: Final = ("empty", "truncated", "malformed")


def operation_problem(match: Mapping[str, Any], operations: Collection[str]) -> str | None:
    """Check that the pattern for ``operation`` of a match fits one of *operations*.

    Returns:
        The problem as a message; None if there is no problem, or the match has no such pattern.
    """
    pattern = match.get("operation")
    if pattern is None or any(glob.matches(name, pattern) for name in operations):
        return None
    choices = f"one of: {', '.join(sorted(operations))}{suggest(pattern, operations)}"
    return f"unknown operation (got {quote_python(pattern)}); expected {choices}"


class Effect(NamedTuple):
    """What a fault does to a request: *delay* and at most one other effect.

    Attributes:
        delay: seconds of real time to wait before anything else.
        status: the HTTP status of an error response; the view is not called.
        message: the message of that error; None for the message of the service.
        retry_after: seconds in the error's Retry-After header; None for no such header.
        token: ``expired`` revokes the token; the service then responds as to an expired token.
        connection: ``reset`` closes the connection without a response, and the view is not called. ``lost``
            does the same after the view. ``cut`` closes it in the middle of the response body.
        body: replaces the response body: ``empty``, ``truncated`` (its first half, with a matching
            Content-Length) or ``malformed`` (not JSON).
        stale: seconds for which reads return the images as they were when the fault was added.
        since: `SINCE_WRITE` lets such reads return the images as they were before the last change that a
            client made; None for the time when the fault was added.
        stall: seconds for which the response stops in the middle of its body, or before its head if it has no
            body; then the connection ends.
    """

    delay: float = 0
    status: int | None = None
    message: str | None = None
    retry_after: int | None = None
    token: str | None = None
    connection: str | None = None
    body: str | None = None
    stale: float | None = None
    since: str | None = None
    stall: float | None = None


class Fault(NamedTuple):
    """An injected failure: which requests it affects, how, and how often.

    Attributes:
        effect: what it does to them.
        match: a key of `wire.fault_injection.MATCHERS` -> the pattern; without keys every request matches.
        nth: trigger only on the n-th matching request, from 1; None for each of them.
        probability: the share of these requests on which it triggers, from 0 to 1.
        seed: the seed of the random choice; the same seed chooses the same requests.
        times: how often it triggers at most; None for no limit.
        seconds: how long it is in force, by the cloud's clock; None for no end.
        owner: who added it; `Faults.clear` can remove all faults of one owner.
    """

    effect: Effect
    match: Mapping[str, Any] = MappingProxyType({})
    nth: int | None = None
    probability: float = 1
    seed: int = 0
    times: int | None = None
    seconds: float | None = None
    owner: str = ""


class InstalledFault:
    """A fault of a cloud, with its counters. It stays listed when it is over.

    Args:
        fault_id: its id in this cloud.
        fault: the fault.
        now: the time by the cloud's clock.
        store_state: the present images of the cloud.

    Attributes:
        id: its id in this cloud.
        fault: the fault.
        expires_at: when it ends, aware, in UTC; None for no end.
        stale_state: the images that stale reads see; None if it serves no stale images, or none yet.
        match_count: how many requests matched, without those on which an earlier fault triggered.
        trigger_count: on how many of them it triggered.
        is_finished: whether it is known to be over. It stays over, even if the clock is set back.
    """

    def __init__(self, fault_id: str, fault: Fault, now: datetime, store_state: StoreState) -> None:
        durations = [seconds for seconds in (fault.seconds, fault.effect.stale) if seconds is not None]
        self.id: Final = fault_id
        self.fault: Final = fault
        self.expires_at: Final = now + timedelta(seconds=min(durations)) if durations else None
        serves_stale_images = fault.effect.stale is not None and fault.effect.since is None
        self.stale_state = store_state if serves_stale_images else None
        self.match_count = 0
        self.trigger_count = 0
        self.is_finished = False
        self._noted_state: StoreState | None = None
        self._random: Final = Random(fault.seed)  # noqa: S311  # not used for secrets

    def is_active(self, now: datetime) -> bool:
        """Return whether it may still trigger at the time *now*."""
        fault = self.fault
        return not (
            self.is_finished
            or (fault.times is not None and self.trigger_count >= fault.times)
            or (self.expires_at is not None and now >= self.expires_at)
            or (fault.nth is not None and self.match_count >= fault.nth)
        )

    def note_state(self, store_state: StoreState) -> None:
        """Note the images before a request that writes, if stale reads are to see them.

        The state before a request that then changed nothing is the present state. So the last two states are
        noted, and `stale_state_at` chooses.
        """
        if self.fault.effect.since == SINCE_WRITE and store_state is not self._noted_state:
            self.stale_state = self._noted_state
            self._noted_state = store_state

    def stale_state_at(self, present_state: StoreState) -> StoreState | None:
        """Return the images that a stale read sees; None if it sees the present ones.

        Args:
            present_state: the present images.
        """
        if self._noted_state in (None, present_state):
            return self.stale_state
        return self._noted_state

    def try_trigger(self) -> bool:
        """Count a request that matches the fault; return whether the fault triggers on it."""
        fault = self.fault
        self.match_count += 1
        triggers = fault.nth in (None, self.match_count) and self._random.random() < fault.probability
        if triggers:
            self.trigger_count += 1
        return triggers


#: The maximum number of faults in force, which every request is compared with.
MAX_FAULTS_IN_FORCE: Final = 1_000

#: The maximum number of finished faults in the list.
_MAX_FINISHED_FAULTS: Final = 1_000


class Faults:
    """The faults of one cloud, in the order in which they were added. The first one that triggers wins.

    Args:
        clock: the clock that ends faults.
        images: the store that stale responses are taken from.

    Attributes:
        all_faults: the faults in force, and at most `_MAX_FINISHED_FAULTS` that are over.
        candidates: the faults that requests are compared with.
        delays_cancelled: set when the generation ends, so that no request waits out a delay.
    """

    def __init__(self, clock: CloudClock, images: ImageStore) -> None:
        self._clock: Final = clock
        self._images: Final = images
        self._lock: Final = Lock()
        self.all_faults: tuple[InstalledFault, ...] = ()
        self.candidates: tuple[InstalledFault, ...] = ()
        self._last_number = 0
        self.delays_cancelled: Final = Event()

    def add(self, *faults: Fault) -> tuple[InstalledFault, ...]:
        """Put faults in force.

        Returns:
            The installed faults, in the same order.

        Raises:
            Conflict: if more than `MAX_FAULTS_IN_FORCE` would be in force; none is added.
        """
        with self._lock:
            now = self._clock.now()
            store_state = self._images.state
            self._drop_finished(now)
            if len(self.candidates) + len(faults) > MAX_FAULTS_IN_FORCE:
                count = f"got {len(faults)} beside {len(self.candidates)} in force"
                raise Conflict(
                    f"faults: too many at once ({count}); expected at most {MAX_FAULTS_IN_FORCE} in force"
                )
            pairs = enumerate(faults, self._last_number + 1)
            new_faults = tuple(
                InstalledFault(f"fault-{number}", fault, now, store_state) for number, fault in pairs
            )
            self._last_number += len(faults)
            self.all_faults += new_faults
            self.candidates += new_faults
            return new_faults

    def remaining_faults(self) -> tuple[Fault, ...]:
        """Return the faults in force, each reduced to what it can still do."""
        with self._lock:
            now = self._clock.now()
            return tuple(_remaining_fault(fault, now) for fault in self.candidates if fault.is_active(now))

    def remove(self, fault_id: str) -> None:
        """Remove one fault.

        Raises:
            FaultNotFound: if no fault has this id.
        """
        with self._lock:
            ids = tuple(fault.id for fault in self.all_faults)
            if fault_id not in ids:
                raise FaultNotFound(fault_id, ids)
            self._filter(lambda fault: fault.id != fault_id)

    def clear(self, owner: str | None = None) -> None:
        """Remove all faults, or all of *owner*."""
        with self._lock:
            self._filter(lambda fault: owner not in (None, fault.fault.owner))

    def _filter(self, predicate: Callable[[InstalledFault], bool]) -> None:
        self.all_faults = tuple(filter(predicate, self.all_faults))
        self.candidates = tuple(filter(predicate, self.candidates))

    def _drop_finished(self, now: datetime) -> None:
        """Stop comparing requests with faults that are over.

        Only the last `_MAX_FINISHED_FAULTS` of them stay listed.
        """
        for fault in self.candidates:
            fault.is_finished = not fault.is_active(now)
        self.candidates = tuple(fault for fault in self.candidates if not fault.is_finished)
        finished_ids = [fault.id for fault in self.all_faults if fault.is_finished]
        forgotten_ids = set(finished_ids[:-_MAX_FINISHED_FAULTS])
        self.all_faults = tuple(fault for fault in self.all_faults if fault.id not in forgotten_ids)

    def note_write(self) -> None:
        """Note the present images for the faults that let reads be stale since the last write."""
        for fault in self.candidates:
            fault.note_state(self._images.state)

    def find_triggered(self, matches: Callable[[Fault], bool]) -> InstalledFault | None:
        """Return the first fault that triggers on a request, or None. Each call counts as one request.

        Args:
            matches: whether the request matches a fault.
        """
        if not self.candidates:
            return None
        with self._lock:
            now = self._clock.now()
            if not all(fault.is_active(now) for fault in self.candidates):
                self._drop_finished(now)
            for fault in self.candidates:
                if matches(fault.fault) and fault.try_trigger():
                    return fault
        return None


def _remaining_fault(installed_fault: InstalledFault, now: datetime) -> Fault:
    seconds = None
    if installed_fault.expires_at is not None:
        seconds = min((installed_fault.expires_at - now).total_seconds(), float(MAX_DURATION))
    fault = installed_fault.fault._replace(seconds=seconds)
    if fault.effect.stale is not None:
        fault = fault._replace(effect=fault.effect._replace(stale=seconds))
    if fault.nth is not None:
        fault = fault._replace(nth=fault.nth - installed_fault.match_count)
    if fault.times is not None:
        fault = fault._replace(times=fault.times - installed_fault.trigger_count)
    return fault
