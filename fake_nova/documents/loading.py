"""Loading of fixtures into an emulator, at its start and while it runs."""

from __future__ import annotations

import logging

from fake_nova.cloud.directory import Directory
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.own_settings import with_own_settings
from fake_nova.documents import fixture_files
from fake_nova.errors import Conflict, FixtureError
from fake_nova.images.database import Database
from fake_nova.images.model import Image
from fake_nova.images.store_state import with_stored_times
from fake_nova.settings import Settings
from fake_nova.support import gc_tuning

_log = logging.getLogger("fake_nova")


def start_from_fixtures(emulator: Emulator) -> None:
    """Load the fixtures that the settings name, and start the emulator from them.

    Raises:
        FixtureError: if a fixture is invalid; then nothing is loaded.
        Conflict: if all files together have too many faults; then nothing is loaded.
    """
    with gc_tuning.gc_paused():
        paths = emulator.settings.fixtures
        now = emulator.clock.now()
        database = _explicit_database(emulator.settings)
        emulator.start(fixture_files.load_files(paths, now, emulator.operations, database))


def reload_fixtures(emulator: Emulator) -> None:
    """Load the fixtures that the settings name again, and reset the shared cloud to them.

    What clients added is gone, fixture documents among it. Scopes and all settings stay. The log says what
    happened, and `Emulator.fixture_errors` has the problems until the fixtures are loaded without any.

    Raises:
        FixtureError: if a fixture is invalid or cannot be read; then nothing changes.
        Conflict: if all files together have too many faults; then nothing changes.
    """
    with emulator.load_lock:
        try:
            start_from_fixtures(emulator)
        except (FixtureError, Conflict) as error:
            emulator.fixture_errors = tuple(str(error).splitlines())
            for line in emulator.fixture_errors:
                _log.error("fixtures not reloaded: %s", line)
            raise
        emulator.fixture_errors = ()
        _log.info("fixtures reloaded: %d images", len(emulator.cloud.images))


def load_document(
    emulator: Emulator, content: bytes, name: str, replace_all: bool, project_id: str | None = None
) -> tuple[Image, ...]:
    """Add a fixture document to a cloud and to its initial state.

    Args:
        emulator: the emulator with the cloud.
        content: YAML or JSON in UTF-8.
        name: the name of the document in error messages.
        replace_all: whether to start a new generation from this document alone.
        project_id: the project of the scope; None for the shared cloud.

    Returns:
        The images of the document.

    Raises:
        FixtureError: if the document is invalid; then nothing changes.
        Conflict: if the id of an image or server is in use, there are too many faults, or the cloud has other
            settings than the document; nothing changes.
        ScopeNotFound: if the project has no scope.
    """
    with emulator.load_lock:
        emulator.require_scope(project_id)
        directory = Directory() if replace_all else emulator.directory_for()
        cloud = emulator.cloud
        settings = emulator.settings
        if project_id is not None:
            cloud = emulator.cloud_for_scope(project_id)
            settings = emulator.scope(project_id).settings
        database = _explicit_database(settings) if replace_all else cloud.database
        now, operations = emulator.clock.now(), emulator.operations
        present = None if replace_all else cloud.compute
        seed = fixture_files.load_text(
            content, name, directory, now, operations, database=database, present=present
        )
        emulator.add_seed(seed, replace_all, project_id)
        stored_database = with_own_settings(settings, seed.own_settings).database_rules
        if not replace_all:
            stored_database = cloud.database
        return tuple(with_stored_times(image, stored_database) for image in seed.images)


def _explicit_database(settings: Settings) -> Database | None:
    """Return the database that an option sets; None if fixtures may name it."""
    return settings.database_rules if settings.is_explicit("database") else None
