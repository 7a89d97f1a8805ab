"""The pytest plugin: the fixture ``fake_nova``, an emulated cloud for each test.

Importing this module imports nothing of the emulator; a test run that never asks for the fixture never loads
Flask or Faker.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fake_nova.testing import FakeNova


@pytest.fixture(scope="session")
def fake_nova_settings() -> dict[str, object]:
    """Settings of the emulated cloud by name; override it in ``conftest.py`` to choose others."""
    return {}


@pytest.fixture(scope="session")
def fake_nova_server(fake_nova_settings: dict[str, object]) -> Iterator[FakeNova]:
    """One server for the whole test session, on a free port of 127.0.0.1."""
    from fake_nova.testing import FakeNova  # noqa: PLC0415  # only now is it needed

    with FakeNova(**fake_nova_settings) as server:
        yield server


@pytest.fixture
def fake_nova(fake_nova_server: FakeNova) -> FakeNova:
    """An emulated cloud, as seeded: `url` for clients, `admin` to add images and change their status."""
    fake_nova_server.reset()
    return fake_nova_server
