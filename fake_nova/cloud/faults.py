"""Faults: failures put in on purpose, for the requests that match."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from random import Random
from threading import Event, Lock
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from fake_nova.cloud import glob
from fake_nova.cloud.clock import MAX_DURATION, ScopeClock
from fake_nova.errors import Conflict, FaultNotFound
from fake_nova.images.store import MemoryImageStore, StoreState

#: How a connection may end: before a byte of the answer, or in the middle of its body.
RESET: Final = "reset"
CUT: Final = "cut"
CONNECTION_EFFECTS: Final = (RESET, CUT)

#: What may become of an answer's body.
BODY_EFFECTS: Final = ("empty", "truncated", "malformed")


def operation_problem(match: Mapping[str, Any], operations: Collection[str]) -> str | None:
    """Say what is wrong with the operation of a match, or None where one of *operations* fits it."""
    pattern = match.get("operation")
    if pattern is None or any(glob.matches(name, pattern) for name in operations):
        return None
    return f'unknown operation (got "{pattern}"); expected one of: {", ".join(sorted(operations))}'


class Effect(NamedTuple):
    """What happens to a request; of all but *delay* a fault has one.

    Attributes:
        delay: seconds of real time before anything else happens.
        status: the HTTP status of an error instead of the answer; the request is not carried out.
        message: of that error; None for the one that the service would give.
        retry_after: seconds in that error's Retry-After header, or None for no such header.
        token: ``expired``: the token is revoked, and the answer is that of a service which noticed.
        connection: ``reset`` ends it instead of the answer, and the request is not carried out; ``cut`` ends
            it in the middle of the answer's body.
        body: ``empty``, ``truncated`` (the first half, with a Content-Length that fits) or ``malformed`` (no
            JSON any more) instead of the answer's own.
        stale: seconds for which what is read is what was there when the fault was written.
    """

    delay: float = 0
    status: int | None = None
    message: str | None = None
    retry_after: int | None = None
    token: str | None = None
    connection: str | None = None
    body: str | None = None
    stale: float | None = None


class Fault(NamedTuple):
    """One rule: which requests, what happens to them, and how often.

    Attributes:
        effect: what happens.
        match: keys of `MATCHERS`; no key means every request.
        nth: only the n-th of the requests that match, from 1; None for each.
        probability: of each of these, from 0 to 1.
        seed: of the probability; the same one gives the same requests.
        times: how often at most; None for no bound.
        seconds: how long it is in force, by the cloud's clock; None for ever.
        owner: who wrote it, for people and for taking it away again.
    """

    effect: Effect
    match: Mapping[str, Any] = MappingProxyType({})
    nth: int | None = None
    probability: float = 1
    seed: int = 0
    times: int | None = None
    seconds: float | None = None
    owner: str = ""


class ActiveFault:
    """A fault that was put in force, and what became of it.

    Attributes:
        id: its name in this cloud.
        fault: what it does.
        expires_at: when it ends, or None for never.
        stale_state: what the cloud's images were when it was written.
        match_count: how many requests fitted.
        trigger_count: how many of these it met.
        is_finished: whether it was found to be over; it stays so, even if the clock is set back.
    """

    def __init__(self, fault_id: str, fault: Fault, now: datetime, store_state: StoreState) -> None:
        durations = [seconds for seconds in (fault.seconds, fault.effect.stale) if seconds is not None]
        self.id: Final = fault_id
        self.fault: Final = fault
        self.expires_at: Final = now + timedelta(seconds=min(durations)) if durations else None
        self.stale_state: Final = store_state if fault.effect.stale is not None else None
        self.match_count = 0
        self.trigger_count = 0
        self.is_finished = False
        self._random: Final = Random(fault.seed)  # noqa: S311  # nothing secret

    def is_active(self, now: datetime) -> bool:
        """Whether it may meet a request yet."""
        fault = self.fault
        return not (
            self.is_finished
            or (fault.times is not None and self.trigger_count >= fault.times)
            or (self.expires_at is not None and now >= self.expires_at)
            or (fault.nth is not None and self.match_count >= fault.nth)
        )

    def try_trigger(self) -> bool:
        """Count a request that matches; return whether it triggers the fault, which is in force."""
        fault = self.fault
        self.match_count += 1
        triggers = fault.nth in (None, self.match_count) and self._random.random() < fault.probability
        self.trigger_count += triggers
        return triggers


#: The most faults in force, which each request walks, and the most that are over and still listed.
MAX_ACTIVE_FAULTS: Final = 1_000
_MAX_FINISHED_FAULTS: Final = 1_000


class Faults:
    """The faults of one cloud, in the order in which they were written; the first that meets a request wins.

    Args:
        clock: by what time they end.
        images: what stale answers are made of.

    Attributes:
        all_faults: every fault, also those that are over; of these the last `_MAX_FINISHED_FAULTS`.
        active_faults: those that requests are compared with.
        cloud_closed: set when the cloud's life ends, so that nobody goes on waiting out a delay.
    """

    def __init__(self, clock: ScopeClock, images: MemoryImageStore) -> None:
        self._clock: Final = clock
        self._images: Final = images
        self._lock: Final = Lock()
        self.all_faults: tuple[ActiveFault, ...] = ()
        self.active_faults: tuple[ActiveFault, ...] = ()
        self._last_number = 0
        self.cloud_closed: Final = Event()

    def add(self, *faults: Fault) -> tuple[ActiveFault, ...]:
        """Put faults in force, and return what they are from now on.

        Raises:
            Conflict: if more than `MAX_ACTIVE_FAULTS` would be in force; none is added.
        """
        with self._lock:
            now, store_state = self._clock.now(), self._images.state
            self._drop_finished(now)
            if len(self.active_faults) + len(faults) > MAX_ACTIVE_FAULTS:
                raise Conflict(
                    f"faults: too many at once (got {len(faults)} beside {len(self.active_faults)} in "
                    f"force); "
                    f"expected at most {MAX_ACTIVE_FAULTS} in force"
                )
            first_number = self._last_number + 1
            self._last_number += len(faults)
            active_faults = tuple(
                ActiveFault(f"fault-{number}", fault, now, store_state)
                for number, fault in enumerate(faults, first_number)
            )
            self.all_faults = (*self.all_faults, *active_faults)
            self.active_faults = (*self.active_faults, *active_faults)
            return active_faults

    def remaining_faults(self) -> tuple[Fault, ...]:
        """Return those in force, each as it would be written now to do what it still may."""
        with self._lock:
            now = self._clock.now()
            return tuple(
                _remaining_fault(active_fault, now)
                for active_fault in self.active_faults
                if active_fault.is_active(now)
            )

    def remove(self, fault_id: str) -> None:
        """Take one away; FaultNotFound where there is none."""
        with self._lock:
            if all(active_fault.id != fault_id for active_fault in self.all_faults):
                raise FaultNotFound(fault_id, tuple(active_fault.id for active_fault in self.all_faults))
            self._filter(lambda active_fault: active_fault.id != fault_id)

    def clear(self, owner: str | None = None) -> None:
        """Take all away, or all of one owner."""
        with self._lock:
            self._filter(lambda active_fault: owner not in (None, active_fault.fault.owner))

    def _filter(self, predicate: Callable[[ActiveFault], bool]) -> None:
        self.all_faults = tuple(filter(predicate, self.all_faults))
        self.active_faults = tuple(filter(predicate, self.active_faults))

    def _drop_finished(self, now: datetime) -> None:
        """Compare requests no longer with faults that are over."""
        for active_fault in self.active_faults:
            active_fault.is_finished = not active_fault.is_active(now)
        self.active_faults = tuple(
            active_fault for active_fault in self.active_faults if not active_fault.is_finished
        )
        finished_ids = [active_fault.id for active_fault in self.all_faults if active_fault.is_finished]
        forgotten_ids = set(finished_ids[: max(0, len(finished_ids) - _MAX_FINISHED_FAULTS)])
        self.all_faults = tuple(
            active_fault for active_fault in self.all_faults if active_fault.id not in forgotten_ids
        )

    def find_triggered(self, matches: Callable[[Fault], bool]) -> ActiveFault | None:
        """Return the fault that a request triggers, or None. Each call counts.

        Args:
            matches: whether the request matches a fault.
        """
        if not self.active_faults:
            return None
        with self._lock:
            now = self._clock.now()
            if not all(active_fault.is_active(now) for active_fault in self.active_faults):
                self._drop_finished(now)
            return next(
                (
                    active_fault
                    for active_fault in self.active_faults
                    if matches(active_fault.fault) and active_fault.try_trigger()
                ),
                None,
            )


def _remaining_fault(active_fault: ActiveFault, now: datetime) -> Fault:
    fault, effect = active_fault.fault, active_fault.fault.effect
    seconds = (
        None
        if active_fault.expires_at is None
        else min((active_fault.expires_at - now).total_seconds(), float(MAX_DURATION))
    )
    return fault._replace(
        effect=effect if effect.stale is None else effect._replace(stale=seconds),
        nth=None if fault.nth is None else fault.nth - active_fault.match_count,
        times=None if fault.times is None else fault.times - active_fault.trigger_count,
        seconds=seconds,
    )
