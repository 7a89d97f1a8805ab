"""Clients without a socket get the same responses as over one."""

from __future__ import annotations

import warnings
from typing import Any

import httpx
import pytest
import requests
from keystoneauth1 import identity
from keystoneauth1 import session as keystone
from openstack.connection import Connection

from fake_nova.clients.httpx import InProcessTransport, client
from fake_nova.clients.requests import InProcessAdapter, session
from fake_nova.control import Control
from fake_nova.errors import ConfigurationError
from fake_nova.testing.fake_nova import FakeNova
from fake_nova.testing.pytest_clouds import in_process_app

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from novaclient import client as novaclient  # it was written for older versions of Python

REQUESTS: tuple[tuple[str, str, dict[str, str], bytes], ...] = (
    ("GET", "/v2.1/images/detail?limit=2", {}, b""),
    ("GET", "/v2.1/images/%C3%A9%20?x=%2F", {"Accept": "text/html"}, b""),
    ("GET", "//v2.1/images/70a599e0-31e7-49b7-b260-868f441e862b", {}, b""),
    ("POST", "/_admin/images", {"Content-Type": "application/json"}, b'{"status": "no"}'),
    ("DELETE", "/v2.1/images/%FF%2541", {}, b""),
    ("HEAD", "/v2.1/images", {}, b""),
    ("OPTIONS", "/v2.1/images", {}, b""),
    ("GET", "/", {}, b""),
)

#: Headers that the server adds, or that differ with each request.
VARYING_HEADERS = ("server", "date", "connection", "x-openstack-request-id", "x-compute-request-id")


def comparable(response: requests.Response | httpx.Response) -> tuple[Any, ...]:
    headers = [(name.lower(), value) for name, value in response.headers.items()]
    return (
        response.status_code,
        sorted(pair for pair in headers if pair[0] not in VARYING_HEADERS),
        response.content,
    )


@pytest.fixture
def nova() -> Any:
    with FakeNova(fixtures=("default",), auth_strategy="noauth") as server:
        yield server


def test_a_repeated_header_is_read_as_over_a_socket(nova: FakeNova) -> None:
    headers = [("OpenStack-API-Version", "compute 2.36"), ("OpenStack-API-Version", "identity 3.0")]
    with client(nova.app, nova.url) as direct_client, httpx.Client(trust_env=False) as socket_client:
        statuses = [
            http_client.get(f"{nova.url}/v2.1/images", headers=headers).status_code
            for http_client in (direct_client, socket_client)
        ]
    assert statuses == [404, 404]


def test_a_chunked_body_is_read_as_over_a_socket(nova: FakeNova) -> None:
    with client(nova.app, nova.url) as direct, httpx.Client(trust_env=False) as over_a_socket:
        for sender in (direct, over_a_socket):
            chunks = iter([b'{"name": ', b'"in chunks"}'])
            assert sender.post(f"{nova.url}/_admin/images", content=chunks).json()["name"] == "in chunks"


def test_a_session_handles_only_the_requests_to_its_own_port(nova: FakeNova) -> None:
    with session(nova.app, "http://127.0.0.1:877") as direct:
        adapters = [direct.get_adapter(f"http://127.0.0.1:{port}/v2.1/images") for port in (877, 8774)]
    assert [type(adapter) for adapter in adapters] == [InProcessAdapter, requests.adapters.HTTPAdapter]


@pytest.mark.parametrize(("method", "path", "headers", "body"), REQUESTS)
def test_requests_gets_the_same_response_as_over_a_socket(
    nova: FakeNova, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    socket_response = requests.request(method, nova.url + path, headers=headers, data=body, timeout=60)
    with session(nova.app, nova.url) as direct:
        assert comparable(direct.request(method, nova.url + path, headers=headers, data=body)) == comparable(
            socket_response
        )


@pytest.mark.parametrize(("method", "path", "headers", "body"), REQUESTS)
def test_httpx_gets_the_same_response_as_over_a_socket(
    nova: FakeNova, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    url = nova.url + path
    socket_response = httpx.request(method, url, headers=headers, content=body, trust_env=False)
    with httpx.Client(transport=InProcessTransport(nova.app)) as direct:
        assert comparable(direct.request(method, url, headers=headers, content=body)) == comparable(
            socket_response
        )


def test_in_process_clients_need_no_listening_server() -> None:
    with FakeNova(fixtures=("default",)) as nova:
        nova.stop()
        with session(nova.app, "http://cloud.example") as direct:
            image = direct.get("http://cloud.example/v2.1/images?limit=1").json()["images"][0]
    assert image["links"][0]["href"].startswith("http://cloud.example/v2.1/images/")


def test_a_connection_fault_works_for_both_clients(nova: FakeNova) -> None:
    nova.faults.add(operation="images.list", connection="reset")
    nova.faults.add(operation="images.detail", connection="cut")
    with session(nova.app, nova.url) as direct, client(nova.app, nova.compute_url) as httpx_client:
        for path in ("/images", "/images/detail"):
            with pytest.raises(requests.ConnectionError):
                direct.get(nova.compute_url + path)
            with pytest.raises(httpx.ReadError):
                httpx_client.get(path)


@pytest.mark.filterwarnings("ignore")  # the clients deprecate the images API, or themselves
def test_openstack_clients_log_in_and_list_images_without_a_socket() -> None:
    with FakeNova(fixtures=("default",), auth_strategy="keystone") as nova:
        nova.stop()
        auth = identity.V3Password(
            f"{nova.url}/identity/v3",
            username="demo",
            password="demo-secret",
            project_name="demo",
            user_domain_id="default",
            project_domain_id="default",
        )
        keystone_session = keystone.Session(auth, session=session(nova.app, nova.url))
        connection = Connection(session=keystone_session, region_name="RegionOne", compute_api_version="2.1")
        assert next(connection.compute.images(limit=1)).name == "image1"
        assert novaclient.Client("2.1", session=keystone_session).images.list()[0].name == "image1"


def test_the_plugin_provides_a_session_and_a_client(
    fake_nova: Control, fake_nova_session: requests.Session, fake_nova_httpx: httpx.Client
) -> None:
    over_requests = fake_nova_session.get(f"{fake_nova.compute_url}/images").json()
    assert fake_nova_httpx.get("/images").json() == over_requests
    assert [request["user_agent"][:6] for request in fake_nova.requests.all()] == ["python", "python"]


def test_a_cloud_in_another_process_needs_a_socket() -> None:
    with pytest.raises(ConfigurationError, match="runs in another process"):
        in_process_app(Control("http://127.0.0.1:9"), "fake_nova_session")
