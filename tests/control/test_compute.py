"""Flavors, key pairs and quotas of a cloud, as Python programs control them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fake_nova import Control
from fake_nova.testing.fake_nova import FakeNova

PUBLIC = "ssh-rsa AAAA"


@pytest.fixture(scope="module")
def server() -> Iterator[FakeNova]:
    with FakeNova() as server:
        yield server


@pytest.fixture(params=["in this process", "in a scope"])
def nova(request: pytest.FixtureRequest, server: FakeNova) -> Iterator[Control]:
    server.reset()
    if request.param == "in this process":
        yield server
        return
    with Control(server.url).scope() as scope:
        yield scope


def test_the_control_adds_changes_and_forgets_flavors(nova: Control) -> None:
    flavor = nova.flavors.add(name="gpu", ram=64, extra_specs={"gpu": "1"})
    assert nova.flavors.get("gpu") == flavor
    assert nova.flavors.change("gpu", is_public=False)["is_public"] is False
    assert [each["name"] for each in nova.flavors.add_all([{"name": "a"}, {"name": "b"}])] == ["a", "b"]
    nova.flavors.forget("a")
    assert {each["name"] for each in nova.flavors.all()} >= {"b", "gpu", "m1.small"}
    assert "a" not in [each["name"] for each in nova.flavors.all()]


def test_the_control_adds_changes_and_forgets_key_pairs(nova: Control) -> None:
    keypair = nova.keypairs.add(name="laptop")
    assert keypair["user"] == nova.login["username"]
    assert nova.keypairs.change("laptop", public_key=PUBLIC)["public_key"] == PUBLIC
    nova.keypairs.add_all([{"name": "laptop", "user": "admin"}])
    assert len(nova.keypairs.all()) == 2
    nova.keypairs.forget("laptop", user="admin")
    assert nova.keypairs.get("laptop") == nova.keypairs.all(nova.login["username"])[0]


def test_the_control_changes_and_forgets_quotas(nova: Control) -> None:
    assert nova.quotas.change(nova.project_id, instances=2)["instances"] == 2
    assert nova.quotas.all() == [nova.quotas.get(nova.project_id)]
    nova.quotas.forget(nova.project_id)
    assert (nova.quotas.all(), nova.quotas.get(nova.project_id)["instances"]) == ([], 10)
