"""The types of the document that `Control.coverage` returns."""

from __future__ import annotations

from typing import TypedDict


class CountedOutcome(TypedDict):
    """An outcome of an operation: how many responses had it, and the line that makes a test meet it."""

    outcome: str
    count: int
    line: str


class OperationCoverage(TypedDict):
    """An operation that clients called: the number of requests, and its outcomes."""

    requests: int
    outcomes: list[CountedOutcome]


class CoverageReport(TypedDict):
    """The operations that clients called, by name, and the names of those that nobody called."""

    operations: dict[str, OperationCoverage]
    never_called: list[str]
