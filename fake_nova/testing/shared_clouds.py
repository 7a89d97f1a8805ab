"""Clouds that several tests share: the fixture ``make_fake_nova``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from fake_nova.control import Control, Unreachable
from fake_nova.testing.plugin_errors import report_errors
from fake_nova.testing.plugin_options import check_options, ini_value, parse_boolean
from fake_nova.testing.pytest_clouds import Clouds

#: The owner of these clouds, in responses to late requests.
_OWNER: Final = "a cloud of make_fake_nova"


class SharedClouds:
    """The clouds that several tests of one process share.

    Args:
        session: pytest's session, with the ini options.
        clouds: opens and ends the clouds.
        state_folder: the folder to which their states are written when a test fails.
    """

    def __init__(self, session: pytest.Session, clouds: Clouds, state_folder: Path) -> None:
        self._session: Final = session
        self._clouds: Final = clouds
        self._state_folder: Final = state_folder
        self._open_clouds: Final[list[Control]] = []
        self._failed_clouds: Final[list[Control]] = []

    @contextmanager
    def cloud(self, options: Mapping[str, Any], folder: Path) -> Iterator[Control]:
        """Return a context manager with a cloud, which ends with the block.

        If an exception ends the block, the cloud ends after the next report, which describes it.

        Args:
            options: options of the marker by name; the ini options are the defaults.
            folder: the folder that relative paths are relative to.

        Raises:
            ConfigurationError: if an option is invalid.
        """
        options = check_options(options, folder, "make_fake_nova")
        strict = options.get("strict", ini_value(self._session.config, "fake_nova_strict"))
        is_strict = parse_boolean(strict, "fake_nova_strict")
        with report_errors(self._session, Unreachable):
            nova = self._clouds.shared_cloud(options, _OWNER)
        self._open_clouds.append(nova)
        try:
            yield nova
            if is_strict and (complaints := nova.complaints()):
                pytest.fail("\n".join(complaints), pytrace=False)
        except BaseException:
            self._failed_clouds.append(nova)
            raise
        self._end(nova)

    def _end(self, nova: Control) -> None:
        self._open_clouds.remove(nova)
        self._clouds.end(nova, _OWNER)

    def add_sections(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """Add a section about each open cloud to the report of a failed test."""
        if report.failed:
            from fake_nova.testing.failure_report import describe_failure  # noqa: PLC0415  # only a failed test needs it

            for number, nova in enumerate(self._open_clouds, 1):
                name, text = f"-shared-{number}", report.longreprtext
                section = describe_failure(item, nova, self._state_folder, name, text)
                report.sections.append((f"make_fake_nova, {nova.url}", section))
        while self._failed_clouds:
            self._end(self._failed_clouds.pop())
