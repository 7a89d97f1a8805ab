"""A cloud for the tests of servers."""

from __future__ import annotations

import pytest

from tests.conftest import Cloud


@pytest.fixture
def frozen_cloud(cloud: Cloud) -> Cloud:
    """A cloud whose clock stands still."""
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen", "now": "2030-01-01T00:00:00Z"})
    return cloud
