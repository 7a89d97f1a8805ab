"""A server for the programs, as a user's conftest.py has one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fake_nova import FakeNova


@pytest.fixture(scope="module")
def server() -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",)) as running:
        yield running


@pytest.fixture
def nova(server: FakeNova) -> FakeNova:
    server.reset()
    return server
