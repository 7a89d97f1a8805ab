"""The options of each fault, and which tests run with it; the other modules are imported when needed."""

from __future__ import annotations

from collections.abc import Generator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from fake_nova.testing.each_fault_run import Run

#: The module with the runs of a test, a plugin of its own; and the one with the report.
_RUNS: Final = "fake_nova.testing.each_fault_items"
_REPORT: Final = "fake_nova.testing.each_fault_report"

#: Name of a command-line option -> its help.
OPTIONS: Final = {
    "--fake-nova-each-fault": "run each test with the fixture fake_nova again for each operation and fault",
    "--fake-nova-fault": "run only this cell, such as images.show:reset, or images.*:reset (repeatable)",
    "--fake-nova-fault-timeout": "seconds after which a slow response ends, and a test is hung (default 5)",
    "--fake-nova-fault-runs": "maximum number of runs of each test (default 300)",
}

#: Name of a command-line option -> its other arguments for the parser.
_OPTION_KINDS: Final[dict[str, dict[str, Any]]] = {
    "--fake-nova-each-fault": {"action": "store_true", "default": False},
    "--fake-nova-fault": {"action": "append", "default": [], "metavar": "OPERATION:FAULT"},
    "--fake-nova-fault-timeout": {"type": float, "default": None, "metavar": "SECONDS"},
    "--fake-nova-fault-runs": {"type": int, "default": None, "metavar": "N"},
}

#: The stash key of the run of a test; its cloud gets the fault of the run.
RUN_KEY: Final[pytest.StashKey[Run]] = pytest.StashKey()

#: The attribute of a report: the cell of its run, and at the end what came out; or the cells of the test, or
#: None if it failed before it had any.
REPORT_ATTRIBUTE: Final = "fake_nova_each_fault"


def _plugin(config: pytest.Config, module: str) -> Any:
    """Return the plugin of a module; it is imported and registered when it is first needed."""
    plugin = config.pluginmanager.get_plugin(module)
    if plugin is None:
        plugin = import_module(module).Plugin(config)
        config.pluginmanager.register(plugin, module)
    return plugin


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("fake_nova")
    for name, help_text in OPTIONS.items():
        group.addoption(name, help=help_text, **_OPTION_KINDS[name])


def pytest_configure(config: pytest.Config) -> None:
    """Check the options, if there are any.

    Raises:
        UsageError: if an option is invalid.
    """
    if any(config.getoption(name) != kind["default"] for name, kind in _OPTION_KINDS.items()):
        _plugin(config, _REPORT)


def _runs_each_fault(item: pytest.Item) -> bool:
    """Return whether a test runs with each fault: the nearest marker that says so wins over the options."""
    config = item.config
    if config.getoption("setuponly", False):
        return False
    for marker in item.iter_markers("fake_nova"):
        if "each_fault" in marker.kwargs:
            return bool(marker.kwargs["each_fault"])
    is_chosen = config.getoption("--fake-nova-each-fault") or config.getoption("--fake-nova-fault")
    return bool(is_chosen) and "fake_nova" in getattr(item, "fixturenames", ())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test once, and again for each of its cells."""
    if not _runs_each_fault(item):
        return None
    options = _plugin(item.config, _REPORT)
    _plugin(item.config, _RUNS).run_item(item, nextitem, options)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_report_from_serializable(
    config: pytest.Config,
) -> Generator[None, pytest.TestReport | None, pytest.TestReport | None]:
    """Name the cell in a report of a pytest-xdist worker, where each report has the name of the test."""
    report = yield
    if report is not None and hasattr(report, REPORT_ATTRIBUTE):
        _plugin(config, _REPORT).name_cell_of(report)
    return report
