"""Clients find the services wherever the catalog says they are."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import glanceclient
import pytest
from glanceclient import exc
from keystoneauth1.identity import v3
from keystoneauth1.session import Session
from openstack.connection import Connection

from fake_nova.clients.httpx import client
from fake_nova.clients.requests import session as in_process_session
from fake_nova.testing.fake_nova import FakeNova
from tests.real_clients.conftest import DEMO_PROJECT, NAMES, exports_of, openrc
from tests.serving.command import Command

pytestmark = [pytest.mark.filterwarnings("ignore")]  # of the command openstack and its many libraries

#: As DevStack has its services, and older clouds their URLs.
PREFIXES = ("compute=/compute", "image=/image", "identity=/identity")
CATALOG = ("network", "volumev3", "object-store", "placement")


@pytest.fixture(scope="module")
def cloud() -> Iterator[FakeNova]:
    with FakeNova(
        auth_strategy="keystone",
        dialect="nova",
        prefix=PREFIXES,
        region=("eu-1", "us-1"),
        compute_project_id=True,
        image_version_in_url=True,
        catalog=CATALOG,
    ) as running:
        yield running


@pytest.fixture
def session(cloud: FakeNova) -> Iterator[Session]:
    auth = v3.Password(cloud.auth_url, **cloud.login)
    created_session = Session(auth)
    yield created_session
    created_session.session.close()


@pytest.mark.parametrize("region", ["eu-1", "us-1"])
def test_openstacksdk_finds_compute_image_and_empty_services_in_each_region(
    session: Session, region: str
) -> None:
    connection = Connection(session=session, region_name=region)
    assert [image.name for image in connection.compute.images()] == list(NAMES[::-1])
    assert [image.name for image in connection.image.images()] == list(NAMES[::-1])
    assert [server.name for server in connection.compute.servers()] == ["web-1"]
    assert list(connection.network.networks()) == []
    assert list(connection.block_storage.volumes()) == []
    assert list(connection.object_store.containers()) == []
    assert list(connection.placement.resource_providers()) == []


def test_keystoneauth_discovers_the_versions_of_every_service(session: Session, cloud: FakeNova) -> None:
    auth: Any = session.auth
    urls = {
        service: auth.get_endpoint_data(session, service_type=service, discover_versions=True).url
        for service in ("compute", "image", "identity", "network", "block-storage", "placement")
    }
    assert urls == {
        "compute": f"{cloud.url}/compute/v2.1/{DEMO_PROJECT}",
        "image": f"{cloud.url}/image/v2",
        "identity": f"{cloud.url}/identity/v3/",
        "network": f"{cloud.url}/networking/v2.0/",
        "block-storage": f"{cloud.url}/volume/v3/{DEMO_PROJECT}",
        "placement": f"{cloud.url}/placement/",
    }


def test_glanceclient_needs_an_endpoint_without_the_version(session: Session) -> None:
    images = glanceclient.Client("2", session=session).images  # it adds /v2 to any URL of the catalog
    with pytest.raises(exc.HTTPNotFound):
        list(images.list())
    endpoint = session.get_endpoint(service_type="image", region_name="us-1")
    images = glanceclient.Client("2", endpoint=str(endpoint).removesuffix("/v2"), session=session).images
    assert [image.name for image in images.list()] == list(NAMES[::-1])


def test_novaclient_works_with_a_project_in_the_url(session: Session, cloud: FakeNova) -> None:
    nova_client: Any = import_module("novaclient.client")
    cloud.reset()
    images = nova_client.Client("2.1", session=session, region_name="us-1").images
    assert [image.name for image in images.list()] == list(NAMES[::-1])


@pytest.mark.parametrize(
    "words",
    [
        "network list",
        "subnet list",
        "router list",
        "port list",
        "security group list",
        "floating ip list",
        "volume list",
        "volume snapshot list",
        "volume type list",
        "container list",
    ],
)
def test_the_command_openstack_lists_nothing_in_the_empty_services(
    cloud: FakeNova,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    restored_command: None,
    words: str,
) -> None:
    for name, value in {**openrc(cloud.auth_url), "OS_REGION_NAME": "us-1"}.items():
        monkeypatch.setenv(name, value)
    shell = import_module("openstackclient.shell").OpenStackShell
    assert shell().run([*words.split(), "-f", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_clients_without_a_socket_find_the_services_below_their_prefixes(cloud: FakeNova) -> None:
    with in_process_session(cloud.app, cloud.url) as by_requests, client(cloud.app, cloud.url) as by_httpx:
        for response in (
            by_requests.get(f"{cloud.url}/compute/v2.1/images"),
            by_httpx.get("/compute/v2.1/images"),
        ):
            assert response.status_code == 401
            assert response.headers["WWW-Authenticate"].endswith('/identity"')
        versions = by_requests.get(f"{cloud.url}/compute/").json()["versions"]
        assert by_httpx.get("/compute/").json()["versions"] == versions
        assert versions[1]["links"][0]["href"] == f"{cloud.url}/compute/v2.1/"


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_every_server_responds_below_prefixes(server: str) -> None:
    options = (
        "--auth-strategy",
        "keystone",
        "--prefix",
        "compute=/compute",
        "--prefix",
        "identity=/keystone",
    )
    with Command("--server", server, *options, "--region", "eu-1", "--region", "us-1") as command:
        variables = exports_of(command)
        assert variables["OS_AUTH_URL"] == f"{command.url}/keystone/v3"
        assert variables["OS_REGION_NAME"] == "eu-1"
        auth = v3.Password(
            variables["OS_AUTH_URL"],
            username="demo",
            password="demo-secret",
            project_id=DEMO_PROJECT,
            user_domain_id="default",
        )
        created_session = Session(auth)
        response = created_session.get("/images?limit=1", endpoint_filter={"service_type": "compute"})
        (image,) = response.json()["images"]
        assert image["links"][0]["href"] == f"{command.url}/compute/v2.1/images/{image['id']}"
        created_session.session.close()
        assert command.end(signal.SIGTERM)[0] == 0
