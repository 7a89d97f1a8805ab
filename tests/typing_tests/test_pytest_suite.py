"""A suite of tests with the fixtures and the marker of the pytest plugin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import assert_type

import httpx
import pytest
import requests

import fake_nova
from fake_nova import Control, MakeFakeNova
from fake_nova.control.types import CloudOptions, ImageStatus, JournalEntry, SettingOptions, StoredImage

SLOW: CloudOptions = {"plan": "slow"}
STRICT: CloudOptions = {"strict": True, "clock": datetime(2031, 5, 6, tzinfo=UTC), "fixtures": ["default"]}


@pytest.fixture(scope="session")
def fake_nova_settings() -> SettingOptions:
    return {"dialect": "nova", "hints": True}


@pytest.fixture
def snapshot(fake_nova: fake_nova.Control) -> StoredImage:
    return fake_nova.images.add(name="nightly", plan="slow")


@pytest.fixture(scope="module")
def catalogue(make_fake_nova: MakeFakeNova) -> Iterator[Control]:
    with make_fake_nova(fixtures=["every-status"], dialect="nova,order=oldest_first") as nova:
        yield nova


def status_of(cloud: Control, image_id: str) -> ImageStatus:
    return cloud.images.get(image_id)["status"]


@pytest.mark.fake_nova(clock="auto")
def test_a_snapshot_becomes_active(fake_nova: fake_nova.Control, snapshot: StoredImage) -> None:
    url = f"{fake_nova.compute_url}/images/{snapshot['id']}"
    for _ in range(3):
        requests.get(url, timeout=5)
    assert assert_type(status_of(fake_nova, snapshot["id"]), ImageStatus) == "active"
    assert_type(fake_nova.requests.all(operation="images.show"), list[JournalEntry])


def test_the_fixture_is_a_control(fake_nova: fake_nova.Control) -> None:
    control: Control = fake_nova
    assert_type(control.images.add(name="x"), StoredImage)


def test_a_factory_of_clouds_has_the_options_of_the_marker(make_fake_nova: MakeFakeNova) -> None:
    manager = make_fake_nova(dialect="nova", clock="frozen", images=[{"name": "x"}], strict=True)
    assert_type(manager, AbstractContextManager[Control])
    with manager as control:
        assert "x" in [image["name"] for image in control.images.all()]


def test_a_cloud_of_a_wider_scope(catalogue: Control) -> None:
    assert_type(catalogue.images.all(), list[StoredImage])


@pytest.mark.parametrize("fake_nova", [SLOW, STRICT], indirect=True)
def test_a_parameter_has_the_options_of_the_marker(fake_nova: fake_nova.Control) -> None:
    assert fake_nova.clock.mode() in ("real", "frozen")


def test_clients_without_a_socket(
    fake_nova: fake_nova.Control,
    fake_nova_session: requests.Session,
    fake_nova_httpx: httpx.Client,
    fake_nova_async_httpx: httpx.AsyncClient,
    fake_nova_env: dict[str, str],
) -> None:
    assert fake_nova_session.get(f"{fake_nova.compute_url}/images").status_code == 200
    assert fake_nova_httpx.get("/images").status_code == 200
    assert_type(fake_nova_async_httpx.base_url, httpx.URL)
    assert assert_type(fake_nova_env["OS_USERNAME"], str) == "demo"
