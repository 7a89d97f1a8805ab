"""What Keystone 30.0.0 answered to sequences of changes, over MariaDB and over SQLite."""

from __future__ import annotations

import pytest

from fake_nova.images.database import DATABASES
from tests.apis.keystone.replay import differences


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("sequence", ["credentials.json", "people.json", "updates.json"])
def test_a_sequence_is_answered_as_keystone_does(sequence: str, database: str) -> None:
    assert differences(sequence, database) == []
