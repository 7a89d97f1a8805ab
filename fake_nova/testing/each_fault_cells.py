"""The cells of each fault: the operations of a test, each with the kinds of fault that make sense for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from fake_nova.control.types import FaultFields, JournalEntry
from fake_nova.support import glob
from fake_nova.support.messages import count_of, quote_python

#: The default of ``--fake-nova-fault-runs``.
MAX_RUNS: Final = 300

#: The operations that list images.
_LIST_OPERATIONS: Final = ("images.list", "images.detail", "glance.images.list")

#: Operations that need no token: log-ins, and what a client reads before it logs in.
_TOKENLESS_OPERATIONS: Final = (
    *("tokens.issue", "identity.v2.tokens", "identity.v2.version", "identity.version"),
    *("*.versions", "*.versions.all", "*.healthcheck", "*.root", "versions.*"),
)


class Call(NamedTuple):
    """A request of the run without a fault, in whose place a fault is put.

    Attributes:
        entry: its entry in the journal.
        nth: its number among the requests of its operation, from 1.
        is_last: whether it is the last of several.
        follows_write: whether a client had written successfully before it.
    """

    entry: JournalEntry
    nth: int
    is_last: bool
    follows_write: bool

    @property
    def name(self) -> str:
        """The name of its row: the operation, with ``@last`` for the last of several."""
        operation = self.entry["operation"]
        return f"{operation}@last" if self.is_last else operation


class Kind(NamedTuple):
    """A kind of fault.

    Attributes:
        effect: the effect of the fault.
        fits: whether it makes sense for a call.
    """

    effect: FaultFields
    fits: Callable[[Call], bool] = lambda _: True


def fits_one_of(name: str, patterns: Iterable[str]) -> bool:
    """Return whether a name fits one of several patterns with the wildcards ``*`` and ``?``."""
    return any(glob.matches(name, pattern) for pattern in patterns)


def _has_body(call: Call) -> bool:
    return call.entry["method"] != "HEAD" and call.entry["status"] != 204


def _needs_token(call: Call) -> bool:
    return not fits_one_of(call.entry["operation"], _TOKENLESS_OPERATIONS)


def _lists_after_write(call: Call) -> bool:
    return call.follows_write and call.entry["operation"] in _LIST_OPERATIONS


#: Name of a kind -> the kind, in the order of the grid. A Retry-After of 0 keeps the runs short.
KINDS: Final[Mapping[str, Kind]] = {
    "503": Kind({"status": 503, "retry_after": 0}),
    "500": Kind({"status": 500}),
    "429": Kind({"status": 429}),
    "reset": Kind({"connection": "lost"}),
    "cut": Kind({"connection": "cut"}, _has_body),
    "malformed": Kind({"body": "malformed"}, _has_body),
    "expired": Kind({"token": "expired"}, _needs_token),
    "slow": Kind({}),  # the run adds the seconds of the stall
    "stale": Kind({"stale": 10**9, "since": "write"}, _lists_after_write),
}


class Cell(NamedTuple):
    """An operation and a kind of fault: one run.

    Attributes:
        row: the operation, with ``@last`` for the last of several calls.
        kind: the name of the kind.
        nth: the number of the call among those of its operation, from 1.
    """

    row: str
    kind: str
    nth: int

    def __str__(self) -> str:
        """Return the cell as ``--fake-nova-fault`` takes it, such as ``images.show:reset``."""
        return f"{self.row}:{self.kind}"


def pattern_problem(pattern: str) -> str | None:
    """Return why a pattern for cells, such as ``images.*:reset``, fits none; None if it may fit one."""
    row, _, kind = pattern.partition(":")
    if row and any(glob.matches(name, kind) for name in KINDS):
        return None
    return (
        f"invalid value (got {quote_python(pattern)}); expected an operation and a fault, such as "
        f"images.show:reset; the faults are {', '.join(KINDS)}"
    )


def plan_cells(journal: Sequence[JournalEntry], patterns: Sequence[str] = ()) -> list[Cell]:
    """Return the cells of a test, by operation in the order of the first calls.

    Args:
        journal: the requests of the run without a fault.
        patterns: the cells to choose, with the wildcards ``*`` and ``?``; none for all.
    """
    calls: dict[str, list[Call]] = {}
    follows_write = False
    for entry in journal:
        group = calls.setdefault(entry["operation"], [])
        group.append(Call(entry, len(group) + 1, is_last=bool(group), follows_write=follows_write))
        follows_write = follows_write or _is_write(entry)
    calls.pop("", None)  # requests without a route meet no fault
    first_and_last_calls = [call for group in calls.values() for call in (group[:1] + group[1:][-1:])]
    cells = [
        Cell(call.name, name, call.nth)
        for call in first_and_last_calls
        for name, kind in KINDS.items()
        if kind.fits(call)
    ]
    return [cell for cell in cells if not patterns or fits_one_of(str(cell), patterns)]


def is_success(entry: JournalEntry) -> bool:
    """Return whether the service carried a request out, even if the response was damaged."""
    return 200 <= (entry["status"] or 0) < 300


def _is_write(entry: JournalEntry) -> bool:
    """Return whether a request changed something that lists may show."""
    is_login = fits_one_of(entry["operation"], ("tokens.*", "identity.*"))
    return is_success(entry) and entry["method"] not in ("GET", "HEAD") and not is_login


def runs_problem(cells: Sequence[Cell], max_runs: int, option: str) -> str | None:
    """Return the message about too many runs; None if there are not too many.

    Args:
        cells: the cells of a test.
        max_runs: the maximum number of runs.
        option: the option that raises the maximum.
    """
    if len(cells) <= max_runs:
        return None
    operation_count = count_of(len({cell.row.removesuffix("@last") for cell in cells}), "operation")
    return (
        f"each fault: too many runs (got {len(cells)}, for {operation_count}); "
        f"expected at most {max_runs}. Raise {option}, or split the test"
    )
