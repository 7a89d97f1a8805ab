"""The settings in fixture files, ``dialect`` and ``database``, and whether the files agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fake_nova.cloud.own_settings import FileSetting
from fake_nova.documents.source_file import SourceFile
from fake_nova.errors import FixtureError
from fake_nova.images.database import DATABASES, MARIADB, Database
from fake_nova.support.messages import quote_json

#: The keys of fixture files that are settings.
OWN_SETTINGS: Final = ("dialect", "database")


def own_settings(sources: Sequence[SourceFile]) -> dict[str, FileSetting]:
    """Return the settings in fixture documents.

    Raises:
        FixtureError: if two documents disagree; it names both.
    """
    settings: dict[str, FileSetting] = {}
    errors: list[str] = []
    for name in OWN_SETTINGS:
        first_source: SourceFile | None = None
        for source in sources:
            if name not in source.values:
                continue
            value = source.values[name]
            setting = settings.setdefault(name, FileSetting(value, source.name))
            first_source = first_source or source
            if value != setting.value:
                place = f"{quote_json(setting.value)} at {first_source.locate((name,))}"
                problem = f"differs from another file (got {quote_json(value)}, and {place})"
                errors.append(source.error((name,), f"{problem}; expected the same in both"))
    if errors:
        raise FixtureError(errors)
    return settings


def database_of(settings: dict[str, FileSetting]) -> Database:
    """Return the database that fixtures name, by default MariaDB."""
    return DATABASES[settings["database"].value] if "database" in settings else MARIADB
