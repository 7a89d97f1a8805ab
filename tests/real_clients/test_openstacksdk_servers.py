"""openstacksdk: a pipeline that builds an image from a new server, without waiting for real."""

from __future__ import annotations

import pytest
from openstack.connection import Connection
from openstack.exceptions import ConflictException, NotFoundException, ResourceFailure

from fake_nova.testing.fake_nova import FakeNova
from tests.real_clients.conftest import UBUNTU
from tests.real_clients.test_openstacksdk import Connect, configuration, connect, demo

__all__ = ("Connect", "configuration", "connect", "demo")

pytestmark = [
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.OpenStackDeprecationWarning"),
]


def test_an_image_is_built_from_a_new_server(nova: FakeNova, demo: Connection) -> None:
    nova.clock.auto()
    compute = demo.compute
    flavor = compute.find_flavor("m1.small", ignore_missing=False)
    keypair = compute.create_keypair(name="build-key")
    assert keypair.private_key
    server = compute.create_server(
        name="build", image_id=UBUNTU, flavor_id=flavor.id, networks="none", key_name="build-key"
    )
    server = compute.wait_for_server(server, interval=0)
    assert (server.status, server.flavor.original_name, server.key_name) == (
        "ACTIVE",
        "m1.small",
        "build-key",
    )
    compute.stop_server(server)
    server = compute.wait_for_server(server, status="SHUTOFF", interval=0)
    image = compute.create_server_image(server, name="built")
    image = demo.image.wait_for_status(image, "active", interval=0)
    assert image.instance_uuid == server.id
    compute.delete_server(server)
    with pytest.raises(NotFoundException):
        compute.get_server(server.id)
    compute.delete_keypair("build-key")
    assert [each.name for each in compute.servers()] == ["web-1"]


def test_a_plan_that_fails_is_the_clients_error(nova: FakeNova, demo: Connection) -> None:
    nova.clock.auto()
    nova.plans.use("fails")
    server = demo.compute.create_server(name="build", image_id=UBUNTU, flavor_id="2", networks="none")
    with pytest.raises(ResourceFailure):
        demo.compute.wait_for_server(server, interval=0)


def test_a_server_of_the_cloud_layer_gets_an_address(nova: FakeNova, demo: Connection) -> None:
    nova.plans.use("instant")
    server = demo.create_server("build", image=UBUNTU, flavor="m1.small", auto_ip=False, wait=True)
    assert server.status == "ACTIVE"
    assert server.private_v4 == server.addresses["private"][0]["addr"]


def test_a_locked_server_is_not_stopped(nova: FakeNova, demo: Connection) -> None:
    (web,) = nova.servers.all()
    nova.servers.change(web["id"], locked=True)
    with pytest.raises(ConflictException, match="is locked"):
        demo.compute.stop_server(web["id"])
