"""The runs of each fault in pytest: a test once without a fault, and again for each cell."""

from __future__ import annotations

import copy
from collections.abc import Generator
from typing import Any, Final, Literal

import pytest
from _pytest.runner import call_and_report  # as pytest-rerunfailures, which has no public way either

from fake_nova.errors import ConfigurationError
from fake_nova.testing.each_fault_cells import Cell, plan_cells, runs_problem
from fake_nova.testing.each_fault_hooks import REPORT_ATTRIBUTE, RUN_KEY
from fake_nova.testing.each_fault_report import Plugin as ReportPlugin
from fake_nova.testing.each_fault_run import Outcome, Result, Run, is_survivable
from fake_nova.testing.plugin_options import survivable_errors

Phase = Literal["setup", "call", "teardown"]


class ItemRuns:
    """The runs of one test.

    Args:
        item: the test.
        nextitem: the test after it, or None.
        options: the plugin with the options.

    Attributes:
        cells: the cells of the test, after the run without a fault.
    """

    def __init__(self, item: pytest.Item, nextitem: pytest.Item | None, options: ReportPlugin) -> None:
        self.cells: list[Cell] = []
        self._item: Final = item
        self._nextitem: Final = nextitem
        self._options: Final = options
        self._survives: tuple[type[BaseException], ...] = ()
        self._usual_run = Run(None, options.timeout)
        self._run = self._usual_run
        self._outcome = Outcome("passed")
        self._is_planned = False

    def run_all(self) -> None:
        """Run the test without a fault, and then with that of each cell, unless the session is to stop."""
        self._run_once(self._usual_run)
        session = self._item.session
        for index, cell in enumerate(self.cells):
            if session.shouldfail or session.shouldstop:
                return
            run = Run(cell, self._options.timeout + self._usual_run.seconds)
            self._run_once(run, is_last=index == len(self.cells) - 1)

    def _run_once(self, run: Run, *, is_last: bool = False) -> None:
        """Set up the test, call it and tear it down; fixtures of a wider scope stay until the last run."""
        item: Any = self._item
        self._run = run
        self._outcome = Outcome("passed")
        item.stash[RUN_KEY] = run
        has_request = hasattr(item, "_request")
        if has_request and not item._request:
            _renew(item)
        try:
            report = self._phase("setup")
            if report.passed and not run.has_ended and self._phase("call").failed and run.cell is None:
                self._forget_cells()  # after the plan another plugin failed it, as for a strict xfail
            run.end()
            self._phase("teardown", nextitem=self._next_item(is_last))
        finally:
            run.end()
            if has_request:
                item._request = False
                item.funcargs = None

    def _next_item(self, is_last: bool) -> pytest.Item | None:
        session = self._item.session
        if session.shouldfail or session.shouldstop:
            return None
        is_over = is_last or (self._run is self._usual_run and not self.cells)
        return self._nextitem if is_over else copy.copy(self._item)

    def _phase(self, phase: Phase, **options: Any) -> pytest.TestReport:
        report = call_and_report(self._item, phase, log=False, **options)
        run = self._run
        if run.cell is not None:
            data = {"cell": str(run.cell)}
            if phase == "teardown":
                data |= self._outcome._asdict()
            setattr(report, REPORT_ATTRIBUTE, data)
            if not hasattr(self._item.config, "workerinput"):  # pytest-xdist wants the name of the test
                self._options.name_cell_of(report)
        elif phase == "teardown" and self._is_planned:
            setattr(report, REPORT_ATTRIBUTE, {"cells": list(map(str, self.cells))})
        elif report.failed:
            setattr(report, REPORT_ATTRIBUTE, {"cells": None})
        self._item.ihook.pytest_runtest_logreport(report=report)
        return report

    def examine(self, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        """Look at the end of a phase, and change its report if the run is better or worse than that."""
        run = self._run
        if call.when == "setup" and call.excinfo is None:
            return
        if call.when != "teardown":
            run.end()
        if run is self._usual_run:
            if call.when == "call" and report.passed:
                self._plan(report)
            return
        error = None if call.excinfo is None else call.excinfo.value
        survives = error is not None and is_survivable(error, self._survives)
        if call.when != "teardown":
            self._outcome = run.judge(Result(error, survives), self._usual_run.journal)
            if report.skipped:
                self._outcome = Outcome("skipped", "by the test itself")
        elif error is not None and not survives and self._outcome.is_good:
            self._outcome = Outcome("raised", f"in the teardown: {type(error).__name__}")
        if survives:
            call.excinfo = None
            report.outcome = "passed"
            report.longrepr = None
            report.when = "teardown" if call.when == "teardown" else "call"
        if call.when != "teardown" and self._outcome.verdict in ("hung", "twice"):
            self._fail(report, f"each fault: {self._outcome.verdict}: {self._outcome.detail}")

    def _plan(self, report: pytest.TestReport) -> None:
        """Plan the cells after the run without a fault; if that is impossible, fail it."""
        if not self._usual_run.is_begun:
            self._fail(report, "each fault: no cloud; expected a test that uses the fixture fake_nova")
            return
        cells = plan_cells(self._usual_run.journal, self._options.patterns)
        problem = runs_problem(cells, self._options.max_runs, "--fake-nova-fault-runs")
        try:
            self._survives = survivable_errors(self._item)
        except ConfigurationError as error:
            problem = str(error)
        if problem is None:
            self.cells = cells
            self._is_planned = True
        else:
            self._fail(report, problem)

    def _forget_cells(self) -> None:
        self.cells = []
        self._is_planned = False

    @staticmethod
    def _fail(report: pytest.TestReport, message: str) -> None:
        report.outcome = "failed"
        report.longrepr = "\n".join(filter(None, (message, report.longreprtext)))


def _renew(item: Any) -> None:
    """Forget an earlier run of a test: its output, its properties, its fixtures and its instance."""
    item._report_sections.clear()
    item.user_properties.clear()
    item._initrequest()
    if isinstance(item.parent, pytest.Class):
        item._obj = None
        vars(item).pop("_instance", None)


class Plugin:
    """Runs tests with each fault, for one run of pytest.

    Args:
        config: pytest's configuration.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config: Final = config
        self._runs: ItemRuns | None = None

    def run_item(self, item: pytest.Item, nextitem: pytest.Item | None, options: ReportPlugin) -> None:
        """Run a test once, and again for each of its cells.

        Args:
            item: the test.
            nextitem: the test after it, or None.
            options: the plugin with the options.
        """
        names = {"nodeid": item.nodeid, "location": item.location}
        item.ihook.pytest_runtest_logstart(**names)
        self._runs = ItemRuns(item, nextitem, options)
        try:
            self._runs.run_all()
        finally:
            self._runs = None
        item.ihook.pytest_runtest_logfinish(**names)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let the end of each phase of a run change its report, before others see it."""
        report = yield
        if self._runs is not None:
            self._runs.examine(call, report)
        return report
