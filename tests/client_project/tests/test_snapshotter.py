from __future__ import annotations

import asyncio
import os
import unittest

import pytest
import requests
from snapshotter import SnapshotFailed, Snapshots


@pytest.fixture
def snapshots(fake_nova, monkeypatch):
    monkeypatch.setattr("snapshotter.time.sleep", lambda _: None)
    return Snapshots(fake_nova.compute_url)


@pytest.mark.fake_nova(plan="slow", clock="auto")
def test_it_waits_until_a_snapshot_is_active(fake_nova, snapshots):
    image = fake_nova.images.add(name="nightly")
    assert snapshots.wait(image["id"])["progress"] == 100


@pytest.mark.fake_nova(plan="fails", clock="auto")
def test_it_gives_up_when_a_snapshot_fails(fake_nova, snapshots):
    image = fake_nova.images.add(name="nightly")
    with pytest.raises(SnapshotFailed):
        snapshots.wait(image["id"])


def test_it_retries_after_an_error(fake_nova, snapshots):
    fake_nova.faults.add(operation="images.detail", status=503, retry_after=1, times=2)
    assert [image["name"] for image in snapshots.named("image1")] == ["image1"]
    fake_nova.requests.expect(2, operation="images.detail", status=503)
    fake_nova.requests.expect(1, operation="images.detail", status=200)


def test_it_stops_retrying_after_a_while(fake_nova, snapshots):
    fake_nova.faults.add(status=500)
    with pytest.raises(requests.HTTPError, match="500"):
        snapshots.named("image1")
    assert fake_nova.requests.count() == 4


@pytest.mark.parametrize("page", [1, 2, 3, 100])
def test_it_visits_all_pages(fake_nova, snapshots, page):
    assert len(snapshots.all(page)) == 6


@pytest.mark.parametrize("turn", range(8))
def test_tests_are_isolated(fake_nova, snapshots, turn):
    assert len(snapshots.all(100)) == 6
    own_image = fake_nova.images.add(name="mine")
    assert [image["id"] for image in snapshots.named("mine")] == [own_image["id"]]
    snapshots.delete(own_image["id"])
    assert snapshots.named("mine") == []
    fake_nova.clock.freeze(f"203{turn}-01-01T00:00:00Z")
    fake_nova.images.add(name="left behind")


@pytest.mark.fake_nova(dialect="nova", images=[{"name": "a"}, {"name": "b", "status": "queued"}])
def test_it_works_with_the_other_dialect(fake_nova, snapshots):
    assert [image["status"] for image in snapshots.named("b")] == ["SAVING"]
    assert len(snapshots.all()) == 8


@pytest.mark.fake_nova(fixtures=["every-status"])
def test_it_handles_every_status(snapshots):
    assert {image["status"] for image in snapshots.all()} == {
        "ACTIVE",
        "SAVING",
        "ERROR",
        "UNKNOWN",
        "DELETED",
    }


@pytest.mark.fake_nova(auth_strategy="keystone")
def test_it_needs_a_token_with_keystone(fake_nova, snapshots):
    with pytest.raises(requests.HTTPError, match="401"):
        snapshots.all()


def test_clients_find_the_cloud_in_their_environment(fake_nova, fake_nova_env, monkeypatch):
    assert os.environ["OS_AUTH_URL"] == fake_nova.auth_url
    assert fake_nova_env["OS_PROJECT_NAME"]
    identity = {
        "methods": ["password"],
        "password": {
            "user": {
                "name": os.environ["OS_USERNAME"],
                "password": os.environ["OS_PASSWORD"],
                "domain": {"id": os.environ["OS_USER_DOMAIN_ID"]},
            }
        },
    }
    response = requests.post(
        os.environ["OS_AUTH_URL"] + "/auth/tokens", json={"auth": {"identity": identity}}, timeout=10
    )
    assert response.status_code == 201


def test_several_tasks_can_send_requests_at_the_same_time(fake_nova):
    async def ask():
        return await asyncio.to_thread(requests.get, fake_nova.compute_url + "/images", timeout=60)

    async def all_of_them():
        return await asyncio.gather(*(ask() for _ in range(10)))

    assert {response.status_code for response in asyncio.run(all_of_them())} == {200}
    fake_nova.requests.expect(10, operation="images.list", status=200)


class TestOldStyle(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def cloud(self, fake_nova):
        self.nova = fake_nova

    def test_a_unittest_finds_the_cloud(self):
        self.nova.images.add(name="mine")
        self.assertEqual(len(Snapshots(self.nova.compute_url).named("mine")), 1)
