"""Settings that fixtures bring with them: they count for a cloud unless an option says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from fake_nova.errors import Conflict
from fake_nova.settings import Settings
from fake_nova.support.messages import quote_python


class FileSetting(NamedTuple):
    """The value of a setting in a fixture file.

    Attributes:
        value: the value.
        file: the name of the file.
    """

    value: str
    file: str


#: Setting -> its value in a fixture file.
OwnSettings = Mapping[str, FileSetting]


def with_own_settings(settings: Settings, file_settings: OwnSettings) -> Settings:
    """Return *settings* with the values of fixtures for those that no option sets."""
    values = {name: each.value for name, each in file_settings.items() if not settings.is_explicit(name)}
    return replace(settings, **values) if values else settings  # type: ignore[arg-type]  # the values of choices


def check_agreement(file_settings: OwnSettings, base: Settings, present: Settings) -> None:
    """Check that the settings of a fixture are those of the cloud that it is added to.

    Args:
        file_settings: the settings of the fixture.
        base: the settings of the server or scope; what an option sets counts.
        present: the settings of the cloud.

    Raises:
        Conflict: if one differs.
    """
    for name, (value, file) in file_settings.items():
        present_value = getattr(present, name)
        if not base.is_explicit(name) and value != present_value:
            raise Conflict(
                f"{file}: {name}: the cloud has another one (got {quote_python(value)}); expected "
                f"{present_value}, or replace=true for a cloud of this document alone"
            )
