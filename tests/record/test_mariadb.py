"""Every recorded exchange of the real services on MariaDB and on SQLite, sequence by sequence."""

from __future__ import annotations

import pytest

from fake_nova.images.database import DATABASES
from tests.record.mariadb import exchanges, failures, sequences


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("name", sequences())
def test_the_responses_of_a_sequence_equal_the_recorded_ones(name: str, database: str) -> None:
    assert failures(name, database) == {}


def test_the_record_is_complete() -> None:
    assert len(exchanges()) == len({exchange["id"] for exchange in exchanges()}) == 762
    assert sum(map(len, sequences().values())) == 762
