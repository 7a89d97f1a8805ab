"""What pytest prints about each fault: the number of runs beforehand, and a grid for each test at the end."""

from __future__ import annotations

from typing import Any, Final

import pytest

from fake_nova.support import glob
from fake_nova.support.messages import count_of, quote_python
from fake_nova.testing.command_line import join_command
from fake_nova.testing.each_fault_cells import MAX_RUNS, pattern_problem
from fake_nova.testing.each_fault_grid import FaultGrid
from fake_nova.testing.each_fault_hooks import REPORT_ATTRIBUTE
from fake_nova.testing.each_fault_run import FAULT_TIMEOUT, Outcome

#: Verdict in the grid -> how the terminal shows it.
_MARKUP: Final[dict[str, dict[str, bool]]] = {
    **{verdict: {"red": True, "bold": True} for verdict in ("raised", "hung", "twice")},
    **{verdict: {"green": True} for verdict in ("survived", "passed")},
    **{verdict: {"yellow": True} for verdict in ("not met", "not run", "skipped")},
}


def _key_of(report: pytest.TestReport) -> object:
    """Return what pytest knows a report by: its name, or since pytest 9.2 an object for that."""
    return getattr(report, "id", report.nodeid)


class Plugin:
    """The report of each fault, for one run of pytest.

    Args:
        config: pytest's configuration.

    Attributes:
        patterns: the values of ``--fake-nova-fault``.
        timeout: the value of ``--fake-nova-fault-timeout``, in seconds.
        max_runs: the value of ``--fake-nova-fault-runs``.

    Raises:
        UsageError: if an option is invalid.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.patterns: Final[list[str]] = config.getoption("--fake-nova-fault")
        timeout = config.getoption("--fake-nova-fault-timeout")
        self.timeout: Final[float] = FAULT_TIMEOUT if timeout is None else timeout
        max_runs = config.getoption("--fake-nova-fault-runs")
        self.max_runs: Final[int] = MAX_RUNS if max_runs is None else max_runs
        self._config: Final = config
        self._grids: Final[dict[str, FaultGrid]] = {}
        self._is_incomplete = False
        self._check_options()

    def _check_options(self) -> None:
        problems = [
            f"--fake-nova-fault: {problem}" for problem in map(pattern_problem, self.patterns) if problem
        ]
        if not 0 < self.timeout <= 300:
            problems.append(
                f"--fake-nova-fault-timeout: invalid value (got {self.timeout:g}); "
                "expected seconds, more than 0 and up to 300"
            )
        if self.max_runs < 1:
            problems.append(
                f"--fake-nova-fault-runs: invalid value (got {self.max_runs}); expected at least 1"
            )
        if problems:
            raise pytest.UsageError("\n".join(problems))

    @property
    def _terminal(self) -> Any:
        return self._config.pluginmanager.get_plugin("terminalreporter")  # None in a worker of pytest-xdist

    @staticmethod
    def name_cell_of(report: pytest.TestReport) -> None:
        """Put the cell of a report, if it has one, into its name and its headline."""
        cell = getattr(report, REPORT_ATTRIBUTE).get("cell")
        if cell is not None:
            report.nodeid = f"{report.nodeid}[{cell}]"
            path, line, name = report.location
            report.location = (path, line, f"{name}[{cell}]")

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Announce the runs of a test, and collect what came out of each."""
        data: dict[str, Any] = getattr(report, REPORT_ATTRIBUTE, {})
        cells = data.get("cells", ())
        if cells is None:
            self._is_incomplete = True
        elif "cells" in data:
            self._announce(report.nodeid, cells)
        name = report.nodeid.removesuffix(f"[{data.get('cell')}]")
        if name != report.nodeid:
            self._remember_failure(name, report)
        if "verdict" in data:
            self._grids[name].outcomes[data["cell"]] = Outcome(data["verdict"], data["detail"])

    def _remember_failure(self, name: str, report: pytest.TestReport) -> None:
        """Let ``--last-failed`` and ``--stepwise`` know a failed run by the name of its test.

        No test has the name of the run, so that they would not find it.
        """
        cell_name = report.nodeid
        cell_key = _key_of(report)
        report.nodeid = name
        test_key = _key_of(report)
        report.nodeid = cell_name
        last_failed = getattr(self._config.pluginmanager.get_plugin("lfplugin"), "lastfailed", {})
        if last_failed.pop(cell_key, False):
            last_failed[test_key] = True
        stepwise: Any = self._config.pluginmanager.get_plugin("stepwiseplugin")
        memory = getattr(stepwise, "cached_info", stepwise)  # an object of its own since pytest 8.4
        attribute = "lastfailed" if memory is stepwise else "last_failed"
        if getattr(memory, attribute, None) == cell_key:
            setattr(memory, attribute, test_key)

    def _announce(self, name: str, cells: list[str]) -> None:
        self._grids[name] = FaultGrid(name, cells)
        terminal = self._terminal
        if terminal is None:
            return
        session = getattr(terminal, "_session", None)
        if session is not None:
            session.testscollected += len(cells)  # what the progress is a part of
        operation_count = len({cell.rpartition(":")[0].removesuffix("@last") for cell in cells})
        if terminal.currentfspath:
            terminal.ensure_newline()
        else:
            terminal.line("")  # after the letter of the run without a fault
        terminal.write_line(
            f"{name}: each fault in {count_of(len(cells), 'more run')}, "
            f"for {count_of(operation_count, 'operation')}"
        )

    def _unused_patterns(self) -> list[str]:
        """Return the values of ``--fake-nova-fault`` that no cell fits; none if a test got no cells."""
        if self._is_incomplete:
            return []
        cells = [cell for grid in self._grids.values() for cell in grid.cells]
        return [each for each in self.patterns if not any(glob.matches(cell, each) for cell in cells)]

    def pytest_terminal_summary(self) -> None:
        """Print the grids, each with the command that repeats a failed run."""
        terminal = self._terminal
        grids = [grid for grid in self._grids.values() if grid.outcomes]
        unused_patterns = self._unused_patterns()
        if not grids and not unused_patterns:
            return
        terminal.section("fake_nova: each fault")
        for grid in grids:
            self._print_grid(terminal, grid)
        for pattern in unused_patterns:
            terminal.write_line(
                f"--fake-nova-fault: no test met it (got {quote_python(pattern)}); "
                "expected an operation that a test calls",
                red=True,
            )

    def _print_grid(self, terminal: Any, grid: FaultGrid) -> None:
        terminal.write_line(grid.headline, bold=True)
        for row in grid.table():
            for text in row:
                terminal.write(f"{text}  ", **_MARKUP.get(text.rstrip(), {}))
            terminal.line("")
        for remark in grid.remarks():
            terminal.write_line(remark)
        if grid.failures:
            command = join_command(["pytest", grid.name, "--fake-nova-fault", next(iter(grid.failures))])
            terminal.write_line(f"to repeat one: {command}")
        terminal.line("")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let pytest fail if a value of ``--fake-nova-fault`` fits no cell."""
        if session.shouldfail or session.exitstatus == pytest.ExitCode.INTERRUPTED:
            self._is_incomplete = True
        is_worker = hasattr(self._config, "workerinput")
        if not is_worker and session.exitstatus == pytest.ExitCode.OK and self._unused_patterns():
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
