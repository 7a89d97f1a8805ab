"""The grid of each fault: operations by kinds of fault, with what came out of each run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from fake_nova.support.messages import count_of
from fake_nova.testing.each_fault_cells import KINDS
from fake_nova.testing.each_fault_run import Outcome

#: The text of a cell that makes no sense, and of one that has not run.
_NO_CELL: Final = "-"
_NO_OUTCOME: Final = "not run"


class FaultGrid:
    """What came out of the runs of one test or function. Its text is a table and a line for each remark.

    Args:
        name: the name of the test or function.
        cells: the cells of the runs as text, in order.

    Attributes:
        name: the name of the test or function.
        cells: the cells of the runs as text, in order.
        outcomes: cell as text -> what came out, for the runs that have ended.
    """

    def __init__(self, name: str, cells: Sequence[str]) -> None:
        self.name: Final = name
        self.cells: Final = tuple(cells)
        self.outcomes: Final[dict[str, Outcome]] = {}

    @property
    def failures(self) -> Mapping[str, Outcome]:
        """The cells with which the client does not cope."""
        return {cell: outcome for cell, outcome in self.outcomes.items() if not outcome.is_good}

    @property
    def headline(self) -> str:
        """The name, the number of runs, and how many failed or met no fault."""
        unmet_count = sum(outcome.verdict == "not met" for outcome in self.outcomes.values())
        counts = {"failed": len(self.failures), "not met": unmet_count}
        results = [f"{count} {word}" for word, count in counts.items() if count]
        return ", ".join([f"{self.name}: {count_of(len(self.outcomes), 'run')}", *(results or ["all good"])])

    def table(self) -> Iterator[list[str]]:
        """Yield the rows, each a list of padded texts; the first row names the kinds of fault."""
        names = list(dict.fromkeys(cell.rpartition(":")[0] for cell in self.cells))
        rows = [["", *KINDS], *([name, *(self._word(f"{name}:{kind}") for kind in KINDS)] for name in names)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            yield [text.ljust(width) for text, width in zip(row, widths, strict=True)]

    def _word(self, cell: str) -> str:
        if cell not in self.cells:
            return _NO_CELL
        outcome = self.outcomes.get(cell)
        return _NO_OUTCOME if outcome is None else outcome.verdict

    def remarks(self) -> Iterator[str]:
        """Yield a line for each cell that is not simply passed, the failures last."""
        details = {cell: outcome for cell, outcome in self.outcomes.items() if outcome.detail}
        for cell, outcome in sorted(details.items(), key=lambda item: not item[1].is_good):
            yield f"{cell} {outcome.verdict}: {outcome.detail}"

    def __str__(self) -> str:
        """Return the headline, the table and the remarks."""
        rows = ("  ".join(row).rstrip() for row in self.table())
        return "\n".join([self.headline, *rows, *self.remarks()])
