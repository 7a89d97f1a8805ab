"""Faults: failures put in on purpose, for the requests that match."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from random import Random
from threading import Event, Lock
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from fake_nova.cloud import glob
from fake_nova.cloud.clock import LONGEST, ScopeClock
from fake_nova.errors import Conflict, FaultNotFound
from fake_nova.images.store import MemoryImageStore, StoreState


class Request(Protocol):
    """What a match looks at of a request."""

    @property
    def operation(self) -> str:
        """The short name of its route, or "" for none."""

    @property
    def method(self) -> str:
        """The HTTP method, in capitals."""

    @property
    def path(self) -> str:
        """The path, without the query."""

    @property
    def project(self) -> str:
        """The project that it is about, or ""."""

    @property
    def query(self) -> Mapping[str, list[str]]:
        """The parameters of the query, each with its values in order."""

    def header(self, name: str) -> str | None:
        """A header, or None where it was not sent."""


def _fits(text: str | None, pattern: str) -> bool:
    return text is not None and glob.fits(text, pattern)


#: Key of a match -> does a request fit what the match has there. Texts may have ``*`` and ``?`` in them.
FAULT_KEYS: Final[Mapping[str, Callable[[Request, Any], bool]]] = {
    "operation": lambda request, wanted: _fits(request.operation, wanted),
    "method": lambda request, wanted: _fits(request.method, wanted),
    "path": lambda request, wanted: _fits(request.path, wanted),
    "project": lambda request, wanted: _fits(request.project, wanted),
    "header": lambda request, wanted: all(
        _fits(request.header(name), pattern) for name, pattern in wanted.items()
    ),
    "query": lambda request, wanted: all(
        any(_fits(value, pattern) for value in request.query.get(name, ()))
        for name, pattern in wanted.items()
    ),
}


#: How a connection may end: before a byte of the answer, or in the middle of its body.
RESET: Final = "reset"
CUT: Final = "cut"
CONNECTIONS: Final = (RESET, CUT)

#: What may become of an answer's body.
BODIES: Final = ("empty", "truncated", "malformed")


def unknown_operation(match: Mapping[str, Any], operations: Collection[str]) -> str | None:
    """Say what is wrong with the operation of a match, or None where one of *operations* fits it."""
    pattern = match.get("operation")
    if pattern is None or any(glob.fits(name, pattern) for name in operations):
        return None
    return f'"{pattern}" is no operation; allowed: {", ".join(sorted(operations))}'


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
        match: keys of `FAULT_KEYS`; no key means every request.
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


class Rule:
    """A fault that was put in force, and what became of it.

    Attributes:
        id: its name in this cloud.
        fault: what it does.
        until: when it ends, or None for never.
        seen: what the cloud's images were when it was written.
        matched: how many requests fitted.
        met: how many of these it met.
        is_over: whether it was found to be over; it stays so, even if the clock is set back.
    """

    def __init__(self, rule_id: str, fault: Fault, now: datetime, seen: StoreState) -> None:
        bounds = [seconds for seconds in (fault.seconds, fault.effect.stale) if seconds is not None]
        self.id: Final = rule_id
        self.fault: Final = fault
        self.until: Final = now + timedelta(seconds=min(bounds)) if bounds else None
        self.seen: Final = seen if fault.effect.stale is not None else None
        self.matched = 0
        self.met = 0
        self.is_over = False
        self._random: Final = Random(fault.seed)  # noqa: S311  # nothing secret

    def in_force(self, now: datetime) -> bool:
        """Whether it may meet a request yet."""
        fault = self.fault
        return not (
            self.is_over
            or (fault.times is not None and self.met >= fault.times)
            or (self.until is not None and now >= self.until)
            or (fault.nth is not None and self.matched >= fault.nth)
        )

    def meets(self, request: Request) -> bool:
        """Count a request, and tell whether the fault, which is in force, meets it."""
        fault = self.fault
        if not all(FAULT_KEYS[key](request, wanted) for key, wanted in fault.match.items()):
            return False
        self.matched += 1
        chosen = fault.nth in (None, self.matched) and self._random.random() < fault.probability
        self.met += chosen
        return chosen


#: The most faults in force, which each request walks, and the most that are over and still listed.
MOST_IN_FORCE: Final = 1_000
_MOST_OVER: Final = 1_000


class Faults:
    """The faults of one cloud, in the order in which they were written; the first that meets a request wins.

    Args:
        clock: by what time they end.
        images: what stale answers are made of.

    Attributes:
        rules: every fault, also those that are over; of these the last `_MOST_OVER`.
        in_force: those that requests are compared with.
        over: set when the cloud's life ends, so that nobody goes on waiting out a delay.
    """

    def __init__(self, clock: ScopeClock, images: MemoryImageStore) -> None:
        self._clock: Final = clock
        self._images: Final = images
        self._lock: Final = Lock()
        self.rules: tuple[Rule, ...] = ()
        self.in_force: tuple[Rule, ...] = ()
        self._count = 0
        self.over: Final = Event()

    def add(self, *faults: Fault) -> tuple[Rule, ...]:
        """Put faults in force, and return what they are from now on.

        Raises:
            Conflict: if more than `MOST_IN_FORCE` would be in force; none is added.
        """
        with self._lock:
            now, seen = self._clock.now(), self._images.state()
            self._drop_over(now)
            if len(self.in_force) + len(faults) > MOST_IN_FORCE:
                raise Conflict(
                    f"faults: too many at once (got {len(faults)} beside {len(self.in_force)} in force); "
                    f"expected at most {MOST_IN_FORCE} in force"
                )
            first = self._count + 1
            self._count += len(faults)
            rules = tuple(
                Rule(f"fault-{number}", fault, now, seen) for number, fault in enumerate(faults, first)
            )
            self.rules = (*self.rules, *rules)
            self.in_force = (*self.in_force, *rules)
            return rules

    def left(self) -> tuple[Fault, ...]:
        """Return those in force, each as it would be written now to do what it still may."""
        with self._lock:
            now = self._clock.now()
            return tuple(_remaining(rule, now) for rule in self.in_force if rule.in_force(now))

    def remove(self, fault_id: str) -> None:
        """Take one away; FaultNotFound where there is none."""
        with self._lock:
            if all(rule.id != fault_id for rule in self.rules):
                raise FaultNotFound(fault_id, tuple(rule.id for rule in self.rules))
            self._keep(lambda rule: rule.id != fault_id)

    def clear(self, owner: str | None = None) -> None:
        """Take all away, or all of one owner."""
        with self._lock:
            self._keep(lambda rule: owner not in (None, rule.fault.owner))

    def _keep(self, test: Callable[[Rule], bool]) -> None:
        self.rules = tuple(filter(test, self.rules))
        self.in_force = tuple(filter(test, self.in_force))

    def _drop_over(self, now: datetime) -> None:
        """Compare requests no longer with faults that are over."""
        for rule in self.in_force:
            rule.is_over = not rule.in_force(now)
        self.in_force = tuple(rule for rule in self.in_force if not rule.is_over)
        over = [rule.id for rule in self.rules if rule.is_over]
        forgotten = set(over[: max(0, len(over) - _MOST_OVER)])
        self.rules = tuple(rule for rule in self.rules if rule.id not in forgotten)

    def meeting(self, request: Request) -> Rule | None:
        """Return the fault that a request meets, or None; each call counts."""
        if not self.in_force:
            return None
        with self._lock:
            now = self._clock.now()
            if not all(rule.in_force(now) for rule in self.in_force):
                self._drop_over(now)
            return next((rule for rule in self.in_force if rule.meets(request)), None)


def _remaining(rule: Rule, now: datetime) -> Fault:
    fault, effect = rule.fault, rule.fault.effect
    seconds = None if rule.until is None else min((rule.until - now).total_seconds(), float(LONGEST))
    return fault._replace(
        effect=effect if effect.stale is None else effect._replace(stale=seconds),
        nth=None if fault.nth is None else fault.nth - rule.matched,
        times=None if fault.times is None else fault.times - rule.met,
        seconds=seconds,
    )
