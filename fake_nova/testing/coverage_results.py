"""The coverage of a test run: the reports of its clouds added up, with the first test of each outcome."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from fake_nova.control.coverage import CoverageReport

#: The place of a test in the run, and its id.
TestPlace = tuple[int, str]


class Row(NamedTuple):
    """An outcome of an operation in the results.

    Attributes:
        outcome: its name.
        line: the line that makes a test meet it.
        first_test: the id of the first test that met it; None if no test did.
    """

    outcome: str
    line: str
    first_test: str | None


class OperationRow(NamedTuple):
    """An operation in the results, with its outcomes."""

    operation: str
    outcomes: tuple[Row, ...]

    @property
    def tally(self) -> Tally:
        """The number of its outcomes, and of those that a test met."""
        return Tally(len(self.outcomes), sum(row.first_test is not None for row in self.outcomes))


class Tally(NamedTuple):
    """A number of outcomes, and how many of them a test met."""

    outcome_count: int
    met_count: int

    @property
    def percent(self) -> float:
        """The share of outcomes that a test met; 0 without outcomes."""
        return 100 * self.met_count / self.outcome_count if self.outcome_count else 0.0


class CoverageResults:
    """Adds up reports of clouds, and the results of other processes."""

    def __init__(self) -> None:
        self._lines: Final[dict[str, dict[str, str]]] = {}
        self._first_tests: Final[dict[str, dict[str, TestPlace]]] = {}
        self._never_called: Final[set[str]] = set()

    def add_report(
        self, report: CoverageReport, earlier: Mapping[tuple[str, str], int], test: TestPlace
    ) -> None:
        """Add what a cloud has counted during a test.

        Args:
            report: the report of the cloud.
            earlier: operation and outcome -> its count in the cloud's last report.
            test: the place of the test.
        """
        self._never_called.update(report["never_called"])
        for operation, coverage in report["operations"].items():
            for outcome in coverage["outcomes"]:
                name = outcome["outcome"]
                is_new = outcome["count"] > earlier.get((operation, name), 0)
                self._add(operation, name, outcome["line"], test if is_new else None)

    def _add(self, operation: str, outcome: str, line: str, test: TestPlace | None) -> None:
        lines = self._lines.setdefault(operation, {})
        lines[outcome] = min(line, lines.get(outcome, line), key=_line_order)
        if test is not None:
            first_tests = self._first_tests.setdefault(operation, {})
            first_tests[outcome] = min(test, first_tests.get(outcome, test))

    def dump(self) -> dict[str, Any]:
        """Return the results as a document, for `add_dump` of another process."""
        return {
            "lines": self._lines,
            "first_tests": self._first_tests,
            "never_called": sorted(self._never_called),
        }

    def add_dump(self, document: Mapping[str, Any]) -> None:
        """Add the results of another process."""
        self._never_called.update(document["never_called"])
        for operation, lines in document["lines"].items():
            first_tests = document["first_tests"].get(operation, {})
            for outcome, line in lines.items():
                test = first_tests.get(outcome)
                self._add(operation, outcome, line, None if test is None else (int(test[0]), str(test[1])))

    @property
    def rows(self) -> tuple[OperationRow, ...]:
        """The operations that tests called, by name, with their outcomes."""
        return tuple(
            OperationRow(operation, tuple(self._outcomes_of(operation))) for operation in sorted(self._lines)
        )

    def _outcomes_of(self, operation: str) -> Iterator[Row]:
        first_tests = self._first_tests.get(operation, {})
        for outcome, line in self._lines[operation].items():
            test = first_tests.get(outcome)
            yield Row(outcome, line, None if test is None else test[1])

    @property
    def never_called(self) -> tuple[str, ...]:
        """The names of the operations that no test called."""
        return tuple(sorted(self._never_called - set(self._lines)))


def _line_order(line: str) -> tuple[int, str]:
    """Return the sort key of lines for one outcome: the one for the smallest pages first."""
    return len(line), line


def total(rows: Iterable[OperationRow]) -> Tally:
    """Return the tally of all operations together."""
    tallies = [row.tally for row in rows]
    return Tally(sum(tally.outcome_count for tally in tallies), sum(tally.met_count for tally in tallies))
