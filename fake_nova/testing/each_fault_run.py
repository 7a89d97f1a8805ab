"""One run of each fault: it puts a fault in force, and judges what came out. It works without pytest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from threading import Timer
from time import perf_counter
from typing import Any, Final, NamedTuple

from fake_nova.control import AdminError, Control, Unreachable
from fake_nova.control.types import JournalEntry
from fake_nova.support.messages import count_of
from fake_nova.testing.each_fault_cells import KINDS, Cell, fits_one_of, is_success

#: The default of ``--fake-nova-fault-timeout``, in seconds.
FAULT_TIMEOUT: Final = 5.0

#: The owner of the faults that a run adds.
OWNER: Final = "each_fault"

#: Operations of POST and DELETE that may succeed twice without harm.
_REPEATABLE_OPERATIONS: Final = (
    *("tokens.*", "identity.v2.tokens", "metadata.create", "servers.metadata.create"),
    *(
        "glance.images.deactivate",
        "glance.images.reactivate",
        "glance.metadefs.tags.replace",
        "glance.cache.*",
    ),
)


def _count_work(journal: Iterable[JournalEntry]) -> Counter[tuple[str, str]]:
    """Count the creations and deletions by method and operation."""
    return Counter(
        (entry["method"], entry["operation"])
        for entry in journal
        if is_success(entry)
        and entry["method"] in ("POST", "DELETE")
        and not fits_one_of(entry["operation"], _REPEATABLE_OPERATIONS)
    )


def describe_repeated_work(before: Iterable[JournalEntry], after: Iterable[JournalEntry]) -> str:
    """Return what a run did more often than the run without a fault; "" for nothing.

    A client may clean up after itself: as many more deletions as creations are no repetition.

    Args:
        before: the journal of the run without a fault.
        after: the journal of the run.
    """
    usual_work, work = _count_work(before), _count_work(after)
    surplus = work - usual_work
    methods = Counter(method for method, _ in surplus.elements())
    if methods["POST"] == methods["DELETE"]:
        return ""
    return "; ".join(
        f"{operation} succeeded {count_of(work[method, operation], 'time')} "
        f"(without the fault {usual_work[method, operation]})"
        for method, operation in surplus
    )


class Outcome(NamedTuple):
    """What came out of a run.

    Attributes:
        verdict: ``passed``, ``survived`` (it raised an error that it may raise), ``skipped``, ``not met`` (no
            request met the fault), ``raised``, ``hung`` or ``twice`` (it did the work twice).
        detail: an explanation in one line; "" if there is none.
    """

    verdict: str
    detail: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the client copes with the fault."""
        return self.verdict not in ("raised", "hung", "twice")


class Result(NamedTuple):
    """How the code of a run ended.

    Attributes:
        error: the exception that it raised, or None.
        is_survivable: whether it may raise that.
    """

    error: BaseException | None = None
    is_survivable: bool = False


def is_survivable(error: BaseException, survives: tuple[type[BaseException], ...]) -> bool:
    """Return whether an exception, or each exception of a group, is of one of the classes *survives*."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_survivable(each, survives) for each in error.exceptions)
    return isinstance(error, survives)


class Run:
    """One run of a test, with the fault of a cell or without a fault.

    Args:
        cell: the cell; None for no fault.
        timeout: seconds after which the server ends a slow response and resets later connections.

    Attributes:
        cell: the cell, or None.
        seconds: how long the run took, from `begin` to `end`.
        journal: the requests, complete after `end`, even if the test clears the cloud's journal.
        is_begun: whether the run has a cloud.
        has_ended: whether `end` was called.
    """

    _now: Final = staticmethod(perf_counter)  # freezegun replaces the attributes of modules

    def __init__(self, cell: Cell | None, timeout: float) -> None:
        self.cell: Final = cell
        self.seconds = 0.0
        self.journal: list[JournalEntry] = []
        self.is_begun = False
        self._begun_at = 0.0
        self.has_ended = False
        self._timeout: Final = timeout
        self._nova: Control | None = None
        self._fault_id = ""
        self._timer = Timer(timeout, self._reset_connections)
        self._timer.daemon = True

    def begin(self, nova: Control) -> None:
        """Put the fault in force on a new cloud, before any client uses it."""
        self.is_begun = True
        self._begun_at = self._now()
        self._nova = nova
        nova.requests.before_clear(self._keep_journal)
        if self.cell is None:
            return
        effect: Any = KINDS[self.cell.kind].effect or {"stall": self._timeout}
        operation = self.cell.row.removesuffix("@last")
        fault = nova.faults.add(operation=operation, nth=self.cell.nth, owner=OWNER, **effect)
        self._fault_id = fault["id"]
        self._timer.start()

    def _keep_journal(self) -> None:
        """Keep the requests that are in the journal now."""
        if self._nova is not None:
            self.journal += self._nova.requests.all()

    def _reset_connections(self) -> None:
        """Reset all further connections, so that a client that polls without an end wakes."""
        if self._nova is not None:
            with suppress(AdminError, Unreachable):  # the run ends just now
                self._nova.faults.add(connection="reset", owner=OWNER)

    def end(self) -> None:
        """Read the journal, and remove the fault; a second call does nothing."""
        if self.has_ended:
            return
        self.has_ended = True
        self._timer.cancel()
        if self._nova is not None:
            self.seconds = self._now() - self._begun_at
            with suppress(AdminError, Unreachable):  # the test closed the cloud
                self._nova.requests.before_clear(lambda: None)
                self._keep_journal()
                if self.cell is not None:
                    self._nova.faults.clear(OWNER)

    def judge(self, result: Result, usual_journal: Sequence[JournalEntry]) -> Outcome:
        """Return what came out of a run that has ended.

        Args:
            result: how the code ended.
            usual_journal: the requests of the run without a fault.
        """
        error = result.error
        if self.seconds >= self._timeout:
            limit = f"after {self._timeout:.1f} s the server ends a response"
            return Outcome("hung", f"it ended only after {self.seconds:.1f} s; {limit}")
        if error is not None and not result.is_survivable:
            return Outcome("raised", _describe_error(error))
        repeated_work = describe_repeated_work(usual_journal, self.journal)
        if repeated_work:
            return Outcome("twice", repeated_work)
        if error is not None:
            return Outcome("survived", type(error).__name__)
        if self._fault_id not in [entry["fault"] for entry in self.journal]:
            return Outcome("not met", "no request met the fault")
        return Outcome("passed")


def _describe_error(error: BaseException) -> str:
    """Return the class and the first line of the message of an exception."""
    first_line = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first_line}".removesuffix(": ")
