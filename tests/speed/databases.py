"""Lists by text on MariaDB beside SQLite, and at 1,000,000 images beside 1,000."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from functools import partial

from fake_nova.documents.faker_images import generate_images
from fake_nova.images.conditions import PropertyEquals, TextIsOneOf
from fake_nova.images.database import DATABASES, Database
from fake_nova.images.model import Caller
from fake_nova.images.query import ImageQuery, SortKey
from fake_nova.images.selection import select
from fake_nova.images.store_state import StoreState
from fake_nova.support import gc_tuning
from tests.speed.measure import Figure, Subject, compare_cpu
from tests.speed.subjects import PROJECT

_COUNTS = (1_000, 1_000_000)


def databases() -> Iterator[Figure]:
    """Select pages of 25 from states that hold the same images."""
    subjects = {count: _subjects_of(count) for count in _COUNTS}
    small, large = (subjects[count] for count in _COUNTS)
    for count, by_database in subjects.items():
        for name, subject in by_database["mariadb"].items():
            comparison = compare_cpu(subject, by_database["sqlite"][name])
            yield comparison.figure(
                "databases", f"{name}, {count:,} images, MariaDB beside SQLite", "µs CPU", 1.1
            )
    for name, subject in large["mariadb"].items():
        comparison = compare_cpu(subject, small["mariadb"][name])
        yield comparison.figure("databases", f"{name}, MariaDB, 1,000,000 images beside 1,000", "µs CPU", 1.5)


def _subjects_of(count: int) -> Mapping[str, Mapping[str, Subject]]:
    """Return, by database and name, the selections from *count* images."""
    with gc_tuning.gc_paused():
        images = list(generate_images(count, 1, {}, PROJECT))
        states = {name: StoreState.from_images(images, each) for name, each in DATABASES.items()}
    gc.freeze()
    name = str(images[count // 2].name)
    return {each: _selections(states[each], name) for each in DATABASES}


def _selections(state: StoreState, name: str) -> Mapping[str, Subject]:
    database = state.database
    by_name = TextIsOneOf.of("name", (name,), database)
    by_property = PropertyEquals.of("os_distro", "debian", database)
    order = tuple(SortKey(field, False, database) for field in ("name", "created_at", "id"))
    queries = {
        "by name": ImageQuery(_admin(database), conditions=(by_name,), limit=25),
        "by property": ImageQuery(_admin(database), conditions=(by_property,), limit=25),
        "sorted by name": ImageQuery(_admin(database), order=order, limit=25),
    }
    return {title: partial(select, state, query) for title, query in queries.items()}


def _admin(database: Database) -> Caller:
    return Caller(PROJECT, frozenset(("admin",)), database)
