"""Every recorded exchange of the real services on MariaDB and on SQLite, sequence by sequence."""

from __future__ import annotations

from typing import Final

import pytest

from fake_nova.images.database import DATABASES
from tests.record.mariadb import exchanges, failures, sequences

#: Exchanges with routes of Keystone that do not exist yet, and those that need what such a route makes.
WITHOUT_ROUTE: Final = frozenset(
    """
    keystone-create/role-upper keystone-create/role-upper-delete
    keystone-create/user-blank keystone-create/user-blank-delete
    keystone-create/user-emoji keystone-create/user-emoji-delete
    keystone-create/project-upper keystone-create/project-upper-delete
    keystone-create/project-emoji keystone-create/project-emoji-delete
    keystone-create/project-64 keystone-create/project-64-delete
    """.split()  # noqa: SIM905  # a list of names is read as names
)


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("name", sequences())
def test_the_responses_of_a_sequence_equal_the_recorded_ones(name: str, database: str) -> None:
    differences = failures(name, database)
    assert {exchange: parts for exchange, parts in differences.items() if exchange not in WITHOUT_ROUTE} == {}


def test_the_exchanges_without_a_route_are_no_more_than_those() -> None:
    differing = {
        exchange
        for name in sequences()
        if name.startswith("keystone")
        for database in DATABASES
        for exchange in failures(name, database)
    }
    assert WITHOUT_ROUTE - differing == set(), "these are equal now; remove them from WITHOUT_ROUTE"


def test_the_record_is_complete() -> None:
    assert len(exchanges()) == len({exchange["id"] for exchange in exchanges()}) == 762
    assert sum(map(len, sequences().values())) == 762
    assert {exchange["id"] for exchange in exchanges()} >= WITHOUT_ROUTE
