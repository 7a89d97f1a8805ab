"""Clouds that several tests share: the fixture ``make_fake_nova``."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, Protocol, Unpack

import pytest

from fake_nova.control import Control, Unreachable
from fake_nova.control.types import CloudOptions
from fake_nova.errors import FakeNovaError
from fake_nova.testing.plugin_errors import report_errors
from fake_nova.testing.plugin_options import check_options, ini_value, parse_boolean
from fake_nova.testing.pytest_clouds import CloudPool

#: pytest shows the line of the caller instead of lines of this module.
__tracebackhide__ = True

#: The owner of these clouds, in responses to late requests.
_OWNER: Final = "a cloud of make_fake_nova"


class MakeFakeNova(Protocol):
    """The type of the fixture ``make_fake_nova``: a factory of clouds that several tests share."""

    def __call__(self, **options: Unpack[CloudOptions]) -> AbstractContextManager[Control]:
        """Return a context manager with a cloud, which ends with the block."""


class SharedClouds:
    """The clouds that several tests of one process share.

    Args:
        session: pytest's session, with the ini options.
        clouds: opens and ends the clouds.
        state_folder: the folder to which their states are written when a test fails.
    """

    def __init__(self, session: pytest.Session, clouds: CloudPool, state_folder: Path) -> None:
        self._session: Final = session
        self._clouds: Final = clouds
        self._state_folder: Final = state_folder
        self._open_clouds: Final[list[Control]] = []
        self._failed_clouds: Final[list[Control]] = []

    def open(self, options: Mapping[str, Any]) -> Control:
        """Open a cloud.

        Args:
            options: options of the marker by name; the ini options are the defaults.

        Raises:
            ConfigurationError: if an option is invalid.
        """
        with report_errors(self._session, Unreachable):
            nova = self._clouds.shared_cloud(options, _OWNER)
        self._open_clouds.append(nova)
        return nova

    def close(self, nova: Control, has_failed: bool) -> None:
        """End a cloud: at once, or after the next report, which describes it, if its block has failed."""
        if has_failed:
            self._failed_clouds.append(nova)
            return
        self._open_clouds.remove(nova)
        self._clouds.end(nova, _OWNER)

    def is_strict(self, options: Mapping[str, Any]) -> bool:
        """Return whether a cloud with these options of the marker is strict.

        Raises:
            ConfigurationError: if the option is neither true nor false.
        """
        strict = options.get("strict", ini_value(self._session.config, "fake_nova_strict"))
        return parse_boolean(strict, "fake_nova_strict")

    def add_sections(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """Add a section about each open cloud to the report of a failed test."""
        if report.failed:
            from fake_nova.testing.failure_report import describe_failure  # noqa: PLC0415  # only a failed test needs it

            for number, nova in enumerate(self._open_clouds, 1):
                section = describe_failure(item, nova, self._state_folder, report, f"-shared-{number}")
                report.sections.append((f"make_fake_nova, {nova.url}", section))
        while self._failed_clouds:
            self.close(self._failed_clouds.pop(), has_failed=False)


class SharedCloud(AbstractContextManager[Control]):
    """A context manager with a cloud that several tests share; it ends with the block.

    It is a class because the traceback of a generator's error would contain lines of contextlib.

    Args:
        clouds: opens and closes the cloud.
        options: options of the marker by name; the ini options are the defaults.
        folder: the folder that relative paths are relative to.
    """

    def __init__(self, clouds: SharedClouds, options: Mapping[str, Any], folder: Path) -> None:
        self._clouds: Final = clouds
        self._options: Final = options
        self._folder: Final = folder

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"make_fake_nova(): the cloud is not open yet, so it has no {name}. "
            f"Write: with make_fake_nova() as cloud: cloud.{name}"
        )

    def __enter__(self) -> Control:
        """Open the cloud.

        Raises:
            ConfigurationError: if an option is invalid.
        """
        try:
            options = check_options(self._options, self._folder, "make_fake_nova")
            self._is_strict = self._clouds.is_strict(options)
            self._nova = self._clouds.open(options)
        except FakeNovaError as error:
            raise error.with_traceback(None) from None  # pytest shows the line of the caller
        return self._nova

    def __exit__(self, error_class: type[BaseException] | None, *_: object) -> None:
        """End the cloud; if it is strict, its complaints fail the test."""
        complaints: list[str] = []
        has_failed = True
        try:
            if error_class is None and self._is_strict:
                complaints = self._nova.complaints()
            has_failed = bool(error_class or complaints)
        finally:
            self._clouds.close(self._nova, has_failed)
        if complaints:
            pytest.fail("\n".join(complaints), pytrace=False)
