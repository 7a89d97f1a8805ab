"""Faults: failures put in on purpose, for the requests that match."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from random import Random
from threading import Event, Lock
from types import MappingProxyType
from typing import Any, Final, Protocol

from fake_nova.cloud.clock import ScopeClock
from fake_nova.errors import FaultNotFound
from fake_nova.images.store import StoreState


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
    return text is not None and fnmatchcase(text, pattern)


#: Key of a match -> does a request fit what the match has there. Texts may have ``*`` and ``?`` in them.
FAULT_KEYS: Mapping[str, Callable[[Request, Any], bool]] = MappingProxyType(
    {
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
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule: which requests, what happens to them, and how often.

    Attributes:
        id: given when it is written.
        match: keys of `FAULT_KEYS`; no key means every request.
        nth: only the n-th of the requests that match, from 1; None for each.
        probability: of each of these, from 0 to 1.
        seed: of the probability; the same one gives the same requests.
        effect: what happens.
        times: how often at most; None for no bound.
        until: when it ends, by the cloud's clock; None for never.
        owner: who wrote it, for people and for taking it away again.
        seen: what the cloud's images were when it was written.
    """

    id: str = ""
    match: Mapping[str, Any] = field(default_factory=dict)
    nth: int | None = None
    probability: float = 1
    seed: int = 0
    effect: Effect
    times: int | None = None
    until: datetime | None = None
    owner: str = ""
    seen: StoreState | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A fault and what became of it: how many requests matched, how many it met, and whether it may yet."""

    fault: Fault
    matched: int
    met: int
    in_force: bool


class _Rule:
    """A fault with its counts."""

    def __init__(self, fault: Fault) -> None:
        self.fault: Final = fault
        self.random: Final = Random(fault.seed)  # noqa: S311  # nothing secret
        self.matched = 0
        self.met = 0

    def in_force(self, now: datetime) -> bool:
        fault = self.fault
        return not (
            (fault.times is not None and self.met >= fault.times)
            or (fault.until is not None and now >= fault.until)
            or (fault.nth is not None and self.matched >= fault.nth)
        )

    def meets(self, request: Request, now: datetime) -> bool:
        """Count a request, and tell whether the fault meets it."""
        fault = self.fault
        if not self.in_force(now):
            return False
        if not all(FAULT_KEYS[key](request, wanted) for key, wanted in fault.match.items()):
            return False
        self.matched += 1
        chosen = fault.nth in (None, self.matched) and self.random.random() < fault.probability
        self.met += chosen
        return chosen


class Faults:
    """The faults of one cloud, in the order in which they were written; the first that meets a request wins.

    Args:
        clock: by what time they end.

    Attributes:
        over: set when the cloud's life ends, so that nobody goes on waiting out a delay.
    """

    def __init__(self, clock: ScopeClock) -> None:
        self._clock: Final = clock
        self._lock: Final = Lock()
        self._rules: tuple[_Rule, ...] = ()
        self._count = 0
        self.over: Final = Event()

    def __bool__(self) -> bool:
        return bool(self._rules)

    def add(self, *faults: Fault) -> tuple[Standing, ...]:
        """Put faults in force; the answer has their ids."""
        with self._lock:
            rules = []
            for fault in faults:
                self._count += 1
                rules.append(_Rule(replace(fault, id=f"fault-{self._count}")))
            self._rules = (*self._rules, *rules)
            return self._standing(rules)

    def all(self) -> tuple[Standing, ...]:
        """Return every fault, those that are over too."""
        with self._lock:
            return self._standing(self._rules)

    def remove(self, fault_id: str) -> None:
        """Take one away; FaultNotFound where there is none."""
        with self._lock:
            kept = tuple(rule for rule in self._rules if rule.fault.id != fault_id)
            if len(kept) == len(self._rules):
                raise FaultNotFound(fault_id, tuple(rule.fault.id for rule in self._rules))
            self._rules = kept

    def clear(self, owner: str | None = None) -> None:
        """Take all away, or all of one owner."""
        with self._lock:
            self._rules = tuple(rule for rule in self._rules if owner not in (None, rule.fault.owner))

    def meeting(self, request: Request) -> Fault | None:
        """Return the fault that a request meets, or None; each call counts."""
        if not self._rules:
            return None
        with self._lock:
            now = self._clock.now()
            return next((rule.fault for rule in self._rules if rule.meets(request, now)), None)

    def _standing(self, rules: tuple[_Rule, ...] | list[_Rule]) -> tuple[Standing, ...]:
        now = self._clock.now()
        return tuple(Standing(rule.fault, rule.matched, rule.met, rule.in_force(now)) for rule in rules)
