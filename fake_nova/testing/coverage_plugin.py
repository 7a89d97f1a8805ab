"""The part of the pytest plugin that reports behaviour coverage, loaded only if the run wants it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from fake_nova.control import AdminError, Control, Unreachable
from fake_nova.support.messages import quote_path, quote_python
from fake_nova.testing.coverage_report import FORMATS, detail_lines, table_lines, write_file
from fake_nova.testing.coverage_results import CoverageResults, total
from fake_nova.testing.plugin_options import COVERAGE_PLUGIN

#: The key of a worker's results in what it sends to the controller of pytest-xdist.
_OUTPUT_KEY: Final = "fake_nova_coverage"


class CoveragePlugin:
    """Collects the coverage of the clouds of a test run, and reports it at the end.

    Args:
        config: pytest's configuration.

    Raises:
        UsageError: if an option is invalid.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config: Final = config
        self._files: Final = [
            _report_file(config, name) for name in config.getoption("fake_nova_coverage_file") or ()
        ]
        self._fail_under: Final[float | None] = config.getoption("fake_nova_coverage_fail_under")
        self._results: Final = CoverageResults()
        self._problems: Final[list[str]] = []
        self._places: Final[dict[str, int]] = {}
        self._test = (0, "")
        self._counts: Final[dict[Control, dict[tuple[str, str], int]]] = {}

    def watch(self, nova: Control) -> None:
        """Count from now on what the clients of a cloud meet."""
        nova.start_coverage()
        self._counts[nova] = {}

    def collect(self, nova: Control) -> None:
        """Collect what the clients of a cloud have met since the last call, for the present test."""
        if nova not in self._counts:
            return
        with suppress(AdminError, Unreachable):  # the test closed it, or its server stopped
            report = nova.coverage()
            self._results.add_report(report, self._counts[nova], self._test)
            self._counts[nova] = {
                (operation, outcome["outcome"]): outcome["count"]
                for operation, coverage in report["operations"].items()
                for outcome in coverage["outcomes"]
            }

    def end(self, nova: Control) -> None:
        """Collect what the clients of a cloud have met, before the cloud ends."""
        self.collect(nova)
        self._counts.pop(nova, None)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember the order of the tests, which is that of all workers."""
        self._places.update({item.nodeid: place for place, item in enumerate(session.items)})

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Remember the present test."""
        self._test = (self._places.get(nodeid, len(self._places)), nodeid)

    def pytest_runtest_logfinish(self) -> None:
        """Collect what the present test met in clouds that outlive it."""
        for nova in list(self._counts):
            self.collect(nova)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Add the results of a worker of pytest-xdist."""
        document = getattr(node, "workeroutput", {}).get(_OUTPUT_KEY)
        if document is not None:
            self._results.add_dump(document)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Send the results to the controller, or write the files and fail a run that met too little."""
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT_KEY] = self._results.dump()
            return
        self._write_files()
        if (self._problems or self._is_too_low()) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _write_files(self) -> None:
        for path in self._files:
            try:
                write_file(self._results, path)
            except OSError as error:
                problem = f"{path}: cannot be written ({error.strerror}); expected a writable file"
                self._problems.append(problem)

    def _is_too_low(self) -> bool:
        """Return whether the run met less than ``--fake-nova-coverage-fail-under`` demands."""
        percent = total(self._results.rows).percent
        is_run = not self._config.getoption("collectonly", False)
        return is_run and self._fail_under is not None and percent < self._fail_under

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the table, and each outcome with its first test or with the line that meets it."""
        if self._config.getoption("collectonly", False):
            return
        terminalreporter.section("fake_nova coverage")
        for line in table_lines(self._results):
            terminalreporter.write_line(line)
        for row in self._results.rows if self._config.get_verbosity() > -2 else ():
            terminalreporter.write_line("")
            for line in detail_lines(row):
                terminalreporter.write_line(line)
        if self._is_too_low():
            percent = total(self._results.rows).percent
            problem = f"too low (got {percent:.2f} %); expected {self._fail_under:g} % or more"
            self._problems.append(f"fake_nova coverage: {problem}")
        for problem in self._problems:
            terminalreporter.write_line(f"ERROR: {problem}", red=True, bold=True)


def _report_file(config: pytest.Config, name: str) -> Path:
    """Return the absolute path of a file for the report.

    Raises:
        UsageError: if its name has an unknown end.
    """
    path = config.invocation_params.dir / name
    if path.suffix not in FORMATS:
        problem = f"unknown format (got {quote_path(name)})"
        raise pytest.UsageError(
            f"--fake-nova-coverage-file: {problem}; expected a name that ends in .json or .html"
        )
    return path


def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin that collects and reports.

    Raises:
        UsageError: if an option is invalid.
    """
    fail_under: float | None = config.getoption("fake_nova_coverage_fail_under")
    if fail_under is not None and not 0 <= fail_under <= 100:
        problem = f"out of range (got {quote_python(fail_under)})"
        raise pytest.UsageError(
            f"--fake-nova-coverage-fail-under: {problem}; expected a number from 0 to 100"
        )
    config.pluginmanager.register(CoveragePlugin(config), COVERAGE_PLUGIN)
