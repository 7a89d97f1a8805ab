"""Every fault once without pytest: `each` runs a function again for each operation and kind of fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Final, NamedTuple, Unpack

from fake_nova.control import Control
from fake_nova.control.types import SettingOptions
from fake_nova.errors import ConfigurationError
from fake_nova.testing.each_fault_cells import MAX_RUNS, Cell, pattern_problem, plan_cells, runs_problem
from fake_nova.testing.each_fault_grid import FaultGrid
from fake_nova.testing.each_fault_run import FAULT_TIMEOUT, Outcome, Result, Run, is_survivable
from fake_nova.testing.local_clouds import LocalCloudPool

__all__ = ["FaultGrid", "Outcome", "each"]

OpenCloud = Callable[[], AbstractContextManager[Control]]

#: The key of the clouds in their pool.
_KEY: Final = "each fault"


def each(
    function: Callable[[Control], object],
    *,
    survives: type[BaseException] | tuple[type[BaseException], ...] = (),
    cells: Sequence[str] = (),
    timeout: float = FAULT_TIMEOUT,
    max_runs: int = MAX_RUNS,
    remote: Control | None = None,
    check: bool = True,
    **settings: Unpack[SettingOptions],
) -> FaultGrid:
    """Run a function once, and again for each operation that it called and each kind of fault.

    Each run has a fresh cloud. The fault is put in force on the first call of the operation, or on the last
    one of several.

    Args:
        function: the code under test with its checks; it gets the cloud, and raises an exception if it fails.
        survives: the exceptions that it may raise when it meets a fault.
        cells: the runs to choose, such as ``images.show:reset``, with wildcards; none for all.
        timeout: seconds after which the server ends a slow response, and the run is hung.
        max_runs: the maximum number of runs.
        remote: a server elsewhere; each run opens a scope on it. None for clouds in this process.
        check: whether to raise an error if a run fails.
        settings: the settings of clouds in this process, as for `fake_nova.FakeNova`.

    Returns:
        What came out: ``outcomes`` and ``failures`` by cell; its text is a table.

    Raises:
        AssertionError: if a run fails, with that table as its message, unless *check* is false.
        ConfigurationError: if a setting is invalid, a cell fits nothing, or there are too many runs.
    """
    exceptions = survives if isinstance(survives, tuple) else (survives,)
    with _clouds(remote, settings) as open_cloud:
        grid = _run_all(_Task(function, exceptions, open_cloud, timeout), cells, max_runs)
    if check and grid.failures:
        raise AssertionError(str(grid))
    return grid


class _Task(NamedTuple):
    """What to run: the function, the exceptions that it may raise, the clouds, and the timeout."""

    function: Callable[[Control], object]
    exceptions: tuple[type[BaseException], ...]
    open_cloud: OpenCloud
    timeout: float


def _run_all(task: _Task, patterns: Sequence[str], max_runs: int) -> FaultGrid:
    """Run the function without a fault, and with that of each cell."""
    problem = next(filter(None, map(pattern_problem, patterns)), None)
    if problem is not None:
        raise ConfigurationError(f"cells: {problem}")
    usual_run = Run(None, task.timeout)
    usual_result = _run_once(task, usual_run)
    if usual_result.error is not None:
        raise usual_result.error
    cells = plan_cells(usual_run.journal, patterns)
    _check_number(cells, max_runs)
    name = getattr(task.function, "__qualname__", repr(task.function))
    grid = FaultGrid(name, [str(cell) for cell in cells])
    for cell in cells:
        run = Run(cell, task.timeout + usual_run.seconds)
        result = _run_once(task, run)
        grid.outcomes[str(cell)] = run.judge(result, usual_run.journal)
    return grid


def _check_number(cells: Sequence[Cell], max_runs: int) -> None:
    problem = runs_problem(cells, max_runs, "max_runs")
    if not cells:
        problem = "cells: no run (got no operation that fits); expected a function that calls one"
    if problem is not None:
        raise ConfigurationError(problem)


def _run_once(task: _Task, run: Run) -> Result:
    """Run the function in a new cloud, and return how it ended."""
    error: BaseException | None = None
    with task.open_cloud() as nova:
        run.begin(nova)
        try:
            task.function(nova)
        except KeyboardInterrupt:
            raise
        except BaseException as raised_error:
            error = raised_error
        finally:
            run.end()
    return Result(error, error is not None and is_survivable(error, task.exceptions))


@contextmanager
def _clouds(remote: Control | None, settings: Mapping[str, object]) -> Iterator[OpenCloud]:
    """Return a context manager with a function that opens a fresh cloud."""
    if remote is not None:
        if settings:
            raise ConfigurationError(
                f"each: a setting of the server itself (got {next(iter(settings))!r}); expected none"
            )
        yield remote.scope
        return
    pool = LocalCloudPool()
    pool.load(_KEY, {**settings})

    @contextmanager
    def open_cloud() -> Iterator[Control]:
        nova = pool.open(_KEY)
        try:
            yield nova
        finally:
            pool.end(nova, "this request belongs to an earlier run of fake_nova.faults.each")

    try:
        yield open_cloud
    finally:
        pool.close()
